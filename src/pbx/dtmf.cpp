// SPDX-License-Identifier: Apache-2.0
#include "pbx/dtmf.h"

namespace ringpost::pbx
{
namespace
{
constexpr std::size_t most_keys = 64;
constexpr std::size_t longest_dialled = 32;
} // namespace

std::optional<char> dtmf_digit(char key)
{
    const char large = key >= 'a' && key <= 'd' ? static_cast<char>(key - 'a' + 'A') : key;
    const bool known = std::string_view("0123456789*#ABCD").find(large) != std::string_view::npos;
    return known ? std::optional(large) : std::nullopt;
}

Result<std::string> dtmf_digits(const std::string& where, std::string_view keys)
{
    std::string digits;
    for (const char key : keys.substr(0, most_keys))
    {
        const auto digit = dtmf_digit(key);
        if (!digit)
        {
            return fail(Errc::malformed, where, "the keys of a telephone are 0-9 * # A-D");
        }
        digits += *digit;
    }
    if (digits.empty() || keys.size() > most_keys)
    {
        return fail(Errc::malformed, where, "1 to " + std::to_string(most_keys) + " keys are pressed at once");
    }
    return digits;
}

std::string dialled_keys(std::string_view written)
{
    std::string keys;
    for (const char c : written)
    {
        if ((c >= '0' && c <= '9') || c == '*' || (c == '+' && keys.empty()))
        {
            keys += c;
        }
        else if (std::string_view("-./() ").find(c) == std::string_view::npos)
        {
            return {};
        }
    }
    return keys.size() <= longest_dialled && keys != "+" ? keys : std::string();
}
} // namespace ringpost::pbx
