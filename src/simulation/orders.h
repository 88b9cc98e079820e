// SPDX-License-Identifier: Apache-2.0
// The camp-ons of a day: who asks for whom, at which gateway, and how (customs.h).
#pragma once

#include "simulation/agenda.h"
#include "simulation/dice.h"
#include "simulation/office.h"

#include <array>
#include <vector>

namespace ringpost::simulation
{
class Orders
{
public:
    Orders(Agenda& agenda, std::array<Office*, 2> offices, std::uint64_t seed, std::uint64_t stream)
        : agenda_(agenda), offices_(offices), dice_(seed, stream)
    {}

    /// Asks for `count` camp-ons, spread over the day.
    void live(std::size_t count, Duration day);
    /// Nothing is still to be asked for, received or cancelled.
    [[nodiscard]] bool done() const { return asked_ == times_.size() && pending_ == 0; }

private:
    void next();
    void ask();
    void say_how(store::Request& request);
    void follow(Office& office, const store::Request& request);
    void later(Duration delay, std::function<void()> action);

    Agenda& agenda_;
    std::array<Office*, 2> offices_;
    Dice dice_;
    Instant begin_{};
    std::vector<Duration> times_; ///< since the beginning, in order
    std::size_t asked_ = 0;
    std::size_t pending_ = 0;
};
} // namespace ringpost::simulation
