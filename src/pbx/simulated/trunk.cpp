// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/trunk.h"

#include "pbx/dtmf.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace
{
using Json = nlohmann::json;
using Kind = TrunkMessage::Kind;

constexpr std::size_t max_name = 255;

constexpr std::array<std::pair<Kind, std::string_view>, 7> kinds{{
    {Kind::setup, "setup"},
    {Kind::ringing, "ringing"},
    {Kind::answered, "answered"},
    {Kind::failed, "failed"},
    {Kind::released, "released"},
    {Kind::audio, "audio"},
    {Kind::digit, "digit"},
}};

Failure bad(const char* text)
{
    return fail(Errc::malformed, "trunk", text);
}

bool all_digits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_shown_number(std::string_view text)
{
    const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
    return text.size() <= max_number && all_digits(digits);
}

bool is_name(std::string_view text)
{
    return text.size() <= max_name && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::string> text_of(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

std::optional<std::uint64_t> number_of(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? std::optional(found->get<std::uint64_t>())
                                                                : std::nullopt;
}

std::string hexadecimal(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : octets)
    {
        const auto octet = static_cast<unsigned char>(c);
        text += digits[octet >> 4U];
        text += digits[octet & 15U];
    }
    return text;
}

std::optional<unsigned> hexadecimal_value(char c)
{
    if (c >= '0' && c <= '9')
    {
        return static_cast<unsigned>(c - '0');
    }
    return c >= 'a' && c <= 'f' ? std::optional(static_cast<unsigned>(c - 'a') + 10U) : std::nullopt;
}

std::optional<std::string> octets_of(std::string_view text)
{
    std::string octets;
    for (; text.size() >= 2; text.remove_prefix(2))
    {
        const auto high = hexadecimal_value(text[0]);
        const auto low = hexadecimal_value(text[1]);
        if (!high || !low)
        {
            return std::nullopt;
        }
        octets += static_cast<char>(*high * 16 + *low);
    }
    return text.empty() ? std::optional(octets) : std::nullopt;
}

Result<TrunkMessage> decode_setup(const Json& object, TrunkMessage message)
{
    const auto from = text_of(object, "from");
    const auto to = text_of(object, "to");
    const auto origin = text_of(object, "origin");
    const auto attempt = number_of(object, "attempt");
    const auto leg = number_of(object, "leg");
    if (!from || !to || !origin || !attempt || !leg)
    {
        return bad("a setup lacks a field");
    }
    constexpr auto max_attempt = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!is_shown_number(*from) || !is_external_number(*to) || !is_name(*origin) || *attempt > max_attempt ||
        *leg < 1 || *leg > 2)
    {
        return bad("a setup has a bad value");
    }
    message.from = *from;
    message.to = *to;
    message.origin = *origin;
    message.attempt = AttemptId{static_cast<std::int64_t>(*attempt)};
    message.leg = *leg == 1 ? Leg::first : Leg::second;
    return message;
}

Result<TrunkMessage> decode_audio(const Json& object, TrunkMessage message)
{
    const auto octets = octets_of(text_of(object, "mulaw").value_or(""));
    if (!octets || octets->empty() || octets->size() > max_trunk_audio)
    {
        return bad("audio is no µ-law in hexadecimal digits");
    }
    message.mulaw = *octets;
    return message;
}

Result<TrunkMessage> decode_digit(const Json& object, TrunkMessage message)
{
    const std::string text = text_of(object, "digit").value_or("");
    const auto digit = text.size() == 1 ? dtmf_digit(text.front()) : std::nullopt;
    if (!digit)
    {
        return bad("a digit is none");
    }
    message.digit = *digit;
    return message;
}
} // namespace

Cause far_cause(Cause cause)
{
    switch (cause)
    {
    case Cause::busy:
    case Cause::no_answer:
    case Cause::rejected:
    case Cause::unreachable:
    case Cause::no_such_number:
        return cause;
    default:
        return Cause::congestion;
    }
}

bool is_external_number(std::string_view text)
{
    return text.size() >= 2 && text.size() <= max_number && text.front() == '+' && all_digits(text.substr(1));
}

std::string encode(const TrunkMessage& message)
{
    const auto* const kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& row) { return row.first == message.kind; });
    Json object{{"type", std::string(kind->second)}, {"call", message.call}};
    if (message.kind == Kind::setup)
    {
        object["from"] = message.from;
        object["to"] = message.to;
        object["origin"] = message.origin;
        object["attempt"] = static_cast<std::uint64_t>(message.attempt.value);
        object["leg"] = message.leg == Leg::first ? 1U : 2U;
    }
    if (message.kind == Kind::failed)
    {
        object["cause"] = std::string(word(message.cause));
    }
    if (message.kind == Kind::audio)
    {
        object["mulaw"] = hexadecimal(message.mulaw);
    }
    if (message.kind == Kind::digit)
    {
        object["digit"] = std::string(1, message.digit);
    }
    return object.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<TrunkMessage> decode(std::string_view line)
{
    if (line.size() >= max_trunk_line)
    {
        return bad("a line is too long");
    }
    const auto object = Json::parse(line, nullptr, false);
    if (!object.is_object())
    {
        return bad("a line is not a JSON object");
    }
    const auto type = text_of(object, "type");
    const auto call = number_of(object, "call");
    const auto* const kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& row) { return type && row.second == *type; });
    if (kind == kinds.end() || !call)
    {
        return bad("a message lacks its type or call");
    }
    TrunkMessage message;
    message.kind = kind->first;
    message.call = *call;
    if (message.kind == Kind::setup)
    {
        return decode_setup(object, std::move(message));
    }
    if (message.kind == Kind::audio)
    {
        return decode_audio(object, std::move(message));
    }
    if (message.kind == Kind::digit)
    {
        return decode_digit(object, std::move(message));
    }
    if (message.kind == Kind::failed)
    {
        const auto cause = from_word<Cause>(text_of(object, "cause").value_or(""));
        message.cause = far_cause(cause.value_or(Cause::congestion));
    }
    return message;
}
} // namespace ringpost::pbx::simulated
