// SPDX-License-Identifier: Apache-2.0
#include "core/real_clock.h"

#include "core/timer_queue.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>

namespace ringpost
{
namespace
{
/// A change of the wall clock is noticed after this time at the latest.
constexpr Duration longest_wall_wait = 1s;
/// Beyond this no timer is waited for; keeps sums from overflowing.
constexpr Duration longest_delay = 100 * 366 * 24h;

Duration wall_now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now()).time_since_epoch();
}

Duration steady_now()
{
    return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}
} // namespace

class RealClock::State : public std::enable_shared_from_this<RealClock::State>
{
public:
    explicit State(const boost::asio::any_io_executor& executor)
        : timer_(executor), wall_(TimerQueue::create(context_of(executor))),
          steady_(TimerQueue::create(context_of(executor), [this] { timer_.reset(); }))
    {}

    Timer at(Instant when, std::function<void()> action)
    {
        return added(wall_->add(when.time_since_epoch(), std::move(action)));
    }

    Timer after(Duration delay, std::function<void()> action)
    {
        return added(steady_->add(steady_now() + std::clamp(delay, Duration{}, longest_delay), std::move(action)));
    }

    void clear()
    {
        wall_->clear();
        steady_->clear();
        timer_.reset();
    }

private:
    static boost::asio::execution_context& context_of(const boost::asio::any_io_executor& executor)
    {
        return boost::asio::query(executor, boost::asio::execution::context);
    }

    Timer added(Timer timer)
    {
        if (!firing_)
        {
            arm();
        }
        return timer;
    }

    /// Steady time at which to look at the queues again; Duration::max() where both are empty.
    [[nodiscard]] Duration next_look() const
    {
        const Duration due = wall_->earliest();
        if (due == Duration::max())
        {
            return steady_->earliest();
        }
        const Duration now = wall_now();
        const Duration wait = due <= now ? Duration{} : std::min(due - now, longest_wall_wait);
        return std::min(steady_->earliest(), steady_now() + wait);
    }

    void arm()
    {
        const Duration next = next_look();
        if (!timer_ || next == Duration::max() || next >= armed_for_)
        {
            return;
        }
        armed_for_ = next;
        timer_->expires_at(std::chrono::steady_clock::time_point(next));
        timer_->async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (self && !error)
            {
                self->fire();
            }
        });
    }

    /// Arms again however the actions are left: an exception of one must not stop the clock for all.
    class Round
    {
    public:
        explicit Round(State& state) : state_(state) { state_.firing_ = true; }
        ~Round()
        {
            state_.firing_ = false;
            state_.armed_for_ = Duration::max();
            state_.arm();
        }
        Round(const Round&) = delete;
        Round& operator=(const Round&) = delete;

    private:
        State& state_;
    };

    void fire()
    {
        const Round round(*this);
        fire(*steady_, steady_now());
        fire(*wall_, wall_now());
    }

    static void fire(TimerQueue& queue, Duration now)
    {
        const std::uint64_t round = queue.round();
        while (const auto action = queue.take_due(now, round))
        {
            action();
        }
    }

    std::optional<boost::asio::steady_timer> timer_;
    std::shared_ptr<TimerQueue> wall_;
    std::shared_ptr<TimerQueue> steady_;
    Duration armed_for_ = Duration::max(); ///< steady time
    bool firing_ = false;
};

RealClock::RealClock(boost::asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

RealClock::~RealClock()
{
    state_->clear();
}

Instant RealClock::now() const
{
    return Instant{wall_now()};
}

Duration RealClock::steady() const
{
    return steady_now();
}

Timer RealClock::at(Instant when, std::function<void()> action)
{
    return state_->at(when, std::move(action));
}

Timer RealClock::after(Duration delay, std::function<void()> action)
{
    return state_->after(delay, std::move(action));
}
} // namespace ringpost
