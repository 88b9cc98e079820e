// SPDX-License-Identifier: Apache-2.0
// Conformance of a driver: what becomes of an attempt (pbx/exchange.h).
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
} // namespace

TEST_CASE("Two telephones are rung one after the other and talk")
{
    const auto rig = make_rig();
    REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
    rig->run_for(500ms);
    CHECK(rig->tells({"delivered 1 first"}));
    CHECK(rig->is(rig->a, DeviceState::ringing));
    CHECK(rig->find_attempt(1) == "-");
    rig->run_for(600ms);
    CHECK(rig->tells({"established 1 first"}));
    CHECK(rig->is(rig->a, DeviceState::talking));
    CHECK(rig->is(rig->b, DeviceState::idle));
    CHECK(rig->find_attempt(1) == "first");
    REQUIRE(rig->alert_second(1).has_value());
    rig->run_for(500ms);
    CHECK(rig->tells({"delivered 1 second"}));
    CHECK(rig->is(rig->b, DeviceState::ringing));
    rig->run_for(600ms);
    CHECK(rig->tells({"established 1 second"}));
    CHECK(rig->is(rig->b, DeviceState::talking));
    CHECK(rig->find_attempt(1) == "first second");
}

TEST_CASE("The first leg is kept until the second is asked for")
{
    const auto rig = make_rig();
    rig->answered_first(1, rig->a, rig->b);
    rig->run_for(rig->long_time());
    CHECK(rig->tells({}));
    CHECK(rig->find_attempt(1) == "first");
    CHECK(rig->is(rig->b, DeviceState::idle));
}

TEST_CASE("A first telephone that does not answer fails when its ring time is over")
{
    const auto rig = make_rig();
    rig->habit(rig->a, Habit::Answer::never);
    REQUIRE(rig->make_call(1, rig->a, rig->b, 5s).has_value());
    rig->run_for(4900ms - rig->slack());
    CHECK(rig->tells({"delivered 1 first"}));
    rig->run_for(200ms + rig->slack());
    CHECK(rig->tells({"failed 1 first no-answer"}));
    CHECK(rig->is(rig->a, DeviceState::idle));
    CHECK(rig->find_attempt(1) == "none");
    CHECK(rig->alert_second(1).error().code() == Errc::not_found);
}

TEST_CASE("A second telephone that does not answer leaves the first waiting")
{
    const auto rig = make_rig();
    rig->habit(rig->b, Habit::Answer::never);
    REQUIRE(rig->make_call(1, rig->a, rig->b, 25s, 5s).has_value());
    rig->run_for(1100ms);
    REQUIRE(rig->answers(1, "first"));
    REQUIRE(rig->alert_second(1).has_value());
    rig->run_for(5100ms);
    CHECK(rig->tells({"delivered 1 first", "established 1 first", "delivered 1 second", "failed 1 second no-answer"}));
    CHECK(rig->is(rig->a, DeviceState::talking));
    CHECK(rig->is(rig->b, DeviceState::idle));
    CHECK(rig->find_attempt(1) == "first");
}

TEST_CASE("A telephone that is refused, unplugged or unknown fails with its cause")
{
    const auto rig = make_rig();
    rig->habit(rig->b, Habit::Answer::reject);
    rig->set_reachable(rig->c, false);

    SECTION("as the first")
    {
        CHECK(rig->make_call(1, rig->b, rig->a).has_value());
        rig->run_for(1100ms);
        CHECK(rig->make_call(2, rig->c, rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->make_call(3, rig->nobody, rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"delivered 1 first", "failed 1 first " + rig->refusal(), "failed 2 first unreachable",
                          "failed 3 first no-such-number"}));
        CHECK(rig->is(rig->a, DeviceState::idle));
        CHECK(rig->find_attempt(2) == "none");
    }
    SECTION("as the second, rejected")
    {
        rig->answered_first(1, rig->a, rig->b);
        CHECK(rig->alert_second(1).has_value());
        rig->run_for(1100ms);
        CHECK(rig->tells({"delivered 1 second", "failed 1 second " + rig->refusal()}));
        CHECK(rig->find_attempt(1) == "first");
    }
    SECTION("as the second, unreachable")
    {
        rig->answered_first(1, rig->a, rig->c);
        CHECK(rig->alert_second(1).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 second unreachable"}));
        CHECK(rig->find_attempt(1) == "first");
    }
    SECTION("as the second, no such number")
    {
        rig->answered_first(1, rig->a, rig->nobody);
        CHECK(rig->alert_second(1).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 second no-such-number"}));
        CHECK(rig->find_attempt(1) == "first");
    }
}

TEST_CASE("A telephone in use is never rung and fails busy at once")
{
    const auto rig = make_rig();
    REQUIRE(rig->telephones().call(rig->b, rig->c).has_value());
    rig->run_for(100ms);

    SECTION("while it dials, as the first")
    {
        CHECK(rig->make_call(1, rig->b, rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 first busy"}));
        CHECK(rig->find_attempt(1) == "none");
    }
    SECTION("while it rings, as the first")
    {
        CHECK(rig->make_call(1, rig->c, rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 first busy"}));
        CHECK(rig->is(rig->c, DeviceState::ringing));
    }
    SECTION("while it talks, as the second")
    {
        rig->answered_first(1, rig->a, rig->c);
        CHECK(rig->is(rig->c, DeviceState::talking));
        CHECK(rig->alert_second(1).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"failed 1 second busy"}));
        CHECK(rig->find_attempt(1) == "first");
        CHECK(rig->is(rig->c, DeviceState::talking));
    }
}

TEST_CASE("A telephone is not connected with itself")
{
    const auto rig = make_rig();
    rig->answered_first(1, rig->a, rig->a);
    CHECK(rig->alert_second(1).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"failed 1 second busy"}));
    CHECK(rig->is(rig->a, DeviceState::talking));
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"connection_cleared 1 first"}));
    CHECK(rig->is(rig->a, DeviceState::idle));
}

TEST_CASE("An attempt id is dialled once")
{
    const auto rig = make_rig();
    SECTION("while the attempt goes on")
    {
        rig->answered_first(1, rig->a, rig->b);
        CHECK(rig->make_call(1, rig->c, rig->b).error().code() == Errc::conflict);
        rig->run_for(2s);
        CHECK(rig->tells({}));
        CHECK(rig->is(rig->c, DeviceState::idle));
        CHECK(rig->find_attempt(1) == "first");
    }
    SECTION("when it is over")
    {
        CHECK(rig->make_call(1, rig->nobody, rig->b).has_value());
        rig->run_for(100ms);
        rig->events();
        CHECK(rig->make_call(1, rig->a, rig->b).error().code() == Errc::conflict);
        rig->run_for(2s);
        CHECK(rig->tells({}));
        CHECK(rig->is(rig->a, DeviceState::idle));
    }
}

TEST_CASE("The second leg is asked for once, and only when the first is there")
{
    const auto rig = make_rig();
    CHECK(rig->alert_second(1).error().code() == Errc::not_found);
    REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
    CHECK(rig->alert_second(1).error().code() == Errc::conflict);
    rig->run_for(1100ms);
    REQUIRE(rig->answers(1, "first"));
    CHECK(rig->alert_second(1).has_value());
    CHECK(rig->alert_second(1).error().code() == Errc::conflict);
    rig->run_for(1100ms);
    CHECK(rig->tells({"delivered 1 first", "established 1 first", "delivered 1 second", "established 1 second"}));
    CHECK(rig->clear_call(1).has_value());
    CHECK(rig->alert_second(1).error().code() == Errc::not_found);
}
