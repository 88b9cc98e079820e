// SPDX-License-Identifier: Apache-2.0
#include "core/tls_session.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

namespace ringpost
{
namespace
{
constexpr std::size_t sha256_size = 32;

// A BIO of our own, because OpenSSL's writes with write(), and a peer that is gone would raise SIGPIPE.
int socket_of(BIO* bio)
{
    return *static_cast<const int*>(BIO_get_data(bio));
}

int moved(BIO* bio, ssize_t count, int retry)
{
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
    {
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    }
    return static_cast<int>(count);
}

int bio_read(BIO* bio, char* data, int size)
{
    const int count = moved(bio, ::recv(socket_of(bio), data, static_cast<std::size_t>(size), 0), BIO_FLAGS_READ);
    if (count == 0)
    {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    return count;
}

int bio_write(BIO* bio, const char* data, int size)
{
    return moved(bio, ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL), BIO_FLAGS_WRITE);
}

long bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/)
{
    if (command == BIO_CTRL_EOF)
    {
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_bio()
{
    static const std::shared_ptr<BIO_METHOD> method = [] {
        std::shared_ptr<BIO_METHOD> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ringpost socket"),
                                         BIO_meth_free);
        BIO_meth_set_read(made.get(), bio_read);
        BIO_meth_set_write(made.get(), bio_write);
        BIO_meth_set_ctrl(made.get(), bio_control);
        return made;
    }();
    return method.get();
}

std::string names_of(X509* certificate)
{
    std::string names;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()) && names.size() < 200; ++i)
    {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type == GEN_DNS)
        {
            const auto* octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            names += names.empty() ? "" : ", ";
            names.append(octets, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        }
    }
    std::erase_if(names, [](char c) { return c < ' ' || c == '\x7f'; });
    return names.empty() ? "no name" : names;
}

std::string hex(const std::array<unsigned char, sha256_size>& octets)
{
    std::string text;
    for (const auto octet : octets)
    {
        text += fmt::format("{:02x}", octet);
    }
    return text;
}
} // namespace

TlsSession::TlsSession(std::shared_ptr<ssl_ctx_st> context, int socket)
    : socket_(socket), context_(std::move(context)), ssl_(SSL_new(context_.get()), SSL_free)
{
    BIO* bio = BIO_new(socket_bio());
    if (!ssl_ || bio == nullptr)
    {
        throw std::bad_alloc();
    }
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio); // which belongs to ssl_ now
}

TlsSession::TlsSession(const TlsServer& server, int socket) : TlsSession(server.current(), socket)
{
    SSL_set_accept_state(ssl_.get());
}

TlsSession::TlsSession(const TlsClient& client, TlsPeer peer, int socket) : TlsSession(client.current(), socket)
{
    peer_ = std::move(peer);
    SSL_set_connect_state(ssl_.get());
    boost::system::error_code error;
    boost::asio::ip::make_address(peer_->host, error);
    const bool named = static_cast<bool>(error);
    if (named)
    {
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, peer_->host.data());
    }
    if (peer_->verify && peer_->fingerprint.empty())
    {
        // OpenSSL checks, judge_certificate() looks at the result: that way the certificate is still there to be named.
        SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const int set = named ? SSL_set1_host(ssl_.get(), peer_->host.c_str())
                              : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), peer_->host.c_str());
        if (set != 1)
        {
            throw std::bad_alloc();
        }
    }
}

TlsSession::Next TlsSession::handshake()
{
    ERR_clear_error();
    const Next next = judge(SSL_do_handshake(ssl_.get()));
    if (next != Next::done)
    {
        return next;
    }
    shaken_ = true;
    return judge_certificate();
}

TlsSession::Moved TlsSession::read(char* data, std::size_t size)
{
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), data, size, &count);
    return {judge(result), count};
}

TlsSession::Moved TlsSession::write(const char* data, std::size_t size)
{
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), data, size, &count);
    return {judge(result), count};
}

bool TlsSession::input_pending()
{
    ERR_clear_error();
    char octet = 0;
    std::size_t count = 0;
    return SSL_peek_ex(ssl_.get(), &octet, 1, &count) == 1 || SSL_has_pending(ssl_.get()) == 1;
}

bool TlsSession::decrypted() const
{
    return SSL_pending(ssl_.get()) > 0;
}

void TlsSession::farewell()
{
    if (shaken_ && !reason_)
    {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
}

TlsInfo TlsSession::info() const
{
    TlsInfo info;
    info.version = SSL_get_version(ssl_.get());
    const char* cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get()));
    info.cipher = cipher == nullptr ? "" : cipher;
    info.verified = peer_ && peer_->verify;
    return info;
}

TlsSession::Next TlsSession::judge(int result)
{
    if (result == 1)
    {
        return Next::done;
    }
    const int system_error = errno;
    switch (SSL_get_error(ssl_.get(), result))
    {
    case SSL_ERROR_WANT_READ:
        return Next::wait_read;
    case SSL_ERROR_WANT_WRITE:
        return Next::wait_write;
    case SSL_ERROR_ZERO_RETURN:
        return Next::ended;
    case SSL_ERROR_SYSCALL:
        if (ERR_peek_error() == 0)
        {
            return system_error == 0 || system_error == ECONNRESET || system_error == EPIPE || system_error == EAGAIN
                       ? Next::ended
                       : give_up(Errc::io, std::error_code(system_error, std::system_category()).message());
        }
        break;
    default:
        break;
    }
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return give_up(shaken_ ? Errc::io : Errc::unsupported,
                   fmt::format("TLS: {}", reason == nullptr ? "not understood" : reason));
}

/// Says what is wrong, and what would set it right.
TlsSession::Next TlsSession::judge_certificate()
{
    if (!peer_ || !peer_->verify)
    {
        return Next::done;
    }
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    if (!peer_->fingerprint.empty())
    {
        std::array<unsigned char, sha256_size> digest{};
        const bool made = certificate && X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) == 1;
        return made && hex(digest) == peer_->fingerprint
                   ? Next::done
                   : give_up(Errc::refused,
                             fmt::format("its certificate has the fingerprint {}, which is not the one in "
                                         "the destination database",
                                         made ? hex(digest) : "-"));
    }
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict == X509_V_OK && certificate)
    {
        return Next::done;
    }
    if (certificate && (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH))
    {
        return give_up(Errc::refused, fmt::format("its certificate is for {}, not for {}: name the host by a name that "
                                                  "is in its certificate, or give the fingerprint",
                                                  names_of(certificate.get()), peer_->host));
    }
    return give_up(Errc::refused, fmt::format("its certificate is not believed ({}): add its authority to tls.ca_file, "
                                              "or give the fingerprint",
                                              X509_verify_cert_error_string(verdict)));
}

TlsSession::Next TlsSession::give_up(Errc code, std::string text)
{
    reason_.emplace(fail(code, "", std::move(text)));
    return Next::failed;
}
} // namespace ringpost
