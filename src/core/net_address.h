// SPDX-License-Identifier: Apache-2.0
// Internet addresses as they are compared, counted and logged.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace ringpost
{
/// `192.0.2.1`, `2001:db8::1`: without the zone of a link-local address, and IPv4 as such where a dual-stack listener
/// shows it as ::ffff:192.0.2.1, so that limits for each address do not see two of them.
[[nodiscard]] std::string numeric(const boost::asio::ip::address& address);

/// The network of an address that limits count as one peer: of IPv6 its /64, which everybody has to himself
/// (RFC 6177), of IPv4 that of so many bits. `192.0.2.0/24`, `2001:db8:0:1::/64`; IPv4 also as `::ffff:192.0.2.1`.
/// Anything else stands for itself.
[[nodiscard]] std::string network_around(std::string_view address, unsigned short bits_v4);

/// Who is at the other end, numeric(); empty for a socket of the file system (SocketFile), or one that has ended.
[[nodiscard]] std::string peer_of(boost::asio::ip::tcp::socket& socket);

/// Of this machine: 127.0.0.0/8, ::1, or the name localhost (RFC 6761 6.3).
[[nodiscard]] bool is_loopback(const std::string& host);
} // namespace ringpost
