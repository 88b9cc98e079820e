// SPDX-License-Identifier: Apache-2.0
// ASCII helpers of the readers in this folder: without locale, for octets of any value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::media
{
[[nodiscard]] constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr char upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
[[nodiscard]] constexpr bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_space(char c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}
[[nodiscard]] constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}
/// C0 controls and DEL; octets above 127 are none.
[[nodiscard]] constexpr bool is_control(char c)
{
    return (c >= 0 && c < 32) || c == 127;
}
/// Value of a hexadecimal digit, -1 for any other octet.
[[nodiscard]] constexpr int hex_value(char c)
{
    if (is_digit(c))
    {
        return c - '0';
    }
    return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

/// Equal without regard to ASCII case.
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b)
{
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}
[[nodiscard]] constexpr bool istarts_with(std::string_view text, std::string_view prefix)
{
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}
[[nodiscard]] constexpr bool iends_with(std::string_view text, std::string_view suffix)
{
    return text.size() >= suffix.size() && iequals(text.substr(text.size() - suffix.size()), suffix);
}

[[nodiscard]] inline std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

/// Without blanks and line ends at both ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_space(text.front()))
    {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back()))
    {
        text.remove_suffix(1);
    }
    return text;
}

/// Takes the first line off `rest` and returns it without its line end (CRLF or LF).
[[nodiscard]] constexpr std::string_view take_line(std::string_view& rest)
{
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (end != std::string_view::npos && !line.empty() && line.back() == '\r')
    {
        line.remove_suffix(1);
    }
    return line;
}
} // namespace ringpost::media
