// SPDX-License-Identifier: Apache-2.0
#include "ringpost/mime_text.h"

#include "core/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ringpost::command
{
namespace
{
constexpr std::size_t plain_limit = 60; ///< longer values are encoded words, which can be folded anywhere
constexpr std::size_t word_octets = 45; ///< 60 base64 digits: an encoded word stays below 75 characters

unsigned octet(char c)
{
    return static_cast<unsigned char>(c);
}

bool plain(char c)
{
    return octet(c) >= 0x20 && octet(c) < 0x7f;
}

/// Length of the well-formed UTF-8 character in front, 0 where there is none (RFC 3629 4).
std::size_t character_length(std::string_view text)
{
    const unsigned lead = octet(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size())
    {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i)
    {
        if ((octet(text[i]) & 0xc0U) != 0x80U)
        {
            return 0;
        }
    }
    const unsigned second = length > 1 ? octet(text[1]) : 0;
    const bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : length;
}

std::string encoded_words(std::string_view text)
{
    std::string value;
    while (!text.empty())
    {
        std::size_t end = 0;
        while (end < text.size())
        {
            // RFC 2047 5: a character is never divided between two words.
            const std::size_t next = std::max<std::size_t>(1, character_length(text.substr(end)));
            if (end + next > word_octets)
            {
                break;
            }
            end += next;
        }
        value += fmt::format("{}=?UTF-8?B?{}?=", value.empty() ? "" : "\r\n ", base64_encode(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return value;
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view kept = "!#$&+-.^_`{}~"; // attribute-char of RFC 2231 7, with letters and digits
    std::string encoded;
    for (const char c : text)
    {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        encoded +=
            letter || kept.find(c) != std::string_view::npos ? std::string(1, c) : fmt::format("%{:02X}", octet(c));
    }
    return encoded;
}
} // namespace

bool is_utf8(std::string_view text)
{
    while (!text.empty())
    {
        const std::size_t length = character_length(text);
        if (length == 0)
        {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string header_text(std::string_view text)
{
    std::string clean(text);
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return octet(c) < 0x20 || c == 0x7f; }, ' ');
    const bool as_it_is = clean.size() <= plain_limit && std::all_of(clean.begin(), clean.end(), plain) &&
                          clean.find("=?") == std::string::npos;
    return as_it_is ? clean : encoded_words(clean);
}

std::string parameter(std::string_view name, std::string_view value)
{
    const bool quotable = value.size() <= plain_limit && std::all_of(value.begin(), value.end(), plain) &&
                          value.find_first_of("\"\\") == std::string_view::npos;
    return quotable ? fmt::format(";\r\n {}=\"{}\"", name, value)
                    : fmt::format(";\r\n {}*=UTF-8''{}", name, percent_encoded(value));
}
} // namespace ringpost::command
