// SPDX-License-Identifier: Apache-2.0
// Addresses as they are written in configuration values.
#include "core/config_values.h"

#include <charconv>

namespace ringpost
{
Result<Endpoint> parse_endpoint(std::string_view text)
{
    const auto bad = [] { return fail(Errc::malformed, "", "an address is written like 127.0.0.1:25 or [::1]:25"); };
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos || text.size() > 300)
    {
        return bad();
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view port_text = text.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed)
    {
        host = host.substr(1, host.size() - 2);
    }
    const bool host_good =
        bracketed ? host.find_first_not_of("0123456789abcdefABCDEF:.") == host.npos : config_values::domain(host);
    if (!host_good || error != std::errc{} || end != port_text.data() + port_text.size() || port > 65535)
    {
        return bad();
    }
    return Endpoint{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<LocalEndpoint> parse_local_endpoint(std::string_view text)
{
    constexpr std::string_view scheme = "unix:";
    constexpr std::size_t longest = 107; // sockaddr_un
    if (!text.starts_with(scheme))
    {
        auto endpoint = parse_endpoint(text);
        if (!endpoint)
        {
            return endpoint.error();
        }
        return LocalEndpoint{std::move(*endpoint), {}};
    }
    const std::string_view path = text.substr(scheme.size());
    if (path.empty() || path.front() != '/' || path.size() > longest || !config_values::present_path(path))
    {
        return fail(Errc::malformed, "", "a socket is written like unix:/run/ringpost/lmtp, at most 107 octets");
    }
    return LocalEndpoint{{}, std::string(path)};
}

Result<TrunkRoute> parse_trunk_route(std::string_view text)
{
    const std::size_t equals = text.find('=');
    const std::string_view prefix = text.substr(0, equals);
    if (equals == text.npos || prefix.empty() || prefix.front() != '+' || !config_values::some_digits(prefix.substr(1)))
    {
        return fail(Errc::malformed, "", "a trunk is written like +8144222=127.0.0.1:5001");
    }
    const auto endpoint = parse_endpoint(text.substr(equals + 1));
    if (!endpoint)
    {
        return endpoint.error();
    }
    return TrunkRoute{std::string(prefix), *endpoint};
}

Result<AsteriskTrunk> parse_asterisk_trunk(std::string_view text)
{
    const std::size_t equals = text.find('=');
    const std::string_view prefix = text.substr(0, equals);
    const std::string_view endpoint = equals == text.npos ? std::string_view{} : text.substr(equals + 1);
    const bool has_place = endpoint.find("{number}") != endpoint.npos || endpoint.find("{e164}") != endpoint.npos;
    const bool good_prefix = !prefix.empty() && prefix.front() == '+' && config_values::digits(prefix.substr(1));
    const bool good_endpoint = endpoint.find('/') != endpoint.npos &&
                               std::all_of(endpoint.begin(), endpoint.end(),
                                           [](char c) { return c > ' ' && c < '\x7f' && c != ',' && c != '&'; });
    if (!good_prefix || !good_endpoint || !has_place)
    {
        return fail(Errc::malformed, "", "a trunk is written like +=PJSIP/{number}@trunk");
    }
    return AsteriskTrunk{std::string(prefix), std::string(endpoint)};
}

Result<SoftphoneAddress> parse_softphone(std::string_view text)
{
    const std::size_t equals = text.find('=');
    const std::string_view extension = text.substr(0, equals);
    if (equals == text.npos || !config_values::some_digits(extension))
    {
        return fail(Errc::malformed, "", "a softphone is written like 2000=127.0.0.1:4444");
    }
    const auto endpoint = parse_endpoint(text.substr(equals + 1));
    if (!endpoint)
    {
        return endpoint.error();
    }
    return SoftphoneAddress{std::string(extension), *endpoint};
}
} // namespace ringpost
