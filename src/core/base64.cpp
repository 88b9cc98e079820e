// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

// Not libsodium's: 1.0.18 takes every octet beyond ASCII for a digit, and is slow for whole mails.
namespace ringpost
{
namespace
{
constexpr std::size_t line_columns = 76;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_value = 0xff;

constexpr std::array<std::uint8_t, 256> make_values()
{
    std::array<std::uint8_t, 256> values{};
    values.fill(no_value);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
    {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

std::uint32_t octet(std::string_view text, std::size_t at)
{
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

Failure malformed()
{
    return fail(Errc::malformed, "base64", "not valid Base64");
}
} // namespace

std::string base64_encode(std::string_view octets)
{
    std::string text((octets.size() + 2) / 3 * 4, '=');
    std::size_t to = 0;
    for (std::size_t from = 0; from < octets.size(); from += 3)
    {
        const std::size_t given = std::min<std::size_t>(3, octets.size() - from);
        const std::uint32_t group =
            octet(octets, from) << 16U | octet(octets, from + 1) << 8U | octet(octets, from + 2);
        for (std::size_t digit = 0; digit <= given; ++digit)
        {
            text[to + digit] = alphabet[group >> (18U - 6U * digit) & 63U];
        }
        to += 4;
    }
    return text;
}

std::string base64_lines(std::string_view octets)
{
    const std::string text = base64_encode(octets);
    std::string lines;
    lines.reserve(text.size() + 2 * (text.size() / line_columns + 1));
    for (std::size_t at = 0; at < text.size(); at += line_columns)
    {
        lines.append(text, at, line_columns).append("\r\n");
    }
    return lines;
}

Result<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0)
    {
        return malformed();
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    std::string result;
    result.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : digits)
    {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == no_value)
        {
            return malformed();
        }
        bits = (bits << 6U | value) & 0xffffU;
        held += 6;
        if (held >= 8)
        {
            held -= 8;
            result += static_cast<char>(bits >> held & 0xffU);
        }
    }
    // RFC 4648 3.5: bits that stand for no octet are zero.
    if ((bits & ((1U << held) - 1U)) != 0)
    {
        return malformed();
    }
    return result;
}
} // namespace ringpost
