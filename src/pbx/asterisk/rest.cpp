// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/rest.h"

#include "pbx/asterisk/rest_json.h"

namespace ringpost::pbx::asterisk
{
namespace
{
using nlohmann::json;
namespace asio = boost::asio;

/// A list of all endpoints or channels of a large exchange.
constexpr std::size_t reply_octets = 16 << 20;
constexpr std::size_t connections = 8;
constexpr std::size_t reason_octets = 200;

Errc code_of(int status)
{
    switch (status)
    {
    case 401:
    case 403:
        return Errc::refused;
    case 404:
        return Errc::not_found;
    case 409:
        return Errc::conflict;
    default:
        return status >= 500 ? Errc::unavailable : Errc::malformed;
    }
}

/// ARI says why in `message`, or `error`.
std::string reason_of(const std::string& body)
{
    const json said = json::parse(body, nullptr, false);
    for (const char* name : {"message", "error"})
    {
        const auto found = said.is_object() ? said.find(name) : said.end();
        if (found != said.end() && found->is_string())
        {
            return ": " + found->get<std::string>().substr(0, reason_octets);
        }
    }
    return {};
}

Channel channel_of(const json& object)
{
    const auto dialplan = object.is_object() ? object.find("dialplan") : object.end();
    const std::string application = dialplan == object.end() ? std::string{} : text_of(*dialplan, "app_name");
    return {text_of(object, "id"), text_of(object, "name"), channel_state_from(text_of(object, "state")), application};
}

std::string channel_path(const std::string& id)
{
    return "/channels/" + percent_encoded(id);
}

std::string bridge_path(const std::string& id)
{
    return "/bridges/" + percent_encoded(id);
}
} // namespace

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text)
    {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        const auto octet = static_cast<unsigned char>(c);
        encoded += plain ? std::string(1, c) : std::string{'%', digits[octet >> 4U], digits[octet & 15U]};
    }
    return encoded;
}

Rest::Rest(Account account)
    : account_(std::move(account)), client_(std::make_unique<HttpClient>(HttpClient::Limits{reply_octets, connections}))
{}

void Rest::close()
{
    client_.reset();
}

asio::awaitable<Result<HttpReply>> Rest::perform(std::string method, std::string path, Query query, std::string body)
{
    HttpRequest request;
    request.method = std::move(method);
    request.url = account_.url + path;
    char joint = '?';
    for (const auto& [name, value] : query)
    {
        request.url += joint + name + "=" + percent_encoded(value);
        joint = '&';
    }
    request.user = account_.user;
    request.password = account_.password;
    request.body = std::move(body);
    request.time = account_.request_time;
    if (!client_)
    {
        co_return fail(Errc::unavailable, account_.url, "the driver has ended");
    }
    Result<HttpReply> reply = co_await client_->perform(std::move(request));
    co_return reply;
}

asio::awaitable<Result<json>> Rest::ask(std::string method, std::string path, Query query, std::string body)
{
    const std::string what = method + " " + path;
    const auto reply = co_await perform(std::move(method), std::move(path), std::move(query), std::move(body));
    if (reply.has_error())
    {
        co_return fail(reply.error().code(), what, reply.error().message());
    }
    if (reply->status < 200 || reply->status > 299)
    {
        co_return fail(code_of(reply->status), what,
                       "the exchange answered " + std::to_string(reply->status) + reason_of(reply->body));
    }
    json read = reply->body.empty() ? json() : json::parse(reply->body, nullptr, false);
    if (read.is_discarded())
    {
        co_return not_as_expected(what);
    }
    co_return Result<json>(std::move(read));
}

asio::awaitable<Result<>> Rest::tell(std::string method, std::string path, Query query, std::string body)
{
    const auto reply = co_await ask(std::move(method), std::move(path), std::move(query), std::move(body));
    co_return reply.has_error() ? Result<>(reply.error()) : Result<>();
}

asio::awaitable<Result<int>> Rest::originate(Originate wanted)
{
    Query query{{"endpoint", wanted.endpoint},
                {"app", wanted.application},
                {"channelId", wanted.id},
                {"timeout", std::to_string(wanted.seconds)}};
    if (!wanted.caller_id.empty())
    {
        query.emplace_back("callerId", wanted.caller_id);
    }
    if (!wanted.originator.empty())
    {
        query.emplace_back("originator", wanted.originator);
    }
    const auto reply = co_await perform("POST", "/channels", std::move(query));
    if (reply.has_error())
    {
        co_return fail(reply.error().code(), "POST /channels", reply.error().message());
    }
    co_return reply->status;
}

asio::awaitable<Result<int>> Rest::make_leg(Originate wanted)
{
    json body{{"endpoint", wanted.endpoint}, {"app", wanted.application}, {"channelId", wanted.id}};
    if (!wanted.caller_id.empty())
    {
        // What a telephone that is called displays is the other side of its line; `i`: there is nobody to be told yet.
        body["variables"]["CONNECTEDLINE(all,i)"] = '<' + wanted.caller_id + '>';
    }
    if (wanted.t38)
    {
        body["variables"]["FAXOPT(gateway)"] = "yes";
    }
    const auto reply = co_await perform("POST", "/channels/create", {}, body.dump());
    if (reply.has_error())
    {
        co_return fail(reply.error().code(), "POST /channels/create", reply.error().message());
    }
    co_return reply->status;
}

asio::awaitable<Result<>> Rest::dial(std::string channel, int seconds)
{
    return tell("POST", channel_path(channel) + "/dial", {{"timeout", std::to_string(seconds)}});
}

asio::awaitable<Result<bool>> Rest::hang_up(std::string channel)
{
    const auto reply = co_await tell("DELETE", channel_path(channel));
    if (reply.has_error() && reply.error().code() != Errc::not_found)
    {
        co_return reply.error();
    }
    co_return reply.has_value();
}

asio::awaitable<Result<>> Rest::ring(std::string channel, bool on)
{
    return tell(on ? "POST" : "DELETE", channel_path(channel) + "/ring");
}

asio::awaitable<Result<>> Rest::set_variable(std::string channel, std::string name, std::string value)
{
    return tell("POST", channel_path(channel) + "/variable",
                {{"variable", std::move(name)}, {"value", std::move(value)}});
}

asio::awaitable<Result<std::string>> Rest::variable(std::string channel, std::string name)
{
    Query query{{"variable", std::move(name)}};
    const auto reply = co_await ask("GET", channel_path(channel) + "/variable", std::move(query));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return text_of(*reply, "value");
}

asio::awaitable<Result<>> Rest::continue_in(std::string channel, std::string context, std::string extension)
{
    return tell("POST", channel_path(channel) + "/continue",
                {{"context", std::move(context)}, {"extension", std::move(extension)}, {"priority", "1"}});
}

asio::awaitable<Result<>> Rest::play(std::string channel, std::string media, std::string playback)
{
    return tell("POST", channel_path(channel) + "/play/" + percent_encoded(playback), {{"media", std::move(media)}});
}

asio::awaitable<Result<std::optional<Channel>>> Rest::channel(std::string id)
{
    const auto reply = co_await ask("GET", channel_path(id));
    if (reply.has_error() && reply.error().code() == Errc::not_found)
    {
        co_return Result<std::optional<Channel>>(std::nullopt);
    }
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return std::optional(channel_of(*reply));
}

asio::awaitable<Result<std::vector<Channel>>> Rest::channels()
{
    const auto reply = co_await ask("GET", "/channels");
    if (reply.has_error())
    {
        co_return reply.error();
    }
    std::vector<Channel> list;
    for (const auto& object : *reply)
    {
        list.push_back(channel_of(object));
    }
    co_return list;
}

asio::awaitable<Result<>> Rest::create(std::string id, std::string endpoint, std::string application)
{
    return tell("POST", "/channels/create",
                {{"endpoint", std::move(endpoint)}, {"app", std::move(application)}, {"channelId", std::move(id)}});
}

asio::awaitable<Result<>> Rest::make_bridge(std::string id)
{
    return tell("POST", bridge_path(id), {{"type", "mixing"}});
}

asio::awaitable<Result<>> Rest::join(std::string bridge, std::vector<std::string> channels)
{
    std::string list;
    for (const auto& channel : channels)
    {
        list += (list.empty() ? "" : ",") + channel;
    }
    return tell("POST", bridge_path(bridge) + "/addChannel", {{"channel", std::move(list)}});
}

asio::awaitable<Result<std::optional<std::vector<std::string>>>> Rest::bridge(std::string id)
{
    using Found = std::optional<std::vector<std::string>>;
    const auto reply = co_await ask("GET", bridge_path(id));
    if (reply.has_error() && reply.error().code() == Errc::not_found)
    {
        co_return Result<Found>(std::nullopt);
    }
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return Found(texts_of(*reply, "channels"));
}

asio::awaitable<Result<>> Rest::end_bridge(std::string id)
{
    return tell("DELETE", bridge_path(id));
}

} // namespace ringpost::pbx::asterisk
