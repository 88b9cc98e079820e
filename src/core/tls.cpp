// SPDX-License-Identifier: Apache-2.0
#include "core/tls.h"

#include <array>
#include <filesystem>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace ringpost
{
namespace
{
// What remains has forward secrecy and is an AEAD; those of TLS 1.3 are so without being named (RFC 9325 4.2).
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Finite-field groups of 8192 bits would cost the server more than the client that asks for them.
constexpr std::string_view groups = "X25519:P-256:P-384";
constexpr int warning_days = 14;

/// What OpenSSL says was wrong, in its words; its list of errors is empty afterwards.
std::string complaint()
{
    std::string text;
    for (auto code = ERR_get_error(); code != 0; code = ERR_get_error())
    {
        const char* reason = ERR_reason_error_string(code);
        text = reason == nullptr ? "error " + std::to_string(code) : reason;
    }
    return text;
}

/// Never asked for at the terminal: a daemon has none.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/)
{
    return -1;
}

std::shared_ptr<SSL_CTX> new_context(const SSL_METHOD* method)
{
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context)
    {
        throw std::bad_alloc();
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context.get(), ciphers);
    std::string list(groups);
    SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_GROUPS_LIST, 0, list.data());
    // A connection that ends without a farewell has lost nothing: SMTP and POP3 say themselves where they end.
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Idle connections hold no buffers. A read that met no octets of the application returns, so that a peer that
    // sends nothing but handshakes does not keep the thread.
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF); // tickets keep it at the client
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    return context;
}

Result<> readable(const std::string& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
    {
        return fail(Errc::io, path, error ? error.message() : "is not a file");
    }
    return {};
}

Failure not_taken(const std::string& path, const std::string& what)
{
    return fail(Errc::malformed, path, what + ": " + complaint());
}

Result<std::shared_ptr<SSL_CTX>> server_context(const TlsConfig& config)
{
    for (const auto* path : {&config.certificate, &config.key})
    {
        if (const auto there = readable(*path); there.has_error())
        {
            return there.error();
        }
    }
    ERR_clear_error();
    auto context = new_context(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context.get(), config.certificate.c_str()) != 1)
    {
        return not_taken(config.certificate, "holds no certificate that can be used (tls.certificate, PEM)");
    }
    // A key of another kind than the certificate is taken beside it, and then nobody can be served.
    if (SSL_CTX_use_PrivateKey_file(context.get(), config.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1)
    {
        return not_taken(config.key, "holds no private key without passphrase that belongs to " + config.certificate +
                                         " (tls.key, PEM)");
    }
    return context;
}
} // namespace

Result<> TlsServer::load(const TlsConfig& config)
{
    if (config.certificate.empty())
    {
        return {};
    }
    auto context = server_context(config);
    if (context.has_error())
    {
        return context.error();
    }
    const std::lock_guard lock(mutex_);
    context_ = std::move(*context);
    return {};
}

std::shared_ptr<ssl_ctx_st> TlsServer::current() const
{
    const std::lock_guard lock(mutex_);
    return context_;
}

TlsServer::Validity TlsServer::validity() const
{
    const auto context = current();
    const X509* certificate = context ? SSL_CTX_get0_certificate(context.get()) : nullptr;
    if (certificate == nullptr)
    {
        return {"", true};
    }
    const ASN1_TIME* end = X509_get0_notAfter(certificate);
    Validity validity;
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
    ASN1_TIME_print(text.get(), end);
    std::array<char, 64> line{};
    BIO_gets(text.get(), line.data(), static_cast<int>(line.size()));
    validity.until = line.data();
    int days = 0;
    int seconds = 0;
    validity.ends_soon = ASN1_TIME_diff(&days, &seconds, nullptr, end) != 1 || days < warning_days;
    return validity;
}

Result<> TlsClient::load(const TlsConfig& config)
{
    ERR_clear_error();
    auto context = new_context(TLS_client_method());
    if (config.ca_file.empty())
    {
        SSL_CTX_set_default_verify_paths(context.get());
    }
    else
    {
        if (const auto there = readable(config.ca_file); there.has_error())
        {
            return there;
        }
        if (SSL_CTX_load_verify_file(context.get(), config.ca_file.c_str()) != 1)
        {
            return not_taken(config.ca_file, "holds no certificates (tls.ca_file, PEM)");
        }
    }
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
    return {};
}

std::shared_ptr<ssl_ctx_st> TlsClient::current() const
{
    const std::lock_guard lock(mutex_);
    return context_;
}
} // namespace ringpost
