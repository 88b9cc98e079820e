// SPDX-License-Identifier: Apache-2.0
// Reads the machine part of a result or completed notice (spec 2.7), as a program of its receiver would: by this the
// tests know that what is written can be read. Gateways tell one another by Ringpost-Exchange.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "core/vocabulary.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::notice
{
/// Longest machine part that is read; blocks for contents included.
inline constexpr std::size_t result_part_limit = 64 * 1024;

/// The first block of a part; later blocks (contents) are not looked at.
struct ResultFields
{
    std::string request_number;
    std::optional<RequestKind> kind; ///< nullopt: left out, or a word that this gateway does not know
    std::string destination_number;
    std::string source_number;
    std::optional<bool> success; ///< nullopt: no `Result` field, so a completed notice
    Cause cause = Cause::none;   ///< a failure without a known cause is Cause::error; none on success
    int attempts = 0;
    std::optional<Instant> started;
    std::optional<Instant> ended;
    std::optional<Trigger> trigger;
    std::optional<Duration> monitor_time;
    std::optional<Instant> monitor_end;
};

/// Fields in any order and case, LF or CRLF; unknown ones are ignored, of a repeated one the first counts, a value that
/// cannot be read counts as left out. Errors: Errc::too_large, Errc::malformed (a line that is no field, a `Result`
/// that is neither success nor failure, no `Request-Number`).
[[nodiscard]] Result<ResultFields> read_result(std::string_view text);

/// The text of the `application/vnd.ringpost.result` part of a mail in exactly the structure that write(Report) makes,
/// with any trace fields in front; nullopt for any other mail.
[[nodiscard]] std::optional<std::string> extract_result_part(std::string_view mail);
} // namespace ringpost::notice
