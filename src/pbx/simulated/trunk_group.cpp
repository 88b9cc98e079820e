// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/trunk_group.h"

#include "core/g711.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ringpost::pbx::simulated
{
using Kind = TrunkMessage::Kind;

void TrunkGroup::add_route(std::string prefix, std::unique_ptr<TrunkLink> link)
{
    Line line;
    line.link = std::move(link);
    line.prefix = prefix.empty() ? "+" : std::move(prefix);
    add(std::move(line));
}

void TrunkGroup::accept(std::unique_ptr<TrunkLink> link)
{
    const auto accepted =
        std::count_if(lines_.begin(), lines_.end(), [](const auto& row) { return row.second.accepted(); });
    if (static_cast<std::size_t>(accepted) >= max_accepted_links)
    {
        return;
    }
    Line line;
    line.link = std::move(link);
    add(std::move(line));
}

std::size_t TrunkGroup::busy_lines() const
{
    return std::accumulate(lines_.begin(), lines_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& row) { return sum + row.second.calls.size(); });
}

void TrunkGroup::add(Line line)
{
    const std::uint32_t id = ++last_line_;
    Line& stored = lines_.emplace(id, std::move(line)).first->second;
    stored.link->start(
        {[this, id](const TrunkMessage& message) { on_message(id, message); }, [this, id] { on_down(id); }});
}

std::map<std::uint32_t, TrunkGroup::Line>::const_iterator TrunkGroup::route_to(const std::string& number) const
{
    auto best = lines_.end();
    for (auto row = lines_.begin(); row != lines_.end() && is_external_number(number); ++row)
    {
        const std::string& prefix = row->second.prefix;
        if (!prefix.empty() && number.starts_with(prefix) &&
            (best == lines_.end() || prefix.size() > best->second.prefix.size()))
        {
            best = row;
        }
    }
    return best;
}

bool TrunkGroup::lines_free(const std::vector<std::string>& numbers) const
{
    std::size_t wanted = 0;
    for (const auto& number : numbers)
    {
        const auto route = route_to(number);
        if (route == lines_.end())
        {
            continue;
        }
        if (!route->second.link->up())
        {
            return false;
        }
        ++wanted;
    }
    return wanted == 0 || busy_lines() + wanted <= lines_limit_;
}

std::variant<TrunkLeg, Cause> TrunkGroup::place(TrunkMessage setup)
{
    const auto route = route_to(setup.to);
    if (route == lines_.end())
    {
        return Cause::no_such_number;
    }
    Line& line = lines_.at(route->first);
    if (!line.link->up())
    {
        return Cause::congestion;
    }
    ++traffic_.offered;
    if (busy_lines() >= lines_limit_)
    {
        ++traffic_.blocked;
        return Cause::congestion;
    }
    setup.kind = Kind::setup;
    setup.call = ++line.last_call;
    line.calls.insert(setup.call);
    line.link->send(setup);
    return TrunkLeg{route->first, setup.call};
}

void TrunkGroup::tell_ringing(const TrunkLeg& leg)
{
    tell(leg, Kind::ringing, Cause::none, false);
}

void TrunkGroup::tell_answered(const TrunkLeg& leg)
{
    tell(leg, Kind::answered, Cause::none, false);
}

void TrunkGroup::fail(const TrunkLeg& leg, Cause cause)
{
    tell(leg, Kind::failed, far_cause(cause), true);
}

void TrunkGroup::release(const TrunkLeg& leg)
{
    tell(leg, Kind::released, Cause::none, true);
}

void TrunkGroup::tell(const TrunkLeg& leg, Kind kind, Cause cause, bool over)
{
    const auto line = lines_.find(leg.link);
    if (line == lines_.end() || !line->second.calls.contains(leg.call))
    {
        return;
    }
    if (over)
    {
        line->second.calls.erase(leg.call);
    }
    TrunkMessage message;
    message.kind = kind;
    message.call = leg.call;
    message.cause = cause;
    line->second.link->send(message);
}

void TrunkGroup::send(const TrunkLeg& leg, TrunkMessage message)
{
    const auto line = lines_.find(leg.link);
    if (line != lines_.end() && line->second.calls.contains(leg.call))
    {
        message.call = leg.call;
        line->second.link->send(message);
    }
}

void TrunkGroup::send_audio(const TrunkLeg& leg, std::span<const std::int16_t> samples)
{
    while (!samples.empty())
    {
        const auto part = samples.first(std::min(samples.size(), max_trunk_audio));
        TrunkMessage message;
        message.kind = Kind::audio;
        message.mulaw = encode_g711(G711::mu, part);
        send(leg, std::move(message));
        samples = samples.subspan(part.size());
    }
}

void TrunkGroup::send_digit(const TrunkLeg& leg, char digit)
{
    TrunkMessage message;
    message.kind = Kind::digit;
    message.digit = digit;
    send(leg, std::move(message));
}

void TrunkGroup::on_message(std::uint32_t id, const TrunkMessage& message)
{
    const auto found = lines_.find(id);
    if (found == lines_.end())
    {
        return;
    }
    if (message.kind == Kind::setup)
    {
        on_setup(id, found->second, message);
    }
    else if (found->second.calls.contains(message.call))
    {
        on_progress({id, message.call}, found->second, message);
    }
    // Else the two sides ended the call at the same time: what is still under way means nothing.
}

void TrunkGroup::on_setup(std::uint32_t id, Line& line, const TrunkMessage& message)
{
    // Calls go one way on a link, and each has a number of its own; a peer that does otherwise gets no call from it.
    if (!line.accepted() || line.calls.contains(message.call))
    {
        return;
    }
    if (busy_lines() >= lines_limit_)
    {
        ++traffic_.blocked;
        TrunkMessage refusal;
        refusal.kind = Kind::failed;
        refusal.call = message.call;
        refusal.cause = Cause::congestion;
        line.link->send(refusal);
        return;
    }
    line.calls.insert(message.call);
    handlers_.offered({id, message.call}, message);
}

void TrunkGroup::on_progress(const TrunkLeg& leg, Line& line, const TrunkMessage& message)
{
    if (message.kind == Kind::released || (message.kind == Kind::failed && !line.accepted()))
    {
        line.calls.erase(leg.call);
        handlers_.ended(leg, message.kind == Kind::failed ? message.cause : Cause::congestion);
    }
    else if (message.kind == Kind::ringing && !line.accepted())
    {
        handlers_.ringing(leg);
    }
    else if (message.kind == Kind::answered && !line.accepted())
    {
        handlers_.answered(leg);
    }
    else
    {
        on_audio(leg, line, message);
    }
}

void TrunkGroup::on_audio(const TrunkLeg& leg, const Line& line, const TrunkMessage& message)
{
    if (message.kind == Kind::audio)
    {
        handlers_.audio(leg, decode_g711(G711::mu, message.mulaw));
    }
    else if (message.kind == Kind::digit && !line.accepted())
    {
        handlers_.digit(leg, message.digit);
    }
}

void TrunkGroup::on_down(std::uint32_t id)
{
    const auto found = lines_.find(id);
    if (found == lines_.end())
    {
        return;
    }
    const auto lost = std::exchange(found->second.calls, {});
    if (found->second.accepted())
    {
        lines_.erase(found);
    }
    for (const std::uint64_t call : lost)
    {
        handlers_.ended({id, call}, Cause::congestion);
    }
}
} // namespace ringpost::pbx::simulated
