// SPDX-License-Identifier: Apache-2.0
// Figures, advice and page of a study that was made up. That the page is well-formed is tested with a real parser
// (tests/e2e/simulate_test.py).
#include "simulation/report.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::simulation;

namespace
{
Witness::Known request(RequestState state, Cause cause, Duration wait = {})
{
    Witness::Known known;
    known.destination = "+8144220000";
    known.source = "2000";
    known.state = state;
    known.cause = cause;
    known.begun = Instant{};
    known.since = Instant{} + wait;
    return known;
}

Day day_with(std::size_t lines, std::uint64_t blocked)
{
    Day day;
    day.options.lines = lines;
    for (const auto wait : {400s, 20s, 30s, 700s, 10s})
    {
        day.between.add(request(RequestState::connected, Cause::none, wait));
    }
    day.between.add(request(RequestState::failed, Cause::congestion));
    day.between.add(request(RequestState::expired, Cause::busy));
    day.between.add(request(RequestState::cancelled, Cause::cancelled));
    day.between.sort();
    day.offered = 1000;
    day.blocked = blocked;
    day.utilisation = 0.5;
    day.most_lines = lines;
    return day;
}

/// A study of made-up days: the fewer lines, the more calls are blocked.
Study looked_for(std::size_t needed, double goal, std::vector<std::size_t>& lived)
{
    CityOptions city;
    city.telephones = 200;
    return find_lines(city, goal, [&lived, needed](const CityOptions& options) {
        lived.push_back(options.lines);
        Day day = day_with(options.lines, options.lines < needed ? 100 : 0);
        day.options = options;
        day.most_lines = std::min<std::size_t>(options.lines, 40);
        return day;
    });
}
} // namespace

TEST_CASE("Waiting times are counted over the requests that were connected, shares over all")
{
    const Outcomes requests = day_with(3, 0).between;
    CHECK(requests.requests == 8);
    CHECK(requests.connected() == 5);
    CHECK(requests.quantile(0.5) == 30s);
    CHECK(requests.quantile(0.9) == 700s);
    CHECK(requests.quantile(0) == 10s);
    CHECK(requests.connected_within(10min) == 4);
    CHECK(requests.connected_within(30s) == 3);
    CHECK(requests.ended(Cause::congestion) == 1);
    CHECK(Outcomes{}.quantile(0.5) == 0s);
}

TEST_CASE("A row shows the figures of its day")
{
    std::string row;
    for (const auto& cell : cells_of(day_with(3, 20)))
    {
        row += cell.heading + "=" + cell.value + ";";
    }
    CHECK(row == "Lines=3;Requests=8;Connected=62.5 %;In 10 min=50.0 %;Median=30s;90 %=11m40s;99 %=11m40s;"
                 "All lines taken=2.0 %;Failed by that=12.5 %;In use=50.0 %;Most at once=3;");
}

TEST_CASE("A day on which nobody asks for anything has no shares")
{
    const auto cells = cells_of(Day{});
    CHECK(cells.at(2).value == "-");
    CHECK(cells.at(4).value == "-");
}

TEST_CASE("The advice names the least number of lines that reaches the goal, and what fewer would mean")
{
    Study study;
    study.goal = 0.01;
    study.days = {day_with(2, 50), day_with(3, 20), day_with(4, 5), day_with(9, 0)};
    study.best = 2;
    const auto advice = advice_of(study);
    CHECK(advice.starts_with("4 lines are enough (at most 1.0 % of the calls may find all lines taken): 0.5 % of"));
    CHECK(advice.find(" With 3 lines: 2.0 % of the calls") != std::string::npos);
    study.days.resize(2);
    study.best.reset();
    CHECK(advice_of(study).starts_with("3 lines are too few: 2.0 %"));
}

TEST_CASE("The number of lines is looked for by halves")
{
    std::vector<std::size_t> lived;
    const Study study = looked_for(13, 0.01, lived);
    CHECK(lived == std::vector<std::size_t>{100, 20, 10, 15, 12, 13});
    CHECK(study.days.at(study.best.value()).options.lines == 13);
    CHECK(study.days.size() == lived.size());
    for (std::size_t i = 1; i < study.days.size(); ++i)
    {
        CHECK(study.days[i - 1].options.lines < study.days[i].options.lines);
    }
}

TEST_CASE("Where no fewer lines do, as many as were in use at once are lived too")
{
    std::vector<std::size_t> lived;
    const Study study = looked_for(40, 0.01, lived);
    CHECK(lived == std::vector<std::size_t>{100, 20, 30, 35, 37, 38, 39, 40});
    CHECK(study.days.at(study.best.value()).options.lines == 40);
}

TEST_CASE("After a broken rule no further day is lived")
{
    std::vector<std::size_t> lived;
    const auto live = [&lived](const CityOptions& options) {
        lived.push_back(options.lines);
        Day day;
        day.options = options;
        day.broken = {"a rule"};
        return day;
    };
    const Study study = compare({}, {8, 5, 5, 9}, 0.01, live);
    CHECK(lived == std::vector<std::size_t>{5});
    CHECK(study.broken());
    CHECK(trouble_of(study.days.front()).find("--lines 5 ") != std::string::npos);
}

TEST_CASE("The page has the advice, every row, and a picture with a text for those who do not see it")
{
    std::vector<std::size_t> lived;
    const Study study = looked_for(13, 0.01, lived);
    const auto page = page_of(study);
    CHECK(page.find(advice_of(study)) != std::string::npos);
    CHECK(page.find("<html lang=\"en\"") != std::string::npos);
    CHECK(page.find("role=\"img\" aria-labelledby=\"picture-title picture-text\"") != std::string::npos);
    CHECK(page.find("13 lines: 37.5 % within 1 minute, 50.0 % within 10 minutes, 62.5 % within 30 minutes.") !=
          std::string::npos);
    for (const auto& day : study.days)
    {
        CHECK(page.find("<th scope=\"row\">" + std::to_string(day.options.lines) + "</th>") != std::string::npos);
    }
    CHECK(page.find("tabindex=\"0\"") != std::string::npos);
}
