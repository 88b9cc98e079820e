// SPDX-License-Identifier: Apache-2.0
// What the readers of durations and dates have in common. Private to core.
#pragma once

#include "core/duration.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace ringpost::date_reader
{
/// A date-time with generous comments; longer ones are refused before they are read.
inline constexpr std::size_t longest_text = 1024;

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_alpha(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

inline bool same_word(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// Reads a text from left to right; every take_ moves on only if it succeeds.
class Cursor
{
public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    bool take_char(char c)
    {
        if (rest_.empty() || lower(rest_.front()) != lower(c))
        {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view take_digits() { return take_while(is_digit); }
    std::string_view take_letters() { return take_while(is_alpha); }

    /// Exactly `width` digits.
    std::optional<int> take_number(std::size_t width)
    {
        if (rest_.size() < width || !std::all_of(rest_.begin(), rest_.begin() + static_cast<long>(width), is_digit))
        {
            return std::nullopt;
        }
        int value = 0;
        for (const char c : rest_.substr(0, width))
        {
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return value;
    }

    /// Between `least` and `most` digits, all that there are; nullopt for fewer or more.
    std::optional<int> take_number(std::size_t least, std::size_t most)
    {
        const std::string_view before = rest_;
        const std::size_t width = take_digits().size();
        rest_ = before;
        return width >= least && width <= most ? take_number(width) : std::nullopt;
    }

    /// RFC 5322 3.2.2 CFWS: blanks, line breaks, nested comments. False if a comment does not end.
    bool skip_cfws()
    {
        std::size_t depth = 0;
        std::size_t i = 0;
        for (; i < rest_.size(); ++i)
        {
            const char c = rest_[i];
            if (c == '(')
            {
                ++depth;
            }
            else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
            {
                break;
            }
            else if (c == ')')
            {
                --depth;
            }
            else if (c == '\\')
            {
                ++i;
            }
        }
        rest_.remove_prefix(std::min(i, rest_.size()));
        return depth == 0;
    }

private:
    template <class Test>
    std::string_view take_while(Test test)
    {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), test);
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest_;
};

/// A calendar date and time of day with its distance from UTC, still unchecked.
struct Civil
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    Duration fraction{};
    std::chrono::minutes zone{};
};

/// Nullopt: there is no such date or time of day.
[[nodiscard]] std::optional<Instant> to_instant(const Civil& civil);

/// What can be written with a four-digit year.
[[nodiscard]] Instant within_four_digit_years(Instant instant);
} // namespace ringpost::date_reader
