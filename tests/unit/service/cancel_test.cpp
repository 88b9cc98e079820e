// SPDX-License-Identifier: Apache-2.0
// A cancel at every point of a request's life: it is told what it did, and nothing rings afterwards (spec 3).
#include "rig.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Lines = std::vector<std::string>;

namespace
{
struct Cancelled
{
    std::optional<Result<store::Request>> answer;
    std::size_t rung = 0; ///< telephones that the exchange had been told to ring when the cancel was answered
};

/// Cancels after so many turns of the executor.
boost::asio::awaitable<void> cancel_after(Rig& rig, store::Request request, int turns, Cancelled& told)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    for (int turn = 0; turn < turns; ++turn)
    {
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    told.answer = co_await rig.scheduler().cancel(std::move(request));
    told.rung = rig.line().dialled().size() + rig.line().alerted();
}

void cancel_later(Rig& rig, RequestId id, int turns, Cancelled& told)
{
    auto executor = rig.context().get_executor();
    spawn(executor, "test.cancel", cancel_after(rig, rig.request(id), turns, told));
}

enum class Moment
{
    begin,
    first_answers,
    second_answers,
    release
};

void bring_about(Rig& rig, Moment moment, RequestId id)
{
    switch (moment)
    {
    case Moment::begin:
        rig.scheduler().handed_over(rig.request(id));
        break;
    case Moment::first_answers:
        rig.exchange().answer("2000").value();
        break;
    case Moment::second_answers:
        rig.exchange().answer("2001").value();
        break;
    case Moment::release:
        rig.hangs_up("2000");
        break;
    }
}

void pick_up(Rig& rig, const std::string& number)
{
    if (rig.state(number) == pbx::DeviceState::ringing)
    {
        rig.exchange().answer(number).value();
    }
}

/// A cancel that succeeded is the end; one that came too late changed nothing.
void check_end(Rig& rig, RequestId id, const Cancelled& told)
{
    REQUIRE(told.answer.has_value());
    if (told.answer->has_value())
    {
        CHECK(rig.standing(id) == "cancelled cancelled");
        for (const auto* number : {"2000", "2001"})
        {
            CHECK(rig.state(number) == pbx::DeviceState::idle);
        }
        CHECK(rig.line().dialled().size() + rig.line().alerted() == told.rung);
    }
    else
    {
        CHECK(told.answer->error().code() == Errc::conflict);
        CHECK(rig.standing(id) == "connected");
    }
    CHECK(rig.results(id).size() == 1);
    for (const auto& attempt : rig.attempts(id))
    {
        CHECK(attempt.ended.has_value());
    }
    CHECK(rig.scheduler().attempts() == 0);
    CHECK(rig.line().faults().empty());
}
} // namespace

TEST_CASE("A request that waits can be cancelled, and is not tried when its telephone is released")
{
    Rig rig;
    rig.calls("2000", "2002");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(10s);
    CHECK(rig.cancel(id).has_value());
    CHECK(rig.results(id) == Lines{"cancelled cancelled 1"});
    rig.hangs_up("2000");
    rig.run_for(10min);
    CHECK(rig.rings("2000").empty());
    CHECK(rig.cancel(id).error().code() == Errc::conflict);
    CHECK(rig.results(id).size() == 1);
}

TEST_CASE("A cancel while a telephone rings stops it, and leaves nobody on the line")
{
    Rig rig;
    rig.answers("2000", 5s);
    rig.answers("2001", 5s);
    const auto id = rig.ask("2000", "2001");
    SECTION("the first")
    {
        rig.run_for(3s);
        CHECK(rig.cancel(id).has_value());
        CHECK(rig.attempts(id)[0].cause == Cause::cancelled);
    }
    SECTION("the second, while the first listens")
    {
        rig.run_for(7s);
        CHECK(rig.cancel(id).has_value());
        CHECK(rig.attempts(id)[0].first_answered.has_value());
    }
    rig.run_for(0s);
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    CHECK(rig.state("2001") == pbx::DeviceState::idle);
    rig.run_for(10min);
    CHECK(rig.results(id) == Lines{"cancelled cancelled 1"});
}

TEST_CASE("After the end a cancel is too late, and the conversation goes on")
{
    Rig rig;
    const auto id = rig.ask("2000", "2001");
    rig.run_for(10s);
    CHECK(rig.cancel(id).error().code() == Errc::conflict);
    CHECK(rig.state("2000") == pbx::DeviceState::talking);
    CHECK(rig.results(id) == Lines{"connected  1"});
}

TEST_CASE("A cancel at any turn of the executor around begin, answers and release is the end or too late")
{
    const auto moment = GENERATE(Moment::begin, Moment::first_answers, Moment::second_answers, Moment::release);
    const bool cancel_first = GENERATE(false, true);
    for (int turns = 0; turns < 16; ++turns)
    {
        CAPTURE(static_cast<int>(moment), cancel_first, turns);
        test::RigOptions options;
        options.scheduler.guard_time = 0s;
        Rig rig(options);
        rig.never_answers("2000");
        rig.never_answers("2001");
        if (moment == Moment::release)
        {
            rig.calls("2000", "2002");
        }
        Cancelled told;
        const auto id = moment == Moment::begin ? rig.store_due(rig.order("2000", "2001")) : rig.ask("2000", "2001");
        if (moment == Moment::second_answers)
        {
            rig.at(1s, [&] { rig.exchange().answer("2000").value(); });
        }
        rig.at(2s, [&] {
            if (cancel_first)
            {
                cancel_later(rig, id, turns, told);
            }
            bring_about(rig, moment, id);
            if (!cancel_first)
            {
                cancel_later(rig, id, turns, told);
            }
        });
        rig.at(3s, [&] { pick_up(rig, "2000"); });
        rig.at(4s, [&] { pick_up(rig, "2001"); });
        rig.run_for(60s);
        check_end(rig, id, told);
    }
}

TEST_CASE("After a cancel the next in the queue is tried, after the guard time")
{
    Rig rig;
    rig.never_answers("2000");
    const auto first = rig.ask("2000", "2001");
    rig.run_for(1s);
    const auto second = rig.ask("2000", "2002");
    rig.run_for(4s);
    CHECK(rig.cancel(first).has_value());
    rig.answers("2000");
    rig.run_for(10s);
    CHECK(rig.ring_times("2000") == std::vector<double>{0, 7});
    CHECK(rig.standing(second) == "connected");
}

TEST_CASE("A cancel of nothing is not found")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.id = RequestId{4711};
    const auto answer = rig.complete<Result<store::Request>>(rig.scheduler().cancel(order));
    CHECK(answer.error().code() == Errc::not_found);
}
