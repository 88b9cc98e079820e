// SPDX-License-Identifier: Apache-2.0
// Time as a parameter. One Clock belongs to one executor (the control executor); its timers fire there and may be
// set and cancelled there only. now() and steady() may be called from anywhere.
#pragma once

#include "core/duration.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace ringpost
{
/// A timer that has been set; its destruction or cancel() takes it back. Must not outlive its Clock.
class Timer
{
public:
    class Entry
    {
    public:
        virtual ~Entry() = default;
    };

    Timer() = default;
    explicit Timer(std::unique_ptr<Entry> entry) : entry_(std::move(entry)) {}
    void cancel() { entry_.reset(); }
    [[nodiscard]] bool set() const { return entry_ != nullptr; }

private:
    std::unique_ptr<Entry> entry_;
};

class Clock
{
public:
    virtual ~Clock() = default;

    /// Wall clock time, UTC.
    [[nodiscard]] virtual Instant now() const = 0;

    /// For how long something takes: nobody sets this time, and its zero means nothing.
    [[nodiscard]] virtual Duration steady() const = 0;

    /// Calls `action` once, at or after `when`, from the executor, never from inside this call. A wall clock that is
    /// set forward or back moves the firing with it (noticed within a second).
    [[nodiscard]] virtual Timer at(Instant when, std::function<void()> action) = 0;

    /// As at(), measured on the steady clock: changes of the wall clock do not matter.
    [[nodiscard]] virtual Timer after(Duration delay, std::function<void()> action) = 0;

    /// Suspends the calling coroutine; ends early without error when it is cancelled.
    boost::asio::awaitable<void> sleep_for(Duration delay);
    boost::asio::awaitable<void> sleep_until(Instant when);
};
} // namespace ringpost
