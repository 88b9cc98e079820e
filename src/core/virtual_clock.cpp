// SPDX-License-Identifier: Apache-2.0
#include "core/virtual_clock.h"

#include "core/timer_queue.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace ringpost
{
namespace
{
/// Beyond this no timer is waited for; keeps sums from overflowing.
constexpr Duration longest_delay = 100 * 366 * 24h;
} // namespace

VirtualClock::VirtualClock(boost::asio::io_context& context, Instant start)
    : context_(context), now_(start), queue_(TimerQueue::create(context))
{}

VirtualClock::~VirtualClock()
{
    queue_->clear();
}

Timer VirtualClock::at(Instant when, std::function<void()> action)
{
    Timer timer = queue_->add(std::max(when, now_).time_since_epoch(), std::move(action));
    if (when <= now_)
    {
        post_fire_one();
    }
    return timer;
}

Timer VirtualClock::after(Duration delay, std::function<void()> action)
{
    return at(now_ + std::clamp(delay, Duration{}, longest_delay), std::move(action));
}

/// Inside the context, so that an action finds itself on the executor; one for each turn of the context, so that what
/// an action sets off comes before the next action.
void VirtualClock::post_fire_one()
{
    boost::asio::post(context_, [this, alive = std::weak_ptr(queue_)] {
        const auto queue = alive.lock();
        const auto action = queue ? queue->take_due(now_.time_since_epoch(), queue->round()) : std::function<void()>{};
        if (action)
        {
            action();
        }
    });
}

void VirtualClock::drain()
{
    context_.restart();
    context_.poll();
}

bool VirtualClock::step(Instant latest)
{
    drain();
    const Duration earliest = queue_->earliest();
    if (earliest == Duration::max() || Instant{earliest} > latest)
    {
        return false;
    }
    now_ = std::max(now_, Instant{earliest});
    post_fire_one();
    return true;
}

bool VirtualClock::run_until_idle(Duration at_most)
{
    const Instant latest = now_ + std::min(at_most, longest_delay);
    while (step(latest))
    {
    }
    return queue_->size() == 0;
}

void VirtualClock::run_until(Instant when)
{
    while (step(when))
    {
    }
    now_ = std::max(now_, when);
}

std::size_t VirtualClock::pending() const
{
    return queue_->size();
}
} // namespace ringpost
