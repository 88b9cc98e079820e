// SPDX-License-Identifier: Apache-2.0
// Time that stands still until somebody runs it: days of retries in milliseconds, always in the same order.
// Everything runs on the thread that calls run_…(); sockets, processes and other threads are outside virtual time.
#pragma once

#include "core/clock.h"

#include <boost/asio/io_context.hpp>

namespace ringpost
{
class TimerQueue;

class VirtualClock final : public Clock
{
public:
    VirtualClock(boost::asio::io_context& context, Instant start);
    ~VirtualClock() override;
    VirtualClock(const VirtualClock&) = delete;
    VirtualClock& operator=(const VirtualClock&) = delete;

    [[nodiscard]] Instant now() const override { return now_; }
    [[nodiscard]] Duration steady() const override { return now_.time_since_epoch(); }
    /// A time in the past fires as soon as the context runs.
    [[nodiscard]] Timer at(Instant when, std::function<void()> action) override;
    [[nodiscard]] Timer after(Duration delay, std::function<void()> action) override;

    /// Runs what is ready, moves on to the next timer, and so on until nothing is left to wait for (true), or until
    /// the next timer lies beyond `at_most` from now (false: something sets timers for ever).
    /// An exception that leaves a handler leaves this call; it may be called again.
    bool run_until_idle(Duration at_most = 366 * 24h);
    /// As above up to and with `when`, which is now() afterwards.
    void run_until(Instant when);
    void run_for(Duration span) { run_until(now_ + span); }
    /// One step of these: runs what is ready, then moves on to the next timer, which fires in the step that follows.
    /// False: nothing is due up to and with `latest`. Between two steps everything has had its effect.
    bool step(Instant latest);

    /// Timers that are set.
    [[nodiscard]] std::size_t pending() const;

private:
    void drain();
    void post_fire_one();

    boost::asio::io_context& context_;
    Instant now_;
    std::shared_ptr<TimerQueue> queue_;
};
} // namespace ringpost
