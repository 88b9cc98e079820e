// SPDX-License-Identifier: Apache-2.0
// The envelope of one mail with its ESMTP parameters, as the server dialog takes it and the relay's client dialog
// sends it, and who speaks (RFC 5321 2.3.1; DSN: RFC 3461; hold: RFC 4865; priority: RFC 6710).
#pragma once

#include "core/duration.h"
#include "mta/server/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mta
{
/// What an AUTH exchange gave; never logged.
struct Credentials
{
    std::string login;
    std::string secret;
};

/// Who an AUTH exchange proved to be there.
struct Identity
{
    std::string name;
    bool peer = false; ///< a gateway of the destination database, not a person
};

/// NOTIFY= of RFC 3461 4.1. Without `given` the default holds: failure and, as we like, delay.
struct Notify
{
    bool given = false;
    bool never = false;
    bool success = false;
    bool failure = false;
    bool delay = false;
    bool operator==(const Notify&) const = default;
};

enum class ReturnContent
{
    full,
    headers
};
/// As RET= has it; nullopt: empty.
[[nodiscard]] constexpr std::string_view word(std::optional<ReturnContent> ret)
{
    return !ret ? "" : *ret == ReturnContent::full ? "FULL" : "HDRS";
}

struct EnvelopeRecipient
{
    Mailbox mailbox;
    Notify notify;
    std::string orcpt; ///< `type;address`, xtext decoded, printable ASCII; empty: not given
};

struct Envelope
{
    std::optional<Mailbox> reverse_path; ///< nullopt: the null sender
    std::vector<EnvelopeRecipient> recipients;
    std::uint64_t declared_size = 0; ///< octets, RFC 1870; 0: not said
    bool body8bit = false;           ///< BODY=8BITMIME
    std::optional<ReturnContent> ret;
    std::string envid; ///< xtext decoded, printable ASCII; empty: not given
    std::optional<Duration> hold_for;
    std::optional<Instant> hold_until;
    std::optional<int> priority; ///< MT-PRIORITY, -9 to 9
};
} // namespace ringpost::mta
