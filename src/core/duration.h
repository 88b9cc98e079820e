// SPDX-License-Identifier: Apache-2.0
// Points and spans of time, and the two forms in which people and peers write them.
#pragma once

#include "core/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace ringpost
{
using Duration = std::chrono::microseconds;
/// Wall clock time, UTC, microseconds: what is stored and what is due.
using Instant = std::chrono::time_point<std::chrono::system_clock, Duration>;

using namespace std::chrono_literals;

/// Which units a duration may have: mails and configuration stop at seconds or go down to `ms`.
enum class Smallest
{
    seconds,
    milliseconds
};

/// `90s`, `5m`, `1h30m`, `2d` (days, hours, minutes, seconds, largest first, each at most once; also `250ms` where
/// `smallest` allows). Errors: Errc::malformed with a sentence that says what is expected.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text, Smallest smallest = Smallest::seconds);

/// The shortest form that parse_duration reads back: `1h30m`, `250ms`, `0s`.
[[nodiscard]] std::string format_duration(Duration duration);

/// RFC 3339 date-time (`2026-12-01T09:00:00+09:00`, `…Z`, fractions of a second). Errc::malformed otherwise.
[[nodiscard]] Result<Instant> parse_rfc3339(std::string_view text);
/// RFC 3339 in UTC, whole seconds: `2026-12-01T00:00:00Z`.
[[nodiscard]] std::string format_rfc3339(Instant instant);

/// RFC 5322 3.3 date-time, obsolete zones included. Errc::malformed otherwise.
[[nodiscard]] Result<Instant> parse_mail_date(std::string_view text);
/// RFC 5322 3.3 date-time in UTC: `Fri, 20 Nov 2026 09:56:01 +0000`.
[[nodiscard]] std::string format_mail_date(Instant instant);

[[nodiscard]] constexpr std::int64_t to_micros(Instant instant)
{
    return instant.time_since_epoch().count();
}
[[nodiscard]] constexpr Instant from_micros(std::int64_t micros)
{
    return Instant{Duration{micros}};
}
} // namespace ringpost
