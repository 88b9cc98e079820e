// SPDX-License-Identifier: Apache-2.0
// When a request is tried, and when it is tried again (spec 3).
#include "rig.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Times = std::vector<double>;
using Lines = std::vector<std::string>;

TEST_CASE("A request whose telephones are free is connected at once: first the destination rings, then the source")
{
    Rig rig;
    const auto id = rig.ask("2000", "2001");
    rig.run_for(10s);
    CHECK(rig.standing(id) == "connected");
    CHECK(rig.rings() == std::vector<test::Ring>{{0s, "2000"}, {1s, "2001"}});
    CHECK(rig.results(id) == Lines{"connected  1"});
    const auto attempts = rig.attempts(id);
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].dialled);
    CHECK(attempts[0].first_answered.has_value());
    CHECK(attempts[0].second_answered.has_value());
    CHECK(attempts[0].ended.has_value());
}

TEST_CASE("A busy destination is tried again on its release, after the guard time")
{
    Rig rig;
    rig.calls("2000", "2002");
    rig.run_for(5s);
    const auto id = rig.ask("2000", "2001");
    rig.run_for(25s);
    CHECK(rig.standing(id) == "waiting release");
    CHECK(rig.rings("2000").empty());
    CHECK(rig.attempts(id).size() == 1);
    CHECK_FALSE(rig.attempts(id)[0].dialled);
    rig.hangs_up("2000"); // at 30 s
    rig.run_for(10s);
    CHECK(rig.ring_times("2000") == Times{32});
    CHECK(rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("Who uses the telephone within the guard time is not disturbed, and the request waits for the next release")
{
    Rig rig;
    rig.calls("2000", "2002");
    const auto id = rig.ask("2000", "2001");
    rig.at(10s, [&] { rig.hangs_up("2000"); });
    rig.at(11s, [&] { rig.calls("2000", "2003"); });
    rig.at(20s, [&] { rig.hangs_up("2000"); });
    rig.run_for(30s);
    CHECK(rig.ring_times("2000") == Times{22});
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("A request that arrives within the guard time waits for its end")
{
    Rig rig;
    rig.calls("2000", "2002");
    const auto first = rig.ask("2000", "2001");
    rig.at(10s, [&] { rig.hangs_up("2000"); });
    std::optional<RequestId> second;
    rig.at(11s, [&] { second = rig.ask("2000", "2003"); });
    rig.run_for(15s);
    CHECK(rig.ring_times("2000") == Times{12});
    CHECK(rig.standing(first) == "connected");
    CHECK(rig.standing(*second) == "waiting release");
}

TEST_CASE("A periodic request is tried every cycle, whether the destination is busy or silent")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.retry_every = 10s;
    SECTION("busy")
    {
        rig.calls("2000", "2002");
        const auto id = rig.ask(order);
        rig.run_for(35s);
        CHECK(rig.attempts(id).size() == 4); // looks at 0, 10, 20 and 30 s
        rig.hangs_up("2000");
        rig.run_for(10s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.ring_times("2000") == Times{40});
    }
    SECTION("silent")
    {
        rig.never_answers("2000");
        rig.ask(order);
        rig.run_for(85s);
        CHECK(rig.ring_times("2000") == Times{0, 35, 70});
    }
}

TEST_CASE("A request whose next try is due before its attempt is over is tried at once")
{
    Rig rig;
    rig.never_answers("2000");
    auto order = rig.order("2000", "2001");
    order.retry_every = Duration{};
    rig.ask(order);
    rig.run_for(85s);
    CHECK(rig.ring_times("2000") == Times{0, 25, 50, 75});
}

TEST_CASE("A periodic request whose turn falls into a guard time keeps its cycle, though nothing is released any more")
{
    Rig rig;
    rig.calls("2000", "2002");
    auto order = rig.order("2000", "2001");
    order.retry_every = 10s;
    const auto id = rig.ask(order);
    rig.at(9s, [&] { rig.hangs_up("2000"); });
    rig.at(10500ms, [&] { rig.exchange().set_reachable("2000", false).value(); });
    rig.run_for(12s); // at 11 s it was tried: unreachable
    CHECK(rig.request(id).last_cause == Cause::unreachable);
    rig.run_for(30s);
    CHECK(rig.request(id).attempts == 3);
}

TEST_CASE("After no answer a telephone is not rung again until it has been used")
{
    Rig rig;
    rig.never_answers("2000");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(20min);
    CHECK(rig.ring_times("2000") == Times{0});
    CHECK(rig.standing(id) == "waiting use");
    SECTION("by a call that is made on it")
    {
        rig.calls("2000", "2002");
        rig.run_for(60s);
        rig.answers("2000");
        rig.hangs_up("2000");
        rig.run_for(5s);
        CHECK(rig.ring_times("2000") == Times{0, 20 * 60 + 60 + 2});
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.results(id) == Lines{"connected  2"});
    }
    SECTION("a call that rings without an answer is no use")
    {
        rig.calls("2002", "2000");
        rig.run_for(10s);
        rig.hangs_up("2002");
        rig.run_for(60s);
        CHECK(rig.ring_times("2000") == Times{0, 1200});
        CHECK(rig.standing(id) == "waiting use");
    }
    SECTION("a new request by somebody else may try, and if that is answered it counts as use")
    {
        rig.answers("2000");
        const auto other = rig.ask("2000", "2002");
        rig.run_for(30s);
        CHECK(rig.standing(other) == "connected");
        rig.hangs_up("2000");
        rig.run_for(10s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.ring_times("2000") == Times{0, 1200, 1232});
    }
}

TEST_CASE("A telephone that did not answer one request is not rung at once for the others who wait")
{
    Rig rig;
    rig.never_answers("2000");
    const auto first = rig.ask("2000", "2001");
    rig.run_for(1s);
    const auto second = rig.ask("2000", "2002"); // finds it ringing
    rig.run_for(20min);                          // looked at, and idle
    CHECK(rig.ring_times("2000") == Times{0});
    CHECK(rig.standing(first) == "waiting use");
    CHECK(rig.standing(second) == "waiting release");
    rig.answers("2000", 1s, 5s);
    rig.calls("2000", "2003");
    rig.run_for(1s);
    rig.hangs_up("2000");
    rig.run_for(60s);
    CHECK(rig.standing(first) == "connected");
    CHECK(rig.standing(second) == "connected");
}

TEST_CASE("A release of which the exchange did not tell is found when the devices are looked at, every 5 minutes")
{
    Rig rig;
    rig.calls("2000", "2003");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(1min);
    rig.line().silent_about_releases(true);
    rig.hangs_up("2000");
    SECTION("one that was busy is tried")
    {
        rig.run_for(3min);
        CHECK(rig.standing(id) == "waiting release");
        rig.run_for(2min);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.attempts(id).size() == 2); // looking at an idle device is no attempt
    }
    SECTION("a source that a suspended request waits for")
    {
        rig.line().silent_about_releases(false);
        rig.run_for(30s); // connected
        rig.hangs_up("2000");
        rig.calls("2002", "2003");
        const auto suspended = rig.ask("2000", "2002");
        rig.run_for(10s);
        REQUIRE(rig.standing(suspended) == "suspended source");
        rig.line().silent_about_releases(true);
        rig.hangs_up("2002");
        rig.run_for(6min);
        CHECK(rig.standing(suspended) == "connected");
    }
}

TEST_CASE("A use that falls into the guard time of a release is not forgotten")
{
    Rig rig;
    rig.never_answers("2000");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(60s);
    rig.answers("2000");
    rig.calls("2000", "2002");
    rig.run_for(10s);
    rig.hangs_up("2000"); // used
    rig.run_for(1s);
    rig.never_answers("2000");
    rig.calls("2003", "2000"); // rings within the guard time, in vain
    rig.run_for(10s);
    rig.answers("2000");
    rig.hangs_up("2003");
    rig.run_for(5s);
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("An unreachable telephone and a lost trunk are tried every 30 s, with on-release too")
{
    Rig rig;
    SECTION("unreachable")
    {
        rig.exchange().set_reachable("2000", false).value();
        const auto id = rig.ask("2000", "2001");
        rig.run_for(70s);
        CHECK(rig.attempts(id).size() == 3);
        CHECK(rig.request(id).last_cause == Cause::unreachable);
        rig.exchange().set_reachable("2000", true).value();
        rig.run_for(25s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.ring_times("2000") == Times{90});
    }
    SECTION("congestion")
    {
        const std::string far = Rig::far_prefix + "2000";
        rig.trunk().set_up(false);
        const auto id = rig.ask(far, "2001");
        rig.run_for(70s);
        CHECK(rig.attempts(id).size() == 3);
        CHECK(rig.request(id).last_cause == Cause::congestion);
        rig.trunk().set_up(true);
        rig.run_for(25s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.ring_times(far) == Times{90});
    }
}

TEST_CASE("An exchange that does not reply is asked again after 30 s")
{
    Rig rig;
    rig.line().mute(true);
    const auto id = rig.ask("2000", "2001");
    rig.run_for(10s);
    CHECK(rig.standing(id) == "waiting");
    rig.line().mute(false);
    rig.run_for(40s);
    CHECK(rig.ring_times("2000") == std::vector<double>{30});
    CHECK(rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("No such number and a rejected call end a request")
{
    Rig rig;
    rig.rejects("2002");
    const auto nobody = rig.ask("2999", "2001");
    rig.run_for(5s);
    const auto rejected = rig.ask("2002", "2001");
    rig.run_for(10min);
    CHECK(rig.standing(nobody) == "failed no-such-number");
    CHECK(rig.results(nobody) == Lines{"failed no-such-number 1"});
    CHECK(rig.standing(rejected) == "failed rejected");
    CHECK(rig.results(rejected) == Lines{"failed rejected 1"});
    CHECK(rig.ring_times("2002") == Times{5});
    CHECK(rig.rings("2001").empty());
}

TEST_CASE("An external destination that is busy is tried every 30 s, since its release cannot be monitored")
{
    Rig rig;
    const std::string far = Rig::far_prefix + "2000";
    rig.other().call("2000", "2001").value();
    const auto id = rig.ask(far, "2001");
    rig.run_for(70s);
    CHECK(rig.attempts(id).size() == 3);
    CHECK(rig.standing(id) == "waiting");
    rig.other().hang_up("2000").value();
    rig.run_for(30s);
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("A telephone that says busy although it is in no call is tried every 30 s, since it is never released")
{
    Rig rig;
    rig.line().rejects_by_busy(true);
    rig.rejects("2000");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(20s);
    CHECK(rig.request(id).last_cause == Cause::busy);
    CHECK(rig.standing(id) == "waiting");
    CHECK(rig.ring_times("2000") == Times{0});
    SECTION("until it rings")
    {
        rig.answers("2000");
        rig.run_for(30s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.attempts(id).size() == 2);
    }
    SECTION("also when its owner telephones")
    {
        rig.calls("2000", "2002");
        rig.run_for(60s);
        CHECK(rig.standing(id) == "waiting release");
        rig.answers("2000");
        rig.hangs_up("2000");
        rig.run_for(5s);
        CHECK(rig.standing(id) == "connected");
    }
}

TEST_CASE("First-Attempt no begins with waiting for the release")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.first_attempt = false;
    SECTION("of the conversation that was met")
    {
        rig.calls("2000", "2002");
        const auto id = rig.ask(order);
        rig.run_for(20s);
        CHECK(rig.attempts(id).empty());
        rig.hangs_up("2000");
        rig.run_for(5s);
        CHECK(rig.ring_times("2000") == Times{22});
        CHECK(rig.results(id) == Lines{"connected  1"});
    }
    SECTION("which may be over before the mail arrives")
    {
        const auto id = rig.ask(order);
        rig.run_for(5s);
        CHECK(rig.ring_times("2000") == Times{2});
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("also from outside")
    {
        order.destination_device = Rig::far_prefix + "2000";
        rig.ask(order);
        rig.run_for(35s);
        CHECK(rig.ring_times(order.destination_device) == Times{30});
    }
}

TEST_CASE("A request whose source is the destination itself ends and harms nobody")
{
    Rig rig;
    const auto id = rig.ask("2000", "2000");
    rig.run_for(60s);
    CHECK(rig.standing(id) == "failed source-busy");
    CHECK(rig.results(id).size() == 1);
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
}
