// SPDX-License-Identifier: Apache-2.0
#include "pbx/factory.h"

#include "pbx/asterisk/exchange.h"
#include "pbx/faulty_exchange.h"
#include "pbx/simulated/exchange.h"

#include <fstream>

namespace ringpost::pbx
{
namespace
{
Result<ExchangeParts> open_simulated(const boost::asio::any_io_executor& executor, Clock& clock, const Config& config,
                                     simulated::Numbering numbering, simulated::Machines machines)
{
    SimulatedExchange::Options options;
    options.office.name = config.gateway.domain;
    options.office.extensions = config.exchange.simulated_extensions;
    options.office.numbering = std::move(numbering);
    options.office.machines = std::move(machines);
    options.office.announcement = config.exchange.announcement_time;
    options.call_log = config.call_log();
    options.office.recordings = config.recordings();
    options.office.recording_time = config.exchange.simulated_recording_time;
    for (const auto& text : config.exchange.simulated_trunks)
    {
        const auto route = parse_trunk_route(text);
        if (route.has_error())
        {
            return route.error();
        }
        options.trunks.push_back({route->prefix, {route->endpoint.host, route->endpoint.port}});
    }
    options.trunk_lines = config.exchange.simulated_trunk_lines;
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

Result<ExchangeParts> open_asterisk(const boost::asio::any_io_executor& executor, Clock& clock, const Config& config,
                                    std::function<std::string(const std::string&)> as_dialled)
{
    const ExchangeConfig& wanted = config.exchange;
    auto password = asterisk_password(config);
    if (password.has_error())
    {
        return password.error();
    }
    asterisk::DriverOptions options;
    options.gateway = config.gateway.domain;
    options.account = {wanted.asterisk_url, wanted.asterisk_user, std::move(*password), wanted.asterisk_request_time};
    options.link = {wanted.asterisk_application, wanted.asterisk_reconnect_least, wanted.asterisk_reconnect_most};
    options.context = wanted.asterisk_context;
    options.t38 = wanted.asterisk_t38;
    options.endpoint = wanted.asterisk_endpoint;
    options.as_dialled = std::move(as_dialled);
    options.rtp_address = wanted.asterisk_rtp_address;
    options.announcement = wanted.announcement_time;
    options.source_busy = wanted.asterisk_sound_source_busy;
    options.source_no_answer = wanted.asterisk_sound_source_no_answer;
    options.destination_failed = wanted.asterisk_sound_destination_failed;
    for (const auto& text : wanted.asterisk_trunks)
    {
        const auto trunk = parse_asterisk_trunk(text);
        if (trunk.has_error())
        {
            return trunk.error();
        }
        options.trunks.push_back({trunk->prefix, trunk->endpoint});
    }
    ExchangeParts parts;
    parts.exchange = std::make_unique<AsteriskExchange>(executor, clock, std::move(options));
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
                                  simulated::Numbering numbering,
                                  std::function<std::string(const std::string&)> as_dialled,
                                  simulated::Machines machines)
{
    if (config.exchange.driver == "simulated")
    {
        return open_simulated(executor, clock, config, std::move(numbering), std::move(machines));
    }
    if (config.exchange.driver == "asterisk")
    {
        return open_asterisk(executor, clock, config, std::move(as_dialled));
    }
    return fail(Errc::unsupported, "exchange.driver", config.exchange.driver + " is not known");
}
} // namespace

Result<std::string> asterisk_password(const Config& config)
{
    const std::string& path = config.exchange.asterisk_password_file;
    if (path.empty())
    {
        return std::string{};
    }
    std::ifstream file(path);
    std::string password;
    if (!file || !std::getline(file, password))
    {
        return fail(Errc::io, "exchange.asterisk_password_file", path + " cannot be read, or is empty");
    }
    if (password.ends_with('\r'))
    {
        password.pop_back();
    }
    return password;
}

Result<ExchangeParts> open_exchange(boost::asio::any_io_executor executor, Clock& clock, const Config& config,
                                    simulated::Numbering numbering,
                                    std::function<std::string(const std::string& e164)> as_dialled,
                                    simulated::Machines machines)
{
    auto parts = open_driver(executor, clock, config, std::move(numbering), std::move(as_dialled), std::move(machines));
    if (parts.has_value() && config.exchange.driver != "simulated" && !config.exchange.softphones.empty())
    {
        const auto opened = open_softphones(executor, clock, config, *parts);
        if (opened.has_error())
        {
            return opened.error();
        }
    }
#if defined(RINGPOST_FAULTS) && RINGPOST_FAULTS
    if (parts.has_value())
    {
        parts->exchange = std::make_unique<FaultyExchange>(std::move(parts->exchange));
    }
#endif
    return parts;
}
} // namespace ringpost::pbx
