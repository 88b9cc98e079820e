// SPDX-License-Identifier: Apache-2.0
#include "media/transfer_codec.h"

#include "media/ascii.h"
#include "media/header_block.h"

#include <fmt/format.h>

#include <cstdint>

namespace ringpost::media
{
namespace
{
int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
    {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z')
    {
        return c - 'a' + 26;
    }
    if (is_digit(c))
    {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

Failure bad_base64(std::size_t at, const char* what)
{
    return fail(Errc::malformed, "base64", fmt::format("octet {}: {}", at + 1, what));
}

Failure bad_quoted_printable(std::size_t at, const char* what)
{
    return fail(Errc::malformed, "quoted-printable", fmt::format("octet {}: {}", at + 1, what));
}

/// Output with a limit: put() is false when it is reached.
class Output
{
public:
    explicit Output(std::size_t limit) : limit_(limit) {}
    [[nodiscard]] bool put(std::string_view octets)
    {
        const std::size_t room = limit_ - text_.size();
        text_ += octets.substr(0, room);
        return octets.size() <= room;
    }
    [[nodiscard]] bool put(char c) { return put(std::string_view(&c, 1)); }
    [[nodiscard]] Result<std::string> full(AtLimit at_limit, const char* name)
    {
        if (at_limit == AtLimit::cut)
        {
            return std::move(text_);
        }
        return fail(Errc::too_large, name, fmt::format("the decoded content is longer than {} octets", limit_));
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::size_t limit_;
    std::string text_;
};

Result<std::string> decode_base64(std::string_view in, std::size_t limit, AtLimit at_limit)
{
    Output out(limit);
    std::uint32_t bits = 0;
    int digits = 0;
    int padding = 0;
    for (std::size_t i = 0; i < in.size(); ++i)
    {
        if (is_space(in[i]))
        {
            continue;
        }
        const bool pad = in[i] == '=';
        const int value = pad ? 0 : base64_value(in[i]);
        if (value < 0)
        {
            return bad_base64(i, "not a base64 character");
        }
        if ((padding > 0 && (!pad || digits == 0)) || (pad && digits < 2))
        {
            return bad_base64(i, "padding at a wrong place");
        }
        padding += pad ? 1 : 0;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        if (++digits == 4)
        {
            const char group[] = {static_cast<char>(bits >> 16U & 0xFFU), static_cast<char>(bits >> 8U & 0xFFU),
                                  static_cast<char>(bits & 0xFFU)};
            digits = 0;
            if (!out.put(std::string_view(group, 3 - static_cast<std::size_t>(padding))))
            {
                return out.full(at_limit, "base64");
            }
        }
    }
    if (digits != 0)
    {
        return bad_base64(in.size(), "the last group is not complete");
    }
    return out.take();
}

/// Length of the blanks and line end after a `=` at the end of a line (RFC 2045 6.7 (5) and its note on added blanks);
/// 0: no soft line break. The end of the octets counts as one: the line end belongs to the boundary there.
std::size_t soft_break(std::string_view rest, bool& at_end)
{
    std::size_t length = 0;
    while (length < rest.size() && is_blank(rest[length]))
    {
        ++length;
    }
    at_end = length == rest.size();
    const bool crlf = rest.substr(length, 2) == "\r\n";
    return at_end ? length : crlf ? length + 2 : rest[length] == '\n' ? length + 1 : 0;
}

Result<std::string> decode_quoted_printable(std::string_view in, std::size_t limit, AtLimit at_limit)
{
    Output out(limit);
    std::size_t blanks = 0; // blanks before a line end are not content (RFC 2045 6.7 (3)): kept back until known
    for (std::size_t i = 0; i < in.size(); ++i)
    {
        char c = in[i];
        if (is_blank(c))
        {
            ++blanks;
            continue;
        }
        const bool line_end = c == '\n' || in.substr(i, 2) == "\r\n";
        if (!line_end && !out.put(in.substr(i - blanks, blanks)))
        {
            return out.full(at_limit, "quoted-printable");
        }
        blanks = 0;
        if (c == '=')
        {
            const auto rest = in.substr(i + 1);
            bool at_end = false;
            const std::size_t skip = soft_break(rest, at_end);
            if (skip > 0 || at_end)
            {
                i += skip;
                continue;
            }
            if (rest.size() < 2 || hex_value(rest[0]) < 0 || hex_value(rest[1]) < 0)
            {
                return bad_quoted_printable(i, "`=` without two hexadecimal digits");
            }
            c = static_cast<char>(hex_value(rest[0]) * 16 + hex_value(rest[1]));
            i += 2;
        }
        else if (c < 0 || (is_control(c) && c != '\r' && c != '\n'))
        {
            return bad_quoted_printable(i, "an octet that must be encoded");
        }
        if (!out.put(c))
        {
            return out.full(at_limit, "quoted-printable");
        }
    }
    return out.take();
}
} // namespace

std::optional<TransferEncoding> transfer_encoding(std::string_view raw_value)
{
    const std::string name = lowered(parameters(raw_value).value);
    if (name.empty() || name == "7bit" || name == "8bit" || name == "binary")
    {
        return TransferEncoding::identity;
    }
    if (name == "base64")
    {
        return TransferEncoding::base64;
    }
    if (name == "quoted-printable")
    {
        return TransferEncoding::quoted_printable;
    }
    return std::nullopt;
}

Result<std::string> decode(TransferEncoding encoding, std::string_view octets, std::size_t limit, AtLimit at_limit)
{
    if (encoding == TransferEncoding::base64)
    {
        return decode_base64(octets, limit, at_limit);
    }
    if (encoding == TransferEncoding::quoted_printable)
    {
        return decode_quoted_printable(octets, limit, at_limit);
    }
    Output out(limit);
    return out.put(octets) ? Result<std::string>(out.take()) : out.full(at_limit, "identity");
}
} // namespace ringpost::media
