// SPDX-License-Identifier: Apache-2.0
// Two simulated exchanges with trunks inside the process, in virtual time.
#include "exchange/simulated_rig.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace ringpost;
using namespace ringpost::pbx;
using conformance::sample_office;
using conformance::SimulatedRig;
using simulated::MemoryTrunk;
using simulated::TrunkLink;
using Lines = std::vector<std::string>;

namespace
{
const std::string far_a = "+814422222000";
const std::string far_b = "+814422222100";

/// Office A is the rig (+81441111…), office B is beside it (+81442222…), a trunk each way.
struct Offices
{
    std::filesystem::path call_log; ///< of office B
    std::size_t lines;              ///< of office B
    SimulatedRig rig;
    std::unique_ptr<SimulatedExchange> b = open_b();
    MemoryTrunk to_b{rig.context().get_executor(), [this](auto link) { b->trunks().accept(std::move(link)); }};
    MemoryTrunk to_a{rig.context().get_executor(),
                     [this](auto link) { rig.simulated().trunks().accept(std::move(link)); }};

    explicit Offices(std::filesystem::path log_of_b = {}, std::size_t lines_of_b = 256)
        : call_log(std::move(log_of_b)), lines(lines_of_b)
    {
        rig.simulated().trunks().add_route("+81442222", to_b.take_near());
        b->trunks().add_route("+81441111", to_a.take_near());
    }
    std::unique_ptr<SimulatedExchange> open_b()
    {
        SimulatedExchange::Options options;
        options.office = sample_office("office-b", "+81442222");
        options.call_log = call_log;
        options.trunk_lines = lines;
        return SimulatedExchange::open(rig.context().get_executor(), rig.clock(), std::move(options)).value();
    }
    void never_answers(const std::string& extension)
    {
        b->set(extension, [](Habit& habit) { habit.answer = Habit::Answer::never; }).value();
    }
    DeviceState state_b(const std::string& extension) { return b->snapshot_device({extension}); }
    std::string with_b(const std::string& extension)
    {
        for (const Telephone& telephone : b->list())
        {
            if (telephone.number == extension)
            {
                return telephone.with.value_or("-");
            }
        }
        return "no such telephone";
    }
};
} // namespace

TEST_CASE("A telephone of another office is rung, answers and talks")
{
    Offices offices;
    auto& rig = offices.rig;
    REQUIRE(rig.make_call(1, rig.a, far_a).has_value());
    rig.run_for(1100ms);
    REQUIRE(rig.alert_second(1).has_value());
    rig.run_for(100ms);
    CHECK(rig.events() == Lines{"delivered 1 first", "established 1 first", "delivered 1 second"});
    CHECK(offices.state_b("2000") == DeviceState::ringing);
    CHECK(offices.with_b("2000") == rig.a); // what the gateway presents
    rig.run_for(1s);
    CHECK(rig.events() == Lines{"established 1 second"});
    CHECK(rig.find_attempt(1) == "first second");
    SECTION("until the far one hangs up")
    {
        CHECK(offices.b->hang_up("2000").has_value());
        rig.run_for(100ms);
        CHECK(rig.events() == Lines{"connection_cleared 1 second", "connection_cleared 1 first"});
    }
    SECTION("until the near one hangs up")
    {
        CHECK(rig.telephones().hang_up(rig.a).has_value());
        rig.run_for(100ms);
        CHECK(rig.events() == Lines{"connection_cleared 1 first", "connection_cleared 1 second"});
    }
    SECTION("until the gateway clears the call")
    {
        CHECK(rig.clear_call(1).has_value());
        rig.run_for(100ms);
        CHECK(rig.events().empty());
    }
    CHECK(rig.state(rig.a) == DeviceState::idle);
    CHECK(offices.state_b("2000") == DeviceState::idle);
}

TEST_CASE("Two telephones of another office are connected with each other")
{
    Offices offices;
    auto& rig = offices.rig;
    rig.both_talk(1, far_a, far_b);
    CHECK(offices.state_b("2000") == DeviceState::talking);
    CHECK(offices.state_b("2100") == DeviceState::talking);
    CHECK(offices.b->hang_up("2000").has_value());
    rig.run_for(100ms);
    CHECK(offices.state_b("2100") == DeviceState::idle);
}

TEST_CASE("A telephone of another office fails with its own cause")
{
    Offices offices;
    auto& rig = offices.rig;
    std::string number = far_a;
    std::string cause;
    SECTION("busy")
    {
        CHECK(offices.b->call("2000", "2100").has_value());
        cause = "busy";
    }
    SECTION("rejected")
    {
        CHECK(offices.b->set("2000", [](Habit& habit) { habit.answer = Habit::Answer::reject; }).has_value());
        cause = "rejected";
    }
    SECTION("unreachable")
    {
        CHECK(offices.b->set_reachable("2000", false).has_value());
        cause = "unreachable";
    }
    SECTION("no such number there")
    {
        number = "+814422222999";
        cause = "no-such-number";
    }
    SECTION("no trunk leads there")
    {
        number = "+15551234567";
        cause = "no-such-number";
    }
    SECTION("no number at all")
    {
        number = "+";
        cause = "no-such-number";
    }
    SECTION("no answer")
    {
        offices.never_answers("2000");
        cause = "no-answer";
    }
    REQUIRE(rig.make_call(1, number, rig.a, 10s).has_value());
    rig.run_for(11s);
    REQUIRE_FALSE(rig.find_attempt(1) != "none");
    CHECK(rig.events().back() == "failed 1 first " + cause);
    CHECK(rig.state(rig.a) == DeviceState::idle);
    CHECK(offices.state_b("2000") != DeviceState::ringing);
}

TEST_CASE("A trouble that only the other office has is congestion here")
{
    Offices offices("/dev/full"); // its call log: nothing is rung that could not be written down
    auto& rig = offices.rig;
    REQUIRE(rig.make_call(1, far_a, rig.a, 10s).has_value());
    rig.run_for(1s);
    CHECK(rig.events().back() == "failed 1 first congestion");
    CHECK(offices.state_b("2000") == DeviceState::idle);
}

TEST_CASE("A call dialled by hand shows the external number of the caller")
{
    Offices offices;
    auto& rig = offices.rig;
    REQUIRE(offices.b->call("2100", "044-1111-2000").has_value());
    rig.run_for(100ms);
    CHECK(rig.state(rig.a) == DeviceState::ringing);
    CHECK(offices.with_b("2100") == "+814411112000");
    const auto phones = rig.telephones().list();
    CHECK(phones.at(0).with == "+814422222100");
    rig.run_for(1s);
    CHECK(rig.state(rig.a) == DeviceState::talking);
    CHECK(rig.telephones().hang_up(rig.a).has_value());
    rig.run_for(100ms);
    CHECK(offices.state_b("2100") == DeviceState::idle);
}

TEST_CASE("A caller at another office who gives up stops the ringing")
{
    Offices offices;
    auto& rig = offices.rig;
    rig.habit(rig.a, Habit::Answer::never);
    REQUIRE(rig.exchange().monitor_start({rig.a}).has_value());
    REQUIRE(offices.b->call("2100", "+814411112000").has_value());
    rig.run_for(5s);
    CHECK(rig.state(rig.a) == DeviceState::ringing);
    CHECK(offices.b->hang_up("2100").has_value());
    rig.run_for(100ms);
    CHECK(rig.state(rig.a) == DeviceState::idle);
    CHECK(rig.events() == Lines{"device_released 2000"});
}

TEST_CASE("A trunk that is cut releases its calls and carries new ones when it is mended")
{
    Offices offices;
    auto& rig = offices.rig;
    SECTION("while the far telephone rings")
    {
        offices.never_answers("2000");
        REQUIRE(rig.make_call(1, far_a, rig.a).has_value());
        rig.run_for(100ms);
        offices.to_b.set_up(false);
        rig.run_for(100ms);
        CHECK(rig.events() == Lines{"delivered 1 first", "failed 1 first congestion"});
    }
    SECTION("while both talk")
    {
        rig.both_talk(1, rig.a, far_a);
        offices.to_b.set_up(false);
        rig.run_for(100ms);
        CHECK(rig.events() == Lines{"connection_cleared 1 second", "connection_cleared 1 first"});
    }
    CHECK(rig.state(rig.a) == DeviceState::idle);
    CHECK(offices.state_b("2000") == DeviceState::idle);
    REQUIRE(rig.make_call(2, far_b, rig.a).has_value());
    rig.run_for(100ms);
    CHECK(rig.events() == Lines{"failed 2 first congestion"});
    offices.to_b.set_up(true);
    REQUIRE(rig.make_call(3, far_b, rig.a).has_value());
    rig.run_for(1100ms);
    CHECK(rig.events() == Lines{"delivered 3 first", "established 3 first"});
}

TEST_CASE("A trunk may be cut and mended any number of times")
{
    Offices offices;
    auto& rig = offices.rig;
    for (std::size_t i = 0; i < 2 * simulated::TrunkGroup::max_accepted_links; ++i)
    {
        offices.to_b.set_up(false);
        rig.run_for(1ms);
        offices.to_b.set_up(true);
    }
    rig.answered_first(1, far_a, rig.a);
    CHECK(offices.state_b("2000") == DeviceState::talking);
}

TEST_CASE("A call in either direction takes a line, and one more than there are meets congestion")
{
    Offices offices({}, 2);
    auto& rig = offices.rig;
    rig.both_talk(1, rig.a, far_a);
    CHECK(offices.b->trunks().busy_lines() == 1);
    offices.b->call("2200", "+814411112200").value();
    rig.run_for(1100ms);
    CHECK(offices.b->trunks().busy_lines() == 2);
    CHECK(rig.simulated().trunks().busy_lines() == 2);
    static_cast<void>(rig.events());
    REQUIRE(rig.make_call(2, far_b, "2100").has_value());
    rig.run_for(100ms);
    CHECK(rig.events() == Lines{"failed 2 first congestion"});
    CHECK(offices.state_b("2100") == DeviceState::idle);
    rig.clear_call(1).value();
    rig.run_for(100ms);
    REQUIRE(rig.make_call(3, far_b, "2100").has_value());
    rig.run_for(100ms);
    CHECK(rig.events() == Lines{"delivered 3 first"});
}

TEST_CASE("The longest prefix decides the trunk")
{
    Offices offices;
    auto& rig = offices.rig;
    int accepted_calls = 0;
    std::vector<std::unique_ptr<TrunkLink>> held;
    MemoryTrunk other(rig.context().get_executor(), [&](std::unique_ptr<TrunkLink> link) {
        link->start({[&](const simulated::TrunkMessage&) { ++accepted_calls; }, [] {}});
        held.push_back(std::move(link));
    });
    rig.simulated().trunks().add_route("+8144", other.take_near());
    rig.answered_first(1, far_a, rig.a);
    CHECK(accepted_calls == 0);
    REQUIRE(rig.make_call(2, "+8144999", rig.a).has_value());
    rig.run_for(100ms);
    CHECK(accepted_calls == 1);
    rig.clear_call(2).value();
    rig.run_for(100ms);
    CHECK(accepted_calls == 2); // told that the call is released
}

TEST_CASE("A peer that misbehaves harms nothing")
{
    Offices offices;
    auto& rig = offices.rig;
    std::vector<simulated::TrunkMessage> heard;
    MemoryTrunk hostile(rig.context().get_executor(),
                        [&](std::unique_ptr<TrunkLink> link) { rig.simulated().trunks().accept(std::move(link)); });
    auto link = hostile.take_near();
    link->start({[&](const simulated::TrunkMessage& message) { heard.push_back(message); }, [] {}});
    rig.habit(rig.a, Habit::Answer::never);
    simulated::TrunkMessage message;
    message.kind = simulated::TrunkMessage::Kind::setup;
    message.call = 1;
    message.to = "+814411112000";
    message.from = "2000"; // a number that is an extension here
    message.origin = "office-x";
    link->send(message);
    link->send(message); // the same call again
    for (const auto kind : {simulated::TrunkMessage::Kind::ringing, simulated::TrunkMessage::Kind::answered,
                            simulated::TrunkMessage::Kind::failed})
    {
        message.kind = kind;
        link->send(message);
    }
    rig.run_for(1s);
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().kind == simulated::TrunkMessage::Kind::ringing);
    CHECK(rig.state(rig.a) == DeviceState::ringing);
    rig.run_for(1h);
    CHECK(rig.state(rig.a) == DeviceState::idle); // nothing rings for ever
    message.kind = simulated::TrunkMessage::Kind::setup;
    for (message.call = 2; message.call < 2000; ++message.call)
    {
        link->send(message);
    }
    rig.run_for(1s);
    CHECK(rig.state(rig.a) == DeviceState::ringing);
    link.reset();
    rig.run_for(1s);
    CHECK(rig.state(rig.a) == DeviceState::idle);
}

TEST_CASE("The call log of the office that has the telephone names the exchange, the attempt and the leg that rang it")
{
    const auto path = std::filesystem::temp_directory_path() / ("trunk_log_test." + std::to_string(::getpid()));
    std::filesystem::remove(path);
    {
        Offices offices(path);
        offices.rig.both_talk(41, far_a, far_b);
    }
    Lines lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
    {
        const auto entry = nlohmann::json::parse(line);
        lines.push_back(entry.at("event").get<std::string>() + " " + entry.at("origin").get<std::string>() + " " +
                        std::to_string(entry.at("attempt").get<int>()) + " " +
                        std::to_string(entry.at("leg").get<int>()) + " " + entry.at("number").get<std::string>());
    }
    file.close();
    std::filesystem::remove(path);
    CHECK(lines == Lines{"ring office-a 41 1 2000", "answer office-a 41 1 2000", "ring office-a 41 2 2100",
                         "answer office-a 41 2 2100"});
}
