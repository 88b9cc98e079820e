// SPDX-License-Identifier: Apache-2.0
// What happens to the legs of a call, whoever made it. An event of the attempt is always posted before the device_*
// event that the same fact brings about.
#include "pbx/simulated/switchboard.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace
{
using What = CallLogEntry::What;

/// Nothing in an office takes longer; keeps sums of times inside their type.
constexpr Duration longest_time = std::chrono::hours(24 * 365);
/// A caller at another exchange decides how long it rings, but no telephone rings for ever.
constexpr Duration longest_ring = std::chrono::hours(1);
} // namespace

void Switchboard::start_leg(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    const Cause cause = side.device.external() ? place_on_trunk(call, leg) : ring_extension(call, leg);
    if (cause != Cause::none)
    {
        leg_failed(call, leg, cause);
        return;
    }
    side.ring_limit = later(side.ring_time.value_or(longest_ring), call.key,
                            [this, leg](Call& now) { leg_failed(now, leg, Cause::no_answer); });
}

Cause Switchboard::ring_extension(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    Extension* const extension = find(side.device.number);
    if (extension == nullptr)
    {
        return Cause::no_such_number;
    }
    if (extension->state() == DeviceState::unreachable)
    {
        return Cause::unreachable;
    }
    if (extension->state() != DeviceState::idle)
    {
        return Cause::busy;
    }
    if (!write_log(call, leg, What::ring))
    {
        return Cause::error;
    }
    side.rung = true;
    side.state = SideState::ringing;
    extension->ring(call.key, side.shown);
    tell_change(*extension);
    tell(call, Event::Kind::delivered, leg);
    if (call.incoming)
    {
        trunks_.tell_ringing(*call.side(Leg::first).trunk);
    }
    expect_person(*extension, call.key, leg);
    return Cause::none;
}

Cause Switchboard::place_on_trunk(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    TrunkMessage setup;
    setup.from = side.shown;
    setup.to = side.device.number;
    setup.origin = call.origin;
    setup.attempt = call.origin_attempt;
    setup.leg = leg;
    const auto placed = trunks_.place(std::move(setup));
    if (const auto* cause = std::get_if<Cause>(&placed))
    {
        return *cause;
    }
    side.trunk = std::get<TrunkLeg>(placed);
    side.state = SideState::ringing;
    trunk_legs_.emplace(*side.trunk, std::pair(call.key, leg));
    return Cause::none;
}

void Switchboard::expect_person(Extension& extension, CallKey key, Leg leg)
{
    const Habit::Answer habit = extension.habit.answer;
    if (habit == Habit::Answer::never)
    {
        return;
    }
    extension.person = later(extension.habit.answer_after, key, [this, leg, habit](Call& call) {
        const bool refuses = habit == Habit::Answer::reject;
        refuses ? leg_failed(call, leg, Cause::rejected) : leg_answered(call, leg);
    });
}

void Switchboard::leg_rings_far_away(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    if (side.state == SideState::ringing && !side.delivered)
    {
        side.delivered = true; // a peer may repeat itself
        tell(call, Event::Kind::delivered, leg);
    }
}

void Switchboard::leg_answered(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    if (side.state != SideState::ringing)
    {
        return;
    }
    if (!side.trunk)
    {
        // An answer that cannot be logged happens nevertheless: the person has lifted the receiver.
        static_cast<void>(write_log(call, leg, What::answer));
    }
    side.state = SideState::answered;
    side.ring_limit.cancel();
    tell(call, Event::Kind::established, leg);
    if (Extension* const extension = side.trunk ? nullptr : find(side.device.number))
    {
        const std::string& second = call.side(Leg::second).device.number;
        extension->lift(call.key, leg == Leg::first && !second.empty() ? second : side.shown);
        side.talk = extension->habit.talk;
        tell_change(*extension);
        tell_device(extension->number(), Event::Kind::device_in_use);
        give_ear(side);
        give_machine(call, leg);
    }
    if (leg == Leg::second)
    {
        end_port(call);
        begin_talk(call);
    }
}

void Switchboard::begin_talk(Call& call)
{
    if (call.incoming)
    {
        trunks_.tell_answered(*call.side(Leg::first).trunk);
    }
    for (const Leg leg : {Leg::first, Leg::second})
    {
        Side& side = call.side(leg);
        Extension* const extension = side.trunk ? nullptr : find(side.device.number);
        if (extension == nullptr)
        {
            continue;
        }
        give_ear(side);
        // Who dialled by hand was not rung: the habit counts from here.
        const auto talk = side.rung ? side.talk : extension->habit.talk;
        if (talk)
        {
            extension->person = later(*talk, call.key, [this, leg](Call& now) { leg_hung_up(now, leg); });
        }
    }
}

void Switchboard::leg_failed(Call& call, Leg leg, Cause cause)
{
    Side& side = call.side(leg);
    if (!side.trunk)
    {
        static_cast<void>(write_log(call, leg, What::fail, cause));
    }
    tell(call, Event::Kind::failed, leg, cause);
    release_leg(call, leg);
    if (call.attempt && leg == Leg::second)
    {
        return; // the first leg waits for announce() or clear_call()
    }
    if (call.incoming)
    {
        trunks_.fail(*call.side(Leg::first).trunk, cause);
    }
    // Who dialled by hand hears the tone and hangs up.
    release_leg(call, other(leg));
    forget(call);
}

void Switchboard::leg_hung_up(Call& call, Leg leg)
{
    if (call.announcing)
    {
        // Also where the person does not listen to the end: the service waits for this one event.
        tell(call, Event::Kind::announced, leg);
    }
    else
    {
        const bool both = call.both_talk();
        tell(call, Event::Kind::connection_cleared, leg);
        if (both)
        {
            tell(call, Event::Kind::connection_cleared, other(leg));
        }
    }
    end_leg(call, leg);
    end_leg(call, other(leg));
    forget(call);
}

void Switchboard::end_leg(Call& call, Leg leg)
{
    const Side& side = call.side(leg);
    if (side.rung && side.state != SideState::over)
    {
        static_cast<void>(write_log(call, leg, What::end));
    }
    release_leg(call, leg);
}

void Switchboard::release_leg(Call& call, Leg leg)
{
    Side& side = call.side(leg);
    side.ring_limit.cancel();
    side.ear.reset();
    end_machine(side);
    if (leg == Leg::first)
    {
        end_port(call);
    }
    const SideState was = std::exchange(side.state, SideState::over);
    if (side.trunk)
    {
        trunks_.release(*side.trunk);
        trunk_legs_.erase(*side.trunk);
        return;
    }
    Extension* const extension = find(side.device.number);
    if (extension == nullptr || (was != SideState::ringing && was != SideState::answered))
    {
        return;
    }
    const bool answered = extension->off_hook();
    extension->release();
    tell_change(*extension);
    const bool idle = extension->state() == DeviceState::idle;
    tell_device(extension->number(), idle ? Event::Kind::device_released : Event::Kind::device_out_of_service,
                answered);
}

Leg Switchboard::leg_of(const Call& call, const Extension& extension) const
{
    // A telephone that is called by itself stands on both sides, but is up on the first only.
    const Side& first = call.side(Leg::first);
    const bool up = first.state == SideState::ringing || first.state == SideState::answered;
    return up && !first.trunk && first.device.number == extension.number() ? Leg::first : Leg::second;
}

void Switchboard::forget(Call& call)
{
    if (call.attempt)
    {
        attempts_.erase(call.attempt);
    }
    // Erased by a copy of the key: the reference would die with the node.
    const CallKey key = call.key;
    calls_.erase(key);
}

void Switchboard::on_offered(const TrunkLeg& trunk, const TrunkMessage& setup)
{
    Call& call = open_call();
    call.incoming = true;
    call.origin = setup.origin;
    call.origin_attempt = setup.attempt;
    call.origin_leg = setup.leg;
    Side& first = call.side(Leg::first);
    first.device.number = setup.from;
    first.trunk = trunk;
    first.state = SideState::answered;
    trunk_legs_.emplace(trunk, std::pair(call.key, Leg::first));
    Side& second = call.side(Leg::second);
    // A number that is not ours is never sent on: this exchange is no transit.
    const auto extension = office_.numbering.extension_of(setup.to);
    second.device.number = extension && !extension->starts_with('+') ? *extension : std::string();
    second.shown = setup.from;
    start_leg(call, Leg::second);
}

void Switchboard::on_trunk(const TrunkLeg& trunk, const std::function<void(Call&, Leg)>& action)
{
    const auto found = trunk_legs_.find(trunk);
    if (found != trunk_legs_.end())
    {
        const auto [key, leg] = found->second;
        action(calls_.at(key), leg);
    }
}

Timer Switchboard::later(Duration delay, CallKey key, std::function<void(Call&)> action)
{
    return clock_.after(std::clamp(delay, Duration::zero(), longest_time), [this, key, action = std::move(action)] {
        const auto found = calls_.find(key);
        if (found != calls_.end())
        {
            // A copy: the call may end, and this timer with it.
            const auto act = action;
            act(found->second);
        }
    });
}

bool Switchboard::write_log(const Call& call, Leg leg, What what, Cause cause)
{
    const Side& side = call.side(leg);
    CallLogEntry entry;
    entry.time = clock_.now();
    entry.what = what;
    entry.origin = call.origin;
    entry.attempt = call.origin_attempt;
    entry.leg = call.incoming ? call.origin_leg : leg;
    entry.number = side.device.number;
    entry.with = side.shown;
    entry.cause = cause;
    return log_.append(entry);
}

void Switchboard::tell(const Call& call, Event::Kind kind, Leg leg, Cause cause)
{
    if (!call.attempt)
    {
        return;
    }
    Event event;
    event.kind = kind;
    event.attempt = call.attempt;
    event.leg = leg;
    event.device = call.side(leg).device;
    event.cause = cause;
    tell_gateway(std::move(event));
}

void Switchboard::tell_device(const std::string& number, Event::Kind kind, bool was_answered)
{
    if (!monitored_.contains(number))
    {
        return;
    }
    Event event;
    event.kind = kind;
    event.device.number = number;
    event.was_answered = kind == Event::Kind::device_released && was_answered;
    tell_gateway(std::move(event));
}

void Switchboard::tell_change(const Extension& extension)
{
    outbox_.post(TelephoneEvent{clock_.now(), extension.number(), telephone_word(extension.state()), extension.with()});
}

void Switchboard::tell_gateway(Event event)
{
    if (link_up_)
    {
        outbox_.post(std::move(event));
    }
}
} // namespace ringpost::pbx::simulated
