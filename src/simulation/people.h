// SPDX-License-Identifier: Apache-2.0
// The people of one office: they answer or do not, talk, call each other by hand, are away, unplug a telephone.
// Whatever the gateway does, the same seed makes the same people call at the same times.
#pragma once

#include "pbx/simulated/exchange.h"
#include "simulation/agenda.h"
#include "simulation/dice.h"
#include "simulation/office.h"

#include <vector>

namespace ringpost::simulation
{
/// Somebody of `count`; some are called more often than others (customs::popular_telephones).
[[nodiscard]] std::size_t somebody_called(Dice& dice, std::size_t count);

class People
{
public:
    People(Agenda& agenda, Office& office, std::uint64_t seed, std::uint64_t stream);

    /// They live like that for so long; afterwards they only answer.
    void live(Duration day);
    [[nodiscard]] std::size_t calls() const { return calls_; }

private:
    struct Person
    {
        Dice dice; ///< of his own: so what one does changes nothing for the others
        int away = 0;
    };

    void on_change(const pbx::TelephoneEvent& event);
    void prepare(std::size_t index);
    void next_call();
    void call_by_hand();
    void next_absence();
    void leave(std::size_t index, Duration absence);
    void next_unplugging();
    void unplug(const std::string& number, Duration time);
    [[nodiscard]] bool day_over() const { return agenda_.clock().now() >= end_; }
    /// The mean time between two events, where each of us has one in `mean`.
    [[nodiscard]] Duration gap(Duration mean) const { return mean / static_cast<Duration::rep>(people_.size()); }

    Agenda& agenda_;
    Office& office_;
    std::vector<Person> people_;
    Dice calling_;
    Dice leaving_;
    Dice unplugging_;
    std::unique_ptr<pbx::Watch> watch_;
    Instant begin_{};
    Instant end_{};
    std::size_t calls_ = 0;
};
} // namespace ringpost::simulation
