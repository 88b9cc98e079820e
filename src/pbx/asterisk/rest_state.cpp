// SPDX-License-Identifier: Apache-2.0
// The requests of Rest that ask about the exchange as a whole: devices, endpoints, applications.
#include "pbx/asterisk/rest.h"
#include "pbx/asterisk/rest_json.h"

namespace ringpost::pbx::asterisk
{
namespace
{
using nlohmann::json;
namespace asio = boost::asio;

Endpoint endpoint_of(const json& object)
{
    return {text_of(object, "technology") + "/" + text_of(object, "resource"), text_of(object, "state")};
}
} // namespace

asio::awaitable<Result<std::string>> Rest::device_state(std::string device)
{
    const std::string path = "/deviceStates/" + percent_encoded(device);
    const auto reply = co_await ask("GET", path);
    if (reply.has_error())
    {
        co_return reply.error();
    }
    std::string state = text_of(*reply, "state");
    if (state.empty())
    {
        co_return not_as_expected("GET " + path);
    }
    co_return state;
}

asio::awaitable<Result<std::vector<Endpoint>>> Rest::endpoints(std::string technology)
{
    const auto reply = co_await ask("GET", "/endpoints/" + percent_encoded(technology));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    std::vector<Endpoint> list;
    for (const auto& object : *reply)
    {
        list.push_back(endpoint_of(object));
    }
    co_return list;
}

asio::awaitable<Result<Endpoint>> Rest::endpoint(std::string name)
{
    const auto slash = name.find('/');
    std::string path = "/endpoints/" + percent_encoded(name.substr(0, slash));
    path += slash == std::string::npos ? "" : "/" + percent_encoded(name.substr(slash + 1));
    const auto reply = co_await ask("GET", std::move(path));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return endpoint_of(*reply);
}

asio::awaitable<Result<>> Rest::filter(std::string application, std::vector<std::string> types)
{
    json allowed = json::array();
    for (auto& type : types)
    {
        allowed.push_back({{"type", std::move(type)}});
    }
    return tell("PUT", "/applications/" + percent_encoded(application) + "/eventFilter", {},
                json{{"allowed", std::move(allowed)}}.dump());
}

asio::awaitable<Result<>> Rest::subscribe(std::string application, std::vector<std::string> sources)
{
    return tell("POST", "/applications/" + percent_encoded(application) + "/subscription", {},
                json{{"eventSource", std::move(sources)}}.dump());
}

asio::awaitable<Result<std::vector<std::string>>> Rest::application(std::string name)
{
    const auto reply = co_await ask("GET", "/applications/" + percent_encoded(name));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    co_return texts_of(*reply, "channel_ids");
}

asio::awaitable<Result<std::string>> Rest::version()
{
    const auto reply = co_await ask("GET", "/asterisk/info");
    if (reply.has_error())
    {
        co_return reply.error();
    }
    const auto system = reply->is_object() ? reply->find("system") : reply->end();
    if (system == reply->end())
    {
        co_return not_as_expected("GET /asterisk/info");
    }
    co_return text_of(*system, "version");
}

asio::awaitable<Result<>> Rest::sound(std::string name)
{
    return tell("GET", "/sounds/" + percent_encoded(name));
}

asio::awaitable<Result<>> Rest::module(std::string name)
{
    return tell("GET", "/asterisk/modules/" + percent_encoded(name));
}

asio::awaitable<Result<std::string>> Rest::pjsip_attribute(std::string endpoint, std::string attribute)
{
    const auto reply = co_await ask("GET", "/asterisk/config/dynamic/res_pjsip/endpoint/" + percent_encoded(endpoint));
    if (reply.has_error())
    {
        co_return reply.error();
    }
    for (const auto& row : *reply)
    {
        if (text_of(row, "attribute") == attribute)
        {
            co_return text_of(row, "value");
        }
    }
    co_return std::string{};
}
} // namespace ringpost::pbx::asterisk
