// SPDX-License-Identifier: Apache-2.0
// Conformance of a driver: how attempts end, by clear_call(), announce() and the people.
#include "exchange/rig.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::conformance;

namespace
{
std::unique_ptr<Rig> make_rig()
{
    const auto driver = GENERATE(from_range(drivers()));
    UNSCOPED_INFO("driver " << driver.name);
    return driver.make();
}

constexpr Duration ring_time = 4s;

/// Makes the second ring, for ring_time, and takes the events away.
void ring_second(Rig& rig)
{
    rig.habit(rig.b, Habit::Answer::never);
    rig.answered_first(1, rig.a, rig.b, ring_time);
    REQUIRE(rig.alert_second(1).has_value());
    rig.run_for(100ms);
    CHECK(rig.tells({"delivered 1 second"}));
}

void check_over(Rig& rig)
{
    CHECK(rig.is(rig.a, DeviceState::idle));
    CHECK(rig.is(rig.b, DeviceState::idle));
    CHECK(rig.find_attempt(1) == "none");
    CHECK(rig.alert_second(1).error().code() == Errc::not_found);
    CHECK(rig.announce(1).error().code() == Errc::not_found);
    CHECK(rig.clear_call(1).has_value());
    rig.run_for(rig.long_time());
    CHECK(rig.tells({}));
}
} // namespace

TEST_CASE("After clear_call nothing rings, nothing talks and no event follows")
{
    const auto rig = make_rig();
    SECTION("while the first rings")
    {
        REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"delivered 1 first"}));
    }
    SECTION("when the first has answered")
    {
        rig->answered_first(1, rig->a, rig->b);
    }
    SECTION("while the second rings")
    {
        ring_second(*rig);
    }
    SECTION("while both talk")
    {
        rig->both_talk(1, rig->a, rig->b);
    }
    SECTION("during an announcement")
    {
        rig->answered_first(1, rig->a, rig->b);
        REQUIRE(rig->announce(1).has_value());
    }
    CHECK(rig->clear_call(1).has_value());
    rig->run_for(100ms);
    check_over(*rig);
}

TEST_CASE("An event that is not delivered yet is taken back by clear_call")
{
    const auto rig = make_rig();
    REQUIRE(rig->call_and_clear(1, rig->a, rig->b).has_value());
    REQUIRE(rig->call_and_clear(2, rig->nobody, rig->b).has_value());
    rig->run_for(2s);
    CHECK(rig->tells({}));
    CHECK(rig->is(rig->a, DeviceState::idle));
}

TEST_CASE("clear_call succeeds where nothing is left")
{
    const auto rig = make_rig();
    CHECK(rig->clear_call(77).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({}));
}

TEST_CASE("A person who hangs up before the second answers ends the attempt")
{
    const auto rig = make_rig();
    SECTION("before it is rung")
    {
        rig->answered_first(1, rig->a, rig->b);
    }
    SECTION("while it rings")
    {
        ring_second(*rig);
    }
    SECTION("after it has failed")
    {
        ring_second(*rig);
        CHECK(rig->telephones().hang_up(rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 second " + rig->refusal()}));
    }
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"connection_cleared 1 first"}));
    check_over(*rig);
}

TEST_CASE("Who hangs up while both talk frees the other one too")
{
    const auto rig = make_rig();
    rig->both_talk(1, rig->a, rig->b);
    SECTION("the first")
    {
        CHECK(rig->telephones().hang_up(rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"connection_cleared 1 first", "connection_cleared 1 second"}));
    }
    SECTION("the second")
    {
        CHECK(rig->telephones().hang_up(rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"connection_cleared 1 second", "connection_cleared 1 first"}));
    }
    check_over(*rig);
}

TEST_CASE("A person who refuses the first ring ends the attempt as rejected")
{
    const auto rig = make_rig();
    REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
    rig->run_for(100ms);
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"delivered 1 first", "failed 1 first " + rig->refusal()}));
    check_over(*rig);
}

TEST_CASE("An announcement releases the first leg when it is over")
{
    const auto rig = make_rig();
    REQUIRE(rig->exchange().supports(Capability::announce));
    SECTION("after the second has failed")
    {
        ring_second(*rig);
        CHECK(rig->announce(1).error().code() == Errc::conflict);
        rig->run_for(ring_time);
        CHECK(rig->tells({"failed 1 second no-answer"}));
    }
    SECTION("where the second was never rung")
    {
        rig->answered_first(1, rig->a, rig->b);
    }
    REQUIRE(rig->announce(1).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({}));
    CHECK(rig->is(rig->a, DeviceState::talking));
    CHECK(rig->alert_second(1).error().code() == Errc::conflict);
    rig->run_for(rig->announcement());
    CHECK(rig->tells({"announced 1"}));
    check_over(*rig);
}

TEST_CASE("A person who does not listen to the end of an announcement ends it")
{
    const auto rig = make_rig();
    rig->answered_first(1, rig->a, rig->b);
    REQUIRE(rig->announce(1).has_value());
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"announced 1"}));
    check_over(*rig);
}

TEST_CASE("A conversation is not announced to")
{
    const auto rig = make_rig();
    rig->both_talk(1, rig->a, rig->b);
    CHECK(rig->announce(1).error().code() == Errc::conflict);
    rig->run_for(rig->long_time());
    CHECK(rig->tells({}));
    CHECK(rig->find_attempt(1) == "first second");
}

TEST_CASE("What an earlier run of the gateway has left is ended, but not who talks or is still wanted")
{
    const auto rig = make_rig();
    SECTION("it rings")
    {
        REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"delivered 1 first"}));
        CHECK(rig->clear_orphans({2}).has_value());
        CHECK(rig->is(rig->a, DeviceState::idle));
        CHECK(rig->find_attempt(1) == "none");
    }
    SECTION("it waits for the second")
    {
        rig->answered_first(1, rig->a, rig->b);
        CHECK(rig->clear_orphans({}).has_value());
        CHECK(rig->is(rig->a, DeviceState::idle));
        CHECK(rig->find_attempt(1) == "none");
    }
    SECTION("it is still wanted")
    {
        rig->answered_first(1, rig->a, rig->b);
        CHECK(rig->clear_orphans({1}).has_value());
        rig->run_for(100ms);
        CHECK(rig->find_attempt(1) == "first");
    }
    SECTION("it talks")
    {
        rig->both_talk(1, rig->a, rig->b);
        CHECK(rig->clear_orphans({}).has_value());
        rig->run_for(100ms);
        CHECK(rig->find_attempt(1) == "first second");
        CHECK(rig->is(rig->b, DeviceState::talking));
    }
    rig->run_for(100ms);
    CHECK(rig->tells({}));
}
