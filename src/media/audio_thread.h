// SPDX-License-Identifier: Apache-2.0
// A thread on which sound is made, with a clock of its own (design rule 4).
#pragma once

#include "core/real_clock.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <thread>

namespace ringpost::media
{
class AudioThread
{
public:
    AudioThread() : thread_([this] { context_.run(); }) {}
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
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    RealClock clock_{context_.get_executor()};
    std::thread thread_;
};
} // namespace ringpost::media
