// SPDX-License-Identifier: Apache-2.0
#include "directory/permissions.h"

#include "directory/ascii.h"
#include "directory/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringpost::directory
{
namespace
{
struct Denied
{
    std::string_view number;
    std::string_view why;
};

// Prefixes, E.164: calls that cost the office most (ITU-T E.164 annex: +870 +881 +882 +883 global services, +979
// international premium rate; 0990 premium rate in Japan).
constexpr std::array<Denied, 6> denied_prefixes{{{"+81990", "premium"},
                                                 {"+870", "satellite"},
                                                 {"+881", "satellite"},
                                                 {"+882", "international network"},
                                                 {"+883", "international network"},
                                                 {"+979", "premium"}}};

// Whole numbers, as dialled or behind the trunk prefix: a machine must not call them.
constexpr std::array<Denied, 5> denied_numbers{
    {{"110", "emergency"}, {"118", "emergency"}, {"119", "emergency"}, {"112", "emergency"}, {"911", "emergency"}}};

/// The beginning of `device` that a permission must name, and why; nullopt: nothing special.
std::optional<Denied> denied(const NumberPlan& plan, std::string_view device)
{
    for (const auto& entry : denied_prefixes)
    {
        if (device.starts_with(entry.number))
        {
            return entry;
        }
    }
    std::string_view number = device;
    const std::string home = '+' + plan.country_code;
    if (number.starts_with(home))
    {
        number.remove_prefix(home.size());
    }
    for (const auto& entry : denied_numbers)
    {
        if (number == entry.number)
        {
            return Denied{device, entry.why};
        }
    }
    return std::nullopt;
}

bool covers(const NumberClass& permitted, const DialTarget& target, const std::optional<Denied>& special)
{
    const bool prefixed = permitted.network == NetworkType::public_network && !permitted.prefix.empty() &&
                          target.device.starts_with(permitted.prefix);
    if (special)
    {
        return prefixed && permitted.prefix.size() >= special->number.size();
    }
    return permitted.network == target.network && (permitted.network != NetworkType::public_network || prefixed);
}

std::string named(const store::PermissionRow& row)
{
    return fmt::format("permission {} of {}", row.number_class, row.subject);
}
} // namespace

Result<NumberClass> parse_number_class(std::string_view text)
{
    if (text == "own")
    {
        return NumberClass{NetworkType::own, ""};
    }
    if (text == "toll")
    {
        return NumberClass{NetworkType::toll, ""};
    }
    constexpr std::string_view by_prefix = "public:";
    if (text.starts_with(by_prefix))
    {
        const auto prefix = text.substr(by_prefix.size());
        if (prefix == "+" || (prefix.size() <= 16 && all_digits(prefix.substr(prefix.starts_with('+') ? 1 : 0))))
        {
            return NumberClass{NetworkType::public_network, std::string(prefix)};
        }
    }
    return fail(Errc::malformed, "", "must be own, toll, or public: and the beginning of the number (public:+81)");
}

Permissions::Permissions(const std::vector<store::PermissionRow>& rows,
                         const std::function<std::string(const std::string&)>& primary_of)
{
    for (const auto& row : rows)
    {
        const auto covered = parse_number_class(row.number_class);
        const auto hours = row.hours.empty() ? Result<Hours>{Hours{}} : parse_hours(row.hours);
        if (covered.has_error() || hours.has_error())
        {
            continue;
        }
        // Users' addresses and peers' names never meet: a peer must not log in under the name of a user, nor the
        // other way round.
        const std::string subject = lower(row.subject);
        const bool user = subject == "*" || subject.find('@') != std::string::npos;
        auto& permissions = user ? users_[primary_of(subject)] : peers_[subject];
        permissions.push_back({*covered, row.hours.empty() ? std::nullopt : std::optional(*hours), row});
    }
    const auto longer = [](const Permission& a, const Permission& b) {
        return a.covers.prefix.size() > b.covers.prefix.size();
    };
    for (auto* subjects : {&users_, &peers_})
    {
        for (auto& [subject, permissions] : *subjects)
        {
            std::stable_sort(permissions.begin(), permissions.end(), longer);
        }
    }
}

void Permissions::collect(const BySubject& from, const std::string& subject, std::vector<const Permission*>& into)
{
    const auto found = from.find(subject);
    if (found == from.end())
    {
        return;
    }
    for (const auto& permission : found->second)
    {
        into.push_back(&permission);
    }
}

std::vector<const Permissions::Permission*> Permissions::of(const Submitter& who) const
{
    std::vector<const Permission*> rows;
    if (who.standing == Standing::own_user)
    {
        collect(users_, lower(who.name), rows);
        collect(users_, "*", rows);
    }
    else if (who.standing == Standing::peer)
    {
        collect(peers_, lower(who.name), rows);
        collect(peers_, "peer:*", rows);
    }
    return rows;
}

Verdict may_dial(const Snapshot& snapshot, const Submitter& who, const DialTarget& target, Instant now)
{
    if (snapshot.kill_switch())
    {
        return {false, "kill-switch"};
    }
    const auto special = denied(snapshot.plan(), target.device);
    const Permissions::Permission* outside_hours = nullptr;
    for (const auto* permission : snapshot.permissions().of(who))
    {
        if (!covers(permission->covers, target, special))
        {
            continue;
        }
        if (!permission->hours || within(*permission->hours, now))
        {
            return {true, named(permission->row)};
        }
        outside_hours = outside_hours == nullptr ? permission : outside_hours;
    }
    if (outside_hours != nullptr)
    {
        return {false, fmt::format("{} holds only {}", named(outside_hours->row), outside_hours->row.hours)};
    }
    if (special)
    {
        return {false, fmt::format("no permission that names {} ({})", special->number, special->why)};
    }
    return {false, fmt::format("no permission for {} {}", word(target.network), target.device)};
}

Verdict peer_may_name_source(const Snapshot& snapshot, std::string_view peer, std::string_view e164)
{
    const auto* entry = snapshot.peer(peer);
    if (entry == nullptr)
    {
        return {false, "no such peer"};
    }
    for (const auto& prefix : entry->ranges)
    {
        if (prefix.size() > 1 && e164.starts_with('+') && e164.starts_with(prefix))
        {
            return {true, fmt::format("range {} of {}", prefix, entry->name)};
        }
    }
    return {false, fmt::format("no range of {} has {}", entry->name, e164.substr(0, 40))};
}
} // namespace ringpost::directory
