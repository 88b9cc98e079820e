// SPDX-License-Identifier: Apache-2.0
// How long a request is tried: monitor time, cap, hours not to be rung (spec 3).
#include "rig.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using test::RigOptions;
using Times = std::vector<double>;
using Lines = std::vector<std::string>;

TEST_CASE("When the monitor time ends, the cause is that of the last attempt")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.monitor_time = 60s;
    SECTION("busy")
    {
        rig.calls("2000", "2002");
        const auto id = rig.ask(order);
        rig.run_for(59s);
        CHECK(rig.standing(id) == "waiting release");
        rig.run_for(1s);
        CHECK(rig.standing(id) == "expired busy");
        CHECK(rig.results(id) == Lines{"expired busy 1"});
        rig.hangs_up("2000");
        rig.run_for(10min);
        CHECK(rig.rings("2000").empty());
        CHECK(rig.results(id).size() == 1);
    }
    SECTION("no answer")
    {
        rig.never_answers("2000");
        const auto id = rig.ask(order);
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"expired no-answer 1"});
    }
    SECTION("the source's, which is told apart")
    {
        rig.calls("2001", "2002");
        const auto id = rig.ask(order);
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"expired source-busy 1"});
    }
    SECTION("and expired only where not even a look was made")
    {
        rig.calls("2000", "2002");
        order.first_attempt = false;
        const auto id = rig.ask(order);
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"expired expired 0"});
    }
}

TEST_CASE("The monitor time ends also while the exchange is away")
{
    Rig rig;
    rig.exchange().set_link(false);
    auto order = rig.order("2000", "2001");
    order.monitor_time = 60s;
    const auto id = rig.ask(order);
    auto other = rig.order("2002", "2003");
    const auto waits = rig.ask(other);
    rig.run_for(59s);
    CHECK(rig.standing(id) == "waiting");
    rig.run_for(3s);
    CHECK(rig.standing(id) == "expired expired");
    CHECK(rig.results(id) == Lines{"expired expired 0"});
    rig.exchange().set_link(true);
    rig.run_for(10s);
    CHECK(rig.rings("2000").empty());
    CHECK(rig.standing(waits) == "connected");
}

TEST_CASE("A telephone that rings when the monitor time ends rings no longer")
{
    Rig rig;
    rig.never_answers("2000");
    auto order = rig.order("2000", "2001");
    order.monitor_time = 10s;
    const auto id = rig.ask(order);
    rig.run_for(9s);
    CHECK(rig.state("2000") == pbx::DeviceState::ringing);
    rig.run_for(1s);
    CHECK(rig.standing(id) == "expired no-answer");
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    CHECK(rig.attempts(id)[0].cause == Cause::no_answer);
    CHECK(rig.attempts(id)[0].ended.has_value());
    rig.run_for(10min);
    CHECK(rig.results(id) == Lines{"expired no-answer 1"});
}

TEST_CASE("Who has answered before the monitor time ends is connected though it ends meanwhile")
{
    Rig rig;
    rig.answers("2000", 9s);
    rig.answers("2001", 5s);
    auto order = rig.order("2000", "2001");
    order.monitor_time = 10s;
    const auto id = rig.ask(order);
    rig.run_for(20s);
    CHECK(rig.results(id) == Lines{"connected  1"});
}

TEST_CASE("A guard time that ends with the monitor time rings nobody")
{
    Rig rig;
    rig.calls("2000", "2002");
    auto order = rig.order("2000", "2001");
    order.monitor_time = 60s;
    const auto id = rig.ask(order);
    rig.at(58s, [&] { rig.hangs_up("2000"); });
    rig.run_for(70s);
    CHECK(rig.rings("2000").empty());
    CHECK(rig.standing(id) == "expired busy");
}

TEST_CASE("Without a monitor time, or with a longer one, the cap holds")
{
    RigOptions options;
    options.rules.monitor_time_cap = 2h;
    Rig rig(options);
    rig.calls("2000", "2002");
    auto order = rig.order("2000", "2001");
    SECTION("without") {}
    SECTION("longer")
    {
        order.monitor_time = 48h;
    }
    const auto id = rig.ask(order);
    rig.run_for(2h - 1s);
    CHECK_FALSE(is_end(rig.request(id).state));
    rig.run_for(1s);
    CHECK(rig.standing(id) == "expired busy");
}

TEST_CASE("In hours in which the addressee is not to be rung nothing rings, and the monitor time stands still")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.monitor_time = 60s;
    rig.calls("2000", "2002");
    rig.not_to_be_rung("07:00-16:00");
    const auto id = rig.ask(order);
    rig.at(1h, [&] { rig.hangs_up("2000"); });
    rig.run_for(8h - 1s);
    CHECK(rig.standing(id) == "held");
    CHECK(rig.attempts(id).empty());
    rig.run_for(10s);
    CHECK(rig.ring_times("2000") == Times{8 * 3600});
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("Hours not to be rung that begin while a request waits hold it, and its monitor time goes on when they end")
{
    Rig rig;
    rig.not_to_be_rung("09:00-17:00");
    auto order = rig.order("2000", "2001");
    order.monitor_time = 2h;
    rig.calls("2000", "2002");
    SECTION("released in these hours, it rings at their end")
    {
        const auto id = rig.ask(order);
        rig.at(2h, [&] { rig.hangs_up("2000"); });
        rig.run_for(3h);
        CHECK(rig.standing(id) == "held");
        rig.run_for(6h + 10s);
        CHECK(rig.ring_times("2000") == Times{9 * 3600});
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.with<std::int64_t>([](store::Connection& connection) {
            auto query = connection.prepare("SELECT count(*) FROM audit WHERE action = 'dial'");
            return query.step() ? query.integer(0) : -1;
        }) == 1);
    }
    SECTION("busy all the time, it ends when two hours outside of them are over")
    {
        const auto id = rig.ask(order);
        rig.run_for(10h - 1s);
        CHECK(rig.standing(id) == "waiting release");
        rig.run_for(1s);
        CHECK(rig.standing(id) == "expired busy");
    }
    SECTION("at once is not at once then either")
    {
        rig.hangs_up("2000");
        rig.run_for(90min);
        order.trigger = Trigger::system_recognition;
        const auto id = rig.ask(order);
        rig.run_for(1h);
        CHECK(rig.standing(id) == "held");
        rig.run_for(7h);
        CHECK(rig.ring_times("2000") == Times{9 * 3600});
    }
}

TEST_CASE("A request that is held is held over a restart too")
{
    Rig rig;
    rig.not_to_be_rung("07:00-16:00");
    const auto id = rig.ask(rig.order("2000", "2001"));
    rig.run_for(1h);
    rig.crash(false);
    rig.run_for(1h);
    rig.start();
    rig.run_for(6h + 10s);
    CHECK(rig.ring_times("2000") == Times{8 * 3600});
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("An unfetched mail does not expire; deleted unread, it ends its request")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.monitor_time = 60s;
    order.state = RequestState::awaiting_reception;
    order.id =
        rig.with<RequestId>([&](store::Connection& connection) { return store::Requests(connection).insert(order); });
    rig.look_again();
    rig.run_for(30 * 24h);
    CHECK(rig.standing(order.id) == "awaiting-reception");
    std::vector<RequestEvent> events{event::DeletedUnread{}};
    const auto deleted = rig.complete<Result<Transition>>(rig.book().apply(order.id, events));
    CHECK(deleted->why == "deleted-unread");
    CHECK(rig.results(order.id) == Lines{"failed declined 0"});
    CHECK(rig.rings().empty());
}

TEST_CASE("Monitor times end in the right order, whatever order they came in, and over a restart")
{
    Rig rig;
    rig.calls("2000", "2002");
    std::vector<RequestId> ids;
    for (const auto minutes : {30, 10, 20, 5, 25})
    {
        auto order = rig.order("2000", "2001");
        order.monitor_time = minutes * 1min;
        ids.push_back(rig.ask(order));
        rig.run_for(1ms);
    }
    rig.run_for(12min);
    CHECK(rig.standing(ids[3]) == "expired busy");
    CHECK(rig.standing(ids[1]) == "expired busy");
    CHECK_FALSE(is_end(rig.request(ids[2]).state));
    rig.crash(false);
    rig.run_for(10min);
    rig.start();
    rig.run_for(1s);
    CHECK(rig.standing(ids[2]) == "expired busy");
    CHECK_FALSE(is_end(rig.request(ids[4]).state));
    rig.run_for(10min);
    for (const auto id : ids)
    {
        CHECK(rig.results(id).size() == 1);
    }
}
