// SPDX-License-Identifier: Apache-2.0
// What a loop waits for: that somebody says "look again", or a point of time. Used on one executor only.
#pragma once

#include "core/clock.h"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace ringpost
{
class Signal
{
public:
    Signal(boost::asio::any_io_executor executor, Clock& clock) : executor_(std::move(executor)), clock_(clock) {}

    /// Ends the present wait(), or the next one at once.
    void notify()
    {
        raised_ = true;
        timer_.cancel();
        if (waiter_)
        {
            boost::asio::post(executor_, std::exchange(waiter_, nullptr));
        }
    }

    /// Takes back what would end the next wait() at once: the caller is about to look anyway.
    void take_back() { raised_ = false; }

    /// Returns after notify(), or at `until`. One waiter at a time.
    boost::asio::awaitable<void> wait(std::optional<Instant> until)
    {
        if (!raised_)
        {
            if (until)
            {
                timer_ = clock_.at(*until, [this] { notify(); });
            }
            co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
                [this](boost::asio::any_completion_handler<void()> handler) { waiter_.swap(handler); },
                boost::asio::use_awaitable);
        }
        raised_ = false;
    }

private:
    boost::asio::any_io_executor executor_;
    Clock& clock_;
    Timer timer_;
    bool raised_ = false;
    boost::asio::any_completion_handler<void()> waiter_; // swapped in: its move assignment recurses in Boost 1.81
};
} // namespace ringpost
