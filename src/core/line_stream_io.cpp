// SPDX-License-Identifier: Apache-2.0
// How the octets of a LineStream come and go: in clear, or through TLS.
#include "core/line_stream_connection.h"

#include <boost/asio/post.hpp>

#include <cstring>

namespace ringpost
{
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace
{
constexpr std::size_t buffer_size = 16 * 1024; // the longest TLS record too (RFC 8446 5.1)
/// What is written without letting others have their turn before: replies, whose commands had to be waited for.
constexpr std::size_t short_enough = buffer_size;
} // namespace

void LineStream::Connection::make_room()
{
    if (buffer == nullptr)
    {
        buffer = std::make_unique_for_overwrite<char[]>(buffer_size);
    }
    if (begin > 0)
    {
        std::memmove(buffer.get(), buffer.get() + begin, end - begin);
        end -= begin;
        begin = 0;
    }
}

asio::awaitable<error_code> LineStream::Connection::fill()
{
    // Nothing comes after the end: not even the question is worth a turn.
    if (ended_)
    {
        co_return asio::error::eof;
    }
    error_code error;
    if (!tls || !tls->decrypted())
    {
        if (view().empty())
        {
            buffer.reset();
        }
        error = co_await wait(TlsSession::Next::wait_read);
        if (error)
        {
            co_return error;
        }
    }
    make_room();
    if (tls)
    {
        error = co_await fill_decrypted();
    }
    else
    {
        end += co_await read_some(error);
    }
    ended_ = error == asio::error::eof;
    co_return error;
}

asio::awaitable<std::size_t> LineStream::Connection::read_some(error_code& error)
{
    const auto room = asio::buffer(buffer.get() + end, buffer_size - end);
    const std::size_t count = socket.read_some(room, error);
    if (error != asio::error::would_block)
    {
        co_return count;
    }
    co_return co_await socket.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<error_code> LineStream::Connection::fill_decrypted()
{
    while (socket.is_open())
    {
        const TlsSession::Moved moved = tls->read(buffer.get() + end, buffer_size - end);
        end += moved.octets;
        if (moved.next == TlsSession::Next::done)
        {
            co_return error_code{};
        }
        const error_code error = co_await wait(moved.next);
        if (error)
        {
            co_return error;
        }
    }
    co_return asio::error::operation_aborted;
}

asio::awaitable<std::size_t> LineStream::Connection::write_some(std::string_view octets, error_code& error)
{
    if (!tls)
    {
        co_return co_await write_clear(octets, error);
    }
    while (socket.is_open())
    {
        const TlsSession::Moved moved = tls->write(octets.data(), octets.size());
        if (moved.next == TlsSession::Next::done)
        {
            if (moved.octets < octets.size())
            {
                // A peer that takes all at once must not keep the others waiting.
                co_await asio::post(executor, asio::use_awaitable);
            }
            co_return moved.octets;
        }
        error = co_await wait(moved.next);
        if (error)
        {
            co_return 0;
        }
    }
    error = asio::error::operation_aborted;
    co_return 0;
}

asio::awaitable<std::size_t> LineStream::Connection::write_clear(std::string_view octets, error_code& error)
{
    const auto left = asio::buffer(octets.data(), octets.size());
    if (octets.size() <= short_enough)
    {
        const std::size_t count = socket.write_some(left, error);
        if (error != asio::error::would_block)
        {
            co_return count;
        }
    }
    co_return co_await socket.async_write_some(left, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<error_code> LineStream::Connection::wait(TlsSession::Next next)
{
    if (next == TlsSession::Next::ended)
    {
        co_return asio::error::eof;
    }
    if (next == TlsSession::Next::failed)
    {
        co_return asio::error::no_recovery;
    }
    const auto what = next == TlsSession::Next::wait_write ? tcp::socket::wait_write : tcp::socket::wait_read;
    error_code error;
    co_await socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    // A peer that keeps the socket ready without ever bringing anything must not outlast the deadline.
    co_return error || !timed_out_ ? error : asio::error::operation_aborted;
}

asio::awaitable<Result<>> LineStream::Connection::handshake(Duration timeout)
{
    begin = 0;
    end = 0;
    const Deadline deadline(*this, timeout);
    while (socket.is_open())
    {
        const TlsSession::Next next = tls->handshake();
        if (next == TlsSession::Next::done)
        {
            tls_info = tls->info();
            co_return Result<>{};
        }
        const error_code error = co_await wait(next);
        if (error)
        {
            co_return failure(error);
        }
    }
    co_return failure(asio::error::operation_aborted);
}

asio::awaitable<Result<>> LineStream::start_tls(const TlsServer& server, Duration timeout)
{
    connection_->tls = std::make_unique<TlsSession>(server, connection_->socket.native_handle());
    co_return co_await connection_->handshake(timeout);
}

asio::awaitable<Result<>> LineStream::start_tls(const TlsClient& client, TlsPeer peer, Duration timeout)
{
    connection_->tls = std::make_unique<TlsSession>(client, std::move(peer), connection_->socket.native_handle());
    co_return co_await connection_->handshake(timeout);
}

const std::optional<TlsInfo>& LineStream::tls() const
{
    return connection_->tls_info;
}
} // namespace ringpost
