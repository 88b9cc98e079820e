// SPDX-License-Identifier: Apache-2.0
// The other side: sources that are busy, silent or outside, the order of the two calls, and who hangs up (spec 3).
#include "rig.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Times = std::vector<double>;
using Lines = std::vector<std::string>;

TEST_CASE("If the source is busy when the destination has answered, the destination hears why and is not rung again")
{
    Rig rig;
    rig.answers("2000", 5s);
    const auto id = rig.ask("2000", "2001");
    rig.at(3s, [&] { rig.calls("2001", "2002"); });
    rig.run_for(6s);
    CHECK(rig.standing(id) == "failed source-busy");
    CHECK(rig.state("2000") == pbx::DeviceState::talking); // hears the message
    // An exchange that offers second calls would ring it.
    CHECK(rig.line().alerted() == 0);
    rig.run_for(3s);
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    rig.hangs_up("2001");
    rig.run_for(20min);
    CHECK(rig.ring_times("2000") == Times{0});
    CHECK(rig.results(id) == Lines{"failed source-busy 1"});
}

TEST_CASE("If the source does not answer, the destination hears why and is not rung again")
{
    Rig rig;
    rig.never_answers("2001");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(27s);
    CHECK(rig.standing(id) == "failed source-no-answer");
    CHECK(rig.state("2000") == pbx::DeviceState::talking);
    rig.run_for(20min);
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    CHECK(rig.rings() == std::vector<test::Ring>{{0s, "2000"}, {1s, "2001"}});
    CHECK(rig.results(id) == Lines{"failed source-no-answer 1"});
}

TEST_CASE("The next in the queue is rung after such a message, since the destination has been used")
{
    Rig rig;
    rig.never_answers("2001");
    rig.ask("2000", "2001");
    rig.run_for(5s);
    const auto next = rig.ask("2000", "2002");
    rig.run_for(40s);
    CHECK(rig.standing(next) == "connected");
    CHECK(rig.ring_times("2000") == Times{0, 31}); // answered 1 s, source silent 26 s, message 29 s, guard time
}

TEST_CASE("Who hangs up while the other telephone rings has declined, and it rings no longer")
{
    Rig rig;
    rig.answers("2001", 10s);
    const auto id = rig.ask("2000", "2001");
    rig.at(4s, [&] { rig.hangs_up("2000"); });
    rig.run_for(4500ms);
    CHECK(rig.standing(id) == "failed declined");
    CHECK(rig.state("2001") == pbx::DeviceState::idle);
    rig.run_for(10min);
    CHECK(rig.rings().size() == 2);
    CHECK(rig.results(id) == Lines{"failed declined 1"});
}

TEST_CASE("source-first")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.call_order = CallOrder::source_first;
    SECTION("rings the source, then the destination")
    {
        const auto id = rig.ask(order);
        rig.run_for(5s);
        CHECK(rig.rings() == std::vector<test::Ring>{{0s, "2001"}, {1s, "2000"}});
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("looks at the destination first, and rings nobody while that is busy")
    {
        rig.calls("2000", "2002");
        const auto id = rig.ask(order);
        rig.run_for(20s);
        CHECK(rig.rings("2001").empty());
        CHECK(rig.standing(id) == "waiting release");
        rig.hangs_up("2000");
        rig.run_for(10s);
        CHECK(rig.ring_times("2001") == Times{22});
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("tries a busy source again on its release")
    {
        rig.calls("2001", "2002");
        const auto id = rig.ask(order);
        rig.run_for(20s);
        CHECK(rig.standing(id) == "suspended source");
        rig.hangs_up("2001");
        rig.run_for(10s);
        CHECK(rig.ring_times("2001") == Times{22});
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("tries a silent source again when it has been used")
    {
        rig.never_answers("2001");
        const auto id = rig.ask(order);
        rig.run_for(20min);
        CHECK(rig.standing(id) == "suspended source-use");
        CHECK(rig.ring_times("2001") == Times{0});
        CHECK(rig.rings("2000").empty());
        rig.answers("2001");
        rig.calls("2001", "2002");
        rig.run_for(10s);
        rig.hangs_up("2001");
        rig.run_for(10s);
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("does not ring a source again that has answered: it hears the message, and the destination's cause is told")
    {
        SECTION("no answer")
        {
            rig.never_answers("2000");
        }
        SECTION("rejected")
        {
            rig.rejects("2000");
        }
        SECTION("busy meanwhile")
        {
            rig.answers("2001", 5s);
            rig.at(3s, [&] { rig.calls("2000", "2002"); });
        }
        const auto id = rig.ask(order);
        rig.run_for(40s);
        const auto request = rig.request(id);
        CHECK(request.state == RequestState::failed);
        CHECK((request.cause == Cause::no_answer || request.cause == Cause::rejected || request.cause == Cause::busy));
        CHECK(rig.state("2001") == pbx::DeviceState::idle);
        rig.run_for(20min);
        CHECK(rig.ring_times("2001") == Times{0});
        CHECK(rig.results(id).size() == 1);
    }
    SECTION("a destination that was silent as second is not rung at once for others who wait for it")
    {
        rig.never_answers("2000");
        rig.ask(order);
        rig.run_for(5s);
        const auto waits = rig.ask("2000", "2002");
        rig.run_for(4min);
        CHECK(rig.standing(waits) == "waiting release");
        CHECK(rig.rings("2000").size() == 1);
    }
}

TEST_CASE("A source outside is rung over the trunk, and its state is known only by trying")
{
    Rig rig;
    const std::string far = Rig::far_prefix + "2001";
    auto order = rig.order("2000", far);
    order.submitter = {Standing::peer, "office-b.example"};
    order.network = NetworkType::toll;
    SECTION("free")
    {
        const auto id = rig.ask(order);
        rig.run_for(5s);
        CHECK(rig.rings() == std::vector<test::Ring>{{0s, "2000"}, {1s, far}});
        CHECK(rig.standing(id) == "connected");
        rig.other().hang_up("2001").value();
        rig.run_for(5s);
        CHECK(rig.state("2000") == pbx::DeviceState::idle);
    }
    SECTION("busy")
    {
        rig.other().call("2001", "2000").value();
        const auto id = rig.ask(order);
        rig.run_for(10s);
        CHECK(rig.results(id) == Lines{"failed source-busy 1"});
        CHECK(rig.rings("2000").size() == 1);
    }
    SECTION("silent")
    {
        rig.never_answers(far);
        const auto id = rig.ask(order);
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"failed source-no-answer 1"});
    }
    SECTION("busy and rung first: tried every 30 s")
    {
        order.call_order = CallOrder::source_first;
        rig.other().call("2001", "2000").value();
        const auto id = rig.ask(order);
        rig.run_for(45s);
        CHECK(rig.request(id).attempts == 2);
        rig.other().hang_up("2001").value();
        rig.run_for(30s);
        CHECK(rig.standing(id) == "connected");
    }
    SECTION("the trunk breaks while it rings")
    {
        rig.never_answers(far);
        const auto id = rig.ask(order);
        rig.at(5s, [&] { rig.trunk().set_up(false); });
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"failed congestion 1"});
        CHECK(rig.state("2000") == pbx::DeviceState::idle);
    }
}

TEST_CASE("While no line is free for the second telephone nobody is rung")
{
    const bool source_first = GENERATE(false, true);
    const std::string far = Rig::far_prefix + "2000";
    test::RigOptions options;
    options.trunk_lines = 1;
    Rig rig(options);
    rig.never_answers(Rig::far_prefix + "2001");
    rig.calls("2002", Rig::far_prefix + "2001");
    rig.run_for(1s);
    auto order = source_first ? rig.order(far, "2000") : rig.order("2000", far);
    order.call_order = source_first ? CallOrder::source_first : CallOrder::destination_first;
    const auto id = rig.ask(order);
    rig.run_for(40s);
    CHECK(rig.ring_times("2000").empty());
    CHECK(rig.standing(id) == "waiting");
    CHECK(rig.request(id).last_cause == Cause::congestion);
    CHECK(rig.attempts(id).size() == 2); // looks, 30 s apart
    rig.hangs_up("2002");
    rig.run_for(30s);
    CHECK(rig.standing(id) == "connected");
    CHECK(rig.ring_times("2000") == Times{61});
    CHECK(rig.ring_times(far).size() == 1);
    CHECK(rig.results(id) == Lines{"connected  3"});
}

TEST_CASE("Of two telephones outside each needs a line")
{
    test::RigOptions options;
    options.trunk_lines = 1;
    Rig rig(options);
    const auto id = rig.ask(Rig::far_prefix + "2000", Rig::far_prefix + "2001");
    rig.run_for(5s);
    CHECK(rig.rings().empty());
    CHECK(rig.request(id).last_cause == Cause::congestion);
}
