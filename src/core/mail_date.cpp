// SPDX-License-Identifier: Apache-2.0
// The date-time of mails (RFC 5322 3.3, obsolete forms 4.3).
#include "core/date_reader.h"
#include "core/duration.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace ringpost
{
using namespace date_reader;

namespace
{
using std::chrono::days;

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <std::size_t N>
std::optional<unsigned> index_of(const std::array<std::string_view, N>& names, std::string_view name)
{
    const auto found = std::find_if(names.begin(), names.end(), [&](auto each) { return same_word(each, name); });
    return found == names.end() ? std::nullopt : std::optional<unsigned>(static_cast<unsigned>(found - names.begin()));
}

/// RFC 5322 4.3: two digits are 1950 to 2049, three are counted from 1900.
std::optional<int> take_mail_year(Cursor& cursor)
{
    if (const auto two = cursor.take_number(2, 2))
    {
        return *two < 50 ? 2000 + *two : 1900 + *two;
    }
    if (const auto three = cursor.take_number(3, 3))
    {
        return 1900 + *three;
    }
    const auto four = cursor.take_number(4, 4);
    return four && *four >= 1900 ? four : std::nullopt;
}

/// `+hhmm`, or RFC 5322 4.3 obs-zone: military and unknown names say nothing reliable and count as -0000.
std::optional<std::chrono::minutes> take_mail_zone(Cursor& cursor)
{
    const bool east = cursor.take_char('+');
    if (east || cursor.take_char('-'))
    {
        const auto digits = cursor.take_number(4, 4);
        if (!digits || *digits % 100 > 59)
        {
            return std::nullopt;
        }
        const std::chrono::minutes offset{*digits / 100 * 60 + *digits % 100};
        return east ? offset : -offset;
    }
    const std::string_view name = cursor.take_letters();
    if (name.empty())
    {
        return std::nullopt;
    }
    constexpr std::array<std::string_view, 8> names{"EDT", "EST", "CDT", "CST", "MDT", "MST", "PDT", "PST"};
    constexpr std::array<int, 8> hours{-4, -5, -5, -6, -6, -7, -7, -8};
    const auto known = index_of(names, name);
    return std::chrono::minutes{known ? hours.at(*known) * 60 : 0};
}

bool take_mail_time(Cursor& cursor, Civil& civil)
{
    const auto hour = cursor.take_number(2, 2);
    const bool colon = hour && cursor.skip_cfws() && cursor.take_char(':') && cursor.skip_cfws();
    const auto minute = colon ? cursor.take_number(2, 2) : std::nullopt;
    if (!minute || !cursor.skip_cfws())
    {
        return false;
    }
    civil.hour = *hour;
    civil.minute = *minute;
    if (!cursor.take_char(':'))
    {
        return true;
    }
    const auto second = cursor.skip_cfws() ? cursor.take_number(2, 2) : std::nullopt;
    civil.second = second.value_or(0);
    return second && cursor.skip_cfws();
}

bool take_mail_day(Cursor& cursor, Civil& civil)
{
    const auto day = cursor.take_number(1, 2);
    if (!day || !cursor.skip_cfws())
    {
        return false;
    }
    const auto month = index_of(month_names, cursor.take_letters());
    if (!month || !cursor.skip_cfws())
    {
        return false;
    }
    const auto year = take_mail_year(cursor);
    civil.day = *day;
    civil.month = static_cast<int>(*month) + 1;
    civil.year = year.value_or(0);
    return year && cursor.skip_cfws();
}

std::optional<Instant> read_mail_date(Cursor cursor)
{
    if (!cursor.skip_cfws())
    {
        return std::nullopt;
    }
    const std::string_view day_name = cursor.take_letters();
    const auto day_of_week = index_of(day_names, day_name);
    if (!day_name.empty() && (!day_of_week || !cursor.skip_cfws() || !cursor.take_char(',') || !cursor.skip_cfws()))
    {
        return std::nullopt;
    }
    Civil civil;
    if (!take_mail_day(cursor, civil) || !take_mail_time(cursor, civil))
    {
        return std::nullopt;
    }
    const auto zone = take_mail_zone(cursor);
    if (!zone || !cursor.skip_cfws() || !cursor.at_end())
    {
        return std::nullopt;
    }
    civil.zone = *zone;
    const auto instant = to_instant(civil);
    // RFC 5322 3.3: the day of the week MUST be the one that the date implies.
    if (instant && day_of_week)
    {
        const date::sys_days local = date::year{civil.year} / civil.month / civil.day;
        return date::weekday{local}.c_encoding() == *day_of_week ? instant : std::nullopt;
    }
    return instant;
}
} // namespace

Result<Instant> parse_mail_date(std::string_view text)
{
    const auto instant = text.size() <= longest_text ? read_mail_date(Cursor(text)) : std::nullopt;
    if (!instant)
    {
        return fail(Errc::malformed, "", "a date in a mail is written like Fri, 20 Nov 2026 09:56:01 +0000");
    }
    return *instant;
}

std::string format_mail_date(Instant instant)
{
    const auto seconds = date::floor<std::chrono::seconds>(within_four_digit_years(instant));
    const auto day = date::floor<days>(seconds);
    const date::year_month_day ymd{day};
    const date::hh_mm_ss time{seconds - day};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", day_names.at(date::weekday{day}.c_encoding()),
                       static_cast<unsigned>(ymd.day()), month_names.at(static_cast<unsigned>(ymd.month()) - 1),
                       static_cast<int>(ymd.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}
} // namespace ringpost
