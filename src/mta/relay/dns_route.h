// SPDX-License-Identifier: Apache-2.0
// Where mail for a domain goes that the destination database does not know: MX, else the domain itself (RFC 5321 5.1),
// null MX (RFC 7505), address literals; and where it does not go.
#pragma once

#include "core/config.h"
#include "core/resolver.h"
#include "mta/relay/outcome.h"

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mta
{
/// A host that may be called.
struct RouteTarget
{
    std::string host;    ///< name, for people and certificates
    std::string address; ///< numeric; empty: of a host that the system is to look up
};

/// Targets in the order in which they are to be tried, or why there are none.
struct Route
{
    std::vector<RouteTarget> targets;
    Outcome refusal; ///< where there are none
};

/// Which hosts take mail for `domain`, best first; those of one preference in the order of `random`. None: `refusal`.
struct Exchangers
{
    std::vector<std::string> hosts;
    Outcome refusal;
};

/// From the MX records of `domain`. `own` tells our own names: that host, and every one of the same or a higher
/// preference number, is left out, for mail would go round in circles (RFC 5321 5.1). At most `limit` hosts.
[[nodiscard]] Exchangers choose_exchangers(const std::vector<MailExchanger>& records, const std::string& domain,
                                           const std::function<bool(std::string_view)>& own, std::size_t limit,
                                           std::mt19937& random);

class DnsRouter
{
public:
    /// `own`: as for choose_exchangers(). All of them outlive this.
    DnsRouter(Resolver& resolver, const RelayConfig& config, std::function<bool(std::string_view)> own);

    /// `domain`: as in an address, lower-cased; also an address literal.
    boost::asio::awaitable<Route> find(std::string domain);

private:
    [[nodiscard]] Route of_literal(const std::string& literal) const;
    [[nodiscard]] bool ignored(const std::string& address) const;
    boost::asio::awaitable<Route> addresses_of(std::vector<std::string> hosts, std::string domain);

    Resolver& resolver_;
    const RelayConfig& config_;
    std::function<bool(std::string_view)> own_;
    std::string ignored_networks_;
    std::mt19937 random_{std::random_device{}()};
};
} // namespace ringpost::mta
