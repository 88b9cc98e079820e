// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/tcp_connection.h"

#include "core/fault_point.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace ringpost::pbx::simulated
{
namespace asio = boost::asio;

namespace
{
/// Far above what all calls of a link can have to say at once (exchange.simulated_trunk_lines).
constexpr std::size_t max_unsent = 4096;
/// Audio of which so much waits comes too late to be of use.
constexpr std::size_t max_unsent_audio = 512;
} // namespace

void TcpConnection::start(TrunkLink::Handlers handlers)
{
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    handlers_ = std::make_shared<TrunkLink::Handlers>(std::move(handlers));
    read();
}

void TcpConnection::read()
{
    auto received = [self = shared_from_this()](const boost::system::error_code& error, std::size_t length) {
        // Includes asio::error::not_found: the line is longer than the buffer may become.
        error ? self->lost() : self->on_line(length);
    };
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, max_trunk_line), '\n', std::move(received));
}

void TcpConnection::on_line(std::size_t length)
{
    const auto message = decode(std::string_view(received_).substr(0, length - 1));
    received_.erase(0, length);
    if (message.has_error())
    {
        lost();
        return;
    }
    // A copy: the handler may close this connection.
    const auto handlers = handlers_;
    if (handlers)
    {
        handlers->on_message(*message);
    }
    if (handlers_)
    {
        read();
    }
}

void TcpConnection::send(const TrunkMessage& message)
{
    if (!handlers_ || !open())
    {
        return;
    }
    if (message.kind == TrunkMessage::Kind::audio && unsent_.size() >= max_unsent_audio)
    {
        return;
    }
    if (unsent_.size() >= max_unsent)
    {
        auto give_up = [self = shared_from_this()] { self->lost(); };
        asio::post(socket_.get_executor(), std::move(give_up));
        return;
    }
    unsent_.push_back(encode(message) + "\n");
    if (unsent_.size() == 1)
    {
        write();
    }
}

void TcpConnection::write()
{
    if (fault_point("trunk.send"))
    {
        asio::post(socket_.get_executor(), [self = shared_from_this()] { self->lost(); });
        return;
    }
    auto written = [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (error)
        {
            self->lost();
            return;
        }
        self->unsent_.pop_front();
        if (!self->unsent_.empty() && self->handlers_)
        {
            self->write();
        }
    };
    asio::async_write(socket_, asio::buffer(unsent_.front()), std::move(written));
}

void TcpConnection::close()
{
    handlers_.reset();
    shut_socket();
}

void TcpConnection::lost()
{
    shut_socket();
    if (const auto handlers = std::exchange(handlers_, nullptr))
    {
        handlers->on_down();
    }
}

void TcpConnection::shut_socket()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}
} // namespace ringpost::pbx::simulated
