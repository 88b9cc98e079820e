// SPDX-License-Identifier: Apache-2.0
// The telephones of the simulated exchange as the people beside them use them.
#include "exchange/simulated_rig.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace ringpost;
using namespace ringpost::pbx;
using conformance::SimulatedRig;
using Lines = std::vector<std::string>;

namespace
{
std::string with(SimulatedRig& rig, const std::string& number)
{
    for (const Telephone& telephone : rig.telephones().list())
    {
        if (telephone.number == number)
        {
            return telephone.with.value_or("-");
        }
    }
    return "no such telephone";
}

/// The state of each telephone when a call is over and the next one may begin.
bool all_idle(SimulatedRig& rig)
{
    return rig.state(rig.a) == DeviceState::idle && rig.state(rig.b) == DeviceState::idle &&
           rig.state(rig.c) == DeviceState::idle;
}
} // namespace

TEST_CASE("A call dialled by hand rings, is answered and ends when one hangs up")
{
    SimulatedRig rig;
    Lines changes;
    const auto watch = rig.telephones().watch([&](const TelephoneEvent& event) {
        changes.push_back(event.number + " " + event.event + " " + event.with.value_or("-"));
    });
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    CHECK(changes.empty()); // posted, never told from inside the call
    rig.run_for(100ms);
    CHECK(changes == Lines{"2000 talking 2100", "2100 ringing 2000"});
    rig.run_for(1s);
    CHECK(rig.telephones().hang_up(rig.b).has_value());
    rig.run_for(100ms);
    CHECK(changes ==
          Lines{"2000 talking 2100", "2100 ringing 2000", "2100 talking 2000", "2100 idle -", "2000 idle -"});
    CHECK(all_idle(rig));
    CHECK(rig.events().empty());
}

TEST_CASE("A watch that has ended hears nothing more, and may be ended from its own sink")
{
    SimulatedRig rig;
    int heard = 0;
    std::unique_ptr<Watch> watch;
    watch = rig.telephones().watch([&](const TelephoneEvent&) {
        ++heard;
        watch.reset();
    });
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    rig.run_for(5s);
    CHECK(heard == 1);
}

TEST_CASE("A telephone can be called by its external number, written in any way")
{
    SimulatedRig rig;
    const std::string written = GENERATE("2100", "+814411112100", "044-1111-2100", "04411112100");
    REQUIRE(rig.telephones().call(rig.a, written).has_value());
    rig.run_for(100ms);
    CHECK(rig.state(rig.b) == DeviceState::ringing);
    CHECK(with(rig, rig.a) == "2100");
    CHECK(with(rig, rig.b) == "2000");
}

TEST_CASE("Who dials by hand and meets no telephone that answers hangs up")
{
    SimulatedRig rig;
    SECTION("unknown")
    {
        CHECK(rig.telephones().call(rig.a, rig.nobody).has_value());
    }
    SECTION("itself")
    {
        CHECK(rig.telephones().call(rig.a, rig.a).has_value());
    }
    SECTION("no trunk")
    {
        CHECK(rig.telephones().call(rig.a, "+15551234").has_value());
    }
    SECTION("no number")
    {
        CHECK(rig.telephones().call(rig.a, "").has_value());
    }
    SECTION("never answered")
    {
        rig.habit(rig.b, Habit::Answer::never);
        CHECK(rig.telephones().call(rig.a, rig.b).has_value());
        rig.run_for(59s);
        CHECK(rig.state(rig.b) == DeviceState::ringing);
        rig.run_for(1s);
    }
    rig.run_for(100ms);
    CHECK(all_idle(rig));
}

TEST_CASE("People are told what their telephone cannot do")
{
    SimulatedRig rig;
    CHECK(rig.telephones().call(rig.nobody, rig.a).error().code() == Errc::not_found);
    CHECK(rig.telephones().answer(rig.nobody).error().code() == Errc::not_found);
    CHECK(rig.telephones().hang_up(rig.nobody).error().code() == Errc::not_found);
    CHECK(rig.telephones().set(rig.nobody, [](Habit&) {}).error().code() == Errc::not_found);
    CHECK(rig.telephones().answer(rig.a).error().code() == Errc::conflict);
    CHECK(rig.telephones().hang_up(rig.a).has_value());
    CHECK(rig.telephones().call(rig.a, std::string(33, '1')).error().code() == Errc::malformed);
    CHECK(rig.telephones().call(rig.a, rig.b).has_value());
    CHECK(rig.telephones().call(rig.a, rig.c).error().code() == Errc::conflict);
    CHECK(rig.telephones().call(rig.b, rig.c).error().code() == Errc::conflict);
    CHECK(rig.telephones().answer(rig.a).error().code() == Errc::conflict);
    rig.set_reachable(rig.c, false);
    CHECK(rig.telephones().call(rig.c, rig.a).error().code() == Errc::conflict);
}

TEST_CASE("A person answers at once when asked to")
{
    SimulatedRig rig;
    rig.habit(rig.b, Habit::Answer::never);
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    REQUIRE(rig.telephones().answer(rig.b).has_value());
    CHECK(rig.state(rig.b) == DeviceState::talking);
}

TEST_CASE("A person hangs up when he has talked for as long as he likes to")
{
    SimulatedRig rig;
    const auto set_talk = [](Habit& habit) { habit.talk = 10s; };
    SECTION("the one who is called")
    {
        REQUIRE(rig.telephones().set(rig.b, set_talk).has_value());
    }
    SECTION("the one who calls, told so while it rings")
    {
        REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
        REQUIRE(rig.telephones().set(rig.a, set_talk).has_value());
    }
    if (rig.state(rig.a) == DeviceState::idle)
    {
        REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    }
    rig.run_for(10900ms);
    CHECK(rig.state(rig.b) == DeviceState::talking);
    rig.run_for(200ms);
    CHECK(all_idle(rig));
}

TEST_CASE("Talking is counted from when both talk, not while one hears ring-back")
{
    SimulatedRig rig;
    REQUIRE(rig.telephones().set(rig.a, [](Habit& habit) { habit.talk = 5s; }).has_value());
    rig.answered_first(1, rig.a, rig.b);
    rig.run_for(20s);
    CHECK(rig.state(rig.a) == DeviceState::talking);
    REQUIRE(rig.alert_second(1).has_value());
    rig.run_for(1s);
    CHECK(rig.state(rig.b) == DeviceState::talking);
    rig.run_for(5100ms);
    CHECK(all_idle(rig));
}

TEST_CASE("A time beyond all reason does no harm")
{
    SimulatedRig rig;
    rig.habit(rig.b, Habit::Answer::after, Duration::max());
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    rig.run_for(2min);
    CHECK(all_idle(rig));
    rig.habit(rig.b, Habit::Answer::after, Duration::min());
    REQUIRE(rig.telephones().call(rig.a, rig.b).has_value());
    rig.run_for(1ms);
    CHECK(rig.state(rig.b) == DeviceState::talking);
}

TEST_CASE("Telephones show the number that the gateway presents")
{
    SimulatedRig rig;
    REQUIRE(rig.make_call(1, rig.a, rig.b).has_value());
    CHECK(with(rig, rig.a) == rig.b);
    rig.run_for(1s);
    CHECK(with(rig, rig.a) == rig.b);
    REQUIRE(rig.alert_second(1).has_value());
    CHECK(with(rig, rig.b) == rig.a);
}

TEST_CASE("The call log tells every ring, answer and end once, in order, and is appended to")
{
    const auto path = std::filesystem::temp_directory_path() / ("call_log_test." + std::to_string(::getpid()));
    std::filesystem::remove(path);
    Lines lines;
    for (const bool again : {false, true})
    {
        SimulatedRig rig(path);
        if (!again)
        {
            rig.habit(rig.b, Habit::Answer::reject);
            rig.answered_first(7, rig.a, rig.b);
            REQUIRE(rig.alert_second(7).has_value());
            rig.run_for(2s);
            REQUIRE(rig.clear_call(7).has_value());
        }
        else
        {
            REQUIRE(rig.telephones().call(rig.c, rig.a).has_value());
            REQUIRE(rig.telephones().hang_up(rig.c).has_value());
        }
    }
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
    {
        const auto entry = nlohmann::json::parse(line);
        CHECK(entry.at("time").get<std::int64_t>() >= 1'800'000'000'000'000);
        CHECK(entry.at("origin") == "office-a");
        lines.push_back(entry.at("event").get<std::string>() + " " + std::to_string(entry.at("attempt").get<int>()) +
                        " " + std::to_string(entry.at("leg").get<int>()) + " " + entry.at("number").get<std::string>() +
                        " " + entry.at("with").get<std::string>() + " " + entry.value("cause", ""));
    }
    std::filesystem::remove(path);
    CHECK(lines == Lines{"ring 7 1 2000 2100 ", "answer 7 1 2000 2100 ", "ring 7 2 2100 2000 ",
                         "fail 7 2 2100 2000 rejected", "end 7 1 2000 2100 ", "ring 0 2 2000 2200 ",
                         "end 0 2 2000 2200 "});
}

TEST_CASE("A telephone whose ring cannot be logged is not rung")
{
    SimulatedRig rig("/dev/full");
    REQUIRE(rig.make_call(1, rig.a, rig.b).has_value());
    rig.run_for(5s);
    CHECK(rig.events() == Lines{"failed 1 first error"});
    CHECK(all_idle(rig));
}

TEST_CASE("A call log that cannot be opened is an error")
{
    const auto log = simulated::CallLog::open("/nonexistent/call.log");
    REQUIRE(log.has_error());
    CHECK(log.error().code() == Errc::io);
}

TEST_CASE("An exchange that is destroyed in the middle of everything tells nothing more")
{
    boost::asio::io_context context;
    VirtualClock clock(context, Instant{});
    int told = 0;
    {
        SimulatedExchange::Options options;
        options.office = conformance::sample_office("office-a", "+81441111");
        const auto exchange = SimulatedExchange::open(context.get_executor(), clock, std::move(options)).value();
        exchange->on_event([&](const Event&) { ++told; });
        CHECK(exchange->monitor_start({"2000"}).has_value());
        CHECK(exchange->call("2000", "2100").has_value());
    }
    clock.run_for(1min);
    CHECK(told == 0);
}
