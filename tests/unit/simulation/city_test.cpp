// SPDX-License-Identifier: Apache-2.0
// Small cities: the full size needs a release build (docs/simulation.md). A failure names its seed and says how to live
// that day again.
#include "simulation/city.h"
#include "simulation/report.h"
#include "simulation/study.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>

using namespace ringpost;
using namespace ringpost::simulation;

namespace
{
CityOptions small(std::uint64_t seed = 1)
{
    return {.telephones = 40, .camp_ons = 300, .lines = 6, .day = 2h, .seed = seed};
}

Day live(const CityOptions& options)
{
    City city(options);
    return city.live();
}

/// The rules that were broken, one a line, without time and office.
std::string broken_in(const Day& day)
{
    std::string all;
    for (const auto& what : day.broken)
    {
        all += what + "\n";
    }
    return all;
}

/// A day on which `sql` is done to the database of office A after an hour.
Day disturbed(const std::string& sql, const CityOptions& options = small())
{
    City city(options);
    city.at(1h, [&city, sql] {
        city.office(0)
            .database()
            .write_now<bool>("test",
                             [&sql](store::Connection& connection) -> Result<bool> {
                                 connection.execute(sql);
                                 return true;
                             })
            .value();
    });
    return city.live();
}

std::size_t ended(const Day& day, Cause cause)
{
    return day.between.ended(cause) + day.inside.ended(cause);
}
} // namespace

TEST_CASE("In a small city no rule is broken, and every request comes to its one result")
{
    const char* more = std::getenv("RINGPOST_SEEDS");
    const std::uint64_t seeds = more == nullptr ? 3 : std::strtoull(more, nullptr, 10);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    {
        const auto options = small(seed);
        INFO("to see it again: " << replay_line(options));
        const Day day = live(options);
        CHECK(broken_in(day).empty());
        CHECK(day.between.requests + day.inside.requests == options.camp_ons);
        // A city in which nothing happens would prove nothing.
        CHECK(day.between.connected() > 50);
        CHECK(day.inside.connected() > 30);
        for (const auto cause : {Cause::cancelled, Cause::rejected, Cause::congestion, Cause::source_no_answer})
        {
            INFO(word(cause));
            CHECK(ended(day, cause) > 0);
        }
        CHECK(day.calls_by_hand > 40);
        CHECK(day.attempts > options.camp_ons / 2);
        CHECK(day.most_lines <= options.lines);
        CHECK(day.utilisation > 0);
        CHECK(day.utilisation < 1);
        CHECK(day.lasted >= options.day);
    }
}

TEST_CASE("The same options give the same day, another seed another one")
{
    const Day first = live(small(4));
    const Day again = live(small(4));
    CHECK(first.digest == again.digest);
    CHECK(first.events == again.events);
    CHECK(first.between.waits == again.between.waits);
    CHECK(live(small(5)).digest != first.digest);
}

TEST_CASE("With fewer lines the same people ask for the same, and more calls find all lines taken")
{
    CityOptions options = small();
    options.lines = options.enough_lines();
    const Day ample = live(options);
    options.lines = 2;
    const Day scarce = live(options);
    CHECK(ample.between.requests == scarce.between.requests);
    CHECK(ample.blocked == 0);
    CHECK(scarce.congestion() > 0.05);
    CHECK(scarce.most_lines == 2);
    CHECK(scarce.between.ended(Cause::congestion) > ample.between.ended(Cause::congestion));
    CHECK(scarce.between.connected() < ample.between.connected());
}

TEST_CASE("A broken rule is found, with the line that shows it again")
{
    Day day;
    std::string expected;
    SECTION("a request that has ended is performed once more")
    {
        day = disturbed("UPDATE request SET state = 'waiting', wait = 'none', wake_at = 0, ended_at = NULL, "
                        "first_attempt = 1 WHERE id IN (SELECT id FROM request WHERE state = 'connected' LIMIT 1)");
        expected = "changes after its end";
    }
    SECTION("a result is lost")
    {
        day = disturbed("CREATE TRIGGER lose AFTER INSERT ON queue_item BEGIN DELETE FROM queue_item; END");
        expected = "has 0 results";
    }
    SECTION("a result is told twice")
    {
        day = disturbed(
            "CREATE TRIGGER twice AFTER INSERT ON queue_item BEGIN INSERT INTO queue_item (mail_id, recipient, "
            "exchange, request_id, notify, orcpt, express, due, expires, attempts, delay_told, last_error) VALUES "
            "(NEW.mail_id, NEW.recipient, NEW.exchange, 0, '', '', 0, NEW.due, NEW.expires, 0, 0, ''); END");
        expected = "has 2 results";
    }
    SECTION("the queue of a telephone is turned round")
    {
        // The newest first: twice the first moment of the day, less the time at which it was asked for. Long queues
        // need few telephones.
        CityOptions crowded = small();
        crowded.telephones = 10;
        day = disturbed("CREATE TRIGGER turn AFTER INSERT ON request BEGIN UPDATE request SET asked = 3592166400000000 "
                        "- asked WHERE id = NEW.id; END",
                        crowded);
        expected = "whose turn it is";
    }
    SECTION("who waits for a release is forgotten")
    {
        day = disturbed("CREATE TRIGGER forget AFTER UPDATE ON request WHEN NEW.wait = 'release' BEGIN UPDATE request "
                        "SET state = 'held', wake_at = NULL WHERE id = NEW.id; END");
        expected = "though it"; // is its turn, or its monitor time has ended
    }
    SECTION("a wrong telephone is rung")
    {
        day = disturbed("CREATE TRIGGER confuse AFTER INSERT ON request BEGIN UPDATE request SET source_device = "
                        "'200000' WHERE id = NEW.id AND destination_device <> '200000'; END");
        expected = "does not name";
    }
    INFO(broken_in(day));
    REQUIRE_FALSE(day.broken.empty());
    CHECK(broken_in(day).find(expected) != std::string::npos);
    CHECK(trouble_of(day).find(day.broken.front()) != std::string::npos);
    CHECK(trouble_of(day).ends_with(replay_line(day.options)));
}

TEST_CASE("The line that shows a day again names all that decides it")
{
    CHECK(replay_line(small()) == "ringpost simulate --telephones 40 --camp-ons 300 --lines 6 --hours 2 --seed 1");
}
