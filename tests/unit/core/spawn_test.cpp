// SPDX-License-Identifier: Apache-2.0
#include "core/spawn.h"
#include "core/virtual_clock.h"

#include <catch2/catch.hpp>

using namespace ringpost;
namespace asio = boost::asio;

namespace
{
asio::awaitable<void> sleeping(Clock& clock, Duration span)
{
    co_await clock.sleep_for(span);
}

asio::awaitable<void> throwing(Clock& clock)
{
    co_await clock.sleep_for(1s);
    throw std::runtime_error("broken");
}

asio::awaitable<void> waiting(TaskGroup& group, Clock& clock, Instant& when)
{
    co_await group.when_empty();
    when = clock.now();
}

struct Fixture
{
    asio::io_context context;
    VirtualClock clock{context, Instant{}};
};
} // namespace

TEST_CASE_METHOD(Fixture, "A group counts its coroutines and tells when the last has ended")
{
    TaskGroup group;
    Instant empty_at{};
    Instant awaited_at{};
    group.spawn(context.get_executor(), "short", sleeping(clock, 1s));
    group.spawn(context.get_executor(), "long", sleeping(clock, 5s));
    group.when_empty(context.get_executor(), [&] { empty_at = clock.now(); });
    spawn(context.get_executor(), "waiting", waiting(group, clock, awaited_at));
    REQUIRE(group.live() == 2);
    REQUIRE(tasks_of(context).live() == 1);
    clock.run_for(2s);
    REQUIRE(group.live() == 1);
    REQUIRE(empty_at == Instant{});
    REQUIRE(clock.run_until_idle());
    REQUIRE(empty_at == Instant{5s});
    REQUIRE(awaited_at == Instant{5s});
    REQUIRE(tasks_of(context).live() == 0);
}

TEST_CASE_METHOD(Fixture, "An empty group tells at once, but not inside the call")
{
    TaskGroup group;
    bool told = false;
    group.when_empty(context.get_executor(), [&] { told = true; });
    REQUIRE_FALSE(told);
    clock.run_until_idle();
    REQUIRE(told);
}

TEST_CASE_METHOD(Fixture, "An exception ends its coroutine only, or leaves the run where that is wished")
{
    TaskGroup quiet;
    quiet.spawn(context.get_executor(), "throwing", throwing(clock));
    REQUIRE(clock.run_until_idle());
    REQUIRE(quiet.live() == 0);

    tasks_of(context).on_exception(OnException::rethrow);
    spawn(context.get_executor(), "throwing", throwing(clock));
    REQUIRE_THROWS_WITH(clock.run_until_idle(), "broken");
    REQUIRE(tasks_of(context).live() == 0);
}

TEST_CASE("Coroutines that go with their context are no longer counted")
{
    TaskGroup group;
    {
        Fixture fixture;
        group.spawn(fixture.context.get_executor(), "long", sleeping(fixture.clock, 5s));
        fixture.clock.run_for(1s);
        REQUIRE(group.live() == 1);
    }
    REQUIRE(group.live() == 0);
}
