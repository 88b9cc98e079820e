// SPDX-License-Identifier: Apache-2.0
#include "scenario/run.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::scenario;

namespace
{
const Script script =
    parse("play = message 2, message 3\npause = message exchange or continue\nwait = 30s\nplay = message 4", {})
        .value();

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Item item(std::size_t step, int number, Status status, Cause cause = Cause::none)
{
    return {step, {number}, status, cause, {}};
}

const Item finished_2 = item(0, 2, Status::finished);
const Item finished_3 = item(0, 3, Status::finished);
const Item finished_exchange = item(1, 0, Status::finished);
const Item finished_4 = item(3, 4, Status::finished);

constexpr Instant due{Duration{1'800'000'000'000'000}};

Run run_in(State state, std::size_t position, std::vector<Item> items)
{
    Run run{state, position, std::nullopt, Cause::none, std::move(items)};
    if (state == State::waiting || state == State::asking)
    {
        run.due = due;
    }
    if (state == State::failed || state == State::cancelled)
    {
        run.cause = state == State::failed ? Cause::busy : Cause::cancelled;
    }
    return run;
}
} // namespace

TEST_CASE("A stored run of a scenario is one JSON object with a version")
{
    Run run = run_in(State::running, 0, {item(0, 2, Status::failed, Cause::no_answer), item(0, 3, Status::running)});
    run.items.front().extent = {12, 3};
    CHECK(format_run(run) ==
          R"({"items":[{"cause":"no-answer","content":2,"pages":3,"seconds":12,"status":"failed","step":0},)"
          R"({"content":3,"status":"running","step":0}],"position":0,"state":"running","v":1})");
    CHECK(parse_run(format_run(run), script).value() == run);
    CHECK(format_run(run_in(State::asking, 1, {})) ==
          R"({"due":1800000000000000,"items":[],"position":1,"state":"asking","v":1})");
    CHECK(format_run({}) == R"({"items":[],"position":0,"state":"not-started","v":1})");
}

TEST_CASE("A stored run that was not written so is refused")
{
    const std::string good = format_run(
        run_in(State::running, 0, {item(0, 2, Status::failed, Cause::no_answer), item(0, 3, Status::running)}));
    REQUIRE(parse_run(good, script).has_value());
    const std::string bad[] = {
        "",
        "null",
        "[]",
        "{}",
        good.substr(0, good.size() - 1),
        good + " ",
        " " + good,
        good + good,
        replaced(good, "\"v\":1", "\"v\":1,\"v\":1"),
        replaced(good, "\"v\":1", "\"v\":1,\"w\":1"),
        replaced(good, "\"v\":1", "\"v\":\"1\""),
        replaced(good, "\"v\":1", "\"v\":1.0"),
        replaced(good, "\"v\":1", "\"v\":2"),
        replaced(good, ",\"v\":1", ""),
        replaced(good, "\"position\":0", "\"position\":-1"),
        replaced(good, "\"position\":0", "\"position\":0.0"),
        replaced(good, "\"position\":0", "\"position\":18446744073709551616"),
        replaced(good, "\"position\":0", "\"position\":null"),
        replaced(good, "\"position\":0,", ""),
        replaced(good, "\"state\":\"running\"", "\"state\":\"Running\""),
        replaced(good, "\"state\":\"running\"", "\"state\":\"dancing\""),
        replaced(good, "\"state\":\"running\"", "\"state\":1"),
        replaced(good, "\"state\":\"running\",", ""),
        replaced(good, "\"content\":2", "\"content\":4294967298"),
        replaced(good, "\"content\":2", "\"content\":7"),
        replaced(good, "\"content\":2,", "\"content\":2,\"pages\":-1,"),
        replaced(good, "\"content\":2,", "\"content\":2,\"pages\":4294967296,"),
        replaced(good, "\"content\":2,", "\"content\":2,\"pages\":null,"),
        replaced(good, "\"cause\":\"no-answer\"", "\"cause\":\"\""),
        replaced(good, "\"cause\":\"no-answer\"", "\"cause\":\"unwell\""),
        replaced(good, "[{", "[5,{"),
        replaced(good, "[{", "[[],{"),
        replaced(good, "\"items\":[", "\"items\":{\"a\":["),
        std::string(100'000, '['),
        "\"" + std::string(5 << 20, 'x') + "\"",
    };
    for (const std::string& text : bad)
    {
        INFO(text.substr(0, 300));
        const auto run = parse_run(text, script);
        REQUIRE_FALSE(run.has_value());
        CHECK(run.error().where() == "scenario run");
        CHECK_FALSE(run.error().text().empty());
    }
    CHECK(parse_run(replaced(good, "\"v\":1", "\"v\":2"), script).error().code() == Errc::unsupported);
}

TEST_CASE("A stored run is refused where its scenario cannot be in that state")
{
    const auto running_2 = item(0, 2, Status::running);
    const auto stopped_3 = item(0, 3, Status::stopped);
    const auto by_key = item(4, 0, Status::running);
    const auto failed_3 = item(0, 3, Status::failed, Cause::busy);
    const std::vector<std::pair<Run, bool>> rows{
        {run_in(State::not_started, 0, {}), true},
        {run_in(State::not_started, 1, {}), false},
        {run_in(State::not_started, 0, {finished_2, finished_3}), false},
        {run_in(State::running, 0, {running_2, finished_3}), true},
        {run_in(State::running, 0, {finished_3, running_2}), false},
        {run_in(State::running, 0, {running_2}), false},
        {run_in(State::running, 0, {finished_2, finished_3}), false},
        {run_in(State::running, 0, {running_2, stopped_3}), false},
        {run_in(State::running, 1, {running_2, finished_3}), false},
        {run_in(State::running, 1, {running_2, finished_3, item(1, 0, Status::running)}), false},
        {run_in(State::running, 0, {running_2, running_2}), false},
        {run_in(State::running, 4, {finished_2, failed_3, by_key}), true},
        {run_in(State::running, 4, {running_2, stopped_3, item(4, 3, Status::finished)}), true},
        {run_in(State::running, 4, {running_2, finished_3, finished_exchange, by_key}), false},
        {run_in(State::running, 0, {finished_2, finished_3, by_key}), false},
        {run_in(State::running, 4, {by_key}), false},
        {run_in(State::running, 4, {finished_2, by_key}), false},
        {run_in(State::running, 4, {finished_2, finished_3, by_key, by_key}), false},
        {run_in(State::running, 4, {finished_2, finished_3, item(4, -1, Status::running)}), false},
        {run_in(State::asking, 1, {finished_2, failed_3}), true},
        {run_in(State::asking, 1, {}), false},
        {run_in(State::asking, 0, {}), true},
        {run_in(State::asking, 1, {finished_2, finished_3, finished_exchange}), false},
        {run_in(State::asking, 1, {finished_2, stopped_3}), false},
        {run_in(State::waiting, 2, {finished_2, finished_3, finished_exchange}), true},
        {run_in(State::waiting, 2, {finished_2, finished_3}), false},
        {run_in(State::waiting, 1, {finished_2, finished_3}), false},
        {run_in(State::waiting, 3, {finished_2, finished_3, finished_exchange}), false},
        {run_in(State::finished, 4, {finished_2, finished_3, finished_exchange, finished_4}), true},
        {run_in(State::finished, 4, {finished_2, finished_3, finished_exchange}), false},
        {run_in(State::finished, 3, {finished_2, finished_3, finished_exchange, finished_4}), false},
        {run_in(State::finished, 5, {finished_2, finished_3, finished_exchange, finished_4}), false},
        {run_in(State::finished, 4, {finished_2, finished_3, item(4, 0, Status::finished)}), true},
        {run_in(State::failed, 0, {finished_2, failed_3}), true},
        {run_in(State::failed, 0, {}), true},
        {run_in(State::failed, 0, {running_2, failed_3}), false},
        {run_in(State::failed, 1, {finished_2, finished_3}), true},
        {run_in(State::failed, 2, {finished_2, finished_3}), false},
        {run_in(State::cancelled, 0, {finished_2, stopped_3}), true},
        {run_in(State::cancelled, 9, {}), false},
    };
    for (const auto& [run, good] : rows)
    {
        INFO(format_run(run));
        const auto read = parse_run(format_run(run), script);
        CHECK(read.has_value() == good);
        CHECK((!read || *read == run));
    }
}

TEST_CASE("A stored run has a time and causes only where they belong")
{
    Run timed = run_in(State::running, 0, {item(0, 2, Status::running), finished_3});
    timed.due = due;
    Run untimed = run_in(State::asking, 1, {finished_2, finished_3});
    untimed.due = std::nullopt;
    Run causeless = run_in(State::failed, 0, {finished_2, finished_3});
    causeless.cause = Cause::none;
    Run other_cause = run_in(State::cancelled, 0, {});
    other_cause.cause = Cause::busy;
    Run with_cause = run_in(State::not_started, 0, {});
    with_cause.cause = Cause::busy;
    const Run item_causeless = run_in(State::failed, 0, {finished_2, item(0, 3, Status::failed)});
    const Run item_with_cause = run_in(State::failed, 0, {finished_2, item(0, 3, Status::finished, Cause::busy)});
    for (const Run& run : {timed, untimed, causeless, other_cause, with_cause, item_causeless, item_with_cause})
    {
        INFO(format_run(run));
        CHECK_FALSE(parse_run(format_run(run), script).has_value());
    }
}
