// SPDX-License-Identifier: Apache-2.0
// The services of the switchboard; what then happens to the legs is in switchboard_legs.cpp.
#include "pbx/simulated/switchboard.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace
{
/// More than a gateway dials in days; an id that old is refused by the gateway's own rows.
constexpr std::size_t dialled_limit = 200'000;

Failure attempt_over(AttemptId attempt)
{
    return fail(Errc::not_found, "attempt " + std::to_string(attempt.value), "is over or was never dialled");
}

Failure no_telephone(const std::string& number)
{
    return fail(Errc::not_found, number, "there is no such telephone");
}

Side make_side(DeviceId device, const std::string& shown, const std::string& instead, Duration ring_time)
{
    Side side;
    side.device = std::move(device);
    side.shown = shown.empty() ? instead : shown;
    side.ring_time = ring_time;
    return side;
}
} // namespace

Switchboard::Switchboard(Clock& clock, Outbox& outbox, CallLog& log, TrunkGroup& trunks, Office office)
    : clock_(clock), outbox_(outbox), log_(log), trunks_(trunks), office_(std::move(office)), dialled_(dialled_limit)
{
    for (const std::string& number : office_.extensions)
    {
        extensions_.try_emplace(number, number);
    }
    trunks_.on({
        [this](const TrunkLeg& trunk, const TrunkMessage& setup) { on_offered(trunk, setup); },
        [this](const TrunkLeg& trunk) {
            on_trunk(trunk, [this](Call& call, Leg leg) { leg_rings_far_away(call, leg); });
        },
        [this](const TrunkLeg& trunk) { on_trunk(trunk, [this](Call& call, Leg leg) { leg_answered(call, leg); }); },
        [this](const TrunkLeg& trunk, Cause cause) {
            on_trunk(trunk, [this, cause](Call& call, Leg leg) {
                const bool answered = call.side(leg).state == SideState::answered;
                answered ? leg_hung_up(call, leg) : leg_failed(call, leg, cause);
            });
        },
        [this](const TrunkLeg& trunk, std::span<const std::int16_t> samples) {
            on_trunk(trunk, [&](Call& call, Leg leg) { said(call.key, leg, samples); });
        },
        [this](const TrunkLeg& trunk, char digit) {
            on_trunk(trunk, [&](Call& call, Leg leg) { pressed(call, leg, digit); });
        },
    });
}

Switchboard::~Switchboard()
{
    for (auto& [key, call] : calls_)
    {
        end_port(call);
        end_machine(call.side(Leg::first));
        end_machine(call.side(Leg::second));
    }
}

Result<> Switchboard::make_call(const MakeCall& wanted)
{
    const std::string where = "attempt " + std::to_string(wanted.attempt.value);
    if (wanted.attempt.value <= 0)
    {
        return fail(Errc::malformed, where, "an attempt id is a positive number");
    }
    if (!dialled_.add(wanted.attempt))
    {
        return fail(Errc::conflict, where, "was dialled before");
    }
    Call& call = open_call();
    call.attempt = wanted.attempt;
    call.origin = office_.name;
    call.origin_attempt = wanted.attempt;
    call.side(Leg::first) = make_side(wanted.first, wanted.show_first, wanted.second.number, wanted.ring_first);
    call.side(Leg::second) = make_side(wanted.second, wanted.show_second, wanted.first.number, wanted.ring_second);
    attempts_.emplace(wanted.attempt, call.key);
    start_leg(call, Leg::first);
    return {};
}

Result<> Switchboard::alert_second(AttemptId attempt)
{
    Call* const call = find(attempt);
    if (call == nullptr)
    {
        return attempt_over(attempt);
    }
    const bool ready = call->side(Leg::first).state == SideState::answered &&
                       call->side(Leg::second).state == SideState::waiting && !call->announcing;
    if (!ready)
    {
        return fail(Errc::conflict, "attempt " + std::to_string(attempt.value), "does not wait for its second leg");
    }
    start_leg(*call, Leg::second);
    return {};
}

void Switchboard::clear_call(AttemptId attempt)
{
    outbox_.drop(attempt);
    if (Call* const call = find(attempt))
    {
        end_leg(*call, Leg::first);
        end_leg(*call, Leg::second);
        forget(*call);
    }
}

void Switchboard::clear_orphans(const std::set<AttemptId>& keep)
{
    std::vector<AttemptId> orphans;
    for (const auto& [attempt, key] : attempts_)
    {
        if (!keep.contains(attempt) && !calls_.at(key).both_talk())
        {
            orphans.push_back(attempt);
        }
    }
    for (const AttemptId attempt : orphans)
    {
        clear_call(attempt);
    }
}

Result<> Switchboard::announce(AttemptId attempt)
{
    Call* const call = find(attempt);
    if (call == nullptr)
    {
        return attempt_over(attempt);
    }
    const SideState second = call->side(Leg::second).state;
    const bool ready = call->side(Leg::first).state == SideState::answered && !call->announcing &&
                       (second == SideState::waiting || second == SideState::over);
    if (!ready)
    {
        return fail(Errc::conflict, "attempt " + std::to_string(attempt.value),
                    "has no first leg alone to announce to");
    }
    end_port(*call);
    call->announcing = true;
    call->announcement = later(office_.announcement, call->key, [this](Call& now) { leg_hung_up(now, Leg::first); });
    return {};
}

std::optional<AttemptLegs> Switchboard::find_attempt(AttemptId attempt) const
{
    const Call* const call = find(attempt);
    if (call == nullptr)
    {
        return std::nullopt;
    }
    return AttemptLegs{call->side(Leg::first).state == SideState::answered,
                       call->side(Leg::second).state == SideState::answered};
}

DeviceState Switchboard::state_of(const DeviceId& device) const
{
    if (device.external())
    {
        return DeviceState::cannot_know;
    }
    const auto found = extensions_.find(device.number);
    return found == extensions_.end() ? DeviceState::no_such : found->second.state();
}

void Switchboard::monitor(const DeviceId& device, bool wanted)
{
    if (wanted)
    {
        monitored_.insert(device.number);
    }
    else
    {
        monitored_.erase(device.number);
    }
}

void Switchboard::set_link(bool up)
{
    if (up == link_up_)
    {
        return;
    }
    link_up_ = up;
    for (auto& [key, call] : calls_)
    {
        end_port(call);
    }
    Event event;
    event.kind = up ? Event::Kind::link_regained : Event::Kind::link_lost;
    outbox_.post(std::move(event));
}

std::vector<Telephone> Switchboard::list() const
{
    std::vector<Telephone> telephones;
    telephones.reserve(extensions_.size());
    for (const auto& [number, extension] : extensions_)
    {
        telephones.push_back({number, extension.state(), extension.with()});
    }
    std::sort(telephones.begin(), telephones.end(),
              [](const Telephone& one, const Telephone& other) { return one.number < other.number; });
    return telephones;
}

Result<> Switchboard::dial(const std::string& from, const std::string& to)
{
    Extension* const caller = find(from);
    if (caller == nullptr)
    {
        return no_telephone(from);
    }
    if (caller->state() != DeviceState::idle)
    {
        return fail(Errc::conflict, from, "the telephone is not idle");
    }
    const DeviceId called{office_.numbering.normalise(to)};
    if (called.number.size() > max_number)
    {
        return fail(Errc::malformed, from, "a number has at most " + std::to_string(max_number) + " digits");
    }
    Call& call = open_call();
    call.origin = office_.name;
    call.side(Leg::first) = make_side({from}, called.number, {}, Duration{});
    call.side(Leg::first).state = SideState::answered;
    call.side(Leg::second) =
        make_side(called, called.external() ? office_.numbering.external_number(from) : from, {}, office_.patience);
    caller->lift(call.key, called.number);
    tell_change(*caller);
    tell_device(from, Event::Kind::device_in_use);
    start_leg(call, Leg::second);
    return {};
}

Result<> Switchboard::answer(const std::string& number)
{
    Extension* const extension = find(number);
    if (extension == nullptr)
    {
        return no_telephone(number);
    }
    if (extension->state() != DeviceState::ringing)
    {
        return fail(Errc::conflict, number, "the telephone does not ring");
    }
    Call& call = calls_.at(extension->call().value());
    leg_answered(call, leg_of(call, *extension));
    return {};
}

Result<> Switchboard::hang_up(const std::string& number)
{
    Extension* const extension = find(number);
    if (extension == nullptr)
    {
        return no_telephone(number);
    }
    if (!extension->call())
    {
        return {};
    }
    Call& call = calls_.at(extension->call().value());
    const Leg leg = leg_of(call, *extension);
    extension->off_hook() ? leg_hung_up(call, leg) : leg_failed(call, leg, Cause::rejected);
    return {};
}

Result<> Switchboard::set(const std::string& number, const std::function<void(Habit&)>& change)
{
    Extension* const extension = find(number);
    if (extension == nullptr)
    {
        return no_telephone(number);
    }
    change(extension->habit);
    return {};
}

Result<> Switchboard::set_reachable(const std::string& number, bool reachable)
{
    Extension* const extension = find(number);
    if (extension == nullptr)
    {
        return no_telephone(number);
    }
    const bool was_reachable = extension->state() != DeviceState::unreachable;
    extension->plug(reachable);
    if (extension->call() && !reachable)
    {
        Call& call = calls_.at(extension->call().value());
        const Leg leg = leg_of(call, *extension);
        extension->off_hook() ? leg_hung_up(call, leg) : leg_failed(call, leg, Cause::unreachable);
    }
    else if (was_reachable != reachable)
    {
        tell_change(*extension);
        tell_device(number, reachable ? Event::Kind::device_in_service : Event::Kind::device_out_of_service);
    }
    return {};
}

Call& Switchboard::open_call()
{
    const CallKey key = ++last_call_;
    Call& call = calls_[key];
    call.key = key;
    return call;
}

Call* Switchboard::find(AttemptId attempt)
{
    const auto found = attempts_.find(attempt);
    return found == attempts_.end() ? nullptr : &calls_.at(found->second);
}

const Call* Switchboard::find(AttemptId attempt) const
{
    const auto found = attempts_.find(attempt);
    return found == attempts_.end() ? nullptr : &calls_.at(found->second);
}

Extension* Switchboard::find(const std::string& number)
{
    const auto found = extensions_.find(number);
    return found == extensions_.end() ? nullptr : &found->second;
}
} // namespace ringpost::pbx::simulated
