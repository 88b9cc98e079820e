// SPDX-License-Identifier: Apache-2.0
// What is to happen later, once, where nobody keeps the timer.
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>

namespace ringpost::simulation
{
class Agenda
{
public:
    explicit Agenda(Clock& clock) : clock_(clock) {}

    void after(Duration delay, std::function<void()> action)
    {
        const std::uint64_t key = ++last_;
        timers_.emplace(key, clock_.after(delay, [this, key, action = std::move(action)] {
            const auto over = timers_.extract(key);
            action();
        }));
    }
    void clear() { timers_.clear(); }
    [[nodiscard]] Clock& clock() const { return clock_; }

private:
    Clock& clock_;
    std::unordered_map<std::uint64_t, Timer> timers_;
    std::uint64_t last_ = 0;
};
} // namespace ringpost::simulation
