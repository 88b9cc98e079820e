// SPDX-License-Identifier: Apache-2.0
#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ringpost::notice
{
namespace
{
constexpr char32_t replacement = 0xFFFD;

struct Character
{
    char32_t code;
    std::string_view octets; ///< as it stands in the input
};

unsigned octet_at(std::string_view text, std::size_t at)
{
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

/// Takes the first character away. Overlong forms, surrogates and codes above U+10FFFF are not UTF-8 (RFC 3629 3); an
/// octet that begins no character is one replacement character.
Character take_character(std::string_view& rest)
{
    const unsigned lead = octet_at(rest, 0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    char32_t code = length == 1 ? lead : lead & (0x7FU >> length);
    bool valid = length != 0;
    for (std::size_t i = 1; valid && i < length; ++i)
    {
        const unsigned next = octet_at(rest, i);
        valid = (next & 0xC0U) == 0x80U;
        code = (code << 6U) | (next & 0x3FU);
    }
    valid = valid && !(length == 3 && code < 0x800) && !(length == 4 && (code < 0x10000 || code > 0x10FFFF)) &&
            !(code >= 0xD800 && code <= 0xDFFF);
    const auto octets = rest.substr(0, valid ? length : 1);
    rest.remove_prefix(octets.size());
    return {valid ? code : replacement, octets};
}

bool is_blank_like(char32_t code)
{
    return code == '\t' || code == '\r' || code == '\n' || code == 0x85 || code == 0x2028 || code == 0x2029;
}

/// Controls, and marks that let a value show itself as something else (bidirectional overrides and isolates, BOM).
bool is_dropped(char32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x200E && code <= 0x200F) ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

/// Nothing is to be cleaned: what nearly every value is.
bool is_clean(std::string_view value, std::size_t limit)
{
    return value.size() <= limit &&
           std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string without_blanks_around(std::string text)
{
    text.erase(text.find_last_not_of(' ') + 1);
    text.erase(0, std::min(text.size(), text.find_first_not_of(' ')));
    return text;
}
} // namespace

std::string clean_text(std::string_view value, std::size_t limit)
{
    if (is_clean(value, limit))
    {
        return without_blanks_around(std::string(value));
    }
    std::string clean;
    while (!value.empty())
    {
        const auto character = take_character(value);
        std::string_view octets = character.octets;
        if (is_blank_like(character.code))
        {
            octets = " ";
        }
        else if (is_dropped(character.code))
        {
            continue;
        }
        else if (character.code == replacement)
        {
            octets = "\xEF\xBF\xBD";
        }
        if (clean.size() + octets.size() > limit)
        {
            return without_blanks_around(std::move(clean)) + "\xE2\x80\xA6";
        }
        clean += octets;
    }
    return without_blanks_around(std::move(clean));
}

std::string clean_text_or(std::string_view value, std::string_view instead)
{
    auto clean = clean_text(value);
    return clean.empty() ? std::string(instead) : clean;
}

std::string clean_ascii(std::string_view value, std::size_t limit)
{
    if (is_clean(value, limit))
    {
        return without_blanks_around(std::string(value));
    }
    std::string clean;
    while (!value.empty())
    {
        const auto character = take_character(value);
        std::string octets(character.octets);
        if (is_blank_like(character.code))
        {
            octets = " ";
        }
        else if (is_dropped(character.code))
        {
            continue;
        }
        else if (character.code > 0x7E)
        {
            octets = fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(character.code));
        }
        if (clean.size() + octets.size() > limit)
        {
            break;
        }
        clean += octets;
    }
    return without_blanks_around(std::move(clean));
}

std::string clean_address(std::string_view value, std::size_t limit)
{
    auto clean = clean_ascii(value, limit);
    std::erase_if(clean, [](char c) { return c == '<' || c == '>' || c == ' '; });
    return clean;
}

std::string clean_domain(std::string_view value)
{
    std::string clean(value.substr(0, 255));
    std::erase_if(clean, [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && std::string_view(".-_:[]").find(c) == std::string_view::npos;
    });
    return clean;
}
} // namespace ringpost::notice
