// SPDX-License-Identifier: Apache-2.0
// The socket, TLS, buffer and deadline of a LineStream. Private to line_stream*.cpp.
#pragma once

#include "core/line_stream.h"
#include "core/net_address.h"
#include "core/tls_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace ringpost
{
/// What must outlive the handlers of the timer.
class LineStream::Connection : public std::enable_shared_from_this<LineStream::Connection>
{
public:
    explicit Connection(boost::asio::ip::tcp::socket connected)
        : socket(std::move(connected)), executor(socket.get_executor()), timer(executor), peer(peer_of(socket))
    {
        set_options();
    }

    /// Of a socket that is open; failures show with the first read.
    void set_options()
    {
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored); // without it replies are slower, not wrong
    }

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
    std::unique_ptr<TlsSession> tls;
    std::optional<TlsInfo> tls_info; ///< after the handshake
    std::unique_ptr<char[]> buffer;  ///< empty while there is nothing to be read: idle connections are many
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::string_view view() const { return {buffer.get() + begin, end - begin}; }

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
        if (error == boost::asio::error::no_recovery && tls)
        {
            return fail(tls->reason().code(), peer, tls->reason().text());
        }
        if (error == boost::asio::error::eof || error == boost::asio::error::connection_reset ||
            error == boost::asio::error::broken_pipe || error == boost::asio::error::operation_aborted ||
            error == boost::asio::error::bad_descriptor || !socket.is_open())
        {
            return fail(Errc::closed, peer, "the connection was ended");
        }
        return fail(Errc::io, peer, error.message());
    }

    /// Reads more behind what is buffered, of which less than the whole buffer must be left. Never without letting
    /// others have their turn first, however fast the peer sends.
    boost::asio::awaitable<boost::system::error_code> fill();
    /// Writes some of it; a reply at once, where the kernel takes it.
    boost::asio::awaitable<std::size_t> write_some(std::string_view octets, boost::system::error_code& error);
    /// With `tls` set.
    boost::asio::awaitable<Result<>> handshake(Duration timeout);

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
    void make_room();
    boost::asio::awaitable<boost::system::error_code> wait(TlsSession::Next next);
    /// In clear, into the room that was made.
    boost::asio::awaitable<std::size_t> read_some(boost::system::error_code& error);
    boost::asio::awaitable<boost::system::error_code> fill_decrypted();
    boost::asio::awaitable<std::size_t> write_clear(std::string_view octets, boost::system::error_code& error);

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
