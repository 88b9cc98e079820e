// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/attempt.h"

#include "pbx/asterisk/causes.h"

#include <iterator>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
using What = Act::What;
using Kind = Event::Kind;

Leg other(Leg leg)
{
    return leg == Leg::first ? Leg::second : Leg::first;
}

Failure conflict(AttemptId attempt, std::string text)
{
    return fail(Errc::conflict, "attempt " + std::to_string(attempt.value), std::move(text));
}
} // namespace

void Step::add(Step&& other)
{
    std::move(other.acts.begin(), other.acts.end(), std::back_inserter(acts));
    std::move(other.events.begin(), other.events.end(), std::back_inserter(events));
    place = place || other.place;
}

bool Attempt::dialling(Leg leg) const
{
    const LegState state = side(leg).state;
    return state == LegState::placing || state == LegState::placed;
}

Event Attempt::event(Kind kind, Leg leg, Cause cause) const
{
    Event event;
    event.kind = kind;
    event.attempt = call_.attempt;
    event.leg = leg;
    event.cause = cause;
    return event;
}

Result<> Attempt::alert_second()
{
    const bool ready = answered(Leg::first) && side(Leg::second).state == LegState::none && phase_ == Phase::alone;
    if (!ready)
    {
        return conflict(call_.attempt, "does not wait for its second leg");
    }
    side(Leg::second).state = LegState::placing;
    return {};
}

Result<Step> Attempt::announce(Announcement announcement)
{
    const LegState second = side(Leg::second).state;
    const bool ready =
        answered(Leg::first) && phase_ == Phase::alone && (second == LegState::none || second == LegState::over);
    if (!ready)
    {
        return conflict(call_.attempt, "has no first leg alone to announce to");
    }
    phase_ = Phase::announcing;
    announcement_ = announcement;
    Step step;
    step.acts = {act(What::play), act(What::await_announcement_end)};
    return step;
}

Step Attempt::clear()
{
    over_ = true;
    Step step;
    for (const Leg leg : {Leg::first, Leg::second})
    {
        if (side(leg).state != LegState::none && side(leg).state != LegState::over)
        {
            step.acts.push_back(act(What::hang_up, leg));
        }
    }
    if (phase_ == Phase::connecting || (phase_ == Phase::talking && connection_ == Connection::bridged))
    {
        step.acts.push_back(act(What::end_bridge));
    }
    return step;
}

Step Attempt::looked(Leg leg, Cause cause)
{
    Step step;
    if (over_ || side(leg).state != LegState::placing)
    {
        return step;
    }
    if (cause != Cause::none)
    {
        return failed(leg, cause);
    }
    step.place = true;
    return step;
}

Step Attempt::placed(Leg leg, Cause cause)
{
    Step step;
    if (over_ || side(leg).state == LegState::over)
    {
        // It was given up, or has failed, before Asterisk's reply came.
        step.acts = {act(What::hang_up, leg)};
        return step;
    }
    if (!dialling(leg))
    {
        return step; // answered already
    }
    if (cause != Cause::none)
    {
        return failed(leg, cause);
    }
    side(leg).state = LegState::placed;
    step.acts = {act(What::await_ringing_end, leg)};
    return step;
}

Step Attempt::not_rung(Leg leg)
{
    Step step;
    if (dialling(leg))
    {
        step = failed(leg, Cause::congestion);
        step.acts = {act(What::hang_up, leg)};
    }
    return step;
}

Step Attempt::not_placed(Leg leg)
{
    Step step;
    if (!dialling(leg))
    {
        return step;
    }
    // The request may have arrived although its reply did not.
    step.acts = {act(What::hang_up, leg)};
    side(leg).state = LegState::over;
    over_ = over_ || leg == Leg::first;
    return step;
}

Step Attempt::on(Leg leg, const AriEvent& event)
{
    Side& now = side(leg);
    if (!event.channel_name.empty())
    {
        now.channel_name = event.channel_name;
    }
    switch (event.kind)
    {
    case AriEvent::Kind::state_change:
        if (leg == Leg::first && event.channel_state == ChannelState::up)
        {
            return answered_now(leg);
        }
        return event.channel_state == ChannelState::ringing ? rang(leg) : Step{};
    case AriEvent::Kind::dial:
        now.progress = now.progress || event.dial_status == "PROGRESS" || event.dial_status == "RINGING";
        return {};
    case AriEvent::Kind::hangup_request:
        now.hanging_up = true;
        return {};
    case AriEvent::Kind::stasis_start:
        return event.channel_state == ChannelState::up ? answered_now(leg) : in_our_hands(leg);
    case AriEvent::Kind::destroyed:
        return ended(leg, event.cause, event.tech_cause, event.channel_state);
    default:
        return {};
    }
}

Step Attempt::rang(Leg leg)
{
    Step step;
    Side& now = side(leg);
    if (dialling(leg) && !now.rang)
    {
        now.rang = true;
        step.events = {event(Kind::delivered, leg)};
    }
    return step;
}

Step Attempt::in_our_hands(Leg leg)
{
    Step step;
    if (dialling(leg))
    {
        step.acts = {act(side(leg).expired ? What::hang_up : What::dial, leg)};
    }
    return step;
}

Step Attempt::answered_now(Leg leg)
{
    Side& now = side(leg);
    if (!dialling(leg))
    {
        return {};
    }
    Step step;
    if (now.expired)
    {
        // In the moment in which it was given up; what ends it may have come too early.
        step.acts = {act(What::hang_up, leg)};
        return step;
    }
    step = rang(leg);
    now.state = LegState::answered;
    if (leg == Leg::first)
    {
        step.events.push_back(event(Kind::established, leg));
        if (!call_.second.number.empty())
        {
            step.acts.push_back(act(What::ring_back));
        }
        return step;
    }
    phase_ = Phase::connecting;
    step.acts.push_back(act(What::connect));
    return step;
}

Step Attempt::connected(Connection connection)
{
    Step step;
    connection_ = connection;
    if (over_ || phase_ != Phase::connecting)
    {
        // Somebody hung up, or it was cleared, while they were being connected.
        if (connection == Connection::bridged)
        {
            step.acts = {act(What::end_bridge)};
        }
        return step;
    }
    if (connection == Connection::failed)
    {
        phase_ = Phase::alone;
        step = failed(Leg::second, Cause::error);
        step.acts.push_back(act(What::hang_up, Leg::second));
        return step;
    }
    phase_ = Phase::talking;
    step.events = {event(Kind::established, Leg::second)};
    return step;
}

Step Attempt::ring_time_over(Leg leg)
{
    Step step;
    if (dialling(leg))
    {
        side(leg).expired = true;
        step.acts = {act(What::hang_up, leg)};
    }
    return step;
}

Step Attempt::announcement_over()
{
    Step step;
    if (phase_ == Phase::announcing && answered(Leg::first))
    {
        step.acts = {act(What::hang_up)};
    }
    return step;
}

Step Attempt::gone(Leg leg)
{
    return ended(leg, 0, 0, ChannelState::other);
}

Step Attempt::found(Leg leg, ChannelState state)
{
    Side& now = side(leg);
    if (state == ChannelState::up && dialling(leg) && !now.expired)
    {
        // The service looks at everything anew and decides what becomes of it.
        now.state = LegState::answered;
        phase_ = leg == Leg::second ? Phase::talking : phase_;
    }
    return {};
}

Step Attempt::failed(Leg leg, Cause cause)
{
    Step step;
    side(leg).state = LegState::over;
    step.events = {event(Kind::failed, leg, cause)};
    over_ = over_ || leg == Leg::first;
    return step;
}

Step Attempt::ended(Leg leg, int cause, int tech_cause, ChannelState last)
{
    const Side& now = side(leg);
    if (now.state == LegState::answered)
    {
        return hung_up(leg);
    }
    if (!dialling(leg))
    {
        return {};
    }
    // Behind a trunk "no answer" is what it is, whether or not the other exchange said that it rings.
    const bool rang_there =
        now.rang || last == ChannelState::ringing || (device(leg).external() && (now.progress || now.expired));
    return failed(leg, cause_of({cause, tech_cause, rang_there, now.expired}));
}

Step Attempt::hung_up(Leg leg)
{
    if (phase_ == Phase::talking)
    {
        return hung_up_while_talking(leg);
    }
    Step step;
    if (leg == Leg::second)
    {
        // Answered, and away before they were connected: nevertheless this person is not rung again.
        step.events = {event(Kind::established, leg)};
        phase_ = Phase::talking;
        connection_ = Connection::bridged;
        step.add(hung_up_while_talking(leg));
        step.acts.push_back(act(What::hang_up));
        return step;
    }
    side(leg).state = LegState::over;
    over_ = true;
    step.events = {event(phase_ == Phase::announcing ? Kind::announced : Kind::connection_cleared, leg)};
    if (dialling(Leg::second) || answered(Leg::second))
    {
        step.acts = {act(What::hang_up, Leg::second)};
    }
    return step;
}

Step Attempt::hung_up_while_talking(Leg leg)
{
    Step step;
    // Asterisk ends both at once and tells of the two in any order; who hung up is told first.
    if (answered(other(leg)) && side(other(leg)).hanging_up && !side(leg).hanging_up)
    {
        step = hung_up_while_talking(other(leg));
    }
    side(leg).state = LegState::over;
    step.events.push_back(event(Kind::connection_cleared, leg));
    if (connection_ == Connection::bridged && answered(other(leg)))
    {
        step.acts.push_back(act(What::end_bridge));
    }
    end_if_empty();
    return step;
}

void Attempt::end_if_empty()
{
    over_ = over_ || (!answered(Leg::first) && !answered(Leg::second));
}
} // namespace ringpost::pbx::asterisk
