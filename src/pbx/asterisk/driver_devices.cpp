// SPDX-License-Identifier: Apache-2.0
// The devices: what is told of them, and when. A device never tells before the attempt that it belongs to: the two come
// on different sockets, so that its state waits, for a moment at most, until the leg has told the same.
#include "core/spawn.h"
#include "pbx/asterisk/causes.h"
#include "pbx/asterisk/driver.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

namespace
{
/// Measured: events of channel and device are less than 1 ms apart.
constexpr Duration longest_hold = 1s;
constexpr std::size_t most_at_once = 100; ///< devices in a request; Asterisk takes bodies of 40 kB
using Use = AttemptBook::Use;
using Calls = AttemptBook::Calls;
} // namespace

DeviceState Driver::snapshot(const DeviceId& device) const
{
    if (device.external())
    {
        return DeviceState::cannot_know;
    }
    const auto cached = devices_.state(device.number);
    const Use use = attempts_.use_of(device.number, Calls::ours);
    if (cached && in_use(*cached))
    {
        return *cached == DeviceState::ringing && use == Use::answered ? DeviceState::talking : *cached;
    }
    // Our own legs are known before their device tells.
    if (use == Use::answered)
    {
        return DeviceState::talking;
    }
    if (use == Use::ringing)
    {
        return DeviceState::ringing;
    }
    return cached.value_or(devices_known_ ? DeviceState::no_such : DeviceState::cannot_know);
}

Result<> Driver::monitor_start(const DeviceId& device)
{
    if (device.external())
    {
        return fail(Errc::unsupported, device.number, "an external device cannot be monitored");
    }
    if (devices_known_ && !devices_.state(device.number))
    {
        // It may have been added since; then the next time finds it.
        spawn(executor_, "pbx.learn", learn(shared_from_this(), device.number));
        return fail(Errc::not_found, device.number, "there is no such device");
    }
    devices_.monitor(device.number, true);
    return {};
}

void Driver::device_now(const std::string& number, DeviceState state)
{
    Held& held = held_[number];
    const bool news = devices_.state(number) != state;
    if (held.states.empty() && !(news && must_wait(number, state)))
    {
        held_.erase(number);
        apply(number, state);
        return;
    }
    held.states.push_back(state);
    if (!held.limit.set())
    {
        held.limit = clock_.after(longest_hold, [this, number] { let_go(number, true); });
    }
}

void Driver::apply(const std::string& number, DeviceState state)
{
    for (Event& event : devices_.now(number, state))
    {
        events_.post(std::move(event));
    }
}

bool Driver::must_wait(const std::string& number, DeviceState state) const
{
    const Use use = attempts_.use_of(number, Calls::handed_over_too);
    if (state == DeviceState::talking || state == DeviceState::held)
    {
        return use == Use::dialling || use == Use::ringing;
    }
    const bool ended = state == DeviceState::idle || state == DeviceState::unreachable;
    return ended && use != Use::none;
}

/// Also what is not told yet.
std::optional<DeviceState> Driver::newest(const std::string& number) const
{
    const auto held = held_.find(number);
    return held == held_.end() || held->second.states.empty() ? devices_.state(number) : held->second.states.back();
}

void Driver::let_go(const std::string& number, bool all)
{
    const auto found = held_.find(number);
    if (found == held_.end())
    {
        return;
    }
    std::vector<DeviceState> states = std::move(found->second.states);
    std::size_t gone = 0;
    while (gone < states.size() && (all || !must_wait(number, states[gone])))
    {
        apply(number, states[gone]);
        ++gone;
    }
    states.erase(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(gone));
    if (states.empty())
    {
        held_.erase(found);
    }
    else
    {
        found->second.states = std::move(states);
    }
}

void Driver::let_go_what_may()
{
    std::vector<std::string> numbers;
    for (const auto& [number, held] : held_)
    {
        numbers.push_back(number);
    }
    for (const std::string& number : numbers)
    {
        let_go(number, false);
    }
}

/// The state now. Where an event came while it was asked for, the event is newer or the same.
asio::awaitable<Result<DeviceState>> Driver::ask_state(Self self, std::string number)
{
    const auto said = co_await self->rest_.device_state(self->plan_.device(number));
    if (said.has_error())
    {
        co_return said.error();
    }
    co_return device_state_from(*said);
}

/// Each by itself, never all with one word (`subscribeAll`): where the socket of an application that hears of all
/// devices dies while the state of any changes, Asterisk's ARI comes to a standstill (docs/asterisk.md).
Driver::Done Driver::hear_of(Self self, std::vector<std::string> numbers)
{
    Result<> done;
    for (std::size_t begin = 0; begin < numbers.size() && done.has_value(); begin += most_at_once)
    {
        std::vector<std::string> sources;
        for (std::size_t i = begin; i < std::min(begin + most_at_once, numbers.size()); ++i)
        {
            sources.push_back("deviceState:" + self->plan_.device(numbers[i]));
        }
        done = co_await self->rest_.subscribe(self->link_.device_application(), std::move(sources));
    }
    co_return done;
}

/// A device that was not there before. One that does not exist is not listened to either.
asio::awaitable<void> Driver::learn(Self self, std::string number)
{
    const auto before = co_await ask_state(self, number);
    if (before.has_error() || *before == DeviceState::no_such)
    {
        co_return;
    }
    std::vector<std::string> numbers{number};
    const auto listening = co_await hear_of(self, std::move(numbers));
    if (listening.has_error())
    {
        co_return;
    }
    const auto heard = self->devices_.heard(number);
    const auto state = co_await ask_state(self, number);
    if (state.has_value() && !self->closed_ && heard == self->devices_.heard(number))
    {
        self->device_now(number, *state);
    }
}
} // namespace ringpost::pbx::asterisk
