// SPDX-License-Identifier: Apache-2.0
// One WebSocket to Asterisk (RFC 6455): events of an application of its REST Interface, or the audio of a channel. It
// connects once; whoever wants another connection opens another socket.
#pragma once

#include "core/clock.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::pbx::asterisk
{
class WebSocket
{
public:
    struct Target
    {
        std::string url; ///< `http://host:port/path?query`
        std::string user;
        std::string password;
        std::string subprotocol{};             ///< empty: none is asked for
        std::size_t longest_message = 1 << 20; ///< octets; a longer one closes the connection
        std::size_t longest_queue = 64 * 1024; ///< octets that wait to be sent; more is dropped
    };
    struct Sinks
    {
        std::function<void()> opened;
        std::function<void(std::string text)> message;
        std::function<void(std::string octets)> binary;
        /// Once, and nothing after it: why there is no connection (any more).
        std::function<void(std::string why)> closed;
    };

    /// What `closed` is told where the other side takes the connection, but never answers the request for a WebSocket.
    static constexpr std::string_view unanswered = "the exchange takes the connection, but answers no WebSocket";

    /// The sinks are called on `executor`, never from inside this call. 25 s without a sign of life in spite of pings
    /// close the connection.
    WebSocket(const boost::asio::any_io_executor& executor, Clock& clock, Target target, Sinks sinks);
    /// Cuts the connection; no sink is called any more. May happen inside a sink.
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    /// One binary message, after those that wait. False where it is dropped: the queue is full, or the socket not open.
    bool send(std::string octets);
    /// Ours; nullopt where it is not connected.
    [[nodiscard]] std::optional<boost::asio::ip::address> local_address() const;

private:
    std::shared_ptr<class WebSocketConnection> connection_;
};
} // namespace ringpost::pbx::asterisk
