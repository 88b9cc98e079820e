// SPDX-License-Identifier: Apache-2.0
// ASCII classes without locale, for the SMTP parsers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace ringpost::mta::ascii
{
[[nodiscard]] constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr bool is_alnum(char c)
{
    return is_digit(c) || is_alpha(c);
}

/// Visible characters and the blank.
[[nodiscard]] constexpr bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

[[nodiscard]] constexpr bool is_visible(char c)
{
    return c > ' ' && c <= '~';
}

/// An octet of something that is not ASCII.
[[nodiscard]] constexpr bool is_high(char c)
{
    return static_cast<unsigned char>(c) >= 0x80;
}

/// atext of RFC 5322 3.2.3, ASCII only.
[[nodiscard]] constexpr bool is_atext(char c)
{
    return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

[[nodiscard]] constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] inline std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

[[nodiscard]] inline std::string upper(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_upper);
    return result;
}

[[nodiscard]] constexpr bool same(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [](char a, char b) { return to_lower(a) == to_lower(b); });
}

[[nodiscard]] constexpr std::string_view trim_front(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

[[nodiscard]] constexpr std::string_view trim(std::string_view text)
{
    const std::size_t last = text.find_last_not_of(" \t");
    return last == std::string_view::npos ? std::string_view{} : trim_front(text.substr(0, last + 1));
}
} // namespace ringpost::mta::ascii
