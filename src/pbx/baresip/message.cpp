// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/message.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ringpost::pbx::baresip
{
namespace
{
using Json = nlohmann::json;

constexpr std::size_t longest_word = 128;
constexpr std::size_t longest_number = 64;
constexpr std::size_t most_listed = 16;

std::string text_of(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string word_of(const Json& object, const char* key)
{
    return text_of(object, key).substr(0, longest_word);
}

bool truth_of(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

Direction direction_of(const Json& object)
{
    const std::string text = text_of(object, "direction");
    if (text == "incoming")
    {
        return Direction::incoming;
    }
    return text == "outgoing" ? Direction::outgoing : Direction::unknown;
}

/// The next of `separators`-separated pieces, taken from the front of `text`.
std::string_view take(std::string_view& text, std::string_view separators)
{
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    const auto piece = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(piece.size());
    return piece;
}
} // namespace

Result<CtrlMessage> decode(std::string_view json)
{
    const auto object = Json::parse(json, nullptr, false);
    if (!object.is_object())
    {
        return fail(Errc::malformed, "ctrl_tcp", "not a JSON object");
    }
    if (truth_of(object, "response"))
    {
        return CtrlMessage(CtrlReply{truth_of(object, "ok"), text_of(object, "data"), word_of(object, "token")});
    }
    if (truth_of(object, "event"))
    {
        return CtrlMessage(CtrlEvent{word_of(object, "type"), direction_of(object), word_of(object, "id"),
                                     number_of(text_of(object, "peeruri"))});
    }
    return fail(Errc::malformed, "ctrl_tcp", "neither an event nor a response");
}

std::string encode(const Command& command, const std::string& token)
{
    Json object{{"command", command.name}, {"token", token}};
    if (!command.parameters.empty())
    {
        object["params"] = command.parameters;
    }
    return object.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string number_of(std::string_view uri)
{
    for (const std::string_view scheme : {"sip:", "sips:", "tel:"})
    {
        if (uri.starts_with(scheme))
        {
            uri.remove_prefix(scheme.size());
            break;
        }
    }
    std::string number(uri.substr(0, std::min(uri.find_first_of("@;:?"), longest_number)));
    std::replace_if(
        number.begin(), number.end(), [](char c) { return c <= ' ' || c >= '\x7f'; }, '?');
    return number;
}

Registration read_reginfo(std::string_view data)
{
    Registration registration;
    while (!data.empty())
    {
        std::string_view line = take(data, "\n");
        const auto address = line.substr(std::min(line.find("sip"), line.size()));
        if (line.starts_with("---") || address.empty())
        {
            continue;
        }
        // Coloured: OK, ERR, or zzz where there was no answer yet; nothing where the account has no registrar.
        const bool waits = line.find("zzz") != line.npos || line.find("ERR") != line.npos;
        registration.account = true;
        registration.registered = registration.registered || !waits;
        line = address;
        registration.address = take(line, " ").substr(0, longest_word);
    }
    return registration;
}

std::vector<ListedCall> read_listcalls(std::string_view data)
{
    std::vector<ListedCall> calls;
    while (!data.empty() && calls.size() < most_listed)
    {
        // `> [line 1]  0:00:01  ESTABLISHED             sip:2001@192.0.2.1`
        const std::string_view line = take(data, "\n");
        const auto mark = line.find("[line ");
        const auto uri = line.rfind(' ');
        if (mark == line.npos || uri == line.npos)
        {
            continue;
        }
        std::string_view rest = line.substr(std::min(line.find(']', mark), line.size() - 1) + 1);
        take(rest, " ");
        calls.push_back({std::string(take(rest, " ").substr(0, longest_word)), number_of(line.substr(uri + 1))});
    }
    return calls;
}
} // namespace ringpost::pbx::baresip
