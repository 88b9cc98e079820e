// SPDX-License-Identifier: Apache-2.0
#include "simulation/report.h"

#include <fmt/format.h>

#include <chrono>

namespace ringpost::simulation
{
namespace
{
constexpr Duration soon = 10min;

std::string percent(double share)
{
    return fmt::format("{:.1f} %", 100 * share);
}

std::string percent_of(std::size_t part, std::size_t whole)
{
    return whole == 0 ? "-" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

std::string seconds(Duration wait)
{
    return format_duration(std::chrono::round<std::chrono::seconds>(wait));
}

std::string wait_of(const Outcomes& requests, double share)
{
    return requests.connected() == 0 ? "-" : seconds(requests.quantile(share));
}

std::string serves(const Day& day)
{
    return fmt::format("{} of the calls between the offices find all lines taken; {} of the requests that need a line "
                       "are connected within 10 minutes, {} at all",
                       percent(day.congestion()), percent_of(day.between.connected_within(soon), day.between.requests),
                       percent_of(day.between.connected(), day.between.requests));
}
} // namespace

std::string lines_of(const Day& day)
{
    return fmt::format("{} line{}", day.options.lines, day.options.lines == 1 ? "" : "s");
}

std::vector<Cell> cells_of(const Day& day)
{
    const Outcomes& requests = day.between;
    return {{"Lines", fmt::format("{}", day.options.lines)},
            {"Requests", fmt::format("{}", requests.requests)},
            {"Connected", percent_of(requests.connected(), requests.requests)},
            {"In 10 min", percent_of(requests.connected_within(soon), requests.requests)},
            {"Median", wait_of(requests, 0.5)},
            {"90 %", wait_of(requests, 0.9)},
            {"99 %", wait_of(requests, 0.99)},
            {"All lines taken", percent(day.congestion())},
            {"Failed by that", percent_of(requests.ended(Cause::congestion), requests.requests)},
            {"In use", percent(day.utilisation)},
            {"Most at once", fmt::format("{}", day.most_lines)}};
}

std::string description_of(const Study& study)
{
    const Day& day = study.days.front();
    return fmt::format("2 offices with {} telephones together, {} camp-ons ({} need a line between the offices) and {} "
                       "calls made by hand in {} hours; seed {}.",
                       day.options.telephones, day.options.camp_ons, day.between.requests, day.calls_by_hand,
                       day.options.day / Duration{1h}, day.options.seed);
}

std::string advice_of(const Study& study)
{
    if (!study.best)
    {
        const Day& most = study.days.back();
        return fmt::format("{} {} too few: {}. Try more lines, or --lines auto.", lines_of(most),
                           most.options.lines == 1 ? "is" : "are", serves(most));
    }
    const Day& best = study.days.at(*study.best);
    std::string advice =
        fmt::format("{} {} enough (at most {} of the calls may find all lines taken): {}.", lines_of(best),
                    best.options.lines == 1 ? "is" : "are", percent(study.goal), serves(best));
    if (*study.best > 0)
    {
        const Day& fewer = study.days.at(*study.best - 1);
        advice += fmt::format(" With {}: {}.", lines_of(fewer), serves(fewer));
    }
    return advice;
}

std::string trouble_of(const Day& day)
{
    std::string text = "a rule was broken in the simulated city:\n";
    for (const auto& broken : day.broken)
    {
        text += fmt::format("  {}\n", broken);
    }
    text += fmt::format("To see it again:\n  {}", replay_line(day.options));
    return text;
}
} // namespace ringpost::simulation
