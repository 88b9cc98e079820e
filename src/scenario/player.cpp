// SPDX-License-Identifier: Apache-2.0
#include "scenario/player.h"

#include <algorithm>

namespace ringpost::scenario
{
namespace
{
Cause cause_of_failure(Cause cause)
{
    return cause == Cause::none ? Cause::error : cause;
}

/// After the last step there is only the connection by key 9.
bool by_key(const Script& script, const Run& run)
{
    return run.position == script.steps.size();
}

class Player
{
public:
    Player(const Script& script, const Run& run, Instant now, const Rules& rules)
        : script_(script), now_(now), rules_(rules)
    {
        transition_.after = run;
    }

    Transition take() && { return std::move(transition_); }

    void operator()(const event::Started&)
    {
        if (run().state != State::not_started)
        {
            return;
        }
        transition_.applied = true;
        if (const auto first = rules_.ask_first ? first_content() : std::nullopt; first)
        {
            ask(*first);
            return;
        }
        go_on_at(0);
    }

    void operator()(const event::ContentEnded& ended)
    {
        Item* item = running_item(ended.step, ended.reference);
        if (item == nullptr)
        {
            return;
        }
        transition_.applied = true;
        item->status = ended.success ? Status::finished : Status::failed;
        item->cause = ended.success ? Cause::none : cause_of_failure(ended.cause);
        item->extent = ended.extent;
        if (!anything_runs())
        {
            step_ended();
        }
    }

    void operator()(const event::TimeReached&)
    {
        if (!run().due || *run().due > now_)
        {
            return;
        }
        transition_.applied = true;
        if (run().state == State::asking)
        {
            end(State::failed, Cause::declined);
            return;
        }
        go_on_at(run().position + 1);
    }

    void operator()(const event::InquiryAnswered& answered)
    {
        if (run().state != State::asking || answered.step != run().position || *run().due <= now_)
        {
            return;
        }
        transition_.applied = true;
        if (!answered.ok)
        {
            end(State::failed, Cause::declined);
            return;
        }
        close_inquiry();
        call_ = action::Call::of_inquiry;
        if (const auto* pause = std::get_if<Pause>(&script_.steps[run().position].what))
        {
            begin(pause->content);
            return;
        }
        go_on_at(run().position); // asked before the first step
    }

    void operator()(const event::ConnectByKey& key)
    {
        Item* voice = running_item(key.step, key.voice);
        if (voice == nullptr || by_key(script_, run()))
        {
            return;
        }
        transition_.applied = true;
        voice->status = Status::finished;
        voice->extent = key.extent;
        // The same connection is asked for in this step: now it is made over the call that is open.
        if (Item* same = running_item(key.step, key.exchange); same != nullptr)
        {
            stop(*same);
        }
        run().position = script_.steps.size();
        call_ = action::Call::of_voice;
        begin(key.exchange);
    }

    void operator()(const event::Cancelled&)
    {
        if (!is_end(run().state))
        {
            transition_.applied = true;
            end(State::cancelled, Cause::cancelled);
        }
    }

    void operator()(const event::GivenUp& given_up)
    {
        if (!is_end(run().state))
        {
            transition_.applied = true;
            end(State::failed, cause_of_failure(given_up.cause));
        }
    }

private:
    Run& run() { return transition_.after; }

    /// Nullptr also for one that has ended, or that no step has begun.
    Item* running_item(std::size_t step, Reference reference)
    {
        auto& items = run().items;
        const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) {
            return item.step == step && item.reference == reference && item.status == Status::running;
        });
        return found == items.end() ? nullptr : &*found;
    }

    /// Of the whole script, where that does not begin with a question of its own.
    std::optional<Reference> first_content()
    {
        if (!script_.steps.empty() && std::holds_alternative<Pause>(script_.steps.front().what))
        {
            return std::nullopt;
        }
        for (const Step& step : script_.steps)
        {
            if (const auto contents = contents_of(step); !contents.empty())
            {
                return contents.front();
            }
        }
        return std::nullopt;
    }

    bool anything_runs()
    {
        return std::any_of(run().items.begin(), run().items.end(),
                           [](const Item& item) { return item.status == Status::running; });
    }

    /// Enters steps from `position` on, until one takes time.
    void go_on_at(std::size_t position)
    {
        run().due = std::nullopt;
        run().position = position;
        while (run().position < script_.steps.size())
        {
            const auto entered = [this](const auto& what) { return enter(what); };
            if (std::visit(entered, script_.steps[run().position].what))
            {
                return;
            }
            run().position += 1;
        }
        reached_end();
    }

    /// False: the step is over at once.
    bool enter(const Play& play)
    {
        for (const Reference reference : play.contents)
        {
            begin(reference);
        }
        return true;
    }

    bool enter(const Pause& pause)
    {
        ask(pause.content);
        return true;
    }

    void ask(Reference content)
    {
        const Duration time = std::min(rules_.monitor_time.value_or(rules_.inquiry_time), rules_.inquiry_time);
        const Instant until = rules_.quiet ? directory::after_outside(*rules_.quiet, now_, time) : now_ + time;
        run().state = State::asking;
        add(action::Ask{run().position, content, until});
        wake(until);
    }

    bool enter(const Wait& wait)
    {
        run().state = State::waiting;
        wake(now_ + wait.time);
        return true;
    }

    bool enter(const At& at)
    {
        if (at.time <= now_)
        {
            return false;
        }
        run().state = State::waiting;
        wake(at.time);
        return true;
    }

    void begin(Reference reference)
    {
        run().state = State::running;
        run().items.push_back({run().position, reference, Status::running, Cause::none, {}});
        add(action::Begin{run().position, reference, call_});
    }

    void wake(Instant at)
    {
        run().due = at;
        add(action::Wake{at});
    }

    void stop(Item& item)
    {
        item.status = Status::stopped;
        add(action::Stop{item.step, item.reference});
    }

    void close_inquiry()
    {
        run().due = std::nullopt;
        add(action::CloseInquiry{run().position});
    }

    void step_ended()
    {
        if (by_key(script_, run()) || ends_scenario(run().position))
        {
            reached_end();
            return;
        }
        go_on_at(run().position + 1);
    }

    /// A content of this step failed, and that matters.
    bool ends_scenario(std::size_t step)
    {
        return !script_.steps[step].or_continue &&
               std::any_of(run().items.begin(), run().items.end(),
                           [step](const Item& item) { return item.step == step && item.status == Status::failed; });
    }

    void reached_end()
    {
        const Cause cause = outcome();
        end(cause == Cause::none ? State::finished : State::failed, cause);
    }

    /// Cause::none: a success.
    Cause outcome()
    {
        Cause last = Cause::none;
        Cause first_that_matters = Cause::none;
        bool any_finished = false;
        for (const Item& item : run().items)
        {
            any_finished = any_finished || item.status == Status::finished;
            if (item.status != Status::failed)
            {
                continue;
            }
            last = item.cause;
            if (item.step == script_.steps.size())
            {
                return item.cause; // the connection by key: what the addressee wanted in the end
            }
            if (first_that_matters == Cause::none && !script_.steps[item.step].or_continue)
            {
                first_that_matters = item.cause;
            }
        }
        return first_that_matters != Cause::none || any_finished ? first_that_matters : last;
    }

    void end(State state, Cause cause)
    {
        for (Item& item : run().items)
        {
            if (item.status == Status::running)
            {
                stop(item);
            }
        }
        if (run().state == State::asking)
        {
            close_inquiry();
        }
        run().state = state;
        run().cause = cause;
        run().due = std::nullopt;
        add(action::Finish{state == State::finished, cause});
    }

    void add(Action action) { transition_.actions.push_back(std::move(action)); }

    const Script& script_;
    Instant now_;
    const Rules& rules_;
    Transition transition_;
    action::Call call_ = action::Call::none; ///< over which this event came
};
} // namespace

Transition step(const Script& script, const Run& run, const Event& event, Instant now, const Rules& rules)
{
    Player player(script, run, now, rules);
    std::visit(player, event);
    return std::move(player).take();
}
} // namespace ringpost::scenario
