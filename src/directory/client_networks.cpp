// SPDX-License-Identifier: Apache-2.0
#include "directory/client_networks.h"

#include "directory/ascii.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::directory
{
namespace
{
using Octets = std::array<unsigned char, 16>;
constexpr int mapped_bits = 96; // RFC 4291 2.5.5.2: IPv4 behind ::ffff:0:0/96
constexpr std::size_t longest_list = 4096;

struct Network
{
    Octets address{};
    int bits = 128;
};

/// IPv4 becomes its mapped IPv6 form, so that both are compared in one way.
std::optional<Network> address_of(std::string_view text)
{
    const std::string copy(text);
    Network network;
    if (copy.find('\0') != std::string::npos)
    {
        return std::nullopt; // inet_pton would not see what comes after it
    }
    if (inet_pton(AF_INET6, copy.c_str(), network.address.data()) == 1)
    {
        return network;
    }
    network.address = {};
    network.address[10] = network.address[11] = 0xff;
    return inet_pton(AF_INET, copy.c_str(), &network.address[12]) == 1 ? std::optional(network) : std::nullopt;
}

std::optional<Network> network_of(std::string_view text)
{
    const auto slash = text.find('/');
    auto network = address_of(text.substr(0, slash));
    if (!network || slash == std::string_view::npos)
    {
        return network;
    }
    const int before = text.substr(0, slash).find(':') == std::string_view::npos ? mapped_bits : 0;
    const auto written = text.substr(slash + 1);
    int bits = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), bits);
    if (error != std::errc{} || end != written.data() + written.size() || bits < 0 || bits > 128 - before)
    {
        return std::nullopt;
    }
    network->bits = before + bits;
    return network;
}

bool contains(const Network& network, const Octets& address)
{
    for (int bit = 0; bit < network.bits; bit += 8)
    {
        const int left = std::min(network.bits - bit, 8);
        const auto mask = static_cast<unsigned char>(0xff << (8 - left));
        const auto octet = static_cast<std::size_t>(bit / 8);
        if (((network.address[octet] ^ address[octet]) & mask) != 0)
        {
            return false;
        }
    }
    return true;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// nullopt: malformed.
std::optional<std::vector<Network>> parse(std::string_view networks)
{
    std::vector<Network> list;
    if (networks.size() > longest_list)
    {
        return std::nullopt;
    }
    while (!trimmed(networks).empty())
    {
        const auto comma = networks.find(',');
        const auto network = network_of(trimmed(networks.substr(0, comma)));
        if (!network)
        {
            return std::nullopt;
        }
        list.push_back(*network);
        networks = comma == std::string_view::npos ? std::string_view{} : networks.substr(comma + 1);
    }
    return list;
}
} // namespace

Result<> check_client_networks(std::string_view networks)
{
    if (!parse(networks))
    {
        return fail(Errc::malformed, "", "must be networks like 192.0.2.0/24, 2001:db8::/32");
    }
    return {};
}

bool client_counts(std::string_view networks, std::string_view address)
{
    const auto list = parse(networks);
    const auto client = address_of(address);
    if (!list)
    {
        return false;
    }
    return list->empty() || (client && std::any_of(list->begin(), list->end(), [&](const Network& network) {
                                 return contains(network, client->address);
                             }));
}
} // namespace ringpost::directory
