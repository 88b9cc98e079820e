// SPDX-License-Identifier: Apache-2.0
#include "simulation/study.h"

#include <algorithm>
#include <utility>

namespace ringpost::simulation
{
namespace
{
Day with_lines(CityOptions city, std::size_t lines, const Live& live)
{
    city.lines = lines;
    return live(city);
}

/// Into its place; true: it reaches the goal.
bool keep(Study& study, Day day)
{
    const bool reached = day.congestion() <= study.goal;
    const auto place =
        std::upper_bound(study.days.begin(), study.days.end(), day.options.lines,
                         [](std::size_t lines, const Day& other) { return lines < other.options.lines; });
    study.days.insert(place, std::move(day));
    const auto best = std::find_if(study.days.begin(), study.days.end(),
                                   [&study](const Day& each) { return each.congestion() <= study.goal; });
    study.best = best == study.days.end()
                     ? std::nullopt
                     : std::optional(static_cast<std::size_t>(std::distance(study.days.begin(), best)));
    return reached;
}
} // namespace

bool Study::broken() const
{
    return std::any_of(days.begin(), days.end(), [](const Day& day) { return !day.broken.empty(); });
}

Study compare(const CityOptions& city, std::vector<std::size_t> lines, double goal, const Live& live)
{
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    Study study;
    study.goal = goal;
    for (auto number = lines.begin(); number != lines.end() && !study.broken(); ++number)
    {
        keep(study, with_lines(city, *number, live));
    }
    return study;
}

Study find_lines(const CityOptions& city, double goal, const Live& live)
{
    Study study;
    study.goal = goal;
    keep(study, with_lines(city, city.enough_lines(), live));
    std::size_t too_few = 0;
    std::size_t enough = std::max<std::size_t>(1, study.days.front().most_lines);
    while (too_few + 1 < enough && !study.broken())
    {
        const std::size_t middle = too_few + (enough - too_few) / 2;
        (keep(study, with_lines(city, middle, live)) ? enough : too_few) = middle;
    }
    const bool lived = std::any_of(study.days.begin(), study.days.end(),
                                   [enough](const Day& day) { return day.options.lines == enough; });
    if (!lived && !study.broken())
    {
        // As many as were ever in use at once.
        keep(study, with_lines(city, enough, live));
    }
    return study;
}
} // namespace ringpost::simulation
