// SPDX-License-Identifier: Apache-2.0
// Mail addresses of the envelope: strict paths and mailboxes of RFC 5321 4.1.2, within the limits of 4.5.3.1.
// Everything that authorises rests on these, so nothing is guessed: what does not follow the grammar is refused.
#pragma once

#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
/// One mailbox. `local_part` is unquoted and keeps its case; `domain` is lower-cased: a domain name, or an address
/// literal with its brackets, or empty for the bare `<postmaster>` (RFC 5321 4.1.1.3).
struct Mailbox
{
    std::string local_part;
    std::string domain;
    bool operator==(const Mailbox&) const = default;
};

/// `local@domain`, the local part quoted where its octets ask for it: what parse_mailbox() reads back.
[[nodiscard]] std::string to_string(const Mailbox& mailbox);

/// A whole `Mailbox` of RFC 5321 4.1.2. Errc::malformed; Errc::too_large beyond 64, 255 or 254 octets (local part,
/// domain, both); Errc::unsupported where it has octets beyond ASCII (SMTPUTF8 is not offered).
[[nodiscard]] Result<Mailbox> parse_mailbox(std::string_view text);

/// A domain name or address literal as EHLO may give it, lower-cased. Errc::malformed, Errc::too_large.
[[nodiscard]] Result<std::string> parse_domain(std::string_view text);

enum class PathKind
{
    reverse, ///< of MAIL: `<>` is the null sender
    forward  ///< of RCPT: `<postmaster>` needs no domain
};

struct ParsedPath
{
    std::optional<Mailbox> mailbox; ///< nullopt: the null reverse path
    std::string_view rest;          ///< what follows the `>` in the text given
};

/// The `<…>` at the start of `text`; a source route in it is checked and ignored (RFC 5321 4.1.1.3, appendix C).
/// Errors as parse_mailbox().
[[nodiscard]] Result<ParsedPath> parse_path(std::string_view text, PathKind kind);

/// `taro+call@…` is {taro@…, "call"}. Nothing is split off where nothing would stand before the `+`, nor in the
/// `FAX=+81…` form of RFC 3191.
struct PlusAddress
{
    Mailbox base;
    std::string extension;
};
[[nodiscard]] PlusAddress split_plus(const Mailbox& mailbox);
} // namespace ringpost::mta
