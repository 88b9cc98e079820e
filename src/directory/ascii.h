// SPDX-License-Identifier: Apache-2.0
// ASCII without the locale: mail domains and logins are compared in lower case (RFC 5321 2.4; local parts too here).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace ringpost::directory
{
[[nodiscard]] inline std::string lower(std::string_view text)
{
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return copy;
}

[[nodiscard]] constexpr bool digit(char c)
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] inline bool all_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), digit);
}
} // namespace ringpost::directory
