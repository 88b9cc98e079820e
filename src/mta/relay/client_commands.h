// SPDX-License-Identifier: Apache-2.0
// What a server offers in its EHLO reply, and the command lines that make use of it.
#pragma once

#include "mta/relay/reply_reader.h"
#include "mta/server/envelope.h"

#include <cstdint>
#include <string>

namespace ringpost::mta
{
struct ServerOffers
{
    bool extended = false; ///< EHLO was understood
    bool pipelining = false;
    bool size = false;
    std::uint64_t size_limit = 0; ///< octets; 0: none
    bool eight_bit = false;
    bool dsn = false;
    bool auth_plain = false;
    bool starttls = false;
    bool mt_priority = false;
    bool xringpost = false;    ///< a gateway (spec 2.4)
    bool confidential = false; ///< that keeps confidential mail as it is meant (spec 2.3)
};

/// From the reply to EHLO (RFC 5321 4.1.1.1); its first line is the greeting.
[[nodiscard]] ServerOffers read_offers(const ServerReply& reply);

/// May stand in a command line: made by the grammar of RFC 5321 and nothing else.
[[nodiscard]] bool is_sendable(const Mailbox& mailbox);

/// `MAIL FROM:<…>` with the parameters that are wanted and offered, without CRLF.
[[nodiscard]] std::string mail_command(const Envelope& envelope, const ServerOffers& offers);
/// `RCPT TO:<…>` likewise.
[[nodiscard]] std::string rcpt_command(const EnvelopeRecipient& recipient, const ServerOffers& offers);
} // namespace ringpost::mta
