// SPDX-License-Identifier: Apache-2.0
#include "mta/server/parameters.h"

#include "mta/server/ascii.h"
#include "mta/server/xtext.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ringpost::mta
{
namespace
{
using Refusal = std::optional<SmtpReply>;

constexpr std::size_t max_envid = 100; // RFC 3461 4.4
constexpr std::size_t max_orcpt = 500; // RFC 3461 4.2

SmtpReply bad_value(std::string_view keyword)
{
    return {501, "5.5.4", fmt::format("Bad value of {}", keyword)};
}

/// 1*N digits; more digits than a 64-bit number has count as the largest one.
std::optional<std::uint64_t> parse_number(std::string_view text, std::size_t max_digits)
{
    if (text.empty() || text.size() > max_digits || !std::all_of(text.begin(), text.end(), ascii::is_digit))
    {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() ? value : UINT64_MAX;
}

Refusal apply_size(std::string_view value, const ParameterRules& rules, Envelope& envelope)
{
    const std::optional<std::uint64_t> size = parse_number(value, 20);
    if (!size)
    {
        return bad_value("SIZE");
    }
    if (rules.size_limit != 0 && *size > rules.size_limit)
    {
        return SmtpReply{552, "5.3.4", fmt::format("Message size exceeds the limit of {} octets", rules.size_limit)};
    }
    envelope.declared_size = *size;
    return std::nullopt;
}

Refusal apply_body(std::string_view value, const ParameterRules&, Envelope& envelope)
{
    envelope.body8bit = ascii::same(value, "8BITMIME");
    return envelope.body8bit || ascii::same(value, "7BIT") ? Refusal() : bad_value("BODY");
}

/// RFC 4954 5: accepted from anybody, believed from nobody.
Refusal ignore_auth(std::string_view, const ParameterRules&, Envelope&)
{
    return std::nullopt;
}

Refusal apply_ret(std::string_view value, const ParameterRules&, Envelope& envelope)
{
    if (ascii::same(value, "FULL"))
    {
        envelope.ret = ReturnContent::full;
        return std::nullopt;
    }
    if (ascii::same(value, "HDRS"))
    {
        envelope.ret = ReturnContent::headers;
        return std::nullopt;
    }
    return bad_value("RET");
}

Refusal apply_envid(std::string_view value, const ParameterRules&, Envelope& envelope)
{
    Result<std::string> decoded = decode_xtext(value);
    if (value.size() > max_envid || !decoded)
    {
        return bad_value("ENVID");
    }
    envelope.envid = std::move(*decoded);
    return std::nullopt;
}

Refusal check_hold(const ParameterRules& rules, const Envelope& envelope)
{
    if (!rules.authenticated)
    {
        return SmtpReply{550, "5.7.1", "Only authenticated senders may have a mail held"};
    }
    if (envelope.hold_for || envelope.hold_until)
    {
        return SmtpReply{501, "5.5.4", "HOLDFOR and HOLDUNTIL exclude each other"};
    }
    return std::nullopt;
}

Refusal apply_hold_for(std::string_view value, const ParameterRules& rules, Envelope& envelope)
{
    if (Refusal refusal = check_hold(rules, envelope))
    {
        return refusal;
    }
    const std::optional<std::uint64_t> seconds = parse_number(value, 9);
    if (!seconds || *seconds == 0)
    {
        return bad_value("HOLDFOR");
    }
    const Duration hold = std::chrono::seconds(*seconds);
    if (hold > rules.max_hold)
    {
        return SmtpReply{501, "5.5.4", "HOLDFOR is longer than the maximum"};
    }
    envelope.hold_for = hold;
    return std::nullopt;
}

Refusal apply_hold_until(std::string_view value, const ParameterRules& rules, Envelope& envelope)
{
    if (Refusal refusal = check_hold(rules, envelope))
    {
        return refusal;
    }
    const Result<Instant> until = parse_rfc3339(value);
    if (!until)
    {
        return bad_value("HOLDUNTIL");
    }
    if (*until <= rules.now || *until > rules.now + rules.max_hold)
    {
        return SmtpReply{501, "5.5.4", "HOLDUNTIL is in the past, or later than the maximum"};
    }
    envelope.hold_until = *until;
    return std::nullopt;
}

/// priority-value = (["-"] NZDIGIT) / "0"
Refusal apply_priority(std::string_view value, const ParameterRules&, Envelope& envelope)
{
    const bool negative = value.starts_with('-');
    const std::string_view digit = value.substr(negative ? 1 : 0);
    if (digit.size() != 1 || !ascii::is_digit(digit.front()) || (negative && digit.front() == '0'))
    {
        return SmtpReply{501, "5.5.2", "Bad value of MT-PRIORITY"};
    }
    const int level = digit.front() - '0';
    envelope.priority = negative ? -level : level;
    return std::nullopt;
}

Refusal apply_notify(std::string_view value, const ParameterRules&, EnvelopeRecipient& recipient)
{
    Notify notify;
    notify.given = true;
    std::string_view rest = value;
    while (true)
    {
        const std::size_t comma = rest.find(',');
        const std::string_view word = rest.substr(0, comma);
        bool Notify::*const flag = ascii::same(word, "NEVER")     ? &Notify::never
                                   : ascii::same(word, "SUCCESS") ? &Notify::success
                                   : ascii::same(word, "FAILURE") ? &Notify::failure
                                   : ascii::same(word, "DELAY")   ? &Notify::delay
                                                                  : nullptr;
        if (flag == nullptr)
        {
            return bad_value("NOTIFY");
        }
        notify.*flag = true;
        if (comma == std::string_view::npos)
        {
            break;
        }
        rest.remove_prefix(comma + 1);
    }
    // RFC 3461 4.1: NEVER stands alone.
    if (notify.never && (notify.success || notify.failure || notify.delay))
    {
        return bad_value("NOTIFY");
    }
    recipient.notify = notify;
    return std::nullopt;
}

/// original-recipient-address = addr-type ";" xtext, addr-type = atom
Refusal apply_orcpt(std::string_view value, const ParameterRules&, EnvelopeRecipient& recipient)
{
    const std::size_t semicolon = value.find(';');
    if (value.size() > max_orcpt || semicolon == std::string_view::npos || semicolon == 0)
    {
        return bad_value("ORCPT");
    }
    const std::string_view type = value.substr(0, semicolon);
    const Result<std::string> address = decode_xtext(value.substr(semicolon + 1));
    if (!address || address->empty() || !std::all_of(type.begin(), type.end(), ascii::is_atext))
    {
        return bad_value("ORCPT");
    }
    recipient.orcpt = fmt::format("{};{}", type, *address);
    return std::nullopt;
}

bool always(const ParameterRules&)
{
    return true;
}

bool with_dsn(const ParameterRules& rules)
{
    return rules.dsn;
}

bool with_hold(const ParameterRules& rules)
{
    return rules.future_release;
}

bool with_priority(const ParameterRules& rules)
{
    return rules.mt_priority;
}

template <class Target>
struct Row
{
    std::string_view keyword;
    bool (*offered)(const ParameterRules&);
    Refusal (*apply)(std::string_view, const ParameterRules&, Target&);
};

constexpr std::array<Row<Envelope>, 8> mail_rows{{
    {"SIZE", always, apply_size},
    {"BODY", always, apply_body},
    {"AUTH", always, ignore_auth},
    {"RET", with_dsn, apply_ret},
    {"ENVID", with_dsn, apply_envid},
    {"HOLDFOR", with_hold, apply_hold_for},
    {"HOLDUNTIL", with_hold, apply_hold_until},
    {"MT-PRIORITY", with_priority, apply_priority},
}};

constexpr std::array<Row<EnvelopeRecipient>, 2> rcpt_rows{{
    {"NOTIFY", with_dsn, apply_notify},
    {"ORCPT", with_dsn, apply_orcpt},
}};

template <class Target, std::size_t N>
Refusal apply_all(const std::array<Row<Target>, N>& rows, std::span<const Parameter> parameters,
                  const ParameterRules& rules, Target& target)
{
    std::array<bool, N> seen{};
    for (const Parameter& parameter : parameters)
    {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row<Target>& candidate) {
            return ascii::same(candidate.keyword, parameter.keyword);
        });
        if (row == rows.end() || !row->offered(rules) || !rules.extended)
        {
            return SmtpReply{555, "5.5.4", fmt::format("Parameter {} is not offered", parameter.keyword.substr(0, 40))};
        }
        bool& before = seen[static_cast<std::size_t>(row - rows.begin())];
        if (before || !parameter.value)
        {
            return bad_value(row->keyword);
        }
        before = true;
        if (Refusal refusal = row->apply(*parameter.value, rules, target))
        {
            return refusal;
        }
    }
    return std::nullopt;
}
} // namespace

std::optional<SmtpReply> apply_mail_parameters(std::span<const Parameter> parameters, const ParameterRules& rules,
                                               Envelope& envelope)
{
    return apply_all(mail_rows, parameters, rules, envelope);
}

std::optional<SmtpReply> apply_rcpt_parameters(std::span<const Parameter> parameters, const ParameterRules& rules,
                                               EnvelopeRecipient& recipient)
{
    return apply_all(rcpt_rows, parameters, rules, recipient);
}
} // namespace ringpost::mta
