// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/attempt_book.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
/// More than a gateway dials in days; an id that old is refused by the gateway's own rows.
constexpr std::size_t dialled_limit = 200'000;
/// Legs given up whose end may not have come yet; Asterisk's answer takes seconds at most.
constexpr std::size_t condemned_limit = 20'000;

std::string key(AttemptId attempt, Leg leg)
{
    return std::to_string(attempt.value) + (leg == Leg::first ? "-1" : "-2");
}

Failure attempt_over(AttemptId attempt)
{
    return fail(Errc::not_found, "attempt " + std::to_string(attempt.value), "is over or was never dialled");
}

Step hang_up(AttemptId attempt, Leg leg)
{
    Step step;
    step.acts = {{Act::What::hang_up, attempt, leg}};
    return step;
}
} // namespace

AttemptBook::AttemptBook() : dialled_(dialled_limit), condemned_(condemned_limit) {}

Result<> AttemptBook::make_call(const MakeCall& call)
{
    const std::string where = "attempt " + std::to_string(call.attempt.value);
    if (call.attempt.value <= 0)
    {
        return fail(Errc::malformed, where, "an attempt id is a positive number");
    }
    if (dialled_.contains(call.attempt) || !attempts_.try_emplace(call.attempt, call).second)
    {
        return fail(Errc::conflict, where, "was dialled before");
    }
    return {};
}

void AttemptBook::forget(AttemptId attempt)
{
    attempts_.erase(attempt);
}

Result<> AttemptBook::alert_second(AttemptId attempt)
{
    const auto found = attempts_.find(attempt);
    return found == attempts_.end() ? Result<>(attempt_over(attempt)) : found->second.alert_second();
}

Result<Step> AttemptBook::announce(AttemptId attempt, Announcement announcement)
{
    const auto found = attempts_.find(attempt);
    return found == attempts_.end() ? Result<Step>(attempt_over(attempt)) : found->second.announce(announcement);
}

bool AttemptBook::condemned(AttemptId attempt, Leg leg) const
{
    return condemned_.contains(key(attempt, leg));
}

Step AttemptBook::clear(AttemptId attempt)
{
    return with(attempt, [](Attempt& known) { return known.clear(); });
}

Step AttemptBook::looked(AttemptId attempt, Leg leg, Cause cause)
{
    dialled_.add(attempt);
    return with(attempt, [&](Attempt& known) { return known.looked(leg, cause); });
}

Step AttemptBook::placed(AttemptId attempt, Leg leg, Cause cause)
{
    if (find(attempt) == nullptr)
    {
        condemned_.add(key(attempt, leg));
        return hang_up(attempt, leg);
    }
    return with(attempt, [&](Attempt& known) { return known.placed(leg, cause); });
}

Step AttemptBook::not_rung(AttemptId attempt, Leg leg)
{
    return with(attempt, [&](Attempt& known) { return known.not_rung(leg); });
}

Step AttemptBook::not_placed(AttemptId attempt, Leg leg)
{
    return with(attempt, [&](Attempt& known) { return known.not_placed(leg); });
}

Step AttemptBook::connected(AttemptId attempt, Connection connection)
{
    if (find(attempt) == nullptr && connection == Connection::bridged)
    {
        Step step;
        step.acts = {{Act::What::end_bridge, attempt, Leg::first}};
        return step;
    }
    return with(attempt, [&](Attempt& known) { return known.connected(connection); });
}

Step AttemptBook::ring_time_over(AttemptId attempt, Leg leg)
{
    return with(attempt, [&](Attempt& known) { return known.ring_time_over(leg); });
}

Step AttemptBook::announcement_over(AttemptId attempt)
{
    return with(attempt, [&](Attempt& known) { return known.announcement_over(); });
}

Step AttemptBook::gone(AttemptId attempt, Leg leg)
{
    return with(attempt, [&](Attempt& known) { return known.gone(leg); });
}

Step AttemptBook::found(AttemptId attempt, Leg leg, ChannelState state)
{
    return with(attempt, [&](Attempt& known) { return known.found(leg, state); });
}

Step AttemptBook::on(AttemptId attempt, Leg leg, const AriEvent& event)
{
    // Of a leg that was given up nothing but its end is wanted.
    if (condemned(attempt, leg))
    {
        const Attempt* const known = find(attempt);
        const bool still_counts = known != nullptr && (known->dialling(leg) || known->answered(leg));
        if (!still_counts)
        {
            return event.kind == AriEvent::Kind::stasis_start ? hang_up(attempt, leg) : Step{};
        }
    }
    return with(attempt, [&](Attempt& known) { return known.on(leg, event); });
}

const Attempt* AttemptBook::find(AttemptId attempt) const
{
    const auto found = attempts_.find(attempt);
    return found == attempts_.end() ? nullptr : &found->second;
}

std::vector<AttemptId> AttemptBook::all() const
{
    std::vector<AttemptId> ids;
    ids.reserve(attempts_.size());
    for (const auto& [id, attempt] : attempts_)
    {
        ids.push_back(id);
    }
    return ids;
}

AttemptBook::Use AttemptBook::use_of(const std::string& number, Calls calls) const
{
    Use use = Use::none;
    for (const auto& [id, attempt] : attempts_)
    {
        for (const Leg leg : {Leg::first, Leg::second})
        {
            if (attempt.device(leg).number != number || (calls == Calls::ours && attempt.handed_over()))
            {
                continue;
            }
            // As far as has been told: the device's own events come after those of the attempt.
            const bool rings = attempt.rings(leg) || attempt.connecting(leg);
            const Use now = rings                   ? Use::ringing
                            : attempt.answered(leg) ? Use::answered
                            : attempt.dialling(leg) ? Use::dialling
                                                    : Use::none;
            use = std::max(use, now);
        }
    }
    return use;
}

template <class Action>
Step AttemptBook::with(AttemptId attempt, Action action)
{
    const auto found = attempts_.find(attempt);
    if (found == attempts_.end())
    {
        return {};
    }
    Step step = action(found->second);
    condemn(step);
    if (found->second.over())
    {
        attempts_.erase(found);
    }
    return step;
}

void AttemptBook::condemn(const Step& step)
{
    for (const Act& act : step.acts)
    {
        if (act.what == Act::What::hang_up)
        {
            condemned_.add(key(act.attempt, act.leg));
        }
    }
}
} // namespace ringpost::pbx::asterisk
