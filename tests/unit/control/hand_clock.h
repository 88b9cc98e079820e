// SPDX-License-Identifier: Apache-2.0
// A clock for tests of sessions on real sockets, where virtual time cannot know what the kernel still holds.
#pragma once

#include "core/clock.h"

#include <functional>
#include <list>
#include <memory>

namespace ringpost::control
{
/// Its timers fire when the test says so.
class HandClock : public Clock
{
public:
    [[nodiscard]] Instant now() const override { return {}; }
    [[nodiscard]] Duration steady() const override { return {}; }
    [[nodiscard]] Timer at(Instant, std::function<void()> action) override { return set(std::move(action)); }
    [[nodiscard]] Timer after(Duration, std::function<void()> action) override { return set(std::move(action)); }
    void fire_all()
    {
        const auto due = actions_;
        for (const auto& action : due)
        {
            action();
        }
    }
    [[nodiscard]] std::size_t timers() const { return actions_.size(); }

private:
    using Actions = std::list<std::function<void()>>;
    class HandEntry : public Timer::Entry
    {
    public:
        HandEntry(Actions& actions, Actions::iterator place) : actions_(actions), place_(place) {}
        ~HandEntry() override { actions_.erase(place_); }

    private:
        Actions& actions_;
        Actions::iterator place_;
    };
    Timer set(std::function<void()> action)
    {
        actions_.push_back(std::move(action));
        return Timer(std::make_unique<HandEntry>(actions_, std::prev(actions_.end())));
    }
    Actions actions_;
};
} // namespace ringpost::control
