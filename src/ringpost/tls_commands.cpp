// SPDX-License-Identifier: Apache-2.0
#include "ringpost/tls_commands.h"

#include "ringpost/self_signed.h"

#include <fmt/format.h>

#include <memory>

namespace ringpost::command
{
namespace
{
/// The ports that mail clients and other gateways look for (RFC 5321, 6409, 8314, 1939).
constexpr std::string_view listening = R"toml([mta]
listen = ["[::]:25", "[::]:587"]    # STARTTLS; [::] takes IPv4 connections too
listen_tls = ["[::]:465"]

[mailbox]
listen = ["[::]:110"]               # STLS
listen_tls = ["[::]:995"]
)toml";

struct Wanted
{
    std::string directory;
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    int days = 365;
};

Exit make(const Wanted& given)
{
    const auto made = make_self_signed(given.directory, given.names, given.days);
    if (made.has_error())
    {
        complain(made.error().message());
        return made.error().code() == Errc::malformed ? Exit::usage : Exit::refused;
    }
    const auto certificate = std::filesystem::absolute(made->certificate).lexically_normal().string();
    const auto key = std::filesystem::absolute(made->key).lexically_normal().string();
    const bool told = put(fmt::format("In the gateway's configuration, where other machines are to reach it:\n\n"
                                      "[tls]\ncertificate = \"{0}\"\nkey = \"{1}\"\n\n{2}\n"
                                      "Mail clients believe it once they are given {0}.\n"
                                      "Other gateways do with, in their [[destination]]:\n\n"
                                      "tls = \"required\"\nfingerprint = \"{3}\"\n",
                                      certificate, key, listening, made->fingerprint));
    return told ? Exit::done : Exit::refused;
}
} // namespace

void add_tls_commands(CLI::App& app, Exit& outcome)
{
    auto* const tls = app.add_subcommand("tls", "Certificates");
    tls->require_subcommand(1);
    auto* const self_signed = tls->add_subcommand("self-signed", "Make a certificate and its key, for trials");
    const auto given = std::make_shared<Wanted>();
    self_signed->add_option("--directory", given->directory, "Where certificate.pem and key.pem are written")
        ->required();
    self_signed->add_option("--name", given->names, "Host name or IP address of the gateway; may be repeated")
        ->capture_default_str();
    self_signed->add_option("--days", given->days, "How long it is valid")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    self_signed->callback([&outcome, given] { outcome = make(*given); });
}
} // namespace ringpost::command
