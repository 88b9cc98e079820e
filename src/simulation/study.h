// SPDX-License-Identifier: Apache-2.0
// How many lines the city needs: the same day with several numbers of lines.
#pragma once

#include "simulation/day.h"

#include <functional>
#include <optional>
#include <vector>

namespace ringpost::simulation
{
struct Study
{
    std::vector<Day> days;           ///< by number of lines, ascending
    double goal = 0;                 ///< the share of calls that may find all lines taken
    std::optional<std::size_t> best; ///< the first day that reaches the goal

    [[nodiscard]] bool broken() const;
};

/// Lives one day; hears of each.
using Live = std::function<Day(const CityOptions&)>;

/// Each of `lines`; ends early where a rule is broken.
[[nodiscard]] Study compare(const CityOptions& city, std::vector<std::size_t> lines, double goal, const Live& live);

/// Looks for the least number of lines that reaches the goal: first as many as can ever be needed, then by halves.
[[nodiscard]] Study find_lines(const CityOptions& city, double goal, const Live& live);
} // namespace ringpost::simulation
