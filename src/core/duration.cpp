// SPDX-License-Identifier: Apache-2.0
#include "core/duration.h"

#include "core/date_reader.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace ringpost
{
using namespace date_reader;

namespace
{
using std::chrono::days;

/// Longer than anything that is asked for, short enough that `now + duration` never overflows.
constexpr Duration longest = days{36500};
struct Unit
{
    std::string_view name;
    Duration size;
};
constexpr std::array<Unit, 5> units{{{"d", days{1}}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

std::optional<Duration> take_fraction(Cursor& cursor)
{
    if (!cursor.take_char('.'))
    {
        return Duration{};
    }
    const std::string_view digits = cursor.take_digits();
    if (digits.empty())
    {
        return std::nullopt;
    }
    std::int64_t micros = 0;
    for (std::size_t i = 0; i < 6; ++i)
    {
        micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
    return Duration{micros};
}

/// `+hh:mm`, `-hh:mm`, `Z` (RFC 3339 5.6).
std::optional<std::chrono::minutes> take_offset(Cursor& cursor)
{
    if (cursor.take_char('Z'))
    {
        return std::chrono::minutes{};
    }
    const bool east = cursor.take_char('+');
    if (!east && !cursor.take_char('-'))
    {
        return std::nullopt;
    }
    const auto hours = cursor.take_number(2);
    const bool colon = cursor.take_char(':');
    const auto minutes = cursor.take_number(2);
    if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59)
    {
        return std::nullopt;
    }
    const std::chrono::minutes offset{*hours * 60 + *minutes};
    return east ? offset : -offset;
}

std::optional<Civil> read_rfc3339(Cursor cursor)
{
    Civil civil;
    const auto number = [&cursor](int& value, std::size_t width, char before) {
        if (before != '\0' && !cursor.take_char(before))
        {
            return false;
        }
        const auto read = cursor.take_number(width);
        value = read.value_or(0);
        return read.has_value();
    };
    if (!number(civil.year, 4, '\0') || !number(civil.month, 2, '-') || !number(civil.day, 2, '-') ||
        !number(civil.hour, 2, 'T') || !number(civil.minute, 2, ':') || !number(civil.second, 2, ':'))
    {
        return std::nullopt;
    }
    const auto fraction = take_fraction(cursor);
    const auto zone = take_offset(cursor);
    if (!fraction || !zone || !cursor.at_end())
    {
        return std::nullopt;
    }
    civil.fraction = *fraction;
    civil.zone = *zone;
    return civil;
}

Failure bad_duration(Smallest smallest)
{
    return fail(Errc::malformed, "",
                fmt::format("a duration is written like 90s, 5m, 1h30m or 2d{}: largest unit first, each at most once, "
                            "not longer than 36500d",
                            smallest == Smallest::milliseconds ? " or 250ms" : ""));
}
} // namespace

Result<Duration> parse_duration(std::string_view text, Smallest smallest)
{
    Cursor cursor(text);
    Duration sum{};
    const std::size_t unit_count = smallest == Smallest::milliseconds ? units.size() : units.size() - 1;
    std::size_t next_unit = 0;
    do
    {
        // Ten digits hold the longest duration in every unit that a person would use, and cannot overflow.
        std::int64_t amount = 0;
        const std::string_view digits = cursor.take_digits();
        for (const char c : digits.substr(0, 11))
        {
            amount = amount * 10 + (c - '0');
        }
        const std::string_view name = cursor.take_letters();
        while (next_unit < unit_count && units.at(next_unit).name != name)
        {
            ++next_unit;
        }
        if (digits.empty() || digits.size() > 10 || next_unit == unit_count ||
            amount > (longest - sum) / units.at(next_unit).size)
        {
            return bad_duration(smallest);
        }
        sum += units.at(next_unit++).size * amount;
    } while (!cursor.at_end());
    return sum;
}

std::string format_duration(Duration duration)
{
    std::string text;
    for (const auto& unit : units)
    {
        if (const auto amount = duration / unit.size; amount > 0)
        {
            text += fmt::format("{}{}", amount, unit.name);
            duration -= unit.size * amount;
        }
    }
    return text.empty() ? "0s" : text;
}

Result<Instant> parse_rfc3339(std::string_view text)
{
    const auto civil = text.size() <= longest_text ? read_rfc3339(Cursor(text)) : std::nullopt;
    const auto instant = civil ? to_instant(*civil) : std::nullopt;
    if (!instant)
    {
        return fail(Errc::malformed, "", "a point in time is written like 2026-12-01T09:00:00+09:00");
    }
    return *instant;
}

std::string format_rfc3339(Instant instant)
{
    const auto seconds = date::floor<std::chrono::seconds>(within_four_digit_years(instant));
    const auto day = date::floor<date::days>(seconds);
    const date::year_month_day date(day);
    const date::hh_mm_ss time(seconds - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

} // namespace ringpost
