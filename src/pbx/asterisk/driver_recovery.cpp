// SPDX-License-Identifier: Apache-2.0
// What is read after each connection, because nothing is told of what happened before: and what is found of attempts
// that an earlier run of the gateway has made.
#include "core/log.h"
#include "pbx/asterisk/causes.h"
#include "pbx/asterisk/driver.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

namespace
{
/// In an application of ARI, or on the way there (the originating end before its StasisStart).
bool in_our_hands(const Channel& channel)
{
    return channel.state != ChannelState::up || channel.application == "Stasis" || channel.application == "AppDial2";
}
} // namespace

asio::awaitable<void> Driver::read_all(Self self, std::uint64_t round)
{
    std::vector<std::string> types{"DeviceStateChanged", "EndpointStateChange", "ApplicationReplaced"};
    Result<> read = co_await self->rest_.filter(self->link_.device_application(), std::move(types));
    if (read.has_value() && self->link_.current(round))
    {
        std::vector<std::string> sources{"endpoint:" + self->plan_.technology()}; // tells of new ones
        read = co_await self->rest_.subscribe(self->link_.device_application(), std::move(sources));
    }
    std::vector<std::pair<std::string, DeviceState>> states;
    if (read.has_value() && self->link_.current(round))
    {
        read = co_await read_devices(self, states);
    }
    std::vector<Channel> channels;
    if (read.has_value() && self->link_.current(round))
    {
        auto list = co_await self->rest_.channels();
        read = list.has_value() ? Result<>() : Result<>(list.error());
        channels = list.has_value() ? std::move(*list) : channels;
    }
    std::set<std::string> bridges;
    if (read.has_value() && self->link_.current(round))
    {
        const auto list = co_await self->rest_.bridges();
        read = list.has_value() ? Result<>() : Result<>(list.error());
        bridges = list.has_value() ? std::set(list->begin(), list->end()) : bridges;
    }
    if (read.has_error())
    {
        self->link_.broken(round, read.error());
        co_return;
    }
    if (!self->link_.up(round))
    {
        co_return;
    }
    self->devices_known_ = true;
    Event regained;
    regained.kind = Event::Kind::link_regained;
    self->events_.post(std::move(regained));
    self->compare(channels);
    for (const auto& [number, state] : states)
    {
        self->device_now(number, state);
    }
    for (const Channel& channel : channels)
    {
        bridges.insert(channel.id);
    }
    co_await free_left_ports(self, std::move(bridges));
}

asio::awaitable<void> Driver::ask_taken(Self self, std::uint64_t round)
{
    const auto there = co_await self->rest_.application(self->link_.presence_application());
    if (!self->closed_)
    {
        self->link_.taken(round, there.has_value() || there.error().code() != Errc::not_found);
    }
}

/// Those that an event told of meanwhile are not in `found`: the event is newer.
Driver::Done Driver::read_devices(Self self, std::vector<std::pair<std::string, DeviceState>>& found)
{
    const auto endpoints = co_await self->rest_.endpoints(self->plan_.technology());
    if (endpoints.has_error())
    {
        co_return endpoints.error();
    }
    std::set<std::string> numbers;
    for (const Endpoint& endpoint : *endpoints)
    {
        if (auto number = self->plan_.number(endpoint.name))
        {
            numbers.insert(std::move(*number));
        }
    }
    for (const std::string& number : self->devices_.numbers())
    {
        if (!numbers.contains(number))
        {
            found.emplace_back(number, DeviceState::no_such);
        }
    }
    Result<> listening = co_await hear_of(self, {numbers.begin(), numbers.end()});
    if (listening.has_error())
    {
        co_return listening.error();
    }
    for (const std::string& number : numbers)
    {
        const auto heard = self->devices_.heard(number);
        const auto state = co_await ask_state(self, number);
        if (state.has_error())
        {
            co_return state.error();
        }
        if (heard == self->devices_.heard(number))
        {
            found.emplace_back(number, *state);
        }
    }
    co_return Result<>{};
}

/// Legs that ended unheard are made good; those given up that are still there are ended.
void Driver::compare(const std::vector<Channel>& channels)
{
    std::set<std::string> there;
    for (const Channel& channel : channels)
    {
        there.insert(channel.id);
        const auto leg = ids_.read(channel.id);
        if (!leg)
        {
            continue;
        }
        if (attempts_.condemned(leg->first, leg->second))
        {
            Step step;
            step.acts = {{Act::What::hang_up, leg->first, leg->second}};
            take(std::move(step));
            continue;
        }
        take(attempts_.found(leg->first, leg->second, channel));
    }
    for (const AttemptId attempt : attempts_.all())
    {
        for (const Leg leg : {Leg::first, Leg::second})
        {
            if (!there.contains(ids_.leg(attempt, leg)))
            {
                take(attempts_.gone(attempt, leg));
            }
        }
    }
}

asio::awaitable<Result<std::optional<AttemptLegs>>> Driver::find_attempt(Self self, AttemptId attempt)
{
    const auto ready = self->need_link();
    if (ready.has_error())
    {
        co_return ready.error();
    }
    AttemptLegs legs;
    const Attempt* const known = self->attempts_.find(attempt);
    if (known != nullptr && known->connecting(Leg::second))
    {
        co_return fail(Errc::unavailable, "attempt " + std::to_string(attempt.value), "is just being connected");
    }
    bool in_our_hands_yet = true;
    std::string second_name; // that leg is asked last
    bool any = known != nullptr && (known->dialling(Leg::first) || known->dialling(Leg::second));
    for (const Leg leg : {Leg::first, Leg::second})
    {
        const auto channel = co_await self->rest_.channel(self->ids_.leg(attempt, leg));
        if (channel.has_error())
        {
            co_return channel.error();
        }
        const bool answered = *channel && (*channel)->state == ChannelState::up;
        any = any || *channel;
        in_our_hands_yet = in_our_hands_yet && *channel && answered && in_our_hands(**channel);
        second_name = *channel ? (*channel)->name : std::string{};
        (leg == Leg::first ? legs.first_answered : legs.second_answered) = answered;
    }
    if (in_our_hands_yet && known == nullptr)
    {
        // The gateway died after the second had answered: they hear nothing before somebody connects them.
        const auto joined = co_await join_left(self, attempt, std::move(second_name));
        if (joined.has_error())
        {
            co_return joined.error();
        }
    }
    co_return any ? std::optional(legs) : std::nullopt;
}

/// Connects two legs of an earlier run, unless they are in a bridge already.
Driver::Done Driver::join_left(Self self, AttemptId attempt, std::string second_name)
{
    const auto together = co_await self->rest_.bridge(self->ids_.bridge(attempt));
    if (together.has_error())
    {
        co_return together.error();
    }
    if (*together && (*together)->size() > 1)
    {
        co_return Result<>{};
    }
    Result<> done = co_await hand_over(self, attempt, std::move(second_name));
    if (done.has_error())
    {
        done = co_await bridge(self, attempt);
    }
    co_return done;
}

Driver::Done Driver::clear_orphans(Self self, std::set<AttemptId> keep)
{
    const auto ready = self->need_link();
    if (ready.has_error())
    {
        co_return ready;
    }
    const auto channels = co_await self->rest_.channels();
    if (channels.has_error())
    {
        co_return channels.error();
    }
    Result<> done;
    for (const Channel& channel : *channels)
    {
        if (channel.id.starts_with(self->ids_.probe()))
        {
            static_cast<void>(co_await self->rest_.hang_up(channel.id));
            continue;
        }
        const auto leg = self->ids_.read(channel.id);
        if (!leg || keep.contains(leg->first))
        {
            continue;
        }
        const Attempt* const known = self->attempts_.find(leg->first);
        if (known != nullptr && known->connecting(Leg::second))
        {
            done = fail(Errc::unavailable, channel.id, "is just being connected");
            continue;
        }
        const auto orphan = co_await orphaned(self, channel, leg->first);
        if (orphan.has_error())
        {
            done = orphan.error();
            continue;
        }
        if (!*orphan)
        {
            continue;
        }
        log::warning("pbx.orphan", {{"attempt", leg->first}, {"channel", channel.name}});
        static_cast<void>(self->attempts_.clear(leg->first));
        const auto ended = co_await self->rest_.hang_up(channel.id);
        if (ended.has_error())
        {
            done = ended.error();
        }
    }
    co_return done;
}

/// Not part of a conversation, be it the PBX's or in a bridge of ours.
asio::awaitable<Result<bool>> Driver::orphaned(Self self, Channel channel, AttemptId attempt)
{
    if (!in_our_hands(channel))
    {
        co_return false;
    }
    const auto bridge = co_await self->rest_.bridge(self->ids_.bridge(attempt));
    if (bridge.has_error())
    {
        co_return bridge.error();
    }
    const std::vector<std::string> together = bridge->value_or(std::vector<std::string>{});
    const bool in_it = std::find(together.begin(), together.end(), channel.id) != together.end();
    co_return !(in_it && together.size() > 1);
}
} // namespace ringpost::pbx::asterisk
