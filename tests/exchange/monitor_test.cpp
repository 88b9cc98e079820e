// SPDX-License-Identifier: Apache-2.0
// Conformance of a driver: what it tells of devices, and of its own link.
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

TEST_CASE("A monitored device tells when it is in use and released, whoever made the call")
{
    const auto rig = make_rig();
    REQUIRE(rig->exchange().monitor_start({rig->b}).has_value());
    REQUIRE(rig->exchange().monitor_start({rig->b}).has_value());

    SECTION("rung by hand and answered")
    {
        CHECK(rig->telephones().call(rig->a, rig->b).has_value());
        rig->run_for(500ms);
        CHECK(rig->is(rig->b, DeviceState::ringing));
        CHECK(rig->tells({}));
        rig->run_for(600ms);
        CHECK(rig->tells({"device_in_use 2100"}));
        CHECK(rig->telephones().hang_up(rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"device_released 2100 answered"}));
    }
    SECTION("rung by hand and not answered")
    {
        rig->habit(rig->b, Habit::Answer::never);
        CHECK(rig->telephones().call(rig->a, rig->b).has_value());
        rig->run_for(500ms);
        CHECK(rig->telephones().hang_up(rig->a).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"device_released 2100"}));
    }
    SECTION("dialling by hand")
    {
        rig->habit(rig->c, Habit::Answer::never);
        CHECK(rig->telephones().call(rig->b, rig->c).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"device_in_use 2100"}));
        CHECK(rig->telephones().hang_up(rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"device_released 2100 answered"}));
    }
    SECTION("by an attempt, after the event of the attempt")
    {
        CHECK(rig->make_call(1, rig->b, rig->a).has_value());
        rig->run_for(1100ms);
        CHECK(rig->answers(1, "first"));
        CHECK(rig->telephones().hang_up(rig->b).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"delivered 1 first", "established 1 first", "device_in_use 2100",
                          "connection_cleared 1 first", "device_released 2100 answered"}));
    }
    SECTION("as the second of an attempt, after the event of the attempt")
    {
        rig->answered_first(1, rig->a, rig->b);
        CHECK(rig->alert_second(1).has_value());
        rig->run_for(1100ms);
        CHECK(rig->tells({"delivered 1 second", "established 1 second", "device_in_use 2100"}));
    }
    SECTION("by an attempt that is not answered")
    {
        rig->habit(rig->b, Habit::Answer::never);
        CHECK(rig->make_call(1, rig->b, rig->a, 3s).has_value());
        rig->run_for(3100ms);
        CHECK(rig->tells({"delivered 1 first", "failed 1 first no-answer", "device_released 2100"}));
    }
    SECTION("by an attempt that is cleared: the device still tells")
    {
        rig->both_talk(1, rig->a, rig->b);
        CHECK(rig->clear_call(1).has_value());
        rig->run_for(100ms);
        CHECK(rig->tells({"device_released 2100 answered"}));
    }
}

TEST_CASE("A device that is not monitored tells nothing")
{
    const auto rig = make_rig();
    REQUIRE(rig->exchange().monitor_start({rig->b}).has_value());
    rig->exchange().monitor_stop({rig->b});
    rig->exchange().monitor_stop({rig->b});
    CHECK(rig->telephones().call(rig->a, rig->b).has_value());
    rig->run_for(2s);
    CHECK(rig->telephones().hang_up(rig->b).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({}));
}

TEST_CASE("Only own devices can be monitored and looked at")
{
    const auto rig = make_rig();
    CHECK(rig->exchange().monitor_start({"+81442223333"}).error().code() == Errc::unsupported);
    CHECK(rig->exchange().monitor_start({rig->nobody}).has_error());
    CHECK(rig->is("+81442223333", DeviceState::cannot_know));
    CHECK(rig->is(rig->nobody, DeviceState::no_such));
    CHECK(rig->is(rig->a, DeviceState::idle));
}

TEST_CASE("A monitored device tells when it leaves and enters service")
{
    const auto rig = make_rig();
    REQUIRE(rig->exchange().monitor_start({rig->a}).has_value());
    SECTION("idle")
    {
        rig->set_reachable(rig->a, false);
        rig->run_for(100ms);
        CHECK(rig->tells({"device_out_of_service 2000"}));
    }
    SECTION("while it rings")
    {
        if (!rig->unplugging_ends_calls())
        {
            return;
        }
        REQUIRE(rig->make_call(1, rig->a, rig->b).has_value());
        rig->run_for(100ms);
        rig->set_reachable(rig->a, false);
        rig->run_for(100ms);
        CHECK(rig->tells({"delivered 1 first", "failed 1 first unreachable", "device_out_of_service 2000"}));
    }
    SECTION("while it talks")
    {
        if (!rig->unplugging_ends_calls())
        {
            return;
        }
        rig->both_talk(1, rig->a, rig->b);
        rig->set_reachable(rig->a, false);
        rig->run_for(100ms);
        CHECK(rig->tells({"connection_cleared 1 first", "connection_cleared 1 second", "device_out_of_service 2000"}));
        CHECK(rig->is(rig->b, DeviceState::idle));
    }
    CHECK(rig->is(rig->a, DeviceState::unreachable));
    rig->set_reachable(rig->a, true);
    rig->run_for(100ms);
    CHECK(rig->tells({"device_in_service 2000"}));
    CHECK(rig->is(rig->a, DeviceState::idle));
}

TEST_CASE("While the link is lost nothing can be asked for, and afterwards everything can be found")
{
    const auto rig = make_rig();
    REQUIRE(rig->exchange().link_up());
    rig->answered_first(1, rig->a, rig->b);
    rig->set_link(false);
    rig->run_for(100ms);
    CHECK(rig->tells({"link_lost"}));
    CHECK_FALSE(rig->exchange().link_up());
    CHECK(rig->make_call(2, rig->c, rig->b).error().code() == Errc::unavailable);
    CHECK(rig->alert_second(1).error().code() == Errc::unavailable);
    CHECK(rig->find_attempt(1) == std::string(to_string(Errc::unavailable)));
    rig->run_for(2s);
    CHECK(rig->tells({}));
    rig->set_link(true);
    rig->run_for(100ms);
    CHECK(rig->tells({"link_regained"}));
    CHECK(rig->find_attempt(1) == "first");
    CHECK(rig->find_attempt(2) == "none");
    // Refused while the link was down: not dialled, so the id is still good.
    CHECK(rig->make_call(2, rig->c, rig->b).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"delivered 2 first"}));
}

namespace
{
void ring_first_and_lose_link(Rig& rig)
{
    REQUIRE(rig.make_call(1, rig.a, rig.b).has_value());
    rig.run_for(100ms);
    CHECK(rig.tells({"delivered 1 first"}));
    rig.set_link(false);
    rig.run_for(100ms);
    CHECK(rig.tells({"link_lost"}));
}
} // namespace

TEST_CASE("A first telephone that answers while the link is lost is found afterwards")
{
    const auto rig = make_rig();
    ring_first_and_lose_link(*rig);
    rig->run_for(2s);
    rig->set_link(true);
    rig->run_for(100ms);
    CHECK(rig->tells({"link_regained"}));
    CHECK(rig->find_attempt(1) == "first");
}

TEST_CASE("A first telephone that refuses while the link is lost is known to be gone afterwards")
{
    const auto rig = make_rig();
    ring_first_and_lose_link(*rig);
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(2s);
    rig->set_link(true);
    CHECK(rig->comes_true([&] { return rig->exchange().link_up(); }));
    rig->run_for(100ms);
    CHECK(rig->find_attempt(1) == "none");
    CHECK(rig->make_call(2, rig->a, rig->b).has_value());
    CHECK(rig->comes_true([&] { return rig->find_attempt(2) == "-"; }));
}
