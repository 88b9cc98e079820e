// SPDX-License-Identifier: Apache-2.0
// Whose turn it is: the queue of a device, suspended sources, limits on attempts (spec 3).
#include "rig.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using test::RigOptions;
using Lines = std::vector<std::string>;

namespace
{
/// The sources of the attempts, in the order in which they were dialled.
Lines sources(Rig& rig)
{
    Lines devices;
    for (const auto& call : rig.line().dialled())
    {
        devices.push_back(call.second.number);
    }
    return devices;
}

/// Somebody talks at 2000 until 30 s; who is connected with it talks for 5 s.
void occupy(Rig& rig)
{
    rig.calls("2000", "2002");
    rig.at(30s, [&rig] { rig.hangs_up("2000"); });
    rig.at(29s, [&rig] { rig.answers("2000", 1s, 5s); });
}
} // namespace

TEST_CASE("Three who camp on one telephone are connected one after the other, the oldest first")
{
    Rig rig;
    occupy(rig);
    const auto a = rig.ask("2000", "2003");
    rig.run_for(1s);
    const auto b = rig.ask("2000", "2004");
    rig.run_for(1s);
    const auto c = rig.ask("2000", "2005");
    rig.run_for(90s);
    CHECK(sources(rig) == Lines{"2003", "2004", "2005"});
    CHECK(rig.ring_times("2000") == std::vector<double>{32, 41, 50});
    for (const auto id : {a, b, c})
    {
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.results(id) == Lines{"connected  2"});
    }
}

TEST_CASE("Express requests come first, then the oldest")
{
    Rig rig;
    occupy(rig);
    rig.ask("2000", "2003");
    rig.run_for(1s);
    rig.ask("2000", "2004");
    rig.run_for(1s);
    auto express = rig.order("2000", "2005");
    express.express = true;
    rig.ask(express);
    rig.run_for(90s);
    CHECK(sources(rig) == Lines{"2005", "2003", "2004"});
}

TEST_CASE("While its source is busy a request lets the next one pass, and keeps its place")
{
    Rig rig;
    occupy(rig);
    const auto a = rig.ask("2000", "2003");
    rig.run_for(1s);
    const auto b = rig.ask("2000", "2004");
    rig.run_for(1s);
    rig.calls("2003", "2001");
    rig.run_for(30s); // 32 s: the turn of a, whose source is busy
    CHECK(rig.standing(a) == "suspended source");
    CHECK(rig.request(a).last_cause == Cause::source_busy);
    rig.answers("2000", 1s, 20s);
    const auto c = rig.ask("2000", "2005");
    rig.run_for(5s);
    CHECK(rig.standing(b) == "connected");
    rig.hangs_up("2003");
    rig.run_for(5s);
    CHECK(rig.standing(a) == "waiting release"); // it was looked at, and 2000 is in use
    rig.hangs_up("2000");
    rig.answers("2000", 1s, 5s);
    rig.run_for(60s);
    CHECK(sources(rig) == Lines{"2004", "2003", "2005"});
    CHECK(rig.standing(a) == "connected");
    CHECK(rig.standing(c) == "connected");
}

TEST_CASE("A suspended request goes on when its source is released, after the guard time")
{
    Rig rig;
    rig.calls("2001", "2002");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(20s);
    CHECK(rig.standing(id) == "suspended source");
    CHECK(rig.rings("2000").empty());
    rig.hangs_up("2001");
    rig.run_for(10s);
    CHECK(rig.ring_times("2000") == std::vector<double>{22});
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("A telephone that is the source of one request and the destination of another is in one call at a time")
{
    Rig rig;
    rig.answers("2000", 5s, 10s);
    rig.answers("2001", 5s, 10s);
    const auto one = rig.ask("2000", "2001");
    const auto other = rig.ask("2001", "2000");
    rig.run_for(15s);
    CHECK(rig.line().dialled().size() == 1);
    rig.run_for(60s);
    CHECK(rig.standing(one) == "connected");
    CHECK(rig.standing(other) == "connected");
}

TEST_CASE("Of 1,000 due requests no more are begun at once, and in one second, than is allowed")
{
    RigOptions options;
    options.scheduler.attempts_at_once = 40;
    options.scheduler.attempts_per_second = 15;
    options.extensions.clear();
    for (int i = 0; i < 2000; ++i)
    {
        options.extensions.push_back(fmt::format("{}", 3000 + i));
    }
    Rig rig(options);
    std::map<std::int64_t, std::size_t> in_second;
    std::size_t at_once = 0;
    rig.line().on_dial = [&](const pbx::MakeCall&) {
        ++in_second[rig.elapsed() / 1s];
        at_once = std::max(at_once, rig.scheduler().attempts());
    };
    std::vector<RequestId> ids;
    for (int i = 0; i < 1000; ++i)
    {
        rig.never_answers(options.extensions[static_cast<std::size_t>(i)]);
        auto order = rig.order(fmt::format("{}", 3000 + i), fmt::format("{}", 4000 + i));
        order.express = i == 999;
        ids.push_back(rig.store_due(order));
    }
    rig.look_again();
    rig.run_for(2s);
    CHECK(rig.request(ids[999]).attempts == 1);
    rig.run_for(15min);
    CHECK(at_once == 40);
    for (const auto& [second, begun] : in_second)
    {
        CHECK(begun <= 15);
    }
    CHECK(in_second.at(0) == 15);
    for (const auto id : ids)
    {
        REQUIRE(rig.standing(id) == "waiting use");
        REQUIRE(rig.request(id).attempts == 1);
    }
}

TEST_CASE("A release that comes while all attempts are in use is not forgotten")
{
    RigOptions options;
    options.scheduler.attempts_at_once = 2;
    options.extensions.insert(options.extensions.end(), {"2006", "2007", "2008"});
    Rig rig(options);
    rig.calls("2000", "2001");
    const auto one = rig.ask("2000", "2002");
    const auto other = rig.ask("2001", "2003");
    rig.run_for(5s);
    rig.never_answers("2004");
    rig.ask("2004", "2005"); // until 30 s
    rig.never_answers("2006");
    SECTION("two are released at once, and there is room for one attempt") {}
    SECTION("there is no room at all")
    {
        rig.ask("2006", "2007");
    }
    rig.run_for(1s);
    rig.hangs_up("2000");
    rig.run_for(60s);
    CHECK(rig.standing(one) == "connected");
    CHECK(rig.standing(other) == "connected");
}

TEST_CASE("While the database refuses to write nothing is dialled, and nothing is forgotten")
{
    Rig rig;
    rig.execute("CREATE TRIGGER refuse BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'no'); END");
    const auto due = rig.store_due(rig.order("2000", "2001"));
    rig.calls("2002", "2003");
    const auto busy = rig.store_due(rig.order("2002", "2004"));
    rig.look_again();
    rig.run_for(60s);
    CHECK(rig.rings("2000").empty());
    CHECK(rig.standing(due) == "waiting");
    rig.execute("DROP TRIGGER refuse");
    rig.run_for(10s);
    CHECK(rig.standing(due) == "connected");
    CHECK(rig.standing(busy) == "waiting release");
}

TEST_CASE("An attempt whose end could not be stored is settled when the database writes again")
{
    Rig rig;
    rig.answers("2000", 5s);
    rig.answers("2001", 5s);
    const auto id = rig.ask("2000", "2001");
    SECTION("two who talk go on talking")
    {
        rig.at(9s, [&] {
            rig.execute("CREATE TRIGGER refuse BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'no'); END");
        });
        rig.run_for(60s);
        CHECK(rig.state("2000") == pbx::DeviceState::talking);
        CHECK(rig.standing(id) == "dialling-second");
        rig.execute("DROP TRIGGER refuse");
        rig.run_for(10s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.results(id).size() == 1);
        CHECK(rig.state("2000") == pbx::DeviceState::talking);
    }
    SECTION("a telephone that did not answer is rung no longer")
    {
        rig.never_answers("2000");
        rig.at(9s, [&] {
            rig.execute("CREATE TRIGGER refuse BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'no'); END");
        });
        rig.run_for(60s);
        CHECK(rig.standing(id) == "dialling-first");
        rig.execute("DROP TRIGGER refuse");
        rig.run_for(10s);
        CHECK_FALSE(is_end(rig.request(id).state));
        CHECK(rig.attempts(id)[0].interrupted);
    }
}
