// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/dns_route.h"

#include "directory/client_networks.h"
#include "mta/server/address.h"
#include "mta/server/reply.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t longest_text = 500;

Outcome refused(std::string enhanced, const std::string& text)
{
    Outcome outcome;
    outcome.kind = enhanced.starts_with('4') ? Outcome::Kind::temporary : Outcome::Kind::permanent;
    outcome.enhanced = std::move(enhanced);
    outcome.text = printable_line(text, longest_text);
    return outcome;
}

/// A name that a host may have: strange octets, literals and bare addresses are none (RFC 5321 5.1).
std::optional<std::string> host_name(const std::string& written)
{
    const bool rooted = written.size() > 1 && written.back() == '.';
    auto name = parse_domain(std::string_view(written).substr(0, written.size() - (rooted ? 1 : 0)));
    boost::system::error_code no_address;
    const bool literal = name.has_error() || name->starts_with('[');
    if (!literal)
    {
        static_cast<void>(boost::asio::ip::make_address(*name, no_address));
    }
    return literal || !no_address ? std::nullopt : std::optional(std::move(*name));
}

struct Ranked
{
    unsigned preference = 0;
    std::string host;
};

std::vector<Ranked> usable(const std::vector<MailExchanger>& records)
{
    std::vector<Ranked> result;
    for (const auto& record : records)
    {
        if (auto name = host_name(record.host))
        {
            result.push_back({record.preference, std::move(*name)});
        }
    }
    return result;
}
} // namespace

Exchangers choose_exchangers(const std::vector<MailExchanger>& records, const std::string& domain,
                             const std::function<bool(std::string_view)>& own, std::size_t limit, std::mt19937& random)
{
    if (records.size() == 1 && records.front().host.empty())
    {
        return {{}, refused("5.1.10", fmt::format("{} says in the DNS that it takes no mail (null MX)", domain))};
    }
    std::vector<Ranked> ranked = records.empty() ? std::vector<Ranked>{{0, domain}} : usable(records);
    if (ranked.empty())
    {
        return {{}, refused("5.4.4", fmt::format("the mail exchangers of {} in the DNS have no usable names", domain))};
    }
    std::shuffle(ranked.begin(), ranked.end(), random);
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked& a, const Ranked& b) { return a.preference < b.preference; });
    const auto ours = std::find_if(ranked.begin(), ranked.end(), [&](const Ranked& each) { return own(each.host); });
    if (ours != ranked.end())
    {
        const unsigned from = ours->preference;
        std::erase_if(ranked, [from](const Ranked& each) { return each.preference >= from; });
    }
    if (ranked.empty())
    {
        return {{},
                refused("5.4.6",
                        fmt::format("the DNS sends mail for {} to this gateway, which does not serve it", domain))};
    }
    Exchangers result;
    for (std::size_t i = 0; i < std::min(limit, ranked.size()); ++i)
    {
        result.hosts.push_back(std::move(ranked[i].host));
    }
    return result;
}

DnsRouter::DnsRouter(Resolver& resolver, const RelayConfig& config, std::function<bool(std::string_view)> own)
    : resolver_(resolver), config_(config), own_(std::move(own)),
      ignored_networks_(fmt::format("{}", fmt::join(config.dns_ignore, ", ")))
{}

bool DnsRouter::ignored(const std::string& address) const
{
    // An empty list would mean every address.
    return !ignored_networks_.empty() && directory::client_counts(ignored_networks_, address);
}

boost::asio::awaitable<Route> DnsRouter::find(std::string domain)
{
    if (domain.starts_with('['))
    {
        co_return of_literal(domain);
    }
    const auto records = co_await resolver_.mail_exchangers(domain);
    if (records.has_error())
    {
        const bool nobody = records.error().code() == Errc::not_found;
        co_return Route{{}, refused(nobody ? "5.1.2" : "4.4.3", records.error().message())};
    }
    auto chosen = choose_exchangers(*records, domain, own_, config_.dns_hosts, random_);
    if (chosen.hosts.empty())
    {
        co_return Route{{}, std::move(chosen.refusal)};
    }
    co_return co_await addresses_of(std::move(chosen.hosts), std::move(domain));
}

boost::asio::awaitable<Route> DnsRouter::addresses_of(std::vector<std::string> hosts, std::string domain)
{
    Route route;
    route.refusal =
        refused("5.4.4", fmt::format("no host that takes mail for {} has an address that can be called", domain));
    for (const std::string& host : hosts)
    {
        const auto found = co_await resolver_.addresses(host);
        if (found.has_error() && found.error().code() == Errc::unavailable)
        {
            route.refusal = refused("4.4.3", found.error().message());
        }
        for (std::size_t i = 0; found.has_value() && i < found->size(); ++i)
        {
            const std::string address = (*found)[i].to_string();
            if (route.targets.size() < config_.dns_addresses && !ignored(address))
            {
                route.targets.push_back({host, address});
            }
        }
    }
    co_return route;
}

Route DnsRouter::of_literal(const std::string& literal) const
{
    // `[192.0.2.1]` or `[ipv6:2001:db8::1]`, checked by parse_domain() when it came.
    constexpr std::string_view tag = "ipv6:";
    std::string address = literal.substr(1, literal.size() - 2);
    if (address.starts_with(tag))
    {
        address.erase(0, tag.size());
    }
    if (ignored(address))
    {
        return {{}, refused("5.4.4", fmt::format("{} is not called by this gateway", literal))};
    }
    return {{{literal, address}}, {}};
}
} // namespace ringpost::mta
