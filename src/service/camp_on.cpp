// SPDX-License-Identifier: Apache-2.0
#include "service/camp_on.h"

#include <algorithm>

namespace ringpost::service
{
namespace
{
using store::Wait;
using What = AttemptChange::What;

bool has_ended(const Request& request)
{
    return is_end(request.state);
}

bool dialling(const Request& request)
{
    return request.state == RequestState::dialling_first || request.state == RequestState::dialling_second;
}

/// The cause of an attempt's end as the result names it: a source that fails is told apart from the destination.
Cause cause_of(Side side, Cause cause)
{
    if (side == Side::destination)
    {
        return cause;
    }
    switch (cause)
    {
    case Cause::busy:
    case Cause::rejected:
        return Cause::source_busy;
    case Cause::no_answer:
        return Cause::source_no_answer;
    default:
        return cause;
    }
}

class Step
{
public:
    Step(const Request& request, Instant now, const CampOnRules& rules) : now_(now), rules_(rules)
    {
        transition_.after = request;
    }

    Transition take() && { return std::move(transition_); }

    void operator()(const event::Determined&)
    {
        if (r().state != RequestState::held || r().wake_at)
        {
            return;
        }
        applied();
        if (r().trigger == Trigger::user_reception)
        {
            r().state = RequestState::awaiting_reception;
            return;
        }
        begin();
    }

    void operator()(const event::Begin& step)
    {
        if (r().state != RequestState::held || !r().part_of || r().wake_at)
        {
            return;
        }
        applied();
        if (!step.why_not.empty())
        {
            transition_.why = step.why_not;
            end(RequestState::failed, Cause::no_such_number);
            return;
        }
        if (!step.open_call)
        {
            begin();
            return;
        }
        // Also in hours in which nobody is to be rung: the addressee is on the telephone, and has asked for it.
        r().expires_at = now_ + monitor_time();
        r().state = RequestState::dialling_second;
        r().attempt = step.open_call;
        // Of a voice nothing is heard before it begins (FirstAnswered).
        r().first_answered = r().medium != Medium::voice;
    }

    void operator()(const event::Performed& performed)
    {
        if (r().state != RequestState::dialling_second || r().attempt != performed.attempt)
        {
            return;
        }
        const Performance& how = performed.how;
        r().heard = how.heard;
        if (how.pages.value_or(0) > r().pages.value_or(0))
        {
            r().fax_calls = 0;
        }
        r().pages = how.pages;
        r().bit_rate = how.bit_rate;
        r().remote_id = how.remote_id;
        transition_.call_open = how.open;
        transition_.connect = how.connect;
        transition_.answer = how.answer;
        if (!how.open)
        {
            transition_.attempt = {What::end, how.cause, false};
        }
        if (how.cause == Cause::none)
        {
            end(RequestState::connected, Cause::none);
            return;
        }
        r().last_cause = how.cause;
        if (how.retry && r().fax_calls < rules_.fax_calls)
        {
            // A machine has answered: the next call goes on behind the pages that it has confirmed.
            retry(Side::destination, how.cause, false);
            return;
        }
        transition_.why = how.why;
        end(RequestState::failed, how.cause);
    }

    void operator()(const event::Progressed& progressed)
    {
        if (r().state != RequestState::dialling_second || r().attempt != progressed.attempt)
        {
            return;
        }
        applied();
        const Progress& how = progressed.how;
        r().fax_calls = 0;
        r().pages = how.pages;
        r().bit_rate = how.bit_rate;
        r().remote_id = how.remote_id;
        if (how.whole)
        {
            // Finished with the last page; what the two machines still say to each other changes nothing, nor does a
            // crash in it.
            transition_.attempt = {What::end, Cause::none, false};
            end(RequestState::connected, Cause::none);
        }
    }

    void operator()(const event::Unusable& unusable)
    {
        if (dialling(r()) && r().attempt == unusable.attempt)
        {
            // Nothing was rung for it.
            r().attempts -= r().state == RequestState::dialling_first ? 1 : 0;
            r().last_cause = unusable.cause;
            transition_.attempt = {What::end, unusable.cause, false};
            transition_.why = unusable.why;
            end(RequestState::failed, unusable.cause);
        }
    }

    void operator()(const event::ScenarioWaits& waits)
    {
        if (r().scenario && !has_ended(r()))
        {
            applied();
            r().wake_at = waits.until;
        }
    }

    void operator()(const event::ScenarioEnded& ended)
    {
        if (r().scenario && !has_ended(r()))
        {
            r().last_cause = ended.cause;
            end(ended.cause == Cause::none ? RequestState::connected : RequestState::failed, ended.cause);
        }
    }

    void operator()(const event::Received&)
    {
        if (r().state != RequestState::awaiting_reception)
        {
            return;
        }
        applied();
        begin();
    }

    void operator()(const event::DeletedUnread&)
    {
        if (r().state == RequestState::awaiting_reception)
        {
            transition_.why = "deleted-unread";
            end(RequestState::failed, Cause::declined);
        }
    }

    void operator()(const event::Woken& woken)
    {
        if (has_ended(r()) || !r().wake_at || *r().wake_at > now_)
        {
            return;
        }
        if (over())
        {
            expire(woken.rung);
            return;
        }
        if (r().state == RequestState::held && r().scenario && !quiet())
        {
            applied();
            r().wake_at = std::nullopt;
            transition_.scenario = true;
            return;
        }
        if (r().state == RequestState::held && !r().expires_at)
        {
            applied();
            begin();
            return;
        }
        if (r().state == RequestState::held || r().state == RequestState::waiting ||
            r().state == RequestState::suspended)
        {
            // Time to look again: as one that waits for nothing else. Its place in the queue stays.
            applied();
            r().state = RequestState::waiting;
            r().wait = Wait::none;
            r().wake_at = now_;
        }
    }

    void operator()(const event::Queued&)
    {
        if (r().state == RequestState::waiting)
        {
            applied();
            // A periodic one keeps its cycle, should the release that it waits for come to nothing.
            wait(Wait::release, r().retry_every ? now_ + *r().retry_every : *r().expires_at);
        }
    }

    void operator()(const event::Looked& look)
    {
        if (r().state != RequestState::waiting)
        {
            return;
        }
        const Cause cause = cause_of(look.side, look.cause);
        r().attempts += 1;
        r().last_cause = cause;
        transition_.attempt = {What::insert_look, cause, false};
        retry(look.side, look.cause, look.monitorable);
    }

    void operator()(const event::NoPort&)
    {
        if (r().state == RequestState::waiting)
        {
            applied();
            wait(Wait::port, *r().expires_at);
        }
    }

    void operator()(const event::PortFree&)
    {
        if (r().state == RequestState::waiting && r().wait == Wait::port)
        {
            applied();
            wait(Wait::none, now_);
        }
    }

    void operator()(const event::Dial&)
    {
        if (r().state != RequestState::waiting || over())
        {
            return;
        }
        applied();
        if (quiet())
        {
            hold();
            return;
        }
        r().state = RequestState::dialling_first;
        r().first_answered = false;
        r().attempts += 1;
        r().wait = Wait::none;
        r().wake_at = r().expires_at;
        transition_.attempt = {What::insert, Cause::none, false};
    }

    void operator()(const event::FirstAnswered& answered)
    {
        if (r().state == RequestState::dialling_first && r().attempt == answered.attempt)
        {
            applied();
            r().state = RequestState::dialling_second;
            r().first_answered = true;
            r().fax_calls += r().medium == Medium::fax ? 1 : 0;
            // Whoever has answered is not cut off by the monitor time: the attempt is brought to its end.
            r().wake_at = std::nullopt;
            transition_.attempt = {What::first_answered, Cause::none, false};
        }
        else if (r().state == RequestState::dialling_second && r().attempt == answered.attempt && !r().first_answered)
        {
            applied();
            r().first_answered = true;
        }
    }

    void operator()(const event::Connected& connected)
    {
        if (r().state == RequestState::dialling_second && r().attempt == connected.attempt)
        {
            transition_.attempt = {What::second_answered, Cause::none, false};
            end(RequestState::connected, Cause::none);
        }
    }

    void operator()(const event::LegFailed& failed)
    {
        if (!dialling(r()) || r().attempt != failed.attempt)
        {
            return;
        }
        const Side side = side_of(r(), failed.leg);
        const Cause cause = cause_of(side, failed.cause);
        r().last_cause = cause;
        transition_.attempt = {What::end, cause, false};
        if (failed.leg == pbx::Leg::second)
        {
            // Whoever answered first is not rung again for this request (spec 3).
            end(RequestState::failed, cause);
            return;
        }
        if (failed.cause == Cause::busy || failed.cause == Cause::no_answer || failed.cause == Cause::unreachable ||
            failed.cause == Cause::congestion)
        {
            retry(side, failed.cause, failed.monitorable);
            return;
        }
        end(RequestState::failed, cause);
    }

    void operator()(const event::FirstHungUp& hung_up)
    {
        if (dialling(r()) && r().attempt == hung_up.attempt)
        {
            r().last_cause = Cause::declined;
            transition_.attempt = {What::end, Cause::declined, false};
            transition_.why = "first-hung-up";
            end(RequestState::failed, Cause::declined);
        }
    }

    void operator()(const event::SourceFree&)
    {
        if (r().state == RequestState::suspended)
        {
            applied();
            r().state = RequestState::waiting;
            wait(Wait::none, now_);
        }
    }

    void operator()(const event::Interrupted& interrupted)
    {
        if (!dialling(r()) || r().attempt != interrupted.attempt)
        {
            return;
        }
        transition_.attempt = {What::end, Cause::error, true};
        const bool begun = r().state == RequestState::dialling_second && r().first_answered;
        if (begun && r().medium == Medium::voice && !r().confidential)
        {
            // Whoever has answered a voice is not rung for it again, however much was heard.
            end(RequestState::connected, Cause::none);
            return;
        }
        r().last_cause = Cause::error;
        // A FAX may be called again: it goes on behind the last page that was stored as confirmed. Not at once, and not
        // for ever: what cuts its calls off may do so again.
        const bool again = r().medium == Medium::fax && r().fax_calls < rules_.fax_calls;
        if (begun && !again)
        {
            const bool calls = r().medium == Medium::fax;
            transition_.why = calls ? "the calls to the other FAX were cut off each time" : "interrupted";
            end(RequestState::failed, Cause::error);
            return;
        }
        applied();
        r().state = RequestState::waiting;
        wait(Wait::none, begun ? now_ + rules_.unreachable_retry : now_);
    }

    void operator()(const event::Cancel& cancel)
    {
        if (has_ended(r()))
        {
            return;
        }
        if (dialling(r()))
        {
            transition_.attempt = {What::end, Cause::cancelled, false};
        }
        end(RequestState::cancelled, Cause::cancelled);
        transition_.result = transition_.result && !cancel.told;
    }

    void operator()(const event::Refused& refused)
    {
        if (!has_ended(r()))
        {
            transition_.why = refused.rule;
            if (dialling(r()))
            {
                transition_.attempt = {What::end, refused.cause, false};
            }
            end(RequestState::failed, refused.cause);
        }
    }

private:
    Request& r() { return transition_.after; }
    void applied() { transition_.applied = true; }
    /// The monitor time has ended.
    [[nodiscard]] bool over() { return r().expires_at && *r().expires_at <= now_; }

    [[nodiscard]] bool quiet() { return rules_.quiet && directory::within(*rules_.quiet, now_); }

    void hold()
    {
        r().state = RequestState::held;
        r().wait = Wait::none;
        r().wake_at = directory::end_of(*rules_.quiet, now_);
    }

    /// The request is handed to the service: monitor time and cap start now, or when hours not to be rung have ended,
    /// and stand still in such hours.
    [[nodiscard]] Duration monitor_time()
    {
        return std::min(r().monitor_time.value_or(rules_.monitor_time_cap), rules_.monitor_time_cap);
    }

    void begin()
    {
        if (quiet())
        {
            hold();
            return;
        }
        if (r().scenario)
        {
            // Its parts are requests with monitor times of their own.
            r().state = RequestState::held;
            r().wake_at = std::nullopt;
            transition_.scenario = true;
            return;
        }
        r().state = RequestState::waiting;
        const Duration time = monitor_time();
        r().expires_at = rules_.quiet ? directory::after_outside(*rules_.quiet, now_, time) : now_ + time;
        if (r().first_attempt)
        {
            wait(Wait::none, now_);
            return;
        }
        // The person has just dialled by hand and met busy: begin with waiting.
        retry(Side::destination, Cause::busy, !pbx::DeviceId{r().destination_device}.external());
    }

    /// Goes on after `cause` at the device of `side`: which was in use, silent or could not be reached.
    void retry(Side side, Cause cause, bool monitorable)
    {
        applied();
        r().state = RequestState::waiting;
        if (cause == Cause::unreachable || cause == Cause::congestion)
        {
            wait(Wait::none, now_ + rules_.unreachable_retry);
            return;
        }
        const bool silent = cause == Cause::no_answer;
        if (side == Side::source && monitorable)
        {
            r().state = RequestState::suspended;
            wait(silent ? Wait::source_use : Wait::source, *r().expires_at);
            return;
        }
        if (r().retry_every || !monitorable)
        {
            wait(Wait::none, now_ + r().retry_every.value_or(rules_.default_periodic));
            return;
        }
        // A silent device counts as busy until it has been used.
        wait(silent ? Wait::use : Wait::release, *r().expires_at);
    }

    void wait(Wait what, Instant until)
    {
        r().wait = what;
        r().wake_at = r().expires_at ? std::min(until, *r().expires_at) : until;
    }

    void expire(bool rung)
    {
        if (r().state == RequestState::dialling_first && !rung)
        {
            r().attempts -= 1;
            transition_.attempt = {What::end, Cause::expired, false};
        }
        else if (r().state == RequestState::dialling_first)
        {
            // It rang until the monitor time ended, and nobody answered.
            r().last_cause = cause_of(side_of(r(), pbx::Leg::first), Cause::no_answer);
            transition_.attempt = {What::end, r().last_cause, false};
        }
        end(RequestState::expired, r().last_cause == Cause::none ? Cause::expired : r().last_cause);
    }

    void end(RequestState state, Cause cause)
    {
        applied();
        r().state = state;
        r().cause = cause;
        r().why = r().part_of ? transition_.why : std::string();
        r().ended_at = now_;
        r().wake_at = std::nullopt;
        r().wait = Wait::none;
        transition_.result =
            !r().part_of && (r().result_notification || cause == Cause::refused || cause == Cause::bad_request);
        transition_.deliver =
            !r().part_of && state != RequestState::connected && r().trigger == Trigger::system_recognition;
    }

    Instant now_;
    const CampOnRules& rules_;
    Transition transition_;
};
} // namespace

Transition step(const Request& request, const RequestEvent& event, Instant now, const CampOnRules& rules)
{
    Step step(request, now, rules);
    std::visit(step, event);
    return std::move(step).take();
}

const Request* next_over_call(const std::vector<Transition>& changes, AttemptId attempt)
{
    const auto found = std::find_if(changes.begin(), changes.end(), [attempt](const Transition& change) {
        return change.after.attempt == attempt && change.after.state == RequestState::dialling_second;
    });
    return found == changes.end() ? nullptr : &found->after;
}

const std::string& device_of(const Request& request, Side side)
{
    return side == Side::destination ? request.destination_device : request.source_device;
}

Side side_of(const Request& request, pbx::Leg leg)
{
    const bool destination = (request.call_order == CallOrder::destination_first) == (leg == pbx::Leg::first);
    return destination ? Side::destination : Side::source;
}

const std::string& device_of(const Request& request, pbx::Leg leg)
{
    return device_of(request, side_of(request, leg));
}
} // namespace ringpost::service
