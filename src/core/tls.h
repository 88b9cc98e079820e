// SPDX-License-Identifier: Apache-2.0
// TLS (RFC 8446, RFC 5246) for LineStream, by OpenSSL: 1.2 and later, forward secret AEAD ciphers, no renegotiation,
// no compression. What connections have in common is here; nobody but core/ includes OpenSSL.
// All objects may be used by several threads at once; what is loaded anew counts for the connections that come after.
#pragma once

#include "core/config.h"
#include "core/result.h"

#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace ringpost
{
/// Of a connection that is encrypted.
struct TlsInfo
{
    std::string version;   ///< `TLSv1.3`
    std::string cipher;    ///< its IANA name: `TLS_AES_256_GCM_SHA384`
    bool verified = false; ///< the peer has proved that it is who it was asked to be
};

/// Who we are to those who connect: a certificate and its key.
class TlsServer
{
public:
    /// Reads `tls.certificate` and `tls.key`; where they are empty nothing is offered. After a failure what was loaded
    /// before stays. Errc::io: a file cannot be read; Errc::malformed: it holds something else, or the key is not the
    /// certificate's.
    [[nodiscard]] Result<> load(const TlsConfig& config);
    [[nodiscard]] bool offered() const { return current() != nullptr; }
    /// Its end, as text for a person (`Nov 28 00:00:00 2027 GMT`), and whether it is over or will be within 14 days;
    /// so it counts where there is none, or its end cannot be read.
    struct Validity
    {
        std::string until;
        bool ends_soon = false;
    };
    [[nodiscard]] Validity validity() const;

    [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<ssl_ctx_st> context_;
};

/// Whom we connect to, and what it must prove.
struct TlsPeer
{
    std::string host;        ///< name or address, as it stands in the certificate
    bool verify = false;     ///< false: any certificate will do
    std::string fingerprint; ///< with verify: SHA-256 of its certificate, lower-case hex, instead of authority and name
};

/// Whom we believe: the authorities of `tls.ca_file`, or those of the system.
class TlsClient
{
public:
    /// As TlsServer::load(). To be called before the first connection.
    [[nodiscard]] Result<> load(const TlsConfig& config);
    [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<ssl_ctx_st> context_;
};
} // namespace ringpost
