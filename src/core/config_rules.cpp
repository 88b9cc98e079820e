// SPDX-License-Identifier: Apache-2.0
// Rules between configuration keys: what is possible alone but not together.
#include "core/config_keys.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringpost
{
namespace
{
/// The first key's value must not be greater than the second's.
struct Order
{
    std::string_view less;
    std::string_view greater;
    std::string_view why;
};

constexpr std::array orders{
    Order{"mta.sessions_per_address", "mta.session_limit", "one address could not have that many"},
    Order{"mailbox.sessions_per_address", "mailbox.session_limit", "one address could not have that many"},
    Order{"console.sessions_per_address", "console.session_limit", "one address could not have that many"},
    Order{"relay.retry_first", "relay.retry_max", "the first wait is the shortest"},
    Order{"relay.retry_max", "relay.expiry", "the mail would expire before its retry"},
    Order{"relay.delay_notice_after", "relay.expiry", "the delay would be told after the end"},
    Order{"relay.dns_hosts", "relay.dns_addresses", "a host has at least one address"},
    Order{"authentication.delay_first", "authentication.delay_most", "delays grow"},
    Order{"mta.data_timeout", "mta.mail_timeout", "a piece is part of a mail"},
    Order{"relay.data_block_timeout", "relay.mail_timeout", "a piece is part of a mail"},
    Order{"relay.connections_per_destination", "relay.connections", "one gateway could not have that many"},
    Order{"relay.expiry", "store.seen_keep", "a mail that a peer repeats late would be delivered twice"},
    Order{"scan.headers", "mta.spool_threshold", "headers are read in memory"},
    Order{"scan.header_line", "scan.headers", "one field could not be that long"},
    Order{"service.minimum_periodic", "service.default_periodic", "the default would be refused"},
    Order{"service.default_periodic", "service.monitor_time_cap", "nothing would be tried twice"},
    Order{"exchange.asterisk_reconnect_least", "exchange.asterisk_reconnect_most", "waits grow"},
    Order{"service.default_ring_time", "service.max_ring_time", "the default would be refused"},
};

const ConfigKey& key_named(std::string_view name)
{
    const auto keys = config_keys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.name == name; });
    if (found == keys.end())
    {
        throw std::logic_error(fmt::format("no configuration key {}", name));
    }
    return *found;
}

std::int64_t number(const ConfigKey& key, Config& config)
{
    const Slot slot = key.slot(config);
    if (const auto* duration = std::get_if<Duration*>(&slot))
    {
        return (*duration)->count();
    }
    return static_cast<std::int64_t>(*std::get<std::size_t*>(slot));
}

std::optional<Failure> domain_twice(const Config& config)
{
    std::vector<std::string> domains = config.gateway.extra_domains;
    domains.push_back(config.gateway.domain);
    for (std::string& domain : domains)
    {
        std::transform(domain.begin(), domain.end(), domain.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    }
    std::sort(domains.begin(), domains.end());
    const auto twice = std::adjacent_find(domains.begin(), domains.end());
    if (twice == domains.end())
    {
        return std::nullopt;
    }
    return fail(Errc::malformed, "", fmt::format("gateway.domain and gateway.extra_domains name {} twice", *twice));
}

/// A link to 0.0.0.0 leads nowhere.
std::optional<Failure> console_without_address(const Config& config)
{
    if (config.console.listen.empty() || !config.console.url.empty())
    {
        return std::nullopt;
    }
    const std::string& first = config.console.listen.front();
    const auto endpoint = parse_endpoint(first);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(endpoint ? endpoint->host : std::string{}, error);
    if (error || !address.is_unspecified())
    {
        return std::nullopt;
    }
    return fail(Errc::malformed, "",
                fmt::format("console.url must be set: nobody could follow links to console.listen = {}", first));
}

std::optional<Failure> tls_half_set(const Config& config)
{
    if (config.tls.certificate.empty() != config.tls.key.empty())
    {
        return fail(Errc::malformed, "", "tls.certificate and tls.key must both be set, or neither");
    }
    const bool listens = !config.mta.listen_tls.empty() || !config.mailbox.listen_tls.empty();
    if (listens && config.tls.certificate.empty())
    {
        return fail(Errc::malformed, "",
                    "mta.listen_tls and mailbox.listen_tls need tls.certificate and tls.key; for a trial "
                    "`ringpost tls self-signed` makes them");
    }
    return std::nullopt;
}

std::optional<Failure> machine_without_extension(const Config& config)
{
    const auto& extensions = config.exchange.simulated_extensions;
    for (const std::string& machine : config.exchange.simulated_fax_machines)
    {
        if (std::find(extensions.begin(), extensions.end(), machine) == extensions.end())
        {
            return fail(Errc::malformed, "",
                        fmt::format("exchange.simulated_fax_machines names {}, which is not one of "
                                    "exchange.simulated_extensions",
                                    machine));
        }
    }
    return std::nullopt;
}
} // namespace

std::optional<Failure> broken_rule(const Config& config)
{
    Config values = config;
    for (const Order& order : orders)
    {
        const ConfigKey& less = key_named(order.less);
        const ConfigKey& greater = key_named(order.greater);
        if (number(less, values) > number(greater, values))
        {
            return fail(Errc::malformed, "",
                        fmt::format("{} = {} must not be greater than {} = {}: {}", less.name,
                                    written_value(less, values), greater.name, written_value(greater, values),
                                    order.why));
        }
    }
    if (config.mta.listen.empty() || config.mailbox.listen.empty())
    {
        return fail(Errc::malformed, "", "mta.listen and mailbox.listen must each name at least one address");
    }
    if (auto broken = console_without_address(config))
    {
        return broken;
    }
    if (auto broken = tls_half_set(config))
    {
        return broken;
    }
    if (auto broken = machine_without_extension(config))
    {
        return broken;
    }
    return domain_twice(config);
}
} // namespace ringpost
