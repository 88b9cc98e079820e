// SPDX-License-Identifier: Apache-2.0
// The result of a request: the one notice that each request ends with (spec 2.7).
#pragma once

#include "core/vocabulary.h"
#include "notice/report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::notice
{
/// Media type of the machine part of result and completed notices: 7bit, one `Field: value` a line.
inline constexpr std::string_view result_media_type = "application/vnd.ringpost.result";

/// What became of one content of the mail.
struct ContentFacts
{
    int number = 0; ///< 0: exchange information that is not a part
    Medium medium = Medium::exchange;
    bool success = false;
    Cause cause = Cause::none;
    std::optional<std::uint32_t> seconds_heard; ///< of a voice
    std::string explanation;                    ///< one more sentence, UTF-8; may be empty
    std::optional<std::uint32_t> pages{};       ///< of a FAX: confirmed by the other one
    std::uint32_t bit_rate = 0;                 ///< of a FAX
    std::string remote_id;                      ///< of a FAX: how the other one called itself
    std::string copy{};                         ///< of a FAX: a PDF of the confirmed pages, to be attached; or empty
};

struct ResultFacts
{
    std::string request_number; ///< `<id>@<domain>`; may be empty where none was given
    RequestKind kind = RequestKind::camp_on;
    bool connects = true;           ///< false: only recordings and FAXes were to be sent
    std::string destination_number; ///< may be empty where it is not known (refused, bad request)
    std::string source_number;      ///< likewise
    bool success = false;
    Cause cause = Cause::none; ///< left out on success; a failure without a cause is told as Cause::error
    int attempts = 0;
    Instant started{};
    Instant ended{};
    std::string addressee;              ///< empty: not asked for by mail
    std::string subject;                ///< of the original mail, UTF-8
    std::string explanation;            ///< one more sentence for the person, UTF-8; may be empty
    std::vector<ContentFacts> contents; ///< in the order in which they were performed; empty without a scenario
};

/// The mail, as written by write(Report).
[[nodiscard]] std::string result_notice(const Heading& heading, const ResultFacts& facts);

/// The machine part alone, line ends LF.
[[nodiscard]] std::string result_part(const ResultFacts& facts);
} // namespace ringpost::notice
