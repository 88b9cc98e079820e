// SPDX-License-Identifier: Apache-2.0
// A TCP connection as mail protocols want it: lines with a limit, octets, every wait with an end (RFC 5321 4.5.3.2).
// With TLS from the first octet, or from a command on (start_tls()); what is said below of octets is then true of those
// inside. One operation at a time, on the socket's executor; the stream must not be moved or destroyed during one. One
// timer for each stream, which cancels the socket: it is set anew only when it has run out, not for every operation.
#pragma once

#include "core/duration.h"
#include "core/line_builder.h"
#include "core/result.h"
#include "core/tls.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost
{
/// Errors of all operations: Errc::closed (the peer, or close(), ended the connection), Errc::timeout, Errc::io.
/// After a timeout of write() an unknown part is written: close the stream.
class LineStream
{
public:
    explicit LineStream(boost::asio::ip::tcp::socket socket);
    LineStream(LineStream&&) noexcept;
    LineStream& operator=(LineStream&&) noexcept;
    ~LineStream();

    /// Connects to a name or address. Errc::not_found: the name has no address; Errc::unavailable: nobody answers.
    [[nodiscard]] static boost::asio::awaitable<Result<LineStream>>
    connect(boost::asio::any_io_executor executor, std::string host, std::uint16_t port, Duration timeout);

    /// TLS from here on, as server. What was read in clear and not taken out is forgotten: it may have been slipped in
    /// by somebody on the way (RFC 3207 4.2). Errc::unsupported: the peer speaks no TLS that we accept. Close the
    /// stream after any failure. `server` must offer something.
    [[nodiscard]] boost::asio::awaitable<Result<>> start_tls(const TlsServer& server, Duration timeout);
    /// As client. Errc::refused: the peer has not proved that it is `peer`; the text says what to do about it.
    [[nodiscard]] boost::asio::awaitable<Result<>> start_tls(const TlsClient& client, TlsPeer peer, Duration timeout);
    /// nullopt: everything is sent in clear.
    [[nodiscard]] const std::optional<TlsInfo>& tls() const;

    /// The next line; `timeout` is for the whole of it. A line of more than `limit` octets (its end not counted) is
    /// read to its end without being kept: Errc::too_large, and the next call reads the next line.
    [[nodiscard]] boost::asio::awaitable<Result<Line>> read_line(std::size_t limit, Duration timeout);

    /// At least one octet, as it stands in the buffer: first take out with consume() what was used, or the next call
    /// returns the same again. The view holds until the next operation.
    [[nodiscard]] boost::asio::awaitable<Result<std::string_view>> read_some(Duration timeout);
    void consume(std::size_t count);
    /// What has been read but not taken out.
    [[nodiscard]] std::string_view buffered() const;
    /// Whether that holds a line to its end: the peer has pipelined a command.
    [[nodiscard]] bool line_buffered() const;
    /// Whether something can be read at once, be it a part of a TLS record: buffered here or in the kernel.
    [[nodiscard]] bool input_pending() const;

    /// Writes all of `octets`, which the caller keeps until then; `timeout` is for all of it.
    [[nodiscard]] boost::asio::awaitable<Result<>> write(std::string_view octets, Duration timeout);

    /// Whether the peer's TCP has acknowledged every octet written: waits until it has (true), until it sends
    /// something new, resets the connection, or the time is over (then what is true at that moment). What the peer's
    /// program has read cannot be known.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> delivered(Duration timeout);

    /// Sends the end of the stream, drops what still comes until the peer ends too, and closes. A plain close() with
    /// unread input would reset the connection and with it destroy the last reply on its way (RFC 1122 4.2.2.13).
    [[nodiscard]] boost::asio::awaitable<void> finish(Duration timeout);
    /// At once; an operation that is under way ends with Errc::closed. May be called during one, on the executor.
    void close();
    /// Ends a read that is under way with Errc::unavailable; the connection stays. On the executor.
    void interrupt();
    [[nodiscard]] bool is_open() const;

    /// Bounds what the kernel takes before the peer has acknowledged it. Errc::io.
    [[nodiscard]] Result<> set_send_buffer(std::size_t octets);

    /// Numeric, without port: `192.0.2.1`, `2001:db8::1`; empty if unknown.
    [[nodiscard]] const std::string& peer_address() const;
    [[nodiscard]] const boost::asio::any_io_executor& executor() const;

private:
    class Connection;
    explicit LineStream(std::shared_ptr<Connection> connection);

    std::shared_ptr<Connection> connection_;
};
} // namespace ringpost
