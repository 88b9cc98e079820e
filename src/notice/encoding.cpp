// SPDX-License-Identifier: Apache-2.0
#include "notice/encoding.h"

#include "core/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::notice
{
namespace
{
/// Takes the first line away, without its LF or CRLF.
std::string_view take_line(std::string_view& rest)
{
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r'))
    {
        line.remove_suffix(1);
    }
    return line;
}

bool is_plain(char c)
{
    return (c >= ' ' && c <= '~') || c == '\t';
}

bool fits_7bit(std::string_view text, std::size_t line_limit)
{
    while (!text.empty())
    {
        const auto line = take_line(text);
        if (line.size() > line_limit || !std::all_of(line.begin(), line.end(), is_plain))
        {
            return false;
        }
    }
    return true;
}

std::string with_crlf(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 80);
    while (!text.empty())
    {
        out += take_line(text);
        out += "\r\n";
    }
    return out;
}

/// One line of RFC 2045 6.7: at most 76 columns, soft breaks between, no blank at an end.
void append_quoted_line(std::string_view line, std::string& out)
{
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at)
    {
        const char c = line[at];
        const bool literal = is_plain(c) && c != '=' && !((c == ' ' || c == '\t') && at + 1 == line.size());
        const std::size_t width = literal ? 1 : 3;
        if (column + width > 75)
        {
            out += "=\r\n";
            column = 0;
        }
        column += width;
        if (literal)
        {
            out += c;
        }
        else
        {
            out += fmt::format("={:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    out += "\r\n";
}

std::string quoted_printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    while (!text.empty())
    {
        append_quoted_line(take_line(text), out);
    }
    return out;
}

/// The longest prefix of at most `limit` octets that does not end inside a UTF-8 character.
std::string_view whole_characters(std::string_view utf8, std::size_t limit)
{
    if (utf8.size() <= limit)
    {
        return utf8;
    }
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xC0U) == 0x80U)
    {
        --end;
    }
    return utf8.substr(0, end == 0 ? limit : end);
}
} // namespace

EncodedBody encode_text(std::string_view text, std::size_t line_limit)
{
    if (fits_7bit(text, line_limit))
    {
        return {"7bit", with_crlf(text)};
    }
    const auto beyond =
        std::count_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
    // Quoted-printable adds two octets for each such octet, base64 one for every three.
    if (static_cast<std::size_t>(beyond) * 6 < text.size())
    {
        return {"quoted-printable", quoted_printable(text)};
    }
    return {"base64", base64_lines(with_crlf(text))};
}

EncodedBody encode_headers(std::string_view octets)
{
    if (fits_7bit(octets, 998))
    {
        return {"7bit", with_crlf(octets)};
    }
    return {"quoted-printable", quoted_printable(octets)};
}

std::string encoded_words(std::string_view utf8)
{
    std::string out;
    while (!utf8.empty())
    {
        // 36 octets give a word of 60 columns: with the longest field name still within 76 (RFC 2047 2).
        const auto piece = whole_characters(utf8, 36);
        utf8.remove_prefix(piece.size());
        out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", base64_encode(piece));
    }
    return out;
}

std::string wrap(std::string_view text, std::size_t width)
{
    std::string out;
    while (!text.empty())
    {
        auto line = take_line(text);
        while (line.size() > width)
        {
            const auto last = line.rfind(' ', width);
            const auto cut = last != std::string_view::npos && last != 0 ? last : line.find(' ', width);
            if (cut == std::string_view::npos)
            {
                break;
            }
            out += line.substr(0, cut);
            out += '\n';
            line.remove_prefix(cut + 1);
        }
        out += line;
        out += '\n';
    }
    return out;
}
} // namespace ringpost::notice
