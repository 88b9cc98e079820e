// SPDX-License-Identifier: Apache-2.0
// What the driver asks of Asterisk for an attempt.
#include "core/log.h"
#include "core/spawn.h"
#include "pbx/asterisk/causes.h"
#include "pbx/asterisk/driver.h"

#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

namespace
{
constexpr const char* resume = "resume";
constexpr const char* target = "RINGPOST_TARGET";

/// Our own clock ends the ringing. Asterisk's does where the gateway cannot any more, a little later.
int ring_seconds(Duration time)
{
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count()) + 1;
}

/// Until a leg that Asterisk would not end is ended again.
constexpr Duration breath = 1s;
} // namespace

Driver::Done Driver::make_call(Self self, MakeCall call)
{
    auto ready = self->need_link();
    if (ready.has_value())
    {
        ready = self->attempts_.make_call(call);
    }
    if (ready.has_error())
    {
        co_return ready;
    }
    ready = co_await dial(self, call.attempt, Leg::first);
    co_return ready;
}

Driver::Done Driver::alert_second(Self self, AttemptId attempt)
{
    auto ready = self->need_link();
    if (ready.has_value())
    {
        ready = self->attempts_.alert_second(attempt);
    }
    if (ready.has_error())
    {
        co_return ready;
    }
    ready = co_await dial(self, attempt, Leg::second);
    co_return ready;
}

/// Looks, and rings the device if it may be rung.
Driver::Done Driver::dial(Self self, AttemptId attempt, Leg leg)
{
    const Attempt* const known = self->attempts_.find(attempt);
    const MakeCall call = known->call();
    const DeviceId device = known->device(leg);
    const auto looked = co_await look(self, device);
    if (looked.has_error())
    {
        if (leg == Leg::first)
        {
            self->attempts_.forget(attempt);
        }
        else
        {
            self->take(self->attempts_.not_placed(attempt, leg));
        }
        co_return looked.error();
    }
    Step step = self->attempts_.looked(attempt, leg, *looked);
    const bool place = step.place;
    self->take(std::move(step));
    if (!place)
    {
        co_return Result<>{};
    }
    Originate wanted;
    wanted.id = self->ids_.leg(attempt, leg);
    wanted.endpoint = self->plan_.endpoint(device).value_or("");
    wanted.application = self->link_.options().application;
    wanted.caller_id = self->plan_.shown(leg == Leg::first ? call.show_first : call.show_second);
    Result<int> status = 0;
    if (leg == Leg::first)
    {
        if (call.fax)
        {
            wanted.t38 = co_await can_t38(self);
        }
        status = co_await self->rest_.make_leg(std::move(wanted));
    }
    else
    {
        wanted.originator = self->ids_.leg(attempt, Leg::first);
        wanted.seconds = ring_seconds(call.ring_second);
        status = co_await self->rest_.originate(std::move(wanted));
    }
    if (status.has_error())
    {
        self->take(self->attempts_.not_placed(attempt, leg));
        co_return status.error();
    }
    constexpr int conflict = 409;
    if (*status == conflict)
    {
        // Dialled by an earlier run of the gateway: its leg is left to whoever recovers it.
        leg == Leg::first ? self->attempts_.forget(attempt) : self->take(self->attempts_.not_placed(attempt, leg));
        co_return fail(Errc::conflict, "attempt " + std::to_string(attempt.value), "was dialled before");
    }
    const Cause cause = cause_of_status(*status, device.external());
    if (cause != Cause::none)
    {
        log::warning("pbx.not-dialled", {{"attempt", attempt}, {"device", device.number}, {"status", *status}});
    }
    self->take(self->attempts_.placed(attempt, leg, cause));
    co_return Result<>{};
}

/// Without res_fax, or where that cannot be told, a FAX goes as sound; and where our sound goes by RTP, from which
/// Asterisk's T.38 gateway makes T.38 in half of the calls only.
asio::awaitable<bool> Driver::can_t38(Self self)
{
    if (!self->options_.t38)
    {
        co_return false;
    }
    const auto by_web_socket = co_await audio_by_web_socket(self);
    if (by_web_socket.has_error() || !*by_web_socket)
    {
        co_return false;
    }
    if (!self->has_res_fax_)
    {
        const auto runs = co_await self->rest_.module_runs("res_fax.so");
        self->has_res_fax_ = runs.has_value() ? std::optional(*runs) : std::nullopt;
    }
    co_return self->has_res_fax_.value_or(false);
}

/// The cache is as new as the events; this is as new as the exchange.
asio::awaitable<Result<Cause>> Driver::look(Self self, DeviceId device)
{
    if (!self->plan_.endpoint(device))
    {
        co_return Cause::no_such_number;
    }
    if (device.external())
    {
        co_return Cause::none;
    }
    const auto heard = self->devices_.heard(device.number);
    const auto state = co_await ask_state(self, device.number);
    if (state.has_error())
    {
        co_return state.error();
    }
    if (!self->closed_ && heard == self->devices_.heard(device.number))
    {
        self->device_now(device.number, *state);
    }
    const bool ours = self->attempts_.use_of(device.number, AttemptBook::Calls::ours) >= AttemptBook::Use::ringing;
    co_return ours ? Cause::busy : cause_of_look(*state);
}

Driver::Done Driver::clear_call(Self self, AttemptId attempt)
{
    const auto ready = self->need_link();
    if (ready.has_error())
    {
        co_return ready;
    }
    // Nothing is taken from the step: what it would begin is done here, so that the caller knows how it ended.
    static_cast<void>(self->attempts_.clear(attempt));
    self->events_.drop(attempt);
    self->timers_.erase({attempt, Leg::first});
    self->timers_.erase({attempt, Leg::second});
    self->leave_port(attempt);
    Result<> done;
    for (const Leg leg : {Leg::second, Leg::first})
    {
        const auto ended = co_await self->rest_.hang_up(self->ids_.leg(attempt, leg));
        if (ended.has_error())
        {
            done = ended.error();
        }
    }
    const auto bridge = co_await end_bridge(self, attempt);
    if (bridge.has_error() && done.has_value())
    {
        done = bridge;
    }
    self->let_go_what_may();
    co_return done;
}

Driver::Done Driver::announce(Self self, AttemptId attempt, Announcement announcement)
{
    const auto ready = self->need_link();
    if (ready.has_error())
    {
        co_return ready;
    }
    auto step = self->attempts_.announce(attempt, announcement);
    if (step.has_error())
    {
        co_return step.error();
    }
    co_await take_port(self, attempt);
    self->take(std::move(*step));
    co_return Result<>{};
}

asio::awaitable<void> Driver::perform(Self self, Act act)
{
    switch (act.what)
    {
    case Act::What::dial:
        co_await ring_device(self, act);
        break;
    case Act::What::ring_back: {
        const auto ringing = co_await self->rest_.ring(self->ids_.leg(act.attempt, Leg::first), true);
        if (ringing.has_error())
        {
            log::debug("pbx.no-ring-back", {{"why", ringing.error().message()}});
        }
        break;
    }
    case Act::What::connect:
        co_await connect(self, act.attempt);
        break;
    case Act::What::play:
        co_await play(self, act.attempt);
        break;
    case Act::What::hang_up:
        co_await hang_up(self, act);
        break;
    case Act::What::end_bridge: {
        const auto ended = co_await end_bridge(self, act.attempt);
        if (ended.has_error())
        {
            log::warning("pbx.bridge-left", {{"attempt", act.attempt}, {"why", ended.error().message()}});
        }
        break;
    }
    case Act::What::await_ringing_end:
    case Act::What::await_announcement_end:
        break;
    }
}

asio::awaitable<void> Driver::ring_device(Self self, Act act)
{
    const Attempt* const known = self->attempts_.find(act.attempt);
    if (known == nullptr)
    {
        co_return;
    }
    const DeviceId& device = known->device(act.leg);
    const auto state = device.external() ? std::nullopt : self->newest(device.number);
    const Cause cause = state ? cause_of_look(*state) : Cause::none;
    if (cause != Cause::none)
    {
        // Somebody was quicker: since the look its person has lifted the receiver, or is being called.
        self->take(self->attempts_.not_rung(act.attempt, act.leg, cause));
        co_return;
    }
    const Duration time = act.leg == Leg::first ? known->call().ring_first : known->call().ring_second;
    const auto rung = co_await self->rest_.dial(self->ids_.leg(act.attempt, act.leg), ring_seconds(time));
    // Not found, conflict: it is ended already, of which an event tells.
    const bool ended =
        rung.has_error() && (rung.error().code() == Errc::not_found || rung.error().code() == Errc::conflict);
    if (rung.has_error() && !ended && !self->closed_)
    {
        log::warning("pbx.not-rung", {{"attempt", act.attempt}, {"why", rung.error().message()}});
        self->take(self->attempts_.not_rung(act.attempt, act.leg, Cause::congestion));
    }
}

asio::awaitable<void> Driver::hang_up(Self self, Act act)
{
    const auto there = co_await self->rest_.hang_up(self->ids_.leg(act.attempt, act.leg));
    if (self->closed_)
    {
        co_return;
    }
    const LegKey key{act.attempt, act.leg};
    if (there.has_error())
    {
        log::warning("pbx.not-hung-up", {{"attempt", act.attempt}, {"why", there.error().message()}});
        // While the link is down there is nobody to ask; what is read after the next connection ends what was given up.
        self->hang_up_again_[key] = self->clock_.after(breath, [driver = self.get(), key] {
            driver->hang_up_again_.erase(key);
            if (driver->link_.up())
            {
                Step step;
                step.acts = {{Act::What::hang_up, key.first, key.second}};
                driver->take(std::move(step));
            }
        });
        co_return;
    }
    if (!*there)
    {
        self->take(self->attempts_.gone(act.attempt, act.leg));
    }
}

asio::awaitable<void> Driver::connect(Self self, AttemptId attempt)
{
    const Attempt* const known = self->attempts_.find(attempt);
    if (known == nullptr)
    {
        co_return;
    }
    const std::string second = known->channel_name(Leg::second);
    co_await take_port(self, attempt);
    Connection connection = Connection::handed_over;
    Result<> done = co_await hand_over(self, attempt, second);
    if (done.has_error())
    {
        log::info("pbx.not-handed-over", {{"attempt", attempt}, {"why", done.error().message()}});
        connection = Connection::bridged;
        done = co_await bridge(self, attempt);
    }
    if (done.has_error())
    {
        log::warning("pbx.not-connected", {{"attempt", attempt}, {"why", done.error().message()}});
        connection = Connection::failed;
        for (const Leg leg : {Leg::first, Leg::second})
        {
            const auto found = co_await self->rest_.channel(self->ids_.leg(attempt, leg));
            if (found.has_value() && !*found && !self->closed_)
            {
                self->take(self->attempts_.gone(attempt, leg));
            }
        }
    }
    if (!self->closed_)
    {
        self->take(self->attempts_.connected(attempt, connection));
    }
}

/// The PBX makes an ordinary call of the two legs, which lives without the gateway.
Driver::Done Driver::hand_over(Self self, AttemptId attempt, std::string second_name)
{
    const std::string first = self->ids_.leg(attempt, Leg::first);
    static_cast<void>(co_await self->rest_.ring(first, false));
    const auto exists =
        co_await self->rest_.variable(first, "DIALPLAN_EXISTS(" + self->options_.context + "," + resume + ",1)");
    if (exists.has_error())
    {
        co_return exists.error();
    }
    if (*exists != "1")
    {
        co_return fail(Errc::not_found, self->options_.context, "the dialplan has no extension resume there");
    }
    Result<> done = co_await self->rest_.set_variable(first, target, second_name);
    if (done.has_value())
    {
        done = co_await self->rest_.continue_in(first, self->options_.context, resume);
    }
    co_return done;
}

Driver::Done Driver::bridge(Self self, AttemptId attempt)
{
    const std::string id = self->ids_.bridge(attempt);
    Result<> done = co_await self->rest_.make_bridge(id);
    if (done.has_value())
    {
        std::vector<std::string> legs{self->ids_.leg(attempt, Leg::first), self->ids_.leg(attempt, Leg::second)};
        done = co_await self->rest_.join(id, std::move(legs));
        if (done.has_error())
        {
            static_cast<void>(co_await self->rest_.end_bridge(id));
        }
    }
    co_return done;
}

Driver::Done Driver::end_bridge(Self self, AttemptId attempt)
{
    const std::string id = self->ids_.bridge(attempt);
    const auto channels = co_await self->rest_.bridge(id);
    if (channels.has_error())
    {
        co_return channels.error();
    }
    if (!*channels)
    {
        co_return Result<>{};
    }
    Result<> done;
    for (const std::string& channel : **channels)
    {
        const auto ended = co_await self->rest_.hang_up(channel);
        if (ended.has_error())
        {
            done = ended.error();
        }
    }
    if (done.has_value())
    {
        done = co_await self->rest_.end_bridge(id);
    }
    co_return done;
}

asio::awaitable<void> Driver::play(Self self, AttemptId attempt)
{
    const Attempt* const known = self->attempts_.find(attempt);
    if (known == nullptr)
    {
        co_return;
    }
    const std::string media = self->sound(known->announcement());
    const std::string leg = self->ids_.leg(attempt, Leg::first);
    static_cast<void>(co_await self->rest_.ring(leg, false));
    const auto playing = co_await self->rest_.play(leg, media, leg);
    if (playing.has_error() && !self->closed_)
    {
        log::warning("pbx.not-announced", {{"attempt", attempt}, {"why", playing.error().message()}});
        self->take(self->attempts_.announcement_over(attempt));
    }
}

const std::string& Driver::sound(Announcement announcement) const
{
    switch (announcement)
    {
    case Announcement::source_busy:
        return options_.source_busy;
    case Announcement::source_no_answer:
        return options_.source_no_answer;
    case Announcement::destination_failed:
        break;
    }
    return options_.destination_failed;
}
} // namespace ringpost::pbx::asterisk
