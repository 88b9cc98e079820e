// SPDX-License-Identifier: Apache-2.0
// Who waits for what and how long, and what is looked at between two events and at the end.
#include "simulation/witness.h"

#include <fmt/format.h>

namespace ringpost::simulation
{
namespace
{
using store::Wait;

/// Whose turn it is, and who could be dialled, is dialled within this: guard time, or the look at all who wait for a
/// release (5 minutes), and then some.
constexpr Duration due_patience = 3min;
constexpr Duration release_patience = 7min;
/// After its monitor time a request ends within this; after its end nothing of it rings any longer than this.
constexpr Duration end_patience = 1min;
} // namespace

void Witness::count_silent(const Known& was, const store::Request& is)
{
    const auto waits = [](RequestState state, Wait wait) {
        return state == RequestState::waiting && wait == Wait::use;
    };
    auto& silent = silent_[was.destination];
    if (waits(was.state, was.wait))
    {
        --silent;
        silent_until_[was.destination] = clock_.now();
    }
    silent += waits(is.state, is.wait) ? 1U : 0U;
}

bool Witness::silent(const std::string& device) const
{
    const auto now = silent_.find(device);
    const auto until = silent_until_.find(device);
    return (now != silent_.end() && now->second > 0) ||
           (until != silent_until_.end() && until->second >= clock_.now() - release_patience);
}

void Witness::check_reservations(std::size_t attempts, std::size_t unsettled, std::size_t reserved)
{
    // An unsettled attempt that this run did not begin holds no device.
    if (reserved < 2 * attempts || reserved > 2 * (attempts + unsettled))
    {
        note_broken(fmt::format("{} attempts (and {} unsettled) hold {} devices", attempts, unsettled, reserved));
    }
}

Instant Witness::idle_since(const std::string& device) const
{
    const bool used = held_.contains(device) || (!pbx::DeviceId{device}.external() &&
                                                 exchange_.snapshot_device({device}) != pbx::DeviceState::idle);
    if (used)
    {
        return Instant::max();
    }
    const auto change = changed_.find(device);
    return change == changed_.end() ? Instant{} : change->second;
}

void Witness::check_patience(bool room)
{
    const Instant now = clock_.now();
    for (const auto id : open_)
    {
        const Known& request = *known(id);
        if (request.expires_at && *request.expires_at + end_patience < now &&
            request.state != RequestState::dialling_second && link_up_ && link_since_ + end_patience < now)
        {
            note_broken(
                fmt::format("request {} is {} though its monitor time has ended", request.number, word(request.state)));
        }
        if (room && link_up_ && link_since_ + release_patience < now)
        {
            check_waits(request);
        }
    }
    for (const auto& [attempt, call] : ringing_)
    {
        const Known& request = *known(call.request);
        if (is_end(request.state) && request.since + end_patience < now && link_up_ && link_since_ + end_patience < now)
        {
            note_broken(fmt::format("attempt {} goes on after the end of request {}", attempt.value, request.number));
        }
    }
}

void Witness::check_waits(const Known& request)
{
    const Instant now = clock_.now();
    if (request.state == RequestState::suspended)
    {
        if (request.wait == Wait::source && request.since + release_patience < now &&
            idle_since(request.source) < now - release_patience)
        {
            note_broken(fmt::format("request {} waits for {}, which is free", request.number, request.source));
        }
        return;
    }
    if (request.state != RequestState::waiting || idle_since(request.source) == Instant::max())
    {
        return;
    }
    const Instant free = std::max(idle_since(request.destination), idle_since(request.source));
    const bool overdue = request.wait == Wait::none && request.wake_at && *request.wake_at + due_patience < now &&
                         free < now - due_patience;
    const bool forgotten = request.wait == Wait::release && request.since + release_patience < now &&
                           idle_since(request.destination) < now - release_patience && !silent(request.destination);
    if (overdue || forgotten)
    {
        note_broken(fmt::format("request {} waits for {}, though it is its turn", request.number, request.destination));
    }
}

void Witness::check_end()
{
    for (const Known& request : requests_)
    {
        if (!is_end(request.state))
        {
            note_broken(fmt::format("request {} has not ended: it is {}", request.number, word(request.state)));
        }
        if (request.results != (request.wants_result ? 1 : 0) && request.cause != Cause::refused)
        {
            note_broken(fmt::format("request {} has {} results", request.number, request.results));
        }
    }
    for (const auto& [device, attempt] : held_)
    {
        note_broken(fmt::format("attempt {} still has {}", attempt.value, device));
    }
}
} // namespace ringpost::simulation
