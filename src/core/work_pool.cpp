// SPDX-License-Identifier: Apache-2.0
#include "core/work_pool.h"

#include <algorithm>
#include <utility>

namespace ringpost
{
WorkPool::WorkPool(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit)
{
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
    {
        threads_.emplace_back([this] { loop(); });
    }
}

WorkPool::~WorkPool()
{
    stop();
}

bool WorkPool::submit(Job job)
{
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= queue_limit_)
        {
            return false;
        }
        queue_.push_back(std::move(job));
    }
    ready_.notify_one();
    return true;
}

void WorkPool::stop()
{
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(queue_);
    }
    ready_.notify_all();
    for (auto& thread : threads_)
    {
        thread.join();
    }
    threads_.clear();
    for (auto& job : left)
    {
        job.refuse();
    }
}

void WorkPool::loop()
{
    for (;;)
    {
        Job job;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty())
            {
                return;
            }
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job.run();
    }
}
} // namespace ringpost
