// SPDX-License-Identifier: Apache-2.0
// Submission of one mail by SMTP with AUTH (RFC 5321, RFC 4954), through libcurl.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::command
{
struct SmtpServer
{
    std::string host; ///< name or address, IPv6 in brackets
    std::string port;
    [[nodiscard]] bool loopback() const;
};

/// `HOST:PORT`, also `[::1]:2525`. Errc::malformed says what is expected.
[[nodiscard]] Result<SmtpServer> parse_server(std::string_view text);

struct Submission
{
    SmtpServer server;
    bool tls = true;          ///< with a verified certificate, or nothing is sent
    bool tls_at_once = false; ///< from the first octet instead of STARTTLS (RFC 8314)
    std::string ca_file;      ///< PEM; empty: the system's authorities
    std::string user;         ///< no AUTH when empty
    std::string secret;
    std::string from;
    std::vector<std::string> to;
    std::string_view mail; ///< CRLF line ends; must live during the call
};

/// The server's last reply, lines joined by LF, without control characters. Errc::unavailable: the server cannot be
/// reached; Errc::refused: it said no (the text holds its reply); Errc::closed: the connection broke.
[[nodiscard]] Result<std::string> submit(const Submission& submission);
} // namespace ringpost::command
