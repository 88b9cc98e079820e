// SPDX-License-Identifier: Apache-2.0
// A thread on which sound is made, with a clock of its own (design rule 4).
#pragma once

#include "core/real_clock.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <sys/resource.h>
#include <thread>

namespace ringpost::media
{
class AudioThread
{
public:
    enum class Priority
    {
        usual,
        behind ///< the usual ones, where the processors do not do everything at once
    };

    explicit AudioThread(Priority priority = Priority::usual)
        : thread_([this, priority] {
              if (priority == Priority::behind)
              {
                  step_back();
              }
              context_.run();
          })
    {}
    /// What still runs on it is given up.
    ~AudioThread() { stop(); }
    AudioThread(const AudioThread&) = delete;
    AudioThread& operator=(const AudioThread&) = delete;

    [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }
    [[nodiscard]] Clock& clock() { return clock_; }
    /// Nothing of it runs any more. Again: nothing.
    void stop()
    {
        context_.stop();
        if (thread_.joinable())
        {
            thread_.join();
        }
    }

    /// Whether somebody has it for himself; on the control executor, where that may end later than the thread.
    const std::shared_ptr<bool> taken = std::make_shared<bool>(false);

private:
    /// Of this thread alone, as it is in Linux. Where it fails, nothing else does.
    static void step_back() { static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice)); }

    static constexpr int nice = 10;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    RealClock clock_{context_.get_executor()};
    std::thread thread_;
};
} // namespace ringpost::media
