// SPDX-License-Identifier: Apache-2.0
#include "mta/server/xtext.h"

#include "mta/server/ascii.h"

namespace ringpost::mta
{
namespace
{
constexpr std::string_view digits = "0123456789ABCDEF";

bool is_xchar(char c)
{
    return ascii::is_visible(c) && c != '+' && c != '=';
}
} // namespace

std::string encode_xtext(std::string_view text)
{
    std::string result;
    for (const char c : text)
    {
        if (is_xchar(c))
        {
            result += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        result += '+';
        result += digits[octet >> 4U];
        result += digits[octet & 15U];
    }
    return result;
}

Result<std::string> decode_xtext(std::string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        char c = text[at];
        if (c == '+' && at + 2 < text.size())
        {
            const std::size_t high = digits.find(text[at + 1]);
            const std::size_t low = digits.find(text[at + 2]);
            if (high == std::string_view::npos || low == std::string_view::npos)
            {
                return fail(Errc::malformed, "xtext", "a + is not followed by two upper-case hexadecimal digits");
            }
            c = static_cast<char>(high * 16 + low);
            at += 2;
        }
        else if (!is_xchar(c))
        {
            return fail(Errc::malformed, "xtext", "a character that xtext does not allow");
        }
        if (!ascii::is_printable(c))
        {
            return fail(Errc::malformed, "xtext", "it stands for a character that is not printable ASCII");
        }
        result += c;
    }
    return result;
}
} // namespace ringpost::mta
