// SPDX-License-Identifier: Apache-2.0
#include "ringpost/self_signed.h"

#include "ringpost/new_file.h"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string_view>

namespace ringpost::command
{
namespace
{
constexpr long day = 24L * 60 * 60;
constexpr std::size_t longest_name = 253;
constexpr int serial_octets = 16;

template <class T, void (*release)(T*)>
struct Release
{
    void operator()(T* object) const { release(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Text = std::unique_ptr<BIO, Release<BIO, BIO_free_all>>;

Failure failed(std::string what)
{
    return fail(Errc::internal, "OpenSSL", std::move(what));
}

bool is_address(const std::string& name)
{
    boost::system::error_code error;
    boost::asio::ip::make_address(name, error);
    return !error;
}

/// `DNS:mail.office.example,IP:192.0.2.1`
Result<std::string> alternative_names(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
    {
        const bool letters = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                    "0123456789-.") == std::string::npos;
        const bool address = is_address(name);
        if (name.empty() || name.size() > longest_name || (!letters && !address))
        {
            return fail(Errc::malformed, "--name", "must be a host name or an IP address");
        }
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", address ? "IP" : "DNS", name);
    }
    return text;
}

bool add_extension(X509* certificate, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_serial(X509* certificate)
{
    std::array<unsigned char, serial_octets> octets{};
    const bool random = RAND_bytes(octets.data(), serial_octets) == 1;
    octets[0] &= 0x7f; // not negative
    BIGNUM* number = BN_bin2bn(octets.data(), serial_octets, nullptr);
    const bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    return random && set;
}

Certificate make_certificate(EVP_PKEY* key, const std::string& common_name, const std::string& names, int days)
{
    Certificate certificate(X509_new());
    X509* raw = certificate.get();
    X509_NAME* subject = X509_get_subject_name(raw);
    const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
    const bool made =
        X509_set_version(raw, 2) == 1 && set_serial(raw) &&
        X509_gmtime_adj(X509_getm_notBefore(raw), -day) != nullptr && // clocks differ
        X509_gmtime_adj(X509_getm_notAfter(raw), days * day) != nullptr && X509_set_pubkey(raw, key) == 1 &&
        X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(raw, subject) == 1 && add_extension(raw, NID_subject_key_identifier, "hash") &&
        add_extension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(raw, NID_key_usage, "critical,digitalSignature") &&
        add_extension(raw, NID_ext_key_usage, "serverAuth") && add_extension(raw, NID_subject_alt_name, names) &&
        X509_sign(raw, key, EVP_sha256()) > 0;
    return made ? std::move(certificate) : nullptr;
}

std::string_view octets_of(const Text& text)
{
    char* octets = nullptr;
    const long size = BIO_get_mem_data(text.get(), &octets);
    return {octets, static_cast<std::size_t>(size)};
}

std::string fingerprint(const X509* certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
    {
        text += fmt::format("{:02x}", digest.at(i));
    }
    return text;
}
} // namespace

Result<SelfSigned> make_self_signed(const std::filesystem::path& directory, const std::vector<std::string>& names,
                                    int days)
{
    const auto alternatives = alternative_names(names);
    if (alternatives.has_error())
    {
        return alternatives.error();
    }
    const Key key(EVP_EC_gen("P-256"));
    // A common name has at most 64 octets (RFC 5280 appendix A); who checks looks at the alternative names.
    const std::string common_name = names.front().substr(0, 64);
    const Certificate certificate = key ? make_certificate(key.get(), common_name, *alternatives, days) : nullptr;
    const Text key_text(BIO_new(BIO_s_mem()));
    const Text certificate_text(BIO_new(BIO_s_mem()));
    if (!certificate || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    {
        return failed("no certificate could be made");
    }
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    SelfSigned made{directory / "certificate.pem", directory / "key.pem", fingerprint(certificate.get())};
    if (std::filesystem::exists(made.certificate, error))
    {
        return fail(Errc::conflict, made.certificate.string(), "is there already; nothing was changed");
    }
    // Only ever new files: a key that is in use must not be lost.
    if (const auto written = write_new_file(made.key, octets_of(key_text), 0600); written.has_error())
    {
        return written.error();
    }
    if (const auto written = write_new_file(made.certificate, octets_of(certificate_text), 0644); written.has_error())
    {
        std::filesystem::remove(made.key, error);
        return written.error();
    }
    return made;
}
} // namespace ringpost::command
