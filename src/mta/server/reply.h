// SPDX-License-Identifier: Apache-2.0
// SMTP replies: one mapping from Failure to reply, one place that makes text safe to send (RFC 5321 4.2, RFC 2034).
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost::mta
{
struct SmtpReply
{
    int code = 0;         ///< basic code
    std::string enhanced; ///< `5.7.1`; empty where RFC 2034 wants none (greeting, EHLO, 354, 334)
    std::string text;     ///< public text; any octets, made safe by format_reply()
};

/// What a peer is told of a failure. Texts of rules, limits and grammar are passed on; those of our own trouble
/// (io, internal, full, timeout, closed, conflict) stay in the log.
[[nodiscard]] SmtpReply reply_from(const Failure& failure);

/// Complete lines, CRLF included: printable ASCII, at most 512 octets each, as many as the text asks for (2000
/// octets of text at most; the rest is cut).
[[nodiscard]] std::string format_reply(const SmtpReply& reply);

/// Printable ASCII: runs of line ends and controls become one blank, each character beyond ASCII a `?`; cut at
/// `limit` octets.
[[nodiscard]] std::string printable_line(std::string_view text, std::size_t limit);
} // namespace ringpost::mta
