// SPDX-License-Identifier: Apache-2.0
#include "media/fax_address.h"

#include "media/ascii.h"

#include <fmt/format.h>

namespace ringpost::media
{
namespace
{
constexpr std::string_view keyword = "FAX=";
constexpr std::string_view sub_address_keyword = "T33S=";
constexpr std::size_t e164_digits = 15;
constexpr std::size_t local_digits = 20; // RFC 3191 sets none; T.30 sends no more
constexpr std::size_t t33_digits = 20;   // T.30 5.3.6.2.9 (SUB)

/// RFC 3191 2: what a telephone dials beside digits. A gateway that cannot do it must not dial the rest either.
bool is_dialling(char c)
{
    constexpr std::string_view others = "#*,abcdpw";
    return others.find(lower(c)) != std::string_view::npos;
}

Result<std::string> digits_of(std::string_view text, std::string_view what, std::size_t most)
{
    std::string digits;
    for (const char c : text)
    {
        if (is_digit(c))
        {
            digits += c;
        }
        else if (is_dialling(c))
        {
            return fail(Errc::unsupported, "",
                        fmt::format("pauses and tone keys are not dialled: the {} may have digits only", what));
        }
        else if (c != '-' && c != '.')
        {
            return fail(Errc::malformed, "", fmt::format("the {} has something else than digits in it", what));
        }
        if (digits.size() > most)
        {
            return fail(Errc::too_large, "", fmt::format("the {} has more than {} digits", what, most));
        }
    }
    if (digits.empty())
    {
        return fail(Errc::malformed, "", fmt::format("the {} has no digits", what));
    }
    return digits;
}

/// `/FAX=…/` is as good as `FAX=…` (RFC 3191 2).
std::string_view without_slashes(std::string_view text)
{
    if (text.starts_with('/'))
    {
        text.remove_prefix(1);
    }
    if (text.ends_with('/'))
    {
        text.remove_suffix(1);
    }
    return text;
}
} // namespace

bool is_fax_address(std::string_view local_part)
{
    return istarts_with(without_slashes(local_part), keyword);
}

Result<FaxAddress> parse_fax_address(std::string_view local_part)
{
    if (!is_fax_address(local_part))
    {
        return fail(Errc::malformed, "", "a FAX address begins with FAX=");
    }
    const auto text = without_slashes(local_part).substr(keyword.size());
    const auto slash = text.find('/');
    auto phone = text.substr(0, slash);
    const bool global = phone.starts_with('+');
    phone.remove_prefix(global ? 1 : 0);
    auto number = digits_of(phone, "FAX number", global ? e164_digits : local_digits);
    if (number.has_error())
    {
        return number.error();
    }
    FaxAddress address{(global ? "+" : "") + *number, {}};
    if (slash == std::string_view::npos)
    {
        return address;
    }
    const auto qualifier = text.substr(slash + 1);
    if (!istarts_with(qualifier, sub_address_keyword) || qualifier.find('/') != std::string_view::npos)
    {
        return fail(Errc::unsupported, "", "of what may follow the FAX number only /T33S= is known, once");
    }
    auto sub = digits_of(qualifier.substr(sub_address_keyword.size()), "T.33 sub-address", t33_digits);
    if (sub.has_error())
    {
        return sub.error();
    }
    address.sub_address = std::move(*sub);
    return address;
}

std::optional<FaxAddress> fax_machine_at(std::string_view address)
{
    auto local_part = address.substr(0, address.rfind('@'));
    if (local_part.size() > 1 && local_part.starts_with('"') && local_part.ends_with('"'))
    {
        local_part = local_part.substr(1, local_part.size() - 2);
    }
    auto machine = parse_fax_address(local_part);
    return machine.has_value() ? std::optional(*std::move(machine)) : std::nullopt;
}
} // namespace ringpost::media
