// SPDX-License-Identifier: Apache-2.0
// Meaning of the ESMTP parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), AUTH (RFC 4954 5), RET, ENVID,
// NOTIFY, ORCPT (RFC 3461), HOLDFOR, HOLDUNTIL (RFC 4865), MT-PRIORITY (RFC 6710).
#pragma once

#include "mta/server/commands.h"
#include "mta/server/envelope.h"
#include "mta/server/reply.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ringpost::mta
{
/// What is offered, so that everything else is answered 555 5.5.4.
struct ParameterRules
{
    bool extended = true;         ///< EHLO was said; after HELO there are no parameters
    bool authenticated = false;   ///< holding a mail is for those who have proved who they are
    std::uint64_t size_limit = 0; ///< octets; 0: none
    bool dsn = true;
    bool future_release = true;
    bool mt_priority = true;
    Duration max_hold = 720h; ///< the value that EHLO announces is the value enforced
    Instant now{};
};

/// Applies each parameter of MAIL to `envelope`. nullopt: all well; else the reply that refuses them.
[[nodiscard]] std::optional<SmtpReply> apply_mail_parameters(std::span<const Parameter> parameters,
                                                             const ParameterRules& rules, Envelope& envelope);

/// The same for RCPT.
[[nodiscard]] std::optional<SmtpReply> apply_rcpt_parameters(std::span<const Parameter> parameters,
                                                             const ParameterRules& rules, EnvelopeRecipient& recipient);
} // namespace ringpost::mta
