// SPDX-License-Identifier: Apache-2.0
#include "directory/phone_number.h"

#include "directory/ascii.h"

#include <cstddef>

namespace ringpost::directory
{
namespace
{
constexpr std::size_t most_digits = 15; // E.164 6: length of an international number
constexpr std::size_t least_digits = 5;
constexpr std::size_t least_national_without_trunk_prefix = 7;

bool separator(char c)
{
    return c == ' ' || c == '\t' || c == '-' || c == '(' || c == ')' || c == '.';
}

/// Digits (and x where allowed) with the + in front kept; empty where `written` is no number.
std::string compact(std::string_view written, bool wildcards)
{
    std::string text;
    for (const char c : written)
    {
        if (separator(c))
        {
            continue;
        }
        const bool wildcard = wildcards && (c == 'x' || c == 'X');
        if (!digit(c) && !wildcard && !(c == '+' && text.empty()))
        {
            return {};
        }
        text.push_back(wildcard ? 'x' : c);
    }
    return text == "+" ? std::string{} : text;
}

/// Takes `prefix` from the front of `text`; false, and nothing taken, where it is not there.
bool take(std::string_view& text, std::string_view prefix)
{
    if (prefix.empty() || !text.starts_with(prefix))
    {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

/// The number behind the +, from its compact form.
std::optional<std::string> international(const NumberPlan& plan, std::string_view text)
{
    if (take(text, "+") || take(text, plan.international_prefix))
    {
        // `+81 (0)44…` is a common way to write both forms at once.
        if (take(text, plan.country_code))
        {
            take(text, plan.trunk_prefix);
            return plan.country_code + std::string(text);
        }
        return std::string(text);
    }
    const bool national =
        plan.trunk_prefix.empty() ? text.size() >= least_national_without_trunk_prefix : take(text, plan.trunk_prefix);
    return national ? std::optional(plan.country_code + std::string(text)) : std::nullopt;
}

std::optional<std::string> normalise(const NumberPlan& plan, std::string_view written, bool wildcards,
                                     std::size_t least)
{
    const auto number = international(plan, compact(written, wildcards));
    if (!number || number->size() < least || number->size() > most_digits || number->front() < '1' ||
        number->front() > '9')
    {
        return std::nullopt;
    }
    return '+' + *number;
}
} // namespace

std::string digits_of(std::string_view written)
{
    return compact(written, false);
}

std::optional<std::string> to_e164(const NumberPlan& plan, std::string_view written)
{
    return normalise(plan, written, false, least_digits);
}

std::optional<std::string> to_e164_pattern(const NumberPlan& plan, std::string_view written)
{
    return normalise(plan, written, true, least_digits);
}

std::optional<std::string> to_e164_prefix(const NumberPlan& plan, std::string_view written)
{
    return normalise(plan, written, false, 1);
}

std::string to_national(const NumberPlan& plan, std::string_view e164)
{
    std::string_view rest = e164;
    if (!take(rest, "+"))
    {
        return std::string(e164);
    }
    if (take(rest, plan.country_code))
    {
        return plan.trunk_prefix + std::string(rest);
    }
    return plan.international_prefix.empty() ? std::string(e164) : plan.international_prefix + std::string(rest);
}
} // namespace ringpost::directory
