// SPDX-License-Identifier: Apache-2.0
#include "directory/hours.h"

#include "directory/ascii.h"

#include <date/date.h>
#include <date/tz.h>

#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

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

/// Local midnight before `at`, and how many minutes have passed since by the local clock.
struct Local
{
    date::local_days day;
    int minute = 0;
};

Local local(const std::string& zone, Instant at)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    date::local_seconds time;
    if (zone.empty())
    {
        const std::time_t since_epoch = seconds.time_since_epoch().count();
        std::tm parts{};
        localtime_r(&since_epoch, &parts);
        time = date::local_seconds{seconds.time_since_epoch() + std::chrono::seconds{parts.tm_gmtoff}};
    }
    else
    {
        time = date::locate_zone(zone)->to_local(seconds);
    }
    const auto day = date::floor<date::days>(time);
    return {day, static_cast<int>(std::chrono::floor<std::chrono::minutes>(time - day).count())};
}

/// A local time that a change of the clocks leaves out is the moment of that change.
Instant instant_of(const std::string& zone, date::local_days day, int minute)
{
    const date::local_seconds time = day + std::chrono::minutes{minute};
    if (!zone.empty())
    {
        return date::locate_zone(zone)->to_sys(time, date::choose::earliest);
    }
    const date::year_month_day calendar{date::floor<date::days>(time)};
    std::tm parts{};
    parts.tm_year = static_cast<int>(calendar.year()) - 1900;
    parts.tm_mon = static_cast<int>(static_cast<unsigned>(calendar.month())) - 1;
    parts.tm_mday = static_cast<int>(static_cast<unsigned>(calendar.day()));
    parts.tm_hour = minute % (24 * 60) / 60;
    parts.tm_min = minute % 60;
    parts.tm_isdst = -1; // the offset at that time, not the one of now
    return Instant{std::chrono::seconds{std::mktime(&parts)}};
}

/// When it is next `minute` of the day, later than `at`.
Instant next(const Hours& hours, int minute, Instant at)
{
    const Local now = local(hours.zone, at);
    Instant found = instant_of(hours.zone, now.day, minute);
    for (int days = 1; found <= at; ++days)
    {
        found = instant_of(hours.zone, now.day + date::days{days}, minute);
    }
    return found;
}
} // namespace

bool known_zone(const std::string& zone)
{
    if (zone.empty())
    {
        return true;
    }
    try
    {
        return date::locate_zone(zone) != nullptr;
    }
    catch (const std::exception&)
    {
        return false; // the library has no other way to ask
    }
}

Result<Hours> parse_hours(std::string_view text, std::string zone)
{
    if (!known_zone(zone))
    {
        return fail(Errc::malformed, "", "time zone " + zone + " is not known");
    }
    if (text.size() == 11 && text[5] == '-')
    {
        const auto from = minutes_of(text.substr(0, 5));
        const auto to = minutes_of(text.substr(6));
        if (from && to && *from != *to && *from < 24 * 60)
        {
            return Hours{*from, *to, std::move(zone)};
        }
    }
    return fail(Errc::malformed, "", "must be hours like 08:00-20:00");
}

bool within(const Hours& hours, Instant at)
{
    const int minute = local(hours.zone, at).minute;
    return hours.from < hours.to ? minute >= hours.from && minute < hours.to
                                 : minute >= hours.from || minute < hours.to;
}

Instant end_of(const Hours& hours, Instant at)
{
    return next(hours, hours.to, at);
}

Instant after_outside(const Hours& hours, Instant at, Duration span)
{
    if (hours.from == 0 && hours.to == 24 * 60)
    {
        return at + span; // there is no outside
    }
    while (true)
    {
        if (within(hours, at))
        {
            at = end_of(hours, at);
        }
        const Instant begin = next(hours, hours.from, at);
        if (at + span <= begin)
        {
            return at + span;
        }
        span -= begin - at;
        at = begin;
    }
}
} // namespace ringpost::directory
