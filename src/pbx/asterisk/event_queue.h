// SPDX-License-Identifier: Apache-2.0
// What the driver has to tell, in order; each event is posted, so that the sink is never called from inside a call of
// pbx/exchange.h. Nothing is delivered after destruction.
#pragma once

#include "pbx/exchange.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace ringpost::pbx::asterisk
{
class EventQueue
{
public:
    explicit EventQueue(boost::asio::any_io_executor executor)
        : executor_(std::move(executor)), state_(std::make_shared<State>())
    {}

    void on_event(std::function<void(const Event&)> sink) { state_->sink = std::move(sink); }

    void post(Event event)
    {
        state_->events.push_back(std::move(event));
        boost::asio::post(executor_, [weak = std::weak_ptr(state_)] {
            const auto state = weak.lock();
            if (!state || state->events.empty())
            {
                return;
            }
            const Event next = std::move(state->events.front());
            state->events.pop_front();
            // A copy: the sink may end the driver.
            if (const auto sink = state->sink)
            {
                sink(next);
            }
        });
    }

    /// Takes back what is posted for an attempt and not delivered yet.
    void drop(AttemptId attempt)
    {
        std::erase_if(state_->events, [attempt](const Event& event) { return event.attempt == attempt; });
    }

    void clear()
    {
        state_->events.clear();
        state_->sink = {};
    }

private:
    struct State
    {
        std::deque<Event> events;
        std::function<void(const Event&)> sink;
    };
    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};
} // namespace ringpost::pbx::asterisk
