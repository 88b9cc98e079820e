// SPDX-License-Identifier: Apache-2.0
// Each rule of the witness, by a course of events that breaks it and one beside it that does not.
#include "core/virtual_clock.h"
#include "pbx/simulated/exchange.h"
#include "simulation/witness.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::simulation;
using Lines = std::vector<std::string>;

namespace
{
struct Stage
{
    boost::asio::io_context context;
    VirtualClock clock{context, Instant{Duration{1'800'000'000'000'000}}};
    std::unique_ptr<pbx::SimulatedExchange> exchange = open();
    Witness witness{"a", clock, *exchange};

    std::unique_ptr<pbx::SimulatedExchange> open()
    {
        pbx::SimulatedExchange::Options options;
        options.office.name = "a";
        options.office.extensions = {"2000", "2001", "2002", "2003"};
        options.office.numbering.normalise = [](const std::string& written) { return written; };
        return pbx::SimulatedExchange::open(context.get_executor(), clock, std::move(options)).value();
    }

    store::Request asked(std::int64_t id, const std::string& destination, const std::string& source)
    {
        store::Request request;
        request.id = {id};
        request.number = std::to_string(id) + "@a";
        request.state = RequestState::waiting;
        request.asked = clock.now();
        request.wake_at = clock.now();
        request.expires_at = clock.now() + 1h;
        request.destination_device = destination;
        request.source_device = source;
        witness.changed(request);
        return request;
    }
    void store_dialling(store::Request& request, std::int64_t attempt)
    {
        request.state = RequestState::dialling_first;
        request.attempt = {attempt};
        witness.changed(request);
    }
    pbx::MakeCall call_of(const store::Request& request)
    {
        pbx::MakeCall call;
        call.attempt = request.attempt;
        call.first = {request.destination_device};
        call.second = {request.source_device};
        return call;
    }
    void dial(store::Request& request, std::int64_t attempt)
    {
        store_dialling(request, attempt);
        witness.dialled(call_of(request));
    }
    void tell(pbx::Event::Kind kind, std::int64_t attempt, pbx::Leg leg)
    {
        pbx::Event event;
        event.kind = kind;
        event.attempt = {attempt};
        event.leg = leg;
        witness.told(event);
    }
    void end(store::Request& request, RequestState state)
    {
        request.state = state;
        request.wake_at = std::nullopt;
        witness.changed(request);
    }
    [[nodiscard]] bool complains_of(const std::string& what) const
    {
        return std::any_of(witness.broken().begin(), witness.broken().end(),
                           [&](const std::string& broken) { return broken.find(what) != std::string::npos; });
    }
};
} // namespace

TEST_CASE("What follows the rules is not complained of")
{
    Stage stage;
    auto request = stage.asked(1, "2000", "2001");
    stage.dial(request, 1);
    stage.tell(pbx::Event::Kind::established, 1, pbx::Leg::first);
    request.state = RequestState::dialling_second;
    stage.witness.changed(request);
    stage.witness.alerted({1});
    stage.tell(pbx::Event::Kind::established, 1, pbx::Leg::second);
    stage.end(request, RequestState::connected);
    stage.witness.told_result("1@a", RequestState::connected);
    stage.witness.check_end();
    CHECK(stage.witness.broken() == Lines{});
    CHECK(stage.witness.dials() == 1);
}

TEST_CASE("A device that is rung twice at the same time, or is in use, is complained of")
{
    Stage stage;
    auto one = stage.asked(1, "2000", "2001");
    auto other = stage.asked(2, "2002", "2001");
    SECTION("by two attempts")
    {
        stage.dial(one, 1);
        stage.dial(other, 2);
        CHECK(stage.complains_of("attempt 2 rings 2001, which attempt 1 is ringing"));
    }
    SECTION("one attempt after the other is right")
    {
        stage.dial(one, 1);
        stage.tell(pbx::Event::Kind::failed, 1, pbx::Leg::first);
        stage.dial(other, 2);
        CHECK(stage.witness.broken() == Lines{});
    }
    SECTION("by hand")
    {
        stage.exchange->call("2000", "2003").value();
        stage.clock.run_for(1s);
        stage.dial(one, 1);
        CHECK(stage.complains_of("attempt 1 rings 2000, which is in use"));
    }
    SECTION("the second device, lifted while the first rang")
    {
        stage.dial(one, 1);
        one.state = RequestState::dialling_second;
        stage.witness.changed(one);
        stage.exchange->call("2001", "2003").value();
        stage.clock.run_for(1s);
        stage.witness.alerted({1});
        CHECK(stage.complains_of("attempt 1 rings 2001, which is in use"));
    }
}

TEST_CASE("What is dialled without right is complained of")
{
    Stage stage;
    auto request = stage.asked(1, "2000", "2001");
    SECTION("an attempt id for the second time")
    {
        stage.dial(request, 1);
        stage.witness.dialled(stage.call_of(request));
        CHECK(stage.complains_of("attempt 1 is dialled twice"));
    }
    SECTION("an attempt that nobody has stored")
    {
        request.attempt = {7};
        stage.witness.dialled(stage.call_of(request));
        CHECK(stage.complains_of("attempt 7 is dialled without having been stored"));
    }
    SECTION("a device that the request does not name")
    {
        stage.store_dialling(request, 1);
        request.source_device = "2003";
        stage.witness.dialled(stage.call_of(request));
        CHECK(stage.complains_of("attempt 1 is to ring 2003, which request 1@a does not name"));
    }
    SECTION("for a request that has ended meanwhile")
    {
        stage.store_dialling(request, 1);
        stage.end(request, RequestState::cancelled);
        stage.witness.dialled(stage.call_of(request));
        CHECK(stage.complains_of("attempt 1 is dialled for request 1@a, which is cancelled"));
    }
    SECTION("after the monitor time")
    {
        stage.clock.run_for(1h);
        stage.dial(request, 1);
        CHECK(stage.complains_of("attempt 1 is dialled for request 1@a"));
    }
    SECTION("somebody who has answered")
    {
        stage.dial(request, 1);
        stage.tell(pbx::Event::Kind::established, 1, pbx::Leg::first);
        stage.tell(pbx::Event::Kind::connection_cleared, 1, pbx::Leg::first);
        request.state = RequestState::waiting;
        stage.witness.changed(request);
        stage.dial(request, 2);
        CHECK(stage.complains_of("attempt 2 rings somebody who has answered request 1@a already"));
    }
    SECTION("the second device after the end")
    {
        stage.dial(request, 1);
        stage.end(request, RequestState::cancelled);
        stage.witness.alerted({1});
        CHECK(stage.complains_of("attempt 1 rings its second device, but its request has ended"));
    }
    SECTION("any change after the end")
    {
        stage.end(request, RequestState::cancelled);
        stage.end(request, RequestState::expired);
        CHECK(stage.complains_of("request 1@a changes after its end"));
    }
}

TEST_CASE("Who passes another in the queue of a device is complained of")
{
    Stage stage;
    auto first = stage.asked(1, "2000", "2001");
    stage.clock.run_for(1s);
    auto second = stage.asked(2, "2000", "2002");
    stage.clock.run_for(1s);
    SECTION("the older one is due")
    {
        stage.dial(second, 1);
        CHECK(stage.complains_of("request 2@a passes 1@a at 2000, whose turn it is"));
    }
    SECTION("the older one is suspended, as its source is busy")
    {
        first.state = RequestState::suspended;
        first.wait = store::Wait::source;
        stage.witness.changed(first);
        stage.dial(second, 1);
        CHECK(stage.witness.broken() == Lines{});
    }
    SECTION("both waited for the release")
    {
        for (auto* request : {&first, &second})
        {
            request->wait = store::Wait::release;
            request->wake_at = request->expires_at;
            stage.witness.changed(*request);
        }
        stage.clock.run_for(1s);
        stage.dial(second, 1);
        CHECK(stage.complains_of("request 2@a passes 1@a"));
    }
    SECTION("a timed one passes one that waits for a release")
    {
        first.wait = store::Wait::release;
        first.wake_at = first.expires_at;
        stage.witness.changed(first);
        stage.dial(second, 1);
        CHECK(stage.witness.broken() == Lines{});
    }
    SECTION("an express one is ahead of older ones")
    {
        auto express = stage.asked(3, "2000", "2003");
        express.id = {4};
        express.number = "4@a";
        express.express = true;
        stage.witness.changed(express);
        stage.dial(express, 1);
        CHECK(stage.witness.broken() == Lines{});
    }
}

TEST_CASE("Who waits for ever though it is his turn is complained of")
{
    Stage stage;
    auto request = stage.asked(1, "2000", "2001");
    SECTION("due, and everybody free")
    {
        stage.clock.run_for(10min);
        stage.witness.check_patience(true);
        CHECK(stage.complains_of("request 1@a waits for 2000, though it is its turn"));
    }
    SECTION("due, but the gateway may begin nothing")
    {
        stage.clock.run_for(10min);
        stage.witness.check_patience(false);
        CHECK(stage.witness.broken() == Lines{});
    }
    SECTION("for a release that has been")
    {
        request.wait = store::Wait::release;
        request.wake_at = request.expires_at;
        stage.witness.changed(request);
        stage.clock.run_for(10min);
        stage.witness.check_patience(true);
        CHECK(stage.complains_of("request 1@a waits for 2000, though it is its turn"));
    }
    SECTION("for a device that is in use")
    {
        stage.exchange->call("2000", "2003").value();
        request.wait = store::Wait::release;
        stage.witness.changed(request);
        stage.clock.run_for(10min);
        stage.witness.check_patience(true);
        CHECK(stage.witness.broken() == Lines{});
    }
    SECTION("suspended, though its source is free")
    {
        request.state = RequestState::suspended;
        request.wait = store::Wait::source;
        stage.witness.changed(request);
        stage.clock.run_for(10min);
        stage.witness.check_patience(true);
        CHECK(stage.complains_of("request 1@a waits for 2001, which is free"));
    }
    SECTION("beyond its monitor time")
    {
        stage.clock.run_for(2h);
        stage.witness.check_patience(false);
        CHECK(stage.complains_of("though its monitor time has ended"));
    }
    SECTION("an attempt that goes on after its request has ended")
    {
        stage.dial(request, 1);
        stage.end(request, RequestState::cancelled);
        stage.clock.run_for(10min);
        stage.witness.check_patience(false);
        CHECK(stage.complains_of("attempt 1 goes on after the end of request 1@a"));
        stage.witness.check_end();
        CHECK(stage.complains_of("attempt 1 still has 2000"));
    }
}

TEST_CASE("Results that are missing, doubled or wrong are complained of")
{
    Stage stage;
    auto request = stage.asked(1, "2000", "2001");
    stage.end(request, RequestState::cancelled);
    SECTION("none")
    {
        stage.witness.check_end();
        CHECK(stage.complains_of("request 1@a has 0 results"));
    }
    SECTION("two")
    {
        stage.witness.told_result("1@a", RequestState::cancelled);
        stage.witness.told_result("1@a", RequestState::cancelled);
        CHECK(stage.complains_of("request 1@a has 2 results"));
    }
    SECTION("another state")
    {
        stage.witness.told_result("1@a", RequestState::connected);
        CHECK(stage.complains_of("the result of request 1@a says connected, but it is cancelled"));
    }
    SECTION("of a request that nobody knows")
    {
        stage.witness.told_result("9@a", RequestState::connected);
        CHECK(stage.complains_of("which nobody has asked for"));
    }
    SECTION("before the end")
    {
        auto other = stage.asked(2, "2002", "2003");
        static_cast<void>(other);
        stage.witness.told_result("1@a", RequestState::cancelled);
        stage.witness.check_end();
        CHECK(stage.complains_of("request 2@a has not ended"));
    }
}

TEST_CASE("Reservations that do not balance are complained of")
{
    Stage stage;
    stage.witness.check_reservations(2, 0, 4);
    stage.witness.check_reservations(2, 1, 4);
    CHECK(stage.witness.broken() == Lines{});
    stage.witness.check_reservations(0, 0, 2);
    CHECK(stage.complains_of("0 attempts (and 0 unsettled) hold 2 devices"));
}
