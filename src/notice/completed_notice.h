// SPDX-License-Identifier: Apache-2.0
// "Transmission completed": the mail has been determined for an addressee (spec 2.5).
#pragma once

#include "core/vocabulary.h"
#include "notice/report.h"

#include <optional>
#include <string>

namespace ringpost::notice
{
struct CompletedFacts
{
    std::string request_number; ///< may be empty
    RequestKind kind = RequestKind::camp_on;
    bool connects = true; ///< false: only recordings and FAXes are sent
    Trigger trigger = Trigger::user_reception;
    std::string addressee; ///< mail address
    std::string subject;   ///< of the original mail, UTF-8
    std::string destination_number;
    std::string source_number;
    std::optional<Duration> monitor_time; ///< that will be kept; nullopt: until it succeeds
    bool shortened = false;               ///< the sender asked for longer than the cap
    std::optional<Duration> cap;          ///< longest monitor time of the gateway
    std::optional<Instant> monitor_end;   ///< where the monitor time has begun
    Instant completed{};                  ///< when the mail was determined
    bool result_notification = true;      ///< a result will be sent at the end (spec 2.1 `Result-Notification`)
    bool cancel_by_reply = false;         ///< tell that a reply beginning with CANCEL cancels it
};

/// The mail, as written by write(Report). Its machine part has the fields of a result, without `Result`.
[[nodiscard]] std::string completed_notice(const Heading& heading, const CompletedFacts& facts);

/// The machine part alone, line ends LF.
[[nodiscard]] std::string completed_part(const CompletedFacts& facts);
} // namespace ringpost::notice
