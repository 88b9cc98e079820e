// SPDX-License-Identifier: Apache-2.0
// The commands of a POP3 client, read from one line each. Source: RFC 1939 3 and 5 to 7, RFC 2449 4 and 5 (CAPA),
// RFC 2595 4 (STLS), RFC 5034 4 (AUTH), RFC 6856 2 (UTF8).
// Pure functions on text: no state, no I/O.
#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mailbox
{
/// The longest command line that a session reads, CRLF left out. RFC 2449 4 asks for 255 octets; that is too short for
/// USER with a mail address of the length that RFC 5321 4.5.3.1 allows, or for a long secret.
inline constexpr std::size_t command_line_limit = 1024;
/// The longest line of a SASL exchange (RFC 5034 4): Base64 of the longest message that PLAIN can have here.
inline constexpr std::size_t sasl_line_limit = 4096;

enum class Verb
{
    user,
    pass,
    quit,
    stat,
    list,
    uidl,
    retr,
    dele,
    noop,
    rset,
    top,
    capa,
    stls,
    auth,
    utf8
};

/// One command. A message number is not checked against any maildrop here.
struct Command
{
    Verb verb{};
    std::string text; ///< USER: the login; PASS: the secret, blanks included; AUTH: the mechanism, or empty
    std::optional<std::string> response;  ///< AUTH: initial response in Base64; empty where it was `=`
    std::optional<std::uint32_t> message; ///< LIST, UIDL (optional), RETR, DELE, TOP: message number, from 1
    std::uint32_t lines = 0;              ///< TOP: body lines that are wanted
};

/// Reads a command line without its CRLF. Verbs are read in any case; blanks after the last argument are ignored
/// (except in a secret). Errors: Errc::unsupported for an unknown verb, Errc::malformed for wrong arguments or control
/// characters; the failure's text may be shown to the client and never repeats what it sent.
[[nodiscard]] Result<Command> parse_command(std::string_view line);
} // namespace ringpost::mailbox
