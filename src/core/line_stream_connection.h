// SPDX-License-Identifier: Apache-2.0
// The socket, buffer and deadline of a LineStream. Private to line_stream.cpp.
#pragma once

#include "core/line_stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace ringpost
{
/// What must outlive the handlers of the timer.
class LineStream::Connection : public std::enable_shared_from_this<LineStream::Connection>
{
public:
    explicit Connection(boost::asio::ip::tcp::socket connected)
        : socket(std::move(connected)), executor(socket.get_executor()), timer(executor), peer(address_of(socket))
    {}

    using SteadyTime = std::chrono::steady_clock::time_point;

    /// The time at which `timeout` from now is over.
    static SteadyTime after(Duration timeout)
    {
        constexpr Duration longest = 366 * 24h;
        return std::chrono::steady_clock::now() + std::clamp(timeout, Duration{}, longest);
    }

    boost::asio::ip::tcp::socket socket;
    boost::asio::any_io_executor executor;
    boost::asio::steady_timer timer;
    std::string peer;
    std::vector<char> buffer; ///< made with the first read
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::string_view view() const { return {buffer.data() + begin, end - begin}; }

    /// While it lives, the socket is cancelled at its time.
    class Deadline
    {
    public:
        Deadline(Connection& connection, Duration timeout) : connection_(connection)
        {
            connection_.timed_out_ = false;
            connection_.deadline_ = after(timeout);
            if (!connection_.watched_for_ || *connection_.watched_for_ > connection_.deadline_)
            {
                connection_.watch();
            }
        }
        ~Deadline() { connection_.deadline_ = SteadyTime::max(); }
        Deadline(const Deadline&) = delete;
        Deadline& operator=(const Deadline&) = delete;

        [[nodiscard]] bool over() const { return connection_.timed_out_; }

    private:
        Connection& connection_;
    };

    [[nodiscard]] Failure failure(const boost::system::error_code& error)
    {
        if (error == boost::asio::error::operation_aborted && std::exchange(interrupted_, false))
        {
            return fail(Errc::unavailable, peer, "interrupted");
        }
        if (timed_out_)
        {
            return fail(Errc::timeout, peer, "the peer took too long");
        }
        if (error == boost::asio::error::eof || error == boost::asio::error::connection_reset ||
            error == boost::asio::error::broken_pipe || error == boost::asio::error::operation_aborted ||
            error == boost::asio::error::bad_descriptor || !socket.is_open())
        {
            return fail(Errc::closed, peer, "the connection was ended");
        }
        return fail(Errc::io, peer, error.message());
    }

    /// Reads more behind what is buffered, of which less than the whole buffer must be left.
    boost::asio::awaitable<boost::system::error_code> fill()
    {
        // Asio's edge-triggered reactor would wait for a further event, which never comes after the end.
        if (ended_)
        {
            co_return boost::asio::error::eof;
        }
        if (buffer.empty())
        {
            buffer.resize(16 * 1024);
        }
        if (begin > 0)
        {
            std::memmove(buffer.data(), buffer.data() + begin, end - begin);
            end -= begin;
            begin = 0;
        }
        boost::system::error_code error;
        const std::size_t count =
            co_await socket.async_read_some(boost::asio::buffer(buffer.data() + end, buffer.size() - end),
                                            boost::asio::redirect_error(boost::asio::use_awaitable, error));
        end += count;
        ended_ = error == boost::asio::error::eof;
        co_return error;
    }

    /// Takes `count` octets out of the buffer.
    void consume(std::size_t count)
    {
        begin += std::min(count, end - begin);
        if (begin == end)
        {
            begin = 0;
            end = 0;
        }
    }

    void interrupt()
    {
        boost::system::error_code ignored;
        interrupted_ = true;
        socket.cancel(ignored);
    }

    void close()
    {
        boost::system::error_code ignored; // nothing is left to be done about it
        timer.cancel();
        watched_for_.reset();
        socket.close(ignored);
    }

    /// Waits on the one timer, which watch() sets again when it is next needed.
    boost::asio::awaitable<void> pause(Duration span)
    {
        ++watch_number_;
        watched_for_.reset();
        timer.expires_after(span);
        boost::system::error_code ignored; // cancelled: close() was called, which the caller sees
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

private:
    static std::string address_of(const boost::asio::ip::tcp::socket& socket)
    {
        boost::system::error_code error;
        const auto endpoint = socket.remote_endpoint(error);
        if (error)
        {
            return {};
        }
        // A dual-stack listener shows IPv4 peers as ::ffff:192.0.2.1; limits for each address must not see two of them.
        const auto address = endpoint.address();
        return address.is_v6() && address.to_v6().is_v4_mapped()
                   ? boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string()
                   : address.to_string();
    }

    void watch()
    {
        watched_for_ = deadline_;
        timer.expires_at(deadline_);
        timer.async_wait([weak = weak_from_this(), number = ++watch_number_](const boost::system::error_code&) {
            const auto self = weak.lock();
            if (self && self->watch_number_ == number && self->watched_for_)
            {
                self->watched_for_.reset();
                self->look_at_deadline();
            }
        });
    }

    void look_at_deadline()
    {
        if (deadline_ == SteadyTime::max())
        {
            return;
        }
        if (std::chrono::steady_clock::now() < deadline_)
        {
            watch();
            return;
        }
        timed_out_ = true;
        boost::system::error_code ignored; // fails only for a socket that is closed, where nothing waits
        socket.cancel(ignored);
    }

    SteadyTime deadline_ = SteadyTime::max();
    std::optional<SteadyTime> watched_for_;
    std::uint64_t watch_number_ = 0;
    bool timed_out_ = false;
    bool interrupted_ = false;
    bool ended_ = false; ///< by the peer
};
} // namespace ringpost
