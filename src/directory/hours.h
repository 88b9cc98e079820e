// SPDX-License-Identifier: Apache-2.0
// Hours of the day, `08:00-20:00` or over midnight `22:00-07:00`, in a time zone.
#pragma once

#include "core/duration.h"
#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost::directory
{
struct Hours
{
    int from = 0;     ///< minutes after local midnight, 0 to 1439
    int to = 24 * 60; ///< the first minute outside; 1 to 1440, or before `from`: on the next day
    std::string zone; ///< IANA name (`Asia/Tokyo`); empty: the gateway's
};

/// The system's time zone database has it; the empty name is the gateway's.
[[nodiscard]] bool known_zone(const std::string& zone);

/// `HH:MM-HH:MM`, the end up to `24:00`. Errc::malformed otherwise, also where both are the same or the zone is
/// unknown.
[[nodiscard]] Result<Hours> parse_hours(std::string_view text, std::string zone = {});

[[nodiscard]] bool within(const Hours& hours, Instant at);

/// The next time after `at` (which lies within) at which `hours` end.
[[nodiscard]] Instant end_of(const Hours& hours, Instant at);

/// When `span` will have passed from `at` on, counted outside `hours` only.
[[nodiscard]] Instant after_outside(const Hours& hours, Instant at, Duration span);
} // namespace ringpost::directory
