// SPDX-License-Identifier: Apache-2.0
// A few threads for work that blocks (password hashes, converters), with a short queue: who floods the gateway
// gets "not now", and the sessions' threads never wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ringpost
{
class WorkPool
{
public:
    struct Job
    {
        std::function<void()> run;    ///< on a thread of the pool
        std::function<void()> refuse; ///< instead of run, when the pool stops first
    };

    WorkPool(std::size_t threads, std::size_t queue_limit);
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    /// False, and the job is not taken, where the queue is full or the pool was stopped.
    [[nodiscard]] bool submit(Job job);
    /// Ends what runs, refuses what waits, joins the threads. Again: nothing.
    void stop();

private:
    void loop();

    std::size_t queue_limit_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Job> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};
} // namespace ringpost
