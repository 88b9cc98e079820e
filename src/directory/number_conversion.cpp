// SPDX-License-Identifier: Apache-2.0
#include "directory/number_conversion.h"

#include "directory/ascii.h"
#include "directory/lengths.h"
#include "directory/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::directory
{
namespace
{
std::ptrdiff_t wildcards(std::string_view pattern)
{
    return std::count(pattern.begin(), pattern.end(), 'x');
}

/// `number` rewritten from pattern `from` to pattern `to`: the n-th x of one stands for the n-th x of the other.
std::optional<std::string> rewrite(std::string_view number, std::string_view from, std::string_view to)
{
    if (number.size() != from.size())
    {
        return std::nullopt;
    }
    std::string taken;
    for (std::size_t i = 0; i < number.size(); ++i)
    {
        const bool wildcard = from[i] == 'x';
        if (wildcard ? !digit(number[i]) : from[i] != number[i])
        {
            return std::nullopt;
        }
        if (wildcard)
        {
            taken.push_back(number[i]);
        }
    }
    std::string result(to);
    std::size_t next = 0;
    for (char& c : result)
    {
        if (c == 'x' && next < taken.size())
        {
            c = taken[next++];
        }
    }
    return result;
}

/// For a message: what a stranger wrote, short and printable.
std::string quoted(std::string_view written)
{
    constexpr std::size_t longest = 40;
    std::string text(written.substr(0, longest));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text + (written.size() > longest ? "..." : "");
}
} // namespace

NumberConversion::NumberConversion(const std::vector<store::UserRow>& users,
                                   const std::vector<store::ConversionRow>& rows)
{
    for (const auto& user : users)
    {
        if (!user.extension.empty() && !user.external_number.empty())
        {
            add_pair(user.extension, user.external_number);
        }
    }
    for (const auto& row : rows)
    {
        if (wildcards(row.extensions) != wildcards(row.external))
        {
            continue;
        }
        if (wildcards(row.extensions) == 0)
        {
            add_pair(row.extensions, row.external);
        }
        else
        {
            ranges_.push_back(row);
        }
    }
    std::stable_sort(ranges_.begin(), ranges_.end(),
                     [](const auto& a, const auto& b) { return wildcards(a.extensions) < wildcards(b.extensions); });
}

void NumberConversion::add_pair(const std::string& extension, const std::string& external)
{
    externals_.emplace(extension, external);
    extensions_.emplace(external, extension);
}

std::optional<std::string> NumberConversion::extension_of(std::string_view e164) const
{
    if (const auto exact = extensions_.find(std::string(e164)); exact != extensions_.end())
    {
        return exact->second;
    }
    for (const auto& range : ranges_)
    {
        if (auto extension = rewrite(e164, range.external, range.extensions))
        {
            return extension;
        }
    }
    return std::nullopt;
}

std::optional<std::string> NumberConversion::external_of(std::string_view extension) const
{
    if (const auto exact = externals_.find(std::string(extension)); exact != externals_.end())
    {
        return exact->second;
    }
    for (const auto& range : ranges_)
    {
        if (auto external = rewrite(extension, range.extensions, range.external))
        {
            return external;
        }
    }
    return std::nullopt;
}

Result<store::ConversionRow> make_conversion(const NumberPlan& plan, std::string_view extensions,
                                             std::string_view external)
{
    store::ConversionRow row{lower(extensions), to_e164_pattern(plan, external).value_or("")};
    const auto own = [](char c) { return digit(c) || c == 'x'; };
    if (row.extensions.empty() || row.extensions.size() > longest_extension ||
        !std::all_of(row.extensions.begin(), row.extensions.end(), own))
    {
        return fail(Errc::malformed, "extensions", "must be an extension or a range like 20xx");
    }
    if (row.external.empty())
    {
        return fail(Errc::malformed, "external", "must be an external number or a range like 044-222-33xx");
    }
    if (wildcards(row.extensions) != wildcards(row.external))
    {
        return fail(Errc::malformed, "external", "must have as many x as the extensions");
    }
    return row;
}

Result<DialTarget> read_number(const Snapshot& snapshot, std::string_view written)
{
    const std::string number = digits_of(written);
    if (snapshot.own_extension(number))
    {
        return DialTarget{number, NetworkType::own};
    }
    const auto e164 = to_e164(snapshot.plan(), number);
    if (!e164)
    {
        return fail(Errc::not_found, "",
                    fmt::format("{} is no number of this office and no external number", quoted(written)));
    }
    if (auto extension = snapshot.conversions().extension_of(*e164))
    {
        return DialTarget{std::move(*extension), NetworkType::own};
    }
    const auto* entry = snapshot.cti().find(*e164);
    return DialTarget{*e164, entry == nullptr ? NetworkType::public_network : entry->network};
}

std::string external_form(const Snapshot& snapshot, std::string_view written)
{
    const std::string number = digits_of(written);
    if (snapshot.own_extension(number))
    {
        return snapshot.conversions().external_of(number).value_or(number);
    }
    const auto e164 = to_e164(snapshot.plan(), number);
    return e164 ? *e164 : std::string(written);
}
} // namespace ringpost::directory
