// SPDX-License-Identifier: Apache-2.0
// One TCP connection of a trunk: lines in, lines out, everything bounded.
#pragma once

#include "pbx/simulated/trunk.h"

#include <boost/asio/ip/tcp.hpp>

#include <deque>
#include <memory>
#include <string>

namespace ringpost::pbx::simulated
{
class TcpConnection : public std::enable_shared_from_this<TcpConnection>
{
public:
    explicit TcpConnection(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// Begins to read. A line that is too long or malformed ends the connection: on_down.
    void start(TrunkLink::Handlers handlers);
    /// A peer that does not read what is sent loses the connection.
    void send(const TrunkMessage& message);
    /// Ends it without telling anybody.
    void close();
    [[nodiscard]] bool open() const { return socket_.is_open(); }

private:
    void read();
    void on_line(std::size_t length);
    void write();
    void lost();
    void shut_socket();

    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<TrunkLink::Handlers> handlers_;
    std::string received_;
    std::deque<std::string> unsent_;
};
} // namespace ringpost::pbx::simulated
