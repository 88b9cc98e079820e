// SPDX-License-Identifier: Apache-2.0
// Machines at extensions of the simulated exchange, in virtual time.
#include "exchange/simulated_rig.h"
#include "exchange/voice.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::conformance;
using simulated::MemoryTrunk;

namespace
{
constexpr int ours = 1000;
constexpr int theirs = 700;

/// The sound of each call that a machine has answered.
struct Answering
{
    std::vector<std::string> numbers;
    std::vector<std::unique_ptr<Voice>> calls;

    simulated::Machines at(std::set<std::string> extensions)
    {
        return {std::move(extensions), [this](const std::string& number, std::unique_ptr<AudioPort> port) {
                    numbers.push_back(number);
                    calls.push_back(std::make_unique<Voice>(std::move(port)));
                }};
    }
    Voice& only()
    {
        REQUIRE(calls.size() == 1);
        return *calls.front();
    }
};

/// Both speak for a second.
void check_both_heard(Rig& rig, Voice& port, Voice& machine)
{
    speak(rig, {{&port, ours}, {&machine, theirs}}, 1s);
    CHECK(seconds_of(ours, machine.heard) == Approx(1.0).margin(0.11));
    CHECK(seconds_of(theirs, port.heard) == Approx(1.0).margin(0.11));
    CHECK(seconds_of(ours, port.heard) == 0.0);
}
} // namespace

TEST_CASE("A machine at an extension answers as a person does; both hear and say something")
{
    Answering answering;
    SimulatedRig rig({}, answering.at({"2100"}));
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    rig.run_for(900ms);
    CHECK(answering.calls.empty());
    rig.run_for(200ms);
    CHECK(answering.numbers == std::vector<std::string>{"2100"});
    Voice& machine = answering.only();
    speak(rig, {{&machine, theirs}}, 1s);
    REQUIRE(rig.telephones().press(rig.a, "7").has_value());
    rig.run_for(20ms);
    CHECK(machine.digits == "7");
    CHECK(machine.heard.empty()); // a person says nothing
    SECTION("the machine hangs up")
    {
        machine.leave();
        CHECK(rig.state(rig.a) == DeviceState::idle);
        CHECK(machine.closed == 0);
    }
    SECTION("the person hangs up")
    {
        REQUIRE(rig.telephones().hang_up(rig.a).has_value());
        rig.run_for(20ms);
        CHECK(machine.closed == 1);
        machine.send(theirs);
        machine.leave();
    }
    CHECK(rig.state(rig.b) == DeviceState::idle);
    CHECK(seconds_of(theirs, rig.heard(rig.a)) == Approx(1.0).margin(0.11));
    CHECK(seconds_of(theirs, rig.heard(rig.b)) == 0.0);
}

TEST_CASE("A port and a machine hear each other")
{
    Answering answering;
    SimulatedRig rig({}, answering.at({"2100"}));
    rig.answered_first(1, rig.b, "");
    Voice port(rig.connect_port(1).value());
    check_both_heard(rig, port, answering.only());
    answering.only().leave();
    rig.run_for(20ms);
    CHECK(port.closed == 1);
    CHECK(rig.find_attempt(1) == "none");
}

TEST_CASE("A port and a machine behind a trunk hear each other")
{
    Answering answering;
    SimulatedRig rig;
    auto office = sample_office("office-b", "+81442222");
    office.machines = answering.at({"2000"});
    SimulatedExchange::Options options;
    options.office = std::move(office);
    const auto far = SimulatedExchange::open(rig.context().get_executor(), rig.clock(), std::move(options)).value();
    MemoryTrunk trunk(rig.context().get_executor(), [&](auto link) { far->trunks().accept(std::move(link)); });
    rig.simulated().trunks().add_route("+81442222", trunk.take_near());
    rig.answered_first(1, "+814422222000", "");
    Voice port(rig.connect_port(1).value());
    check_both_heard(rig, port, answering.only());
    CHECK(rig.clear_call(1).has_value());
    rig.run_for(20ms);
    CHECK(answering.only().closed == 1);
    CHECK(far->snapshot_device({"2000"}) == DeviceState::idle);
}

TEST_CASE("Two machines in a call of the gateway hear each other, and where there is a person there is no machine")
{
    Answering answering;
    SimulatedRig rig({}, answering.at({"2100", "2200"}));
    rig.both_talk(1, rig.b, rig.c);
    CHECK(answering.numbers == std::vector<std::string>{"2100", "2200"});
    REQUIRE(answering.calls.size() == 2);
    check_both_heard(rig, *answering.calls[0], *answering.calls[1]);
    CHECK(rig.clear_call(1).has_value());
    rig.both_talk(2, rig.a, rig.b);
    CHECK(answering.numbers.size() == 3);
    CHECK(rig.clear_call(2).has_value());
}

TEST_CASE("A machine that was called after its call is over is told so")
{
    Answering answering;
    SimulatedRig rig({}, answering.at({"2100"}));
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    rig.run_for(500ms);
    REQUIRE(rig.telephones().answer(rig.b).has_value()); // the machine hears of it from the executor
    REQUIRE(rig.telephones().hang_up(rig.a).has_value());
    CHECK(answering.calls.empty());
    rig.run_for(20ms);
    CHECK(answering.only().closed == 1);
}

TEST_CASE("A machine may end after its exchange")
{
    Answering answering;
    {
        SimulatedRig rig({}, answering.at({"2100"}));
        REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
        rig.run_for(2s);
    }
    answering.only().send(theirs);
    CHECK(answering.only().closed == 0);
    answering.only().leave();
}
