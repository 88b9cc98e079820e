// SPDX-License-Identifier: Apache-2.0
#include "mta/server/reply.h"

#include "mta/server/ascii.h"

#include <fmt/format.h>

namespace ringpost::mta
{
namespace
{
// What XRINGPOST answers is the longest; within the 128 lines that our own client reads.
constexpr std::size_t max_text = 32'000;
// Room for code, enhanced code and CRLF within the 512 octets of RFC 5321 4.5.3.1.5.
constexpr std::size_t max_line_text = 400;

/// The next line's worth of `text`, cut at a blank where there is one; removes it from `text`.
std::string_view next_line(std::string_view& text)
{
    std::size_t length = text.size();
    std::size_t skip = 0;
    if (length > max_line_text)
    {
        const std::size_t blank = text.rfind(' ', max_line_text);
        const bool at_blank = blank != std::string_view::npos && blank > 0;
        length = at_blank ? blank : max_line_text;
        skip = at_blank ? 1 : 0;
    }
    const std::string_view line = text.substr(0, length);
    text.remove_prefix(length + skip);
    return line;
}
} // namespace

SmtpReply reply_from(const Failure& failure)
{
    switch (failure.code())
    {
    case Errc::refused:
        return {550, "5.7.1", failure.message()};
    case Errc::not_found:
        return {550, "5.1.1", failure.message()};
    case Errc::too_large:
        return {552, "5.3.4", failure.message()};
    case Errc::malformed:
    case Errc::unsupported:
        return {550, "5.6.0", failure.message()};
    case Errc::unavailable:
        return {451, "4.3.0", failure.text()};
    case Errc::full:
        return {452, "4.3.1", "Insufficient system storage, try again later"};
    case Errc::conflict:
    case Errc::timeout:
    case Errc::closed:
    case Errc::io:
    case Errc::internal:
        break;
    }
    return {451, "4.3.0", "Local trouble, try again later"};
}

std::string printable_line(std::string_view text, std::size_t limit)
{
    std::string result;
    for (const char c : text)
    {
        if (result.size() == limit)
        {
            break;
        }
        const auto octet = static_cast<unsigned char>(c);
        if (ascii::is_printable(c))
        {
            result += c;
        }
        else if (octet >= 0x80)
        {
            // Octets that continue a UTF-8 character are part of its one `?`.
            if ((octet & 0xc0U) != 0x80U)
            {
                result += '?';
            }
        }
        else if (!result.empty() && result.back() != ' ')
        {
            result += ' ';
        }
    }
    return result;
}

std::string format_reply(const SmtpReply& reply)
{
    const std::string safe = printable_line(reply.text, max_text);
    const std::string enhanced = reply.enhanced.empty() ? std::string() : reply.enhanced + ' ';
    std::string_view left = safe;
    std::string result;
    do
    {
        const std::string_view line = next_line(left);
        result += fmt::format("{}{}{}{}\r\n", reply.code, left.empty() ? ' ' : '-', enhanced, line);
    } while (!left.empty());
    return result;
}
} // namespace ringpost::mta
