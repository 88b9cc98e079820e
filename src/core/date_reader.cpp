// SPDX-License-Identifier: Apache-2.0
#include "core/date_reader.h"

#include <date/date.h>

namespace ringpost::date_reader
{
std::optional<Instant> to_instant(const Civil& civil)
{
    const date::year_month_day ymd{date::year{civil.year}, date::month{static_cast<unsigned>(civil.month)},
                                   date::day{static_cast<unsigned>(civil.day)}};
    if (!ymd.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60)
    {
        return std::nullopt;
    }
    const auto minute =
        date::sys_days{ymd} + std::chrono::hours{civil.hour} + std::chrono::minutes{civil.minute} - civil.zone;
    // A leap second stands at the end of a UTC day only (RFC 3339 5.7); it counts as the second after it.
    if (civil.second == 60 && (minute - date::floor<std::chrono::days>(minute)) != 23h + 59min)
    {
        return std::nullopt;
    }
    return Instant{minute.time_since_epoch() + std::chrono::seconds{civil.second} + civil.fraction};
}

Instant within_four_digit_years(Instant instant)
{
    using namespace date::literals;
    const Instant first{date::sys_days{0000_y / 1 / 1}};
    const Instant last{date::sys_days{9999_y / 12 / 31} + 23h + 59min + 59s};
    return std::clamp(instant, first, last);
}
} // namespace ringpost::date_reader
