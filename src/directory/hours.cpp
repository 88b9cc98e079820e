// SPDX-License-Identifier: Apache-2.0
#include "directory/hours.h"

#include "directory/ascii.h"

#include <chrono>
#include <ctime>
#include <optional>

namespace ringpost::directory
{
namespace
{
/// `HH:MM` → minutes; 24:00 is the largest.
std::optional<int> minutes_of(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':' || !all_digits(text.substr(0, 2)) || !all_digits(text.substr(3)))
    {
        return std::nullopt;
    }
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    const int all = hour * 60 + minute;
    return minute < 60 && all <= 24 * 60 ? std::optional(all) : std::nullopt;
}

std::tm local(Instant at)
{
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return parts;
}
} // namespace

Result<Hours> parse_hours(std::string_view text)
{
    if (text.size() == 11 && text[5] == '-')
    {
        const auto from = minutes_of(text.substr(0, 5));
        const auto to = minutes_of(text.substr(6));
        if (from && to && *from != *to && *from < 24 * 60)
        {
            return Hours{*from, *to};
        }
    }
    return fail(Errc::malformed, "", "must be hours like 08:00-20:00");
}

bool within(const Hours& hours, Instant at)
{
    const std::tm parts = local(at);
    const int minute = parts.tm_hour * 60 + parts.tm_min;
    return hours.from < hours.to ? minute >= hours.from && minute < hours.to
                                 : minute >= hours.from || minute < hours.to;
}

Instant end_of(const Hours& hours, Instant at)
{
    std::tm parts = local(at);
    const int minute = parts.tm_hour * 60 + parts.tm_min;
    parts.tm_mday += hours.to <= minute ? 1 : 0;
    parts.tm_hour = hours.to / 60;
    parts.tm_min = hours.to % 60;
    parts.tm_sec = 0;
    parts.tm_isdst = -1; // the offset at that time, not the one of now
    return Instant{std::chrono::seconds{std::mktime(&parts)}};
}
} // namespace ringpost::directory
