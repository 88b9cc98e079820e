// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/driver.h"

#include "core/log.h"
#include "core/spawn.h"
#include "pbx/asterisk/causes.h"

#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

Driver::Driver(asio::any_io_executor executor, Clock& clock, DriverOptions options)
    : executor_(executor), clock_(clock), options_(std::move(options)), ids_(options_.gateway),
      plan_(options_.endpoint, options_.trunks, options_.as_dialled), rest_(options_.account), events_(executor),
      link_(executor, clock, options_.account, options_.link,
            {[this](const std::string& text) { on_message(text); },
             [this](std::uint64_t round) { spawn(executor_, "pbx.read", read_all(shared_from_this(), round)); },
             [this] {
                 Event lost;
                 lost.kind = Event::Kind::link_lost;
                 events_.post(std::move(lost));
                 // What becomes of the call is not told any more. Another Asterisk may be there afterwards.
                 leave_all_ports();
                 by_web_socket_.reset();
                 has_res_fax_.reset();
             },
             [this](std::uint64_t round) { spawn(executor_, "pbx.taken", ask_taken(shared_from_this(), round)); }})
{}

void Driver::start()
{
    link_.start();
}

void Driver::close()
{
    closed_ = true;
    leave_all_ports();
    link_.close();
    timers_.clear();
    hang_up_again_.clear();
    held_.clear();
    events_.close();
    rest_.close();
}

Result<> Driver::need_link() const
{
    if (!link_.up())
    {
        return fail(Errc::unavailable, "exchange", "the link to the exchange is down");
    }
    return {};
}

/// Tells what there is to tell and begins what there is to do.
void Driver::take(Step step)
{
    if (closed_)
    {
        return;
    }
    std::set<AttemptId> touched;
    for (Event& event : step.events)
    {
        touched.insert(event.attempt);
        events_.post(std::move(event));
    }
    for (const Act& act : step.acts)
    {
        touched.insert(act.attempt);
        if (act.what == Act::What::await_ringing_end || act.what == Act::What::await_announcement_end)
        {
            wait_for_end(act);
            continue;
        }
        spawn(executor_, "pbx.act", perform(shared_from_this(), act));
    }
    for (const AttemptId attempt : touched)
    {
        if (attempts_.find(attempt) == nullptr)
        {
            timers_.erase({attempt, Leg::first});
            timers_.erase({attempt, Leg::second});
            leave_port(attempt);
        }
    }
    let_go_what_may();
}

void Driver::wait_for_end(const Act& act)
{
    const Attempt* const attempt = attempts_.find(act.attempt);
    if (attempt == nullptr)
    {
        return;
    }
    const bool ringing = act.what == Act::What::await_ringing_end;
    const Duration ring_time = act.leg == Leg::first ? attempt->call().ring_first : attempt->call().ring_second;
    timers_[{act.attempt, act.leg}] = clock_.after(ringing ? ring_time : options_.announcement, [this, act, ringing] {
        timers_.erase({act.attempt, act.leg});
        take(ringing ? attempts_.ring_time_over(act.attempt, act.leg) : attempts_.announcement_over(act.attempt));
    });
}

void Driver::on_message(const std::string& text)
{
    const AriEvent event = read_ari_event(text);
    switch (event.kind)
    {
    case AriEvent::Kind::application_replaced:
        link_.replaced();
        return;
    case AriEvent::Kind::device_state:
    case AriEvent::Kind::endpoint_state:
        on_device(event);
        return;
    case AriEvent::Kind::ignored:
        return;
    default:
        on_leg(event);
    }
}

void Driver::on_leg(const AriEvent& event)
{
    if (const auto port = ids_.read_port(event.channel))
    {
        on_port(*port, event);
        return;
    }
    const bool playback = event.kind == AriEvent::Kind::playback_finished;
    const auto leg = ids_.read(playback ? event.playback : event.channel);
    if (!leg)
    {
        return;
    }
    if (playback)
    {
        take(attempts_.announcement_over(leg->first));
        return;
    }
    if (event.kind == AriEvent::Kind::dtmf)
    {
        on_digit(leg->first, leg->second, event.digit);
        return;
    }
    const bool known = attempts_.find(leg->first) != nullptr;
    if (!known && event.kind == AriEvent::Kind::destroyed)
    {
        // Perhaps of a conversation in a bridge that an earlier run of the gateway made.
        Step step;
        step.acts = {{Act::What::end_bridge, leg->first, Leg::first}};
        take(std::move(step));
        return;
    }
    take(attempts_.on(leg->first, leg->second, event));
}

void Driver::on_device(const AriEvent& event)
{
    const auto number = plan_.number(event.device);
    if (!number)
    {
        return;
    }
    if (event.kind == AriEvent::Kind::device_state)
    {
        device_now(*number, device_state_from(event.state));
    }
    else if (!devices_.state(*number))
    {
        spawn(executor_, "pbx.learn", learn(shared_from_this(), *number));
    }
}
} // namespace ringpost::pbx::asterisk
