// SPDX-License-Identifier: Apache-2.0
#include "scenario/script.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

using namespace ringpost;
using namespace ringpost::scenario;

namespace
{
const ScenarioLimits limits;

const Step play_3{Play{{{3}}}, false, 1};

Instant at(std::string_view text)
{
    return parse_rfc3339(text).value();
}

/// The first step of a text that has to be good.
Step first_step(const std::string& text)
{
    INFO(text);
    const auto script = parse(text, limits);
    REQUIRE(script.has_value());
    return script->steps.front();
}

std::filesystem::path source_directory()
{
#ifdef RINGPOST_SOURCE_DIR
    return RINGPOST_SOURCE_DIR;
#else
    // This file is tests/unit/scenario/script_test.cpp; CMake names sources by their whole path.
    return std::filesystem::path(__FILE__).parent_path() / "../../..";
#endif
}

std::string sample(const std::string& name)
{
    std::ifstream file(source_directory() / "samples/scenarios" / (name + ".scenario"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Step random_step(std::mt19937& random, std::size_t line)
{
    Step step{Play{}, random() % 2 == 0, line};
    switch (random() % 4)
    {
    case 0: {
        Play play;
        for (int number = static_cast<int>(random() % 3), n = 0; n <= static_cast<int>(random() % 4); ++n)
        {
            play.contents.push_back({number + n * 7});
        }
        step.what = play;
        break;
    }
    case 1:
        step.what = Pause{{static_cast<int>(random() % 1000)}};
        break;
    case 2:
        step.what = Wait{std::chrono::seconds{1 + random() % 2'592'000}};
        break;
    default:
        step.what = At{Instant{Duration{static_cast<std::int64_t>(random()) * 900'000 - 1'000'000'000'000}}};
    }
    return step;
}
} // namespace

TEST_CASE("Each kind of step of a scenario is read")
{
    CHECK(first_step("play = message 3") == play_3);
    CHECK(first_step("play = message 2, message 3") == Step{Play{{{2}, {3}}}, false, 1});
    CHECK(first_step("play = message exchange") == Step{Play{{{0}}}, false, 1});
    CHECK(first_step("play = message exchange, message 999999") == Step{Play{{{0}, {999999}}}, false, 1});
    CHECK(first_step("pause = message 2") == Step{Pause{{2}}, false, 1});
    CHECK(first_step("pause = message exchange") == Step{Pause{{0}}, false, 1});
    CHECK(first_step("wait = 30s") == Step{Wait{30s}, false, 1});
    CHECK(first_step("wait = 1h30m") == Step{Wait{90min}, false, 1});
    CHECK(first_step("wait = 30d") == Step{Wait{30 * 24h}, false, 1});
    CHECK(first_step("at = 2026-12-01T09:00:00+09:00") == Step{At{at("2026-12-01T00:00:00Z")}, false, 1});
    CHECK(first_step("at = 2026-12-01t00:00:00.25z") == Step{At{at("2026-12-01T00:00:00Z") + 250ms}, false, 1});
}

TEST_CASE("Every step of a scenario may end with `or continue`")
{
    CHECK(first_step("play = message 3 or continue") == Step{Play{{{3}}}, true, 1});
    CHECK(first_step("play=message 2,message exchange OR \t Continue") == Step{Play{{{2}, {0}}}, true, 1});
    CHECK(first_step("pause = message 3 or continue # yes") == Step{Pause{{3}}, true, 1});
    CHECK(first_step("wait = 30s or continue") == Step{Wait{30s}, true, 1});
    CHECK(first_step("at = 2026-12-01T00:00:00Z or continue") == Step{At{at("2026-12-01T00:00:00Z")}, true, 1});
}

TEST_CASE("Case, blanks, comments, line ends and a byte order mark of a scenario do not matter")
{
    const std::string same[] = {"play=message 3",        " \t PLAY \t = \t Message \t 3 \t ",
                                "play = message 003",    "play = message 3# comment = 5",
                                "play = message 3 \r\n", "play = message 3\n\n  \n# \xE5\xA4\xAA\xE9\x83\x8E\n",
                                "play = message 3\r",    "\xEF\xBB\xBFplay = message 3\r\n\r\n"};
    for (const std::string& text : same)
    {
        INFO(text);
        const auto script = parse(text, limits);
        REQUIRE(script.has_value());
        CHECK(script->steps == std::vector{play_3});
    }
}

TEST_CASE("A step of a scenario knows its line")
{
    const auto script = parse("# first\r\n\r\nplay = message 3\nwait = 5s\n\n  # and\nwait = 6s", limits).value();
    REQUIRE(script.steps.size() == 3);
    CHECK(script.steps[0].line == 3);
    CHECK(script.steps[1].line == 4);
    CHECK(script.steps[2].line == 7);
    CHECK(canonical(script) == "\n\nplay = message 3\nwait = 5s\n\n\nwait = 6s\n");
}

TEST_CASE("An error of a scenario names the line, what was read and what is expected")
{
    struct Row
    {
        std::string text;
        std::string where;
        std::string says;
    };
    const Row rows[] = {
        {"", "line 1", "no step"},
        {"\xEF\xBB\xBF", "line 1", "no step"},
        {"# nothing\n\n", "line 1", "no step"},
        {"play message 3", "line 1", "\"play message 3\" does not have the form step = value"},
        {"\n\nplay\n", "line 3", "does not have the form"},
        {"play # = message 3", "line 1", "does not have the form"},
        {"ring = message 3", "line 1", "\"ring\" is none of play, pause, wait, at"},
        {"= message 3", "line 1", "\"\" is none of"},
        {"play = message 3\r\nplay : message 3", "line 2", "does not have the form"},
        {"play =", "line 1", "\"\" is neither message <number of a content> nor message exchange"},
        {"play = or continue", "line 1", "\"\" is neither"},
        {"play = # message 3", "line 1", "\"\" is neither"},
        {"play = 3", "line 1", "\"3\" is neither"},
        {"play = message", "line 1", "\"message\" is neither"},
        {"play = message3", "line 1", "\"message3\" is neither"},
        {"play = messageexchange", "line 1", "is neither"},
        {"play = message three", "line 1", "is neither"},
        {"play = message -3", "line 1", "is neither"},
        {"play = message 3.0", "line 1", "is neither"},
        {"play = message 3 message 4", "line 1", "is neither"},
        {"play = message 3,", "line 1", "\"\" is neither"},
        {"play = ,message 3", "line 1", "\"\" is neither"},
        {"play = message 2 and message 3", "line 1", "is neither"},
        {"play = message 3 or contnue", "line 1", "\"message 3 or contnue\" is neither"},
        {"play = message 3 continue", "line 1", "is neither"},
        {"play = message 3or continue", "line 1", "is neither"},
        {"play = message 3 orcontinue", "line 1", "is neither"},
        {"play = message 3 or continue or continue", "line 1", "is neither"},
        {"play = message exchangeor continue", "line 1", "is neither"},
        {"play = message 0", "line 1", "contents are numbered from 1"},
        {"play = message 1000000", "line 1", "at most 6 digits"},
        {"play = message 99999999999999999999", "line 1", "at most 6 digits"},
        {"play = message 3, message 3", "line 1", "message 3 is there twice"},
        {"play = message 3, message 03", "line 1", "message 3 is there twice"},
        {"wait = 5s\nplay = message exchange, message 1, message EXCHANGE", "line 2",
         "message exchange is there twice"},
        {"pause =", "line 1", "is neither"},
        {"pause = message 2, message 3", "line 1", "a pause asks about one"},
        {"pause = 30s", "line 1", "is neither"},
        {"wait =", "line 1", "\"\" is not a duration like 30s"},
        {"wait = 30", "line 1", "is not a duration"},
        {"wait = 250ms", "line 1", "is not a duration"},
        {"wait = message 3", "line 1", "is not a duration"},
        {"wait = 0s", "line 1", "a wait is 1s to 30d"},
        {"wait = 30d1s", "line 1", "a wait is 1s to 30d"},
        {"at = tomorrow", "line 1", "\"tomorrow\" is not a point in time like 2026-12-01T09:00:00+09:00"},
        {"at = 2026-12-01", "line 1", "is not a point in time"},
        {"at = 2026-12-01T09:00:00", "line 1", "is not a point in time"},
        {"at = 2026-02-29T09:00:00Z", "line 1", "is not a point in time"},
        {"at = 0000-01-01T00:00:00+00:01", "line 1", "not within the years"},
        {"at = 9999-12-31T23:59:59-00:01", "line 1", "not within the years"},
        {"wait = 5s\n\xFF = 3", "line 2", "not UTF-8"},
        {"wait = 5s\n# \xC0\x80", "line 2", "not UTF-8"},
        {std::string("pl\0ay = message 3", 17), "line 1", "\"pl?ay\" is none of"},
        {std::string(500, 'x') + " = 3", "line 1", "x…\" is none of"},
        {"play = message " + std::string(44, '\xE3').insert(44, "\x81\x82"), "line 1", "not UTF-8"},
    };
    for (const Row& row : rows)
    {
        INFO(row.text);
        const auto script = parse(row.text, limits);
        REQUIRE(!script.has_value());
        CHECK(script.error().code() == Errc::malformed);
        CHECK(script.error().where() == row.where);
        CHECK_THAT(script.error().text(), Catch::Contains(row.says));
    }
}

TEST_CASE("A limit of scenarios names the line in which it is passed")
{
    const ScenarioLimits few{40, 2, 2};
    CHECK(parse("wait = 1s\nwait = 2s\n#", few).has_value());
    CHECK(parse("play = message 1, message 2", few).has_value());
    const std::pair<std::string, std::string> rows[] = {
        {"wait = 1s\n\nwait = 2s\nwait = 3s\n", "line 4"},
        {"wait = 1s\nplay=message 1,message 2,message 3", "line 2"},
        {"wait = 1s\n" + std::string(30, '\n'), "ok"},
        {"wait = 1s\n" + std::string(31, '\n'), "line 32"},
        {"# " + std::string(39, 'x') + "\nwait = 1s\n", "line 1"},
    };
    for (const auto& [text, where] : rows)
    {
        INFO(text);
        const auto script = parse(text, few);
        CHECK((script ? "ok" : script.error().where()) == where);
        CHECK((script || script.error().code() == Errc::too_large));
    }
}

TEST_CASE("What an error shows of a hostile scenario is short, printable UTF-8")
{
    std::string long_name;
    while (long_name.size() < 200)
    {
        long_name += "\xE3\x81\x82\x7F";
    }
    const auto failure = parse(long_name + " = 3", limits).error();
    CHECK(failure.text().size() < 150);
    CHECK(failure.text().find('\x7F') == std::string::npos);
}

TEST_CASE("A stored scenario is the one that was written, whatever the limits are by now")
{
    std::mt19937 random(20261201);
    for (int round = 0; round < 500; ++round)
    {
        Script script;
        std::size_t line = 0;
        for (std::size_t steps = random() % 200; steps > 0; --steps)
        {
            script.steps.push_back(random_step(random, line += 1 + random() % 3));
        }
        const std::string text = canonical(script);
        INFO(text);
        const auto again = parse_stored(text);
        REQUIRE(again.has_value());
        REQUIRE(*again == script);
        REQUIRE(canonical(*again) == text);
    }
}

TEST_CASE("The sample scenarios are read")
{
    const auto ask = parse(sample("ask-first"), limits).value();
    CHECK(canonical(ask).substr(canonical(ask).find('p')) == "play = message 2\npause = message exchange\n");
    const auto fax = parse(sample("fax-and-voice"), limits).value();
    CHECK(fax.steps == std::vector<Step>{{Play{{{2}, {3}}}, true, 4}, {Play{{{4}}}, false, 5}});
    const auto morning = parse(sample("in-the-morning"), limits).value();
    CHECK(morning.steps == std::vector<Step>{{At{at("2026-12-01T00:00:00Z")}, false, 3},
                                             {Play{{{2}}}, false, 4},
                                             {Wait{30s}, false, 5},
                                             {Play{{{0}}}, false, 6}});
    const auto every = parse(sample("every-step"), limits).value();
    CHECK(every.steps == std::vector<Step>{{Play{{{3}}}, false, 3},
                                           {Play{{{2}, {3}}}, false, 4},
                                           {Pause{{2}}, false, 5},
                                           {Wait{30s}, false, 6},
                                           {At{at("2026-12-01T00:00:00Z")}, false, 7}});
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(source_directory() / "samples/scenarios"))
    {
        INFO(entry.path());
        CHECK(parse(sample(entry.path().stem().string()), limits).has_value());
        ++files;
    }
    CHECK(files == 4);
}
