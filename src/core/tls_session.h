// SPDX-License-Identifier: Apache-2.0
// TLS on one socket, which does not block: what can be done at once is done, and the caller waits for the rest. Private
// to core. OpenSSL reads and writes the socket itself, so that nothing waits in between: what write() has taken is with
// the kernel, whose acknowledgements are then the peer's.
#pragma once

#include "core/tls.h"

#include <optional>

struct ssl_st;

namespace ringpost
{
class TlsSession
{
public:
    TlsSession(const TlsServer& server, int socket);
    TlsSession(const TlsClient& client, TlsPeer peer, int socket);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    enum class Next
    {
        done,
        wait_read,  ///< until the socket can be read, then again
        wait_write, ///< until it can be written, then again
        ended,      ///< by the peer, in good order or not
        failed      ///< reason() says why; the connection is of no use any more
    };
    struct Moved
    {
        Next next = Next::done;
        std::size_t octets = 0;
    };
    [[nodiscard]] Next handshake();
    [[nodiscard]] Moved read(char* data, std::size_t size);
    [[nodiscard]] Moved write(const char* data, std::size_t size);
    /// Octets, or a part of a record, are here or in the kernel.
    [[nodiscard]] bool input_pending();
    /// Octets that read() gives without looking at the socket.
    [[nodiscard]] bool decrypted() const;
    /// Says that nothing more comes, where that can be said at once.
    void farewell();

    /// After the handshake.
    [[nodiscard]] TlsInfo info() const;
    /// Errc::refused: the peer's certificate is not believed; Errc::unsupported: it speaks no TLS that we accept;
    /// Errc::io: what came later is damaged.
    [[nodiscard]] const Failure& reason() const { return *reason_; }

private:
    TlsSession(std::shared_ptr<ssl_ctx_st> context, int socket);
    [[nodiscard]] Next judge(int result);
    [[nodiscard]] Next judge_certificate();
    [[nodiscard]] Next give_up(Errc code, std::string text);

    int socket_; ///< OpenSSL has its address
    std::shared_ptr<ssl_ctx_st> context_;
    std::shared_ptr<ssl_st> ssl_;
    std::optional<TlsPeer> peer_; ///< as client
    bool shaken_ = false;
    std::optional<Failure> reason_;
};
} // namespace ringpost
