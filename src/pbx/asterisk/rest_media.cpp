// SPDX-License-Identifier: Apache-2.0
// The requests of Rest for voice board ports.
#include "pbx/asterisk/rest.h"
#include "pbx/asterisk/rest_json.h"

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;
using nlohmann::json;

asio::awaitable<Result<ExternalMedia>> Rest::external_media(std::string id, std::string application, SoundFormat format,
                                                            std::string host)
{
    Query query{{"channelId", std::move(id)},
                {"app", std::move(application)},
                {"format", format == SoundFormat::ulaw ? "ulaw" : "slin"}};
    if (host.empty())
    {
        query.insert(query.end(), {{"external_host", "INCOMING"},
                                   {"transport", "websocket"},
                                   {"encapsulation", "none"},
                                   {"connection_type", "server"}});
    }
    else
    {
        query.emplace_back("external_host", host);
    }
    const auto reply = co_await ask("POST", "/channels/externalMedia", std::move(query));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    const auto variables = reply->is_object() ? reply->find("channelvars") : reply->end();
    ExternalMedia media;
    if (variables != reply->end())
    {
        media.connection = text_of(*variables, "MEDIA_WEBSOCKET_CONNECTION_ID");
        media.address = text_of(*variables, "UNICASTRTP_LOCAL_ADDRESS");
        media.port = text_of(*variables, "UNICASTRTP_LOCAL_PORT");
    }
    const bool complete = host.empty() ? !media.connection.empty() : !media.address.empty() && !media.port.empty();
    if (!complete)
    {
        co_return not_as_expected("POST /channels/externalMedia");
    }
    co_return media;
}

asio::awaitable<Result<bool>> Rest::module_runs(std::string name)
{
    const auto reply = co_await ask("GET", "/asterisk/modules/" + percent_encoded(name));
    const auto code = reply.has_error() ? reply.error().code() : Errc::internal;
    if (reply.has_error() && (code == Errc::not_found || code == Errc::conflict))
    {
        co_return false; // 409: it is there, and not running
    }
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return text_of(*reply, "status") == "Running";
}

asio::awaitable<Result<std::vector<std::string>>> Rest::bridges()
{
    const auto reply = co_await ask("GET", "/bridges");
    if (reply.has_error())
    {
        co_return reply.error();
    }
    std::vector<std::string> ids;
    for (const auto& bridge : *reply)
    {
        ids.push_back(text_of(bridge, "id"));
    }
    co_return ids;
}
} // namespace ringpost::pbx::asterisk
