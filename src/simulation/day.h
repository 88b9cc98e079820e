// SPDX-License-Identifier: Apache-2.0
// What came of one day of the city, in figures.
#pragma once

#include "core/duration.h"
#include "core/vocabulary.h"
#include "simulation/witness.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ringpost::simulation
{
/// All that decides what happens; the same options give the same day.
struct CityOptions
{
    std::size_t telephones = 500; ///< in both offices together
    std::size_t camp_ons = 2000;
    std::size_t lines = 20; ///< between the offices, for calls in both directions
    Duration day = 8h;      ///< in which people call and ask for camp-ons
    std::uint64_t seed = 1;

    /// The most that are ever needed: each call takes a telephone in each office.
    [[nodiscard]] std::size_t enough_lines() const { return telephones / 2; }
};

/// The command that lives this day again.
[[nodiscard]] std::string replay_line(const CityOptions& options);

/// Of some of the requests.
struct Outcomes
{
    std::size_t requests = 0;
    std::array<std::size_t, Spelling<Cause>::words.size()> ends{}; ///< by cause; Cause::none: connected
    std::vector<Duration> waits; ///< of those that were connected, from the beginning of the monitor time; ascending

    void add(const Witness::Known& request);
    /// After the last add().
    void sort();
    [[nodiscard]] std::size_t connected() const { return waits.size(); }
    [[nodiscard]] std::size_t ended(Cause cause) const { return ends.at(static_cast<std::size_t>(cause)); }
    [[nodiscard]] std::size_t connected_within(Duration wait) const;
    /// The wait that `share` (0.5: the median) of the connected ones do not exceed; nothing where there are none.
    [[nodiscard]] Duration quantile(double share) const;
};

struct Day
{
    CityOptions options;
    Outcomes between; ///< of requests that need a line
    Outcomes inside;  ///< of the others
    std::size_t calls_by_hand = 0;
    std::size_t attempts = 0;
    std::uint64_t offered = 0; ///< calls over the lines
    std::uint64_t blocked = 0; ///< of these, because all lines were taken
    double utilisation = 0;    ///< mean share of the lines in use while people were calling
    std::size_t most_lines = 0;
    std::uint64_t events = 0; ///< after each of which the rules were looked at
    Duration lasted{};        ///< until the last request had ended
    std::uint64_t digest = 0;
    std::vector<std::string> broken; ///< rules, with the time; must be empty

    [[nodiscard]] double congestion() const
    {
        return offered == 0 ? 0 : static_cast<double>(blocked) / static_cast<double>(offered);
    }
};
} // namespace ringpost::simulation
