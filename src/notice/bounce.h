// SPDX-License-Identifier: Apache-2.0
// Tells the sender that a mail could not be delivered, or not yet; or that it was, where the sender asked for that.
// Source: RFC 3464 (message/delivery-status), RFC 3463 (status codes), RFC 6533 (addresses beyond ASCII).
#pragma once

#include "notice/report.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::notice
{
/// What this gateway itself has found, as diagnostics of which the notice tells in words of its reader.
inline constexpr std::string_view deleted_from_queue =
    "the administrator of this gateway has deleted the mail from its queue";
inline constexpr std::string_view question_is_over = "there is no such question any more";
inline constexpr std::string_view somebody_else_asked = "somebody else was asked";

enum class BounceAction
{
    failed,
    delayed,
    relayed, ///< to a server that tells nothing of what becomes of it
    delivered
};

struct BounceFacts
{
    std::string reporting_mta;                     ///< host name of this gateway
    std::string recipient;                         ///< the address that could not be served
    std::optional<std::string> original_recipient; ///< ORCPT decoded: `rfc822;address`, or an address alone
    std::optional<std::string> envelope_id;        ///< ENVID decoded
    BounceAction action = BounceAction::failed;
    std::string status;                    ///< `5.1.1`; anything else is told as 5.0.0, 4.0.0 or 2.0.0
    std::optional<std::string> diagnostic; ///< reply of the other server, or our own reason
    std::optional<std::string> remote_mta; ///< host name of the other server, where one answered
    std::optional<Instant> arrival;
    std::optional<Instant> last_attempt;
    std::optional<Instant> will_retry_until; ///< delayed only
    std::string subject;                     ///< of the original mail, UTF-8
};

/// The mail, as written by write(Report).
[[nodiscard]] std::string bounce(const Heading& heading, const BounceFacts& facts);

/// The message/delivery-status part alone, line ends LF.
[[nodiscard]] std::string delivery_status(const BounceFacts& facts);
} // namespace ringpost::notice
