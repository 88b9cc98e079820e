// SPDX-License-Identifier: Apache-2.0
#include "core/net_address.h"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <sys/socket.h>

namespace ringpost
{
namespace ip = boost::asio::ip;

namespace
{
/// An IPv4 peer as a socket that takes both kinds shows it is one of IPv4.
ip::address unmapped(const ip::address& address)
{
    return address.is_v6() && address.to_v6().is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, address.to_v6())
                                                             : address;
}
} // namespace

std::string numeric(const ip::address& address)
{
    const ip::address own = unmapped(address);
    if (own.is_v4())
    {
        return own.to_string();
    }
    ip::address_v6 v6 = own.to_v6();
    v6.scope_id(0);
    return v6.to_string();
}

std::string network_around(std::string_view address, unsigned short bits_v4)
{
    constexpr unsigned short bits_v6 = 64;
    boost::system::error_code error;
    const ip::address parsed = unmapped(ip::make_address(std::string(address), error));
    if (error)
    {
        return std::string(address);
    }
    return parsed.is_v4() ? ip::make_network_v4(parsed.to_v4(), bits_v4).canonical().to_string()
                          : ip::make_network_v6(parsed.to_v6(), bits_v6).canonical().to_string();
}

std::string peer_of(ip::tcp::socket& socket)
{
    // Asked before Asio looks: an address of another family may be longer than its endpoints hold.
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    const bool internet = ::getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&peer), &length) == 0 &&
                          (peer.ss_family == AF_INET || peer.ss_family == AF_INET6);
    boost::system::error_code error;
    const auto endpoint = internet ? socket.remote_endpoint(error) : ip::tcp::endpoint{};
    return internet && !error ? numeric(endpoint.address()) : std::string{};
}

bool is_loopback(const std::string& host)
{
    boost::system::error_code error;
    const ip::address address = ip::make_address(host, error);
    return error ? host == "localhost" : address.is_loopback();
}
} // namespace ringpost
