// SPDX-License-Identifier: Apache-2.0
// What must hold for every notice, and a small reader of one (of the form that our own writer makes).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::notice::test
{
/// Empty, or what is wrong: an octet beyond 7 bits, a bare CR or LF, a control character, a line over 998 octets.
inline std::string transport_fault(std::string_view mail)
{
    std::size_t column = 0;
    for (std::size_t at = 0; at < mail.size(); ++at)
    {
        const auto octet = static_cast<unsigned char>(mail[at]);
        const bool crlf = octet == '\r' && at + 1 < mail.size() && mail[at + 1] == '\n';
        if (crlf)
        {
            ++at;
            column = 0;
            continue;
        }
        if (++column > 998)
        {
            return "long line";
        }
        if (octet > 0x7E || (octet < 0x20 && octet != '\t'))
        {
            return "octet " + std::to_string(octet) + " at " + std::to_string(at);
        }
    }
    return mail.ends_with("\r\n") ? "" : "no last CRLF";
}

inline std::string header_of(const std::string& mail)
{
    return mail.substr(0, mail.find("\r\n\r\n") + 2);
}

/// Names of the fields of a header block, in order.
inline std::vector<std::string> field_names(const std::string& header)
{
    std::vector<std::string> names;
    std::size_t at = 0;
    while (at < header.size())
    {
        const auto end = header.find("\r\n", at);
        if (header[at] != ' ' && header[at] != '\t')
        {
            names.push_back(header.substr(at, header.find(':', at) - at));
        }
        at = end + 2;
    }
    return names;
}

/// The parts between the delimiters, each with its own header.
inline std::vector<std::string> parts_of(const std::string& mail)
{
    const auto quote = mail.find("boundary=\"") + 10;
    const auto delimiter = "\r\n--" + mail.substr(quote, mail.find('"', quote) - quote);
    std::vector<std::string> parts;
    auto at = mail.find(delimiter);
    while (at != std::string::npos && mail.compare(at + delimiter.size(), 2, "--") != 0)
    {
        const auto begin = at + delimiter.size() + 2;
        at = mail.find(delimiter, begin);
        parts.push_back(mail.substr(begin, at - begin));
    }
    return parts;
}

inline std::string body_of(const std::string& part)
{
    return part.substr(part.find("\r\n\r\n") + 4);
}

inline std::string decode_base64(std::string_view text)
{
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text)
    {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos)
        {
            continue;
        }
        bits = (bits << 6U) | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8)
        {
            count -= 8;
            out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
        }
    }
    return out;
}

inline std::string decode_quoted(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        if (text[at] != '=')
        {
            out += text[at];
            continue;
        }
        if (text.substr(at + 1, 2) != "\r\n")
        {
            out += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
        }
        at += 2;
    }
    return out;
}

/// The body of a part, decoded by its Content-Transfer-Encoding.
inline std::string decoded(const std::string& part)
{
    const auto header = part.substr(0, part.find("\r\n\r\n"));
    if (header.find("base64") != std::string::npos)
    {
        return decode_base64(body_of(part));
    }
    return header.find("quoted-printable") != std::string::npos ? decode_quoted(body_of(part)) : body_of(part);
}

inline bool contains(std::string_view text, std::string_view what)
{
    return text.find(what) != std::string_view::npos;
}
} // namespace ringpost::notice::test
