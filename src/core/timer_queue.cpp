// SPDX-License-Identifier: Apache-2.0
#include "core/timer_queue.h"

#include <mutex>
#include <vector>

namespace ringpost
{
namespace
{
/// Tells the queues of an execution context that it goes.
class QueueService : public boost::asio::execution_context::service
{
public:
    using key_type = QueueService;
    static inline boost::asio::execution_context::id id;

    explicit QueueService(boost::asio::execution_context& context) : service(context) {}

    void add(const std::shared_ptr<TimerQueue>& queue)
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(queues_, [](const auto& each) { return each.expired(); });
        queues_.push_back(queue);
    }

private:
    void shutdown() override
    {
        for (const auto& each : queues_)
        {
            if (const auto queue = each.lock())
            {
                queue->shut_down();
            }
        }
    }

    std::mutex mutex_; // clocks of several executors of one context may be made at the same time
    std::vector<std::weak_ptr<TimerQueue>> queues_;
};
} // namespace

class TimerQueue::Entry : public Timer::Entry
{
public:
    Entry(std::weak_ptr<TimerQueue> queue, Key key) : queue_(std::move(queue)), key_(key) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() override
    {
        if (const auto queue = queue_.lock())
        {
            queue->remove(key_);
        }
    }

private:
    std::weak_ptr<TimerQueue> queue_;
    Key key_;
};

std::shared_ptr<TimerQueue> TimerQueue::create(boost::asio::execution_context& context,
                                               std::function<void()> at_shutdown)
{
    std::shared_ptr<TimerQueue> queue(new TimerQueue);
    queue->at_shutdown_ = std::move(at_shutdown);
    boost::asio::use_service<QueueService>(context).add(queue);
    return queue;
}

Timer TimerQueue::add(Duration when, std::function<void()> action)
{
    const Key key{when, next_++};
    entries_.emplace(key, std::move(action));
    return Timer(std::make_unique<Entry>(weak_from_this(), key));
}

Duration TimerQueue::earliest() const
{
    return entries_.empty() ? Duration::max() : entries_.begin()->first.first;
}

std::function<void()> TimerQueue::take_due(Duration now, std::uint64_t round)
{
    // Those of a later round that are due sooner are few (an action that sets a timer for "at once"), so going past
    // them is cheap.
    for (auto entry = entries_.begin(); entry != entries_.end() && entry->first.first <= now; ++entry)
    {
        if (entry->first.second < round)
        {
            return std::move(entries_.extract(entry).mapped());
        }
    }
    return {};
}

void TimerQueue::remove(Key key)
{
    // Taken out before it is destroyed: the action may own timers whose destruction comes back here.
    const auto node = entries_.extract(key);
}

void TimerQueue::clear()
{
    const auto dropped = std::exchange(entries_, {});
}

void TimerQueue::shut_down()
{
    if (at_shutdown_)
    {
        at_shutdown_();
    }
    clear();
}
} // namespace ringpost
