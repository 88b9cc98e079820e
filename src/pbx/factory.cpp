// SPDX-License-Identifier: Apache-2.0
#include "pbx/factory.h"

#include "pbx/simulated/exchange.h"

namespace ringpost::pbx
{
namespace
{
Result<ExchangeParts> open_simulated(const boost::asio::any_io_executor& executor, Clock& clock, const Config& config,
                                     simulated::Numbering numbering)
{
    SimulatedExchange::Options options;
    options.office.name = config.gateway.domain;
    options.office.extensions = config.exchange.simulated_extensions;
    options.office.numbering = std::move(numbering);
    options.office.announcement = config.exchange.announcement_time;
    options.call_log = config.call_log();
    for (const auto& text : config.exchange.simulated_trunks)
    {
        const auto route = parse_trunk_route(text);
        if (route.has_error())
        {
            return route.error();
        }
        options.trunks.push_back({route->prefix, {route->endpoint.host, route->endpoint.port}});
    }
    if (!config.exchange.simulated_trunk_listen.empty())
    {
        const auto endpoint = parse_endpoint(config.exchange.simulated_trunk_listen);
        if (endpoint.has_error())
        {
            return endpoint.error();
        }
        options.listen = simulated::TrunkAddress{endpoint->host, endpoint->port};
    }
    auto opened = SimulatedExchange::open(executor, clock, std::move(options));
    if (opened.has_error())
    {
        return opened.error();
    }
    for (const auto& extension : config.exchange.simulated_extensions)
    {
        auto set = (*opened)->set(
            extension, [&config](Habit& habit) { habit.answer_after = config.exchange.simulated_answer_after; });
        if (set.has_error())
        {
            return set.error();
        }
    }
    ExchangeParts parts;
    parts.trunk_port = (*opened)->trunk_port();
    parts.telephones = opened->get();
    parts.exchange = std::move(*opened);
    return parts;
}

Result<> open_softphones(const boost::asio::any_io_executor& executor, Clock& clock, const Config& config,
                         ExchangeParts& parts)
{
    std::vector<SoftphoneAddress> addresses;
    for (const auto& text : config.exchange.softphones)
    {
        auto address = parse_softphone(text);
        if (address.has_error())
        {
            return address.error();
        }
        addresses.push_back(std::move(*address));
    }
    auto opened = BaresipTelephones::open(executor, clock, addresses, config.exchange.simulated_answer_after);
    if (opened.has_error())
    {
        return fail(opened.error().code(), "exchange.softphones", opened.error().message());
    }
    parts.softphones = std::move(*opened);
    parts.telephones = parts.softphones.get();
    return {};
}

Result<ExchangeParts> open_driver(const boost::asio::any_io_executor& executor, Clock& clock, const Config& config,
                                  simulated::Numbering numbering)
{
    if (config.exchange.driver == "simulated")
    {
        return open_simulated(executor, clock, config, std::move(numbering));
    }
    return fail(Errc::unsupported, "exchange.driver", config.exchange.driver + " is not known");
}
} // namespace

Result<ExchangeParts> open_exchange(boost::asio::any_io_executor executor, Clock& clock, const Config& config,
                                    simulated::Numbering numbering)
{
    auto parts = open_driver(executor, clock, config, std::move(numbering));
    if (parts.has_value() && config.exchange.driver != "simulated" && !config.exchange.softphones.empty())
    {
        const auto opened = open_softphones(executor, clock, config, *parts);
        if (opened.has_error())
        {
            return opened.error();
        }
    }
    return parts;
}
} // namespace ringpost::pbx
