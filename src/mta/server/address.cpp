// SPDX-License-Identifier: Apache-2.0
#include "mta/server/address.h"

#include "mta/server/ascii.h"

#include <algorithm>
#include <arpa/inet.h>
#include <utility>

namespace ringpost::mta
{
namespace
{
// RFC 5321 4.5.3.1.1 to 4.5.3.1.3; the path's 256 octets hold `<` and `>`.
constexpr std::size_t max_local_part = 64;
constexpr std::size_t max_domain = 255;
constexpr std::size_t max_label = 63;
constexpr std::size_t max_mailbox = 254;

Failure bad_address(std::string text)
{
    return fail(Errc::malformed, "address", std::move(text));
}

/// A parsed piece and how many octets of the text it took.
struct Piece
{
    std::string value;
    std::size_t length = 0;
};

/// Dot-string = Atom *("." Atom)
Result<Piece> parse_dot_string(std::string_view text)
{
    std::size_t end = 0;
    bool atom_open = false;
    for (; end < text.size() && (ascii::is_atext(text[end]) || text[end] == '.'); ++end)
    {
        const bool dot = text[end] == '.';
        if (dot && !atom_open)
        {
            return bad_address("a dot without an atom before it in the local part");
        }
        atom_open = !dot;
    }
    if (!atom_open)
    {
        return bad_address(end == 0 ? "the local part is missing" : "the local part ends with a dot");
    }
    return Piece{std::string(text.substr(0, end)), end};
}

/// Quoted-string = DQUOTE *(qtextSMTP / "\" %d32-126) DQUOTE
Result<Piece> parse_quoted_string(std::string_view text)
{
    Piece piece;
    for (std::size_t at = 1; at < text.size(); ++at)
    {
        if (text[at] == '"')
        {
            piece.length = at + 1;
            return piece;
        }
        if (text[at] == '\\')
        {
            ++at;
        }
        if (at == text.size() || !ascii::is_printable(text[at]))
        {
            break;
        }
        piece.value += text[at];
    }
    return bad_address("the quoted local part does not end, or has a control character");
}

Result<Piece> parse_local_part(std::string_view text)
{
    Result<Piece> piece = text.starts_with('"') ? parse_quoted_string(text) : parse_dot_string(text);
    if (piece && piece->length > max_local_part)
    {
        return fail(Errc::too_large, "address", "the local part is longer than 64 octets");
    }
    return piece;
}

bool is_label(std::string_view label)
{
    if (label.empty() || label.size() > max_label || label.front() == '-' || label.back() == '-')
    {
        return false;
    }
    for (const char c : label)
    {
        if (!ascii::is_alnum(c) && c != '-')
        {
            return false;
        }
    }
    return true;
}

bool is_domain_name(std::string_view text)
{
    while (true)
    {
        const std::size_t dot = text.find('.');
        if (!is_label(text.substr(0, dot)))
        {
            return false;
        }
        if (dot == std::string_view::npos)
        {
            return true;
        }
        text.remove_prefix(dot + 1);
    }
}

/// `[192.0.2.1]` or `[IPv6:…]` (RFC 5321 4.1.3); no other tag is registered for mail.
bool is_address_literal(std::string_view text)
{
    constexpr std::string_view tag = "IPv6:";
    if (text.size() < 3 || text.size() > 64 || text.back() != ']')
    {
        return false;
    }
    std::string inner(text.substr(1, text.size() - 2));
    if (inner.find('\0') != std::string::npos)
    {
        return false;
    }
    in6_addr address{};
    if (ascii::same(std::string_view(inner).substr(0, tag.size()), tag))
    {
        return ::inet_pton(AF_INET6, inner.c_str() + tag.size(), &address) == 1;
    }
    return ::inet_pton(AF_INET, inner.c_str(), &address) == 1;
}

bool has_high_octet(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), ascii::is_high);
}

/// Where the path's `>` is: outside of a quoted string and, as the grammar has it nowhere else, the first one.
std::size_t end_of_path(std::string_view text)
{
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        if (quoted && text[at] == '\\')
        {
            ++at;
        }
        else if (text[at] == '"')
        {
            quoted = !quoted;
        }
        else if (!quoted && text[at] == '>')
        {
            return at;
        }
    }
    return std::string_view::npos;
}

/// A-d-l ":" where A-d-l = "@" Domain *("," "@" Domain); returns what follows it.
Result<std::string_view> skip_source_route(std::string_view text)
{
    while (text.starts_with('@'))
    {
        const std::size_t end = text.find_first_of(",:");
        if (end == std::string_view::npos || !is_domain_name(text.substr(1, end - 1)))
        {
            return bad_address("the source route is malformed");
        }
        const bool last = text[end] == ':';
        text.remove_prefix(end + 1);
        if (last)
        {
            return text;
        }
    }
    return bad_address("the source route is malformed");
}
} // namespace

Result<std::string> parse_domain(std::string_view text)
{
    if (text.size() > max_domain)
    {
        return fail(Errc::too_large, "address", "the domain is longer than 255 octets");
    }
    if (has_high_octet(text))
    {
        return fail(Errc::unsupported, "address", "internationalised addresses are not offered here");
    }
    if (text.starts_with('[') ? !is_address_literal(text) : !is_domain_name(text))
    {
        return bad_address("the domain is malformed");
    }
    return ascii::lower(text);
}

Result<Mailbox> parse_mailbox(std::string_view text)
{
    if (text.size() > max_mailbox)
    {
        return fail(Errc::too_large, "address", "the address is longer than 254 octets");
    }
    if (has_high_octet(text))
    {
        return fail(Errc::unsupported, "address", "internationalised addresses are not offered here");
    }
    Result<Piece> local = parse_local_part(text);
    if (!local)
    {
        return local.error();
    }
    if (local->length == text.size() || text[local->length] != '@')
    {
        return bad_address("the local part is not followed by @ and a domain");
    }
    Result<std::string> domain = parse_domain(text.substr(local->length + 1));
    if (!domain)
    {
        return domain.error();
    }
    return Mailbox{std::move(local->value), std::move(*domain)};
}

Result<ParsedPath> parse_path(std::string_view text, PathKind kind)
{
    if (!text.starts_with('<'))
    {
        return bad_address("the path does not begin with <");
    }
    const std::size_t end = end_of_path(text);
    if (end == std::string_view::npos)
    {
        return bad_address("the path does not end with >");
    }
    std::string_view inner = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (kind == PathKind::reverse && inner.empty())
    {
        return ParsedPath{std::nullopt, rest};
    }
    if (kind == PathKind::forward && ascii::same(inner, "postmaster"))
    {
        return ParsedPath{Mailbox{"postmaster", ""}, rest};
    }
    if (inner.starts_with('@'))
    {
        const Result<std::string_view> routed = skip_source_route(inner);
        if (!routed)
        {
            return routed.error();
        }
        inner = *routed;
    }
    Result<Mailbox> mailbox = parse_mailbox(inner);
    if (!mailbox)
    {
        return mailbox.error();
    }
    return ParsedPath{std::move(*mailbox), rest};
}

std::string to_string(const Mailbox& mailbox)
{
    const Result<Piece> plain = parse_dot_string(mailbox.local_part);
    std::string result;
    if (plain && plain->length == mailbox.local_part.size())
    {
        result = mailbox.local_part;
    }
    else
    {
        result = '"';
        for (const char c : mailbox.local_part)
        {
            if (c == '"' || c == '\\')
            {
                result += '\\';
            }
            result += c;
        }
        result += '"';
    }
    return mailbox.domain.empty() ? result : result + '@' + mailbox.domain;
}

PlusAddress split_plus(const Mailbox& mailbox)
{
    const std::size_t plus = mailbox.local_part.find('+');
    const std::string_view base = std::string_view(mailbox.local_part).substr(0, plus);
    if (plus == std::string::npos || base.empty() || base.find('=') != std::string_view::npos)
    {
        return {mailbox, {}};
    }
    return {Mailbox{std::string(base), mailbox.domain}, mailbox.local_part.substr(plus + 1)};
}
} // namespace ringpost::mta
