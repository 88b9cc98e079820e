// SPDX-License-Identifier: Apache-2.0
#include "simulation/witness.h"

#include <fmt/format.h>

namespace ringpost::simulation
{
namespace
{
using store::Wait;

bool external(const std::string& device)
{
    return pbx::DeviceId{device}.external();
}
} // namespace

void Witness::note_broken(const std::string& what)
{
    if (broken_.size() < most_broken)
    {
        broken_.push_back(fmt::format("{} {}: {}", format_rfc3339(clock_.now()), office_, what));
    }
}

void Witness::stir(std::uint64_t value)
{
    digest_ = (digest_ ^ value) * 0x100000001b3U;
}

Witness::Known* Witness::known(RequestId id)
{
    const auto index = static_cast<std::size_t>(id.value);
    return index == 0 || index > requests_.size() ? nullptr : &requests_[index - 1];
}

Witness::Place Witness::place_of(const Known& request)
{
    return {!request.express, request.asked, request.id};
}

// ---- what is stored

void Witness::changed(const store::Request& request)
{
    const auto index = static_cast<std::size_t>(request.id.value);
    if (index > requests_.size())
    {
        requests_.resize(index);
    }
    Known& stands = requests_[index - 1];
    if (stands.number.empty())
    {
        stands.id = request.id;
        stands.number = request.number;
        stands.asked = request.asked;
        stands.destination = request.destination_device;
        stands.source = request.source_device;
        stands.express = request.express;
        stands.wants_result = request.result_notification;
        by_number_.emplace(request.number, request.id);
        open_.insert(request.id);
    }
    if (is_end(stands.state))
    {
        note_broken(fmt::format("request {} changes after its end: {}", request.number, word(request.state)));
    }
    count_silent(stands, request);
    if (request.state == RequestState::dialling_first)
    {
        stands.dialled_from = stands.wait;
        owners_[request.attempt] = request.id;
    }
    stands.state = request.state;
    stands.cause = request.cause;
    stands.wait = request.wait;
    stands.wake_at = request.wake_at;
    stands.expires_at = request.expires_at;
    stands.attempt = request.attempt;
    stands.attempts = request.attempts;
    stands.since = clock_.now();
    if (!stands.begun && request.expires_at)
    {
        stands.begun = clock_.now();
    }
    auto& queue = queues_[stands.destination];
    if (stands.state == RequestState::waiting)
    {
        queue.insert(place_of(stands));
    }
    else
    {
        queue.erase(place_of(stands));
    }
    if (is_end(stands.state))
    {
        open_.erase(stands.id);
    }
    stir(static_cast<std::uint64_t>(to_micros(clock_.now())));
    stir(static_cast<std::uint64_t>(request.id.value));
    stir(static_cast<std::uint64_t>(request.state) * 64 + static_cast<std::uint64_t>(request.cause));
}

// ---- what is dialled

void Witness::dialled(const pbx::MakeCall& call)
{
    if (!dialled_.insert(call.attempt).second)
    {
        note_broken(fmt::format("attempt {} is dialled twice", call.attempt.value));
    }
    stir(static_cast<std::uint64_t>(call.attempt.value));
    check_devices(call);
    const auto owner = owners_.extract(call.attempt);
    Known* const request = owner.empty() ? nullptr : known(owner.mapped());
    if (request == nullptr)
    {
        note_broken(fmt::format("attempt {} is dialled without having been stored", call.attempt.value));
        return;
    }
    if (request->state != RequestState::dialling_first || request->attempt != call.attempt ||
        request->expires_at.value_or(clock_.now()) <= clock_.now())
    {
        note_broken(fmt::format("attempt {} is dialled for request {}, which is {}", call.attempt.value,
                                request->number, word(request->state)));
    }
    for (const auto* device : {&call.first.number, &call.second.number})
    {
        if (*device != request->destination && *device != request->source)
        {
            note_broken(fmt::format("attempt {} is to ring {}, which request {} does not name", call.attempt.value,
                                    *device, request->number));
        }
    }
    if (request->answered)
    {
        note_broken(fmt::format("attempt {} rings somebody who has answered request {} already", call.attempt.value,
                                request->number));
    }
    check_turn(*request);
    ringing_[call.attempt] = {call.first.number, call.second.number, request->id};
    held_[call.first.number] = call.attempt;
    held_[call.second.number] = call.attempt;
}

void Witness::check_devices(const pbx::MakeCall& call)
{
    for (const auto* device : {&call.first.number, &call.second.number})
    {
        if (const auto found = held_.find(*device); found != held_.end())
        {
            note_broken(fmt::format("attempt {} rings {}, which attempt {} is ringing", call.attempt.value, *device,
                                    found->second.value));
        }
        check_free(call.attempt, *device);
    }
}

/// A telephone that came into use in this very instant could not be known.
void Witness::check_free(AttemptId attempt, const std::string& device)
{
    if (external(device) || !pbx::in_use(exchange_.snapshot_device({device})))
    {
        return;
    }
    const auto change = changed_.find(device);
    if (change == changed_.end() || change->second < clock_.now())
    {
        note_broken(fmt::format("attempt {} rings {}, which is in use", attempt.value, device));
    }
}

/// Nobody stands further ahead in the queue who could have been dialled as well. Whoever has a busy source was looked
/// at, and is suspended.
void Witness::check_turn(const Known& request)
{
    const Instant now = clock_.now();
    const Place own = place_of(request);
    const bool released = request.dialled_from == Wait::release || request.dialled_from == Wait::use;
    for (const auto& place : queues_[request.destination])
    {
        if (!(place < own))
        {
            return;
        }
        const Known& other = *known(std::get<RequestId>(place));
        const bool due = other.wait == Wait::none && other.wake_at && *other.wake_at < now;
        const bool released_too = other.wait == Wait::release && released && other.since < now;
        if (due || released_too)
        {
            note_broken(fmt::format("request {} passes {} at {}, whose turn it is", request.number, other.number,
                                    request.destination));
            return;
        }
    }
}

void Witness::alerted(AttemptId attempt)
{
    const auto call = ringing_.find(attempt);
    const Known* const request = call == ringing_.end() ? nullptr : known(call->second.request);
    if (request == nullptr || request->state != RequestState::dialling_second || request->attempt != attempt)
    {
        note_broken(fmt::format("attempt {} rings its second device, but its request has ended or does not know of an "
                                "answer",
                                attempt.value));
        return;
    }
    check_free(attempt, call->second.second);
}

// ---- what the exchange says

void Witness::told(const pbx::Event& event)
{
    using Kind = pbx::Event::Kind;
    switch (event.kind)
    {
    case Kind::established:
        if (const auto call = ringing_.find(event.attempt); call != ringing_.end())
        {
            known(call->second.request)->answered = true;
        }
        if (event.leg == pbx::Leg::second)
        {
            over(event.attempt); // they talk; nothing rings any more
        }
        break;
    case Kind::failed:
        if (event.leg == pbx::Leg::first)
        {
            over(event.attempt);
        }
        break;
    case Kind::connection_cleared:
    case Kind::announced:
        over(event.attempt);
        break;
    case Kind::link_lost:
    case Kind::link_regained:
        link_up_ = event.kind == Kind::link_regained;
        link_since_ = clock_.now();
        break;
    default:
        break;
    }
}

void Witness::over(AttemptId attempt)
{
    const auto call = ringing_.extract(attempt);
    if (call.empty())
    {
        return;
    }
    for (const auto* device : {&call.mapped().first, &call.mapped().second})
    {
        held_.erase(*device);
        changed_[*device] = clock_.now();
    }
}

void Witness::cleared(AttemptId attempt)
{
    over(attempt);
}

void Witness::found(AttemptId attempt, const std::optional<pbx::AttemptLegs>& legs)
{
    if (const auto call = ringing_.find(attempt); call != ringing_.end() && legs && legs->first_answered)
    {
        known(call->second.request)->answered = true;
    }
    if (!legs || (legs->first_answered && legs->second_answered))
    {
        over(attempt);
    }
}

void Witness::cleared_all_but(const std::set<AttemptId>& kept)
{
    std::vector<AttemptId> gone;
    for (const auto& [attempt, call] : ringing_)
    {
        if (!kept.contains(attempt))
        {
            gone.push_back(attempt);
        }
    }
    for (const auto attempt : gone)
    {
        over(attempt);
    }
}

void Witness::device_changed(const std::string& number)
{
    changed_[number] = clock_.now();
    for (const char digit : number)
    {
        stir(static_cast<unsigned char>(digit));
    }
}

// ---- results

void Witness::told_result(const std::string& number, RequestState state)
{
    const auto found = by_number_.find(number);
    if (found == by_number_.end())
    {
        note_broken(fmt::format("a result tells of request {}, which nobody has asked for", number));
        return;
    }
    Known& request = *known(found->second);
    ++request.results;
    if (request.state != state)
    {
        note_broken(
            fmt::format("the result of request {} says {}, but it is {}", number, word(state), word(request.state)));
    }
    if (request.results > 1)
    {
        note_broken(fmt::format("request {} has {} results", number, request.results));
    }
}

} // namespace ringpost::simulation
