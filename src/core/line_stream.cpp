// SPDX-License-Identifier: Apache-2.0
#include "core/line_stream.h"

#include "core/line_stream_connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

namespace ringpost
{
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{
/// What finish() reads at most for politeness.
constexpr std::size_t most_dropped = 1024 * 1024;
/// delivered() looks again after this time, at first and at most, and else after this part of the time that it has
/// waited: a peer's kernel may keep its acknowledgement back for 40 ms (RFC 1122 4.2.3.2), and is not to be missed
/// much.
constexpr Duration first_look = 500us;
constexpr Duration longest_look = 50ms;
constexpr int part_of_wait = 16;
} // namespace

LineStream::LineStream(tcp::socket socket) : LineStream(std::make_shared<Connection>(std::move(socket))) {}

LineStream::LineStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

LineStream::LineStream(LineStream&&) noexcept = default;

LineStream& LineStream::operator=(LineStream&& other) noexcept
{
    if (this != &other)
    {
        close();
        connection_ = std::move(other.connection_);
    }
    return *this;
}

LineStream::~LineStream()
{
    close();
}

asio::awaitable<Result<LineStream>> LineStream::connect(asio::any_io_executor executor, std::string host,
                                                        std::uint16_t port, Duration timeout)
{
    const auto deadline = Connection::after(timeout);
    std::vector<tcp::endpoint> endpoints;
    error_code error;
    if (const auto address = asio::ip::make_address(host, error); !error)
    {
        endpoints.emplace_back(address, port);
    }
    else
    {
        error.clear();
        tcp::resolver resolver(executor);
        const auto results = co_await resolver.async_resolve(host, std::to_string(port),
                                                             asio::redirect_error(asio::use_awaitable, error));
        std::transform(results.begin(), results.end(), std::back_inserter(endpoints),
                       [](const auto& each) { return each.endpoint(); });
    }
    Failure last = fail(Errc::not_found, host, error ? error.message() : "the name has no address");
    for (std::size_t i = 0; i < endpoints.size(); ++i)
    {
        auto connection = std::make_shared<Connection>(tcp::socket(executor));
        connection->peer = numeric(endpoints[i].address());
        const auto left = std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
        // Each has its share: an address that swallows everything (IPv6 without a way out) must not take all the time.
        const Connection::Deadline limit(*connection, left / static_cast<std::int64_t>(endpoints.size() - i));
        co_await connection->socket.async_connect(endpoints[i], asio::redirect_error(asio::use_awaitable, error));
        if (!error)
        {
            connection->set_options();
            co_return LineStream(std::move(connection));
        }
        last = limit.over() ? connection->failure(error) : fail(Errc::unavailable, connection->peer, error.message());
    }
    co_return last;
}

asio::awaitable<Result<Line>> LineStream::read_line(std::size_t limit, Duration timeout)
{
    Connection& connection = *connection_;
    LineBuilder builder(limit);
    connection.consume(builder.add(connection.view()));
    if (builder.complete())
    {
        co_return builder.take(connection.peer);
    }
    const Connection::Deadline deadline(connection, timeout);
    while (!builder.complete())
    {
        const error_code error = co_await connection.fill();
        // The time may have run out while no wait was there to be cancelled.
        if (error || deadline.over())
        {
            co_return connection.failure(error);
        }
        connection.consume(builder.add(connection.view()));
    }
    co_return builder.take(connection.peer);
}

asio::awaitable<Result<std::string_view>> LineStream::read_some(Duration timeout)
{
    Connection& connection = *connection_;
    if (connection.view().empty())
    {
        const Connection::Deadline deadline(connection, timeout);
        const error_code error = co_await connection.fill();
        if (error)
        {
            co_return connection.failure(error);
        }
    }
    co_return connection.view();
}

void LineStream::consume(std::size_t count)
{
    connection_->consume(count);
}

std::string_view LineStream::buffered() const
{
    return connection_->view();
}

bool LineStream::line_buffered() const
{
    return buffered().find('\n') != std::string_view::npos;
}

bool LineStream::input_pending() const
{
    Connection& connection = *connection_;
    if (!connection.view().empty())
    {
        return true;
    }
    error_code error;
    return connection.tls && connection.socket.is_open() ? connection.tls->input_pending()
                                                         : connection.socket.available(error) > 0;
}

asio::awaitable<Result<>> LineStream::write(std::string_view octets, Duration timeout)
{
    Connection& connection = *connection_;
    const Connection::Deadline deadline(connection, timeout);
    error_code error;
    while (!octets.empty())
    {
        const std::size_t count = co_await connection.write_some(octets, error);
        octets.remove_prefix(count);
        if (error || (deadline.over() && !octets.empty()))
        {
            co_return connection.failure(error);
        }
    }
    co_return Result<>{};
}

asio::awaitable<Result<bool>> LineStream::delivered(Duration timeout)
{
    Connection& connection = *connection_;
    const auto begun = std::chrono::steady_clock::now();
    const auto deadline = Connection::after(timeout);
    error_code error;
    const std::size_t known_input = connection.socket.available(error);
    while (connection.socket.is_open())
    {
        const int handle = connection.socket.native_handle();
        int unacknowledged = 0;
        pollfd state{.fd = handle, .events = 0, .revents = 0};
        if (::ioctl(handle, SIOCOUTQ, &unacknowledged) != 0 || ::poll(&state, 1, 0) < 0)
        {
            co_return fail(Errc::io, connection.peer, std::strerror(errno));
        }
        // After a reset the kernel throws away what it had to send: an empty queue proves nothing then. A peer that
        // has only ended its own direction may still be reading.
        if ((state.revents & (POLLERR | POLLHUP)) != 0)
        {
            co_return false;
        }
        if (unacknowledged == 0)
        {
            co_return true;
        }
        const auto now = std::chrono::steady_clock::now();
        const auto left = std::chrono::duration_cast<Duration>(deadline - now);
        if (left <= Duration{} || connection.socket.available(error) > known_input)
        {
            co_return false;
        }
        const auto waited = std::chrono::duration_cast<Duration>(now - begun);
        const Duration look = std::clamp(waited / part_of_wait, first_look, longest_look);
        co_await connection.pause(std::min(look, left));
    }
    co_return fail(Errc::closed, connection.peer, "the connection was ended");
}

asio::awaitable<void> LineStream::finish(Duration timeout)
{
    Connection& connection = *connection_;
    error_code error;
    if (connection.tls && connection.socket.is_open())
    {
        connection.tls->farewell();
        connection.tls.reset(); // what still comes need not be understood
    }
    connection.socket.shutdown(tcp::socket::shutdown_send, error);
    const Connection::Deadline deadline(connection, timeout);
    std::size_t dropped = 0;
    while (!error && !deadline.over() && dropped < most_dropped)
    {
        connection.consume(connection.view().size());
        error = co_await connection.fill();
        dropped += connection.view().size();
    }
    close();
}

void LineStream::close()
{
    if (connection_)
    {
        connection_->close();
    }
}

void LineStream::interrupt()
{
    connection_->interrupt();
}

bool LineStream::is_open() const
{
    return connection_ && connection_->socket.is_open();
}

Result<> LineStream::set_send_buffer(std::size_t octets)
{
    error_code error;
    connection_->socket.set_option(
        asio::socket_base::send_buffer_size(static_cast<int>(std::min<std::size_t>(octets, 1 << 30))), error);
    if (error)
    {
        return fail(Errc::io, connection_->peer, error.message());
    }
    return {};
}

const std::string& LineStream::peer_address() const
{
    return connection_->peer;
}

const asio::any_io_executor& LineStream::executor() const
{
    return connection_->executor;
}
} // namespace ringpost
