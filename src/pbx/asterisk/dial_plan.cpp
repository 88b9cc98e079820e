// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/dial_plan.h"

#include <algorithm>
#include <charconv>

namespace ringpost::pbx::asterisk
{
namespace
{
constexpr std::string_view place_of_number = "{number}";
constexpr std::string_view place_of_e164 = "{e164}";
/// More than any number has; the rest of an endpoint is the administrator's own.
constexpr std::size_t max_number = 32;

bool letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Nothing may come into an endpoint's name that Asterisk reads as `@`, `/` or `&`.
bool dialable(std::string_view number)
{
    return !number.empty() && number.size() <= max_number && std::all_of(number.begin(), number.end(), [](char c) {
        return letter_or_digit(c) || c == '+' || c == '*' || c == '#' || c == '_' || c == '-';
    });
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    if (const auto place = text.find(what); place != std::string::npos)
    {
        text.replace(place, what.size(), with);
    }
    return text;
}
} // namespace

LegIds::LegIds(std::string_view gateway)
{
    prefix_ = "rp-";
    for (const char c : gateway)
    {
        prefix_ += letter_or_digit(c) || c == '.' ? c : '_';
    }
    prefix_ += '-';
}

std::string LegIds::leg(AttemptId attempt, Leg leg) const
{
    return bridge(attempt) + (leg == Leg::first ? "-1" : "-2");
}

std::string LegIds::bridge(AttemptId attempt) const
{
    return prefix_ + std::to_string(attempt.value);
}

std::string LegIds::port(AttemptId attempt, std::uint64_t number) const
{
    return bridge(attempt) + "-p" + std::to_string(number);
}

std::optional<std::pair<AttemptId, std::string_view>> LegIds::split(std::string_view id) const
{
    if (!id.starts_with(prefix_))
    {
        return std::nullopt;
    }
    id.remove_prefix(prefix_.size());
    AttemptId attempt;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), attempt.value);
    if (error != std::errc{} || attempt.value <= 0)
    {
        return std::nullopt;
    }
    return std::pair{attempt, id.substr(static_cast<std::size_t>(end - id.data()))};
}

std::optional<std::pair<AttemptId, Leg>> LegIds::read(std::string_view id) const
{
    const auto parts = split(id);
    if (!parts || (parts->second != "-1" && parts->second != "-2"))
    {
        return std::nullopt;
    }
    return std::pair{parts->first, parts->second == "-1" ? Leg::first : Leg::second};
}

std::optional<AttemptId> LegIds::read_port(std::string_view id) const
{
    constexpr std::string_view mark = "-p";
    const auto parts = split(id);
    if (!parts || !parts->second.starts_with(mark) || parts->second.size() == mark.size())
    {
        return std::nullopt;
    }
    const std::string_view number = parts->second.substr(mark.size());
    const bool digits = std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional(parts->first) : std::nullopt;
}

DialPlan::DialPlan(std::string endpoint, std::vector<Trunk> trunks,
                   std::function<std::string(const std::string& e164)> as_dialled)
    : endpoint_(std::move(endpoint)), trunks_(std::move(trunks)), as_dialled_(std::move(as_dialled))
{
    std::stable_sort(trunks_.begin(), trunks_.end(),
                     [](const Trunk& a, const Trunk& b) { return a.prefix.size() > b.prefix.size(); });
}

std::optional<std::string> DialPlan::endpoint(const DeviceId& device) const
{
    if (!dialable(device.number))
    {
        return std::nullopt;
    }
    if (!device.external())
    {
        return replaced(endpoint_, place_of_number, device.number);
    }
    const auto trunk = std::find_if(trunks_.begin(), trunks_.end(),
                                    [&](const Trunk& one) { return device.number.starts_with(one.prefix); });
    if (trunk == trunks_.end())
    {
        return std::nullopt;
    }
    return replaced(replaced(trunk->endpoint, place_of_number, shown(device.number)), place_of_e164, device.number);
}

std::string DialPlan::device(const std::string& number) const
{
    const std::string endpoint = replaced(endpoint_, place_of_number, number);
    return endpoint.substr(0, endpoint.find('@'));
}

std::optional<std::string> DialPlan::number(std::string_view device) const
{
    const std::string pattern = endpoint_.substr(0, endpoint_.find('@'));
    const auto place = pattern.find(place_of_number);
    if (place == std::string::npos)
    {
        return std::nullopt;
    }
    const std::string_view before = std::string_view(pattern).substr(0, place);
    const std::string_view after = std::string_view(pattern).substr(place + place_of_number.size());
    if (device.size() <= before.size() + after.size() || !device.starts_with(before) || !device.ends_with(after))
    {
        return std::nullopt;
    }
    device.remove_prefix(before.size());
    device.remove_suffix(after.size());
    return dialable(device) ? std::optional(std::string(device)) : std::nullopt;
}

std::string DialPlan::technology() const
{
    return endpoint_.substr(0, endpoint_.find('/'));
}

std::string DialPlan::shown(const std::string& number) const
{
    if (!DeviceId{number}.external())
    {
        return number;
    }
    std::string dialled = as_dialled_ ? as_dialled_(number) : number;
    std::erase_if(dialled, [](char c) { return c < '0' || c > '9'; });
    return dialled;
}

std::vector<std::string> DialPlan::trunk_endpoints() const
{
    std::vector<std::string> names;
    for (const Trunk& trunk : trunks_)
    {
        const auto slash = trunk.endpoint.find('/');
        const auto at = trunk.endpoint.find('@');
        const bool through = slash != std::string::npos && at != std::string::npos && at > slash;
        std::string name =
            through ? trunk.endpoint.substr(0, slash + 1) + trunk.endpoint.substr(at + 1) : trunk.endpoint;
        if (std::find(names.begin(), names.end(), name) == names.end())
        {
            names.push_back(std::move(name));
        }
    }
    return names;
}
} // namespace ringpost::pbx::asterisk
