// SPDX-License-Identifier: Apache-2.0
#include "core/real_clock.h"
#include "core/spawn.h"
#include "core/virtual_clock.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <list>
#include <vector>

using namespace ringpost;
namespace asio = boost::asio;

namespace
{
const Instant start = from_micros(1796083200000000);

asio::awaitable<void> sleeper(Clock& clock, Duration span, int times, std::size_t& woken)
{
    for (int i = 0; i < times; ++i)
    {
        co_await clock.sleep_for(span);
        ++woken;
    }
}

asio::awaitable<void> sleep_then(Clock& clock, Duration span, std::function<void()> action)
{
    co_await clock.sleep_for(span);
    action();
}
} // namespace

TEST_CASE("Virtual timers fire in the order of their times, those of one time in the order in which they were set")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    std::vector<int> fired;
    const auto note = [&fired](int which) { return [&fired, which] { fired.push_back(which); }; };
    const Timer late = clock.at(start + 24h, note(4));
    const Timer first = clock.after(5s, note(1));
    const Timer second = clock.after(5s, note(2));
    const Timer third = clock.at(start + 6s, note(3));
    const Timer now = clock.at(start - 1h, note(0));
    REQUIRE(fired.empty());
    REQUIRE(clock.run_until_idle());
    REQUIRE(fired == std::vector<int>{0, 1, 2, 3, 4});
    REQUIRE(clock.now() == start + 24h);
}

TEST_CASE("What an action sets off comes before the next action of the same time")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    std::string order;
    const Timer a = clock.after(1s, [&] {
        order += 'a';
        asio::post(context, [&] { order += 'p'; });
    });
    const Timer b = clock.after(1s, [&] { order += 'b'; });
    clock.run_for(1s);
    REQUIRE(order == "apb");
}

TEST_CASE("A virtual timer that is taken back does not fire, even if it is due already")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    int fired = 0;
    Timer past = clock.at(start - 1s, [&] { fired += 100; });
    past.cancel();
    Timer other = clock.after(1s, [&] { fired += 10; });
    const Timer killer = clock.after(500ms, [&] { other.cancel(); });
    Timer self;
    self = clock.after(2s, [&] {
        self.cancel();
        ++fired;
    });
    {
        const Timer scoped = clock.after(1s, [&] { fired += 1000; });
    }
    REQUIRE(clock.run_until_idle());
    REQUIRE(fired == 1);
    REQUIRE(clock.pending() == 0);
}

TEST_CASE("Running up to a time stops there and runs what is due then")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    int fired = 0;
    const Timer due = clock.after(10s, [&] { ++fired; });
    const Timer later = clock.after(10s + 1us, [&] { ++fired; });
    clock.run_until(start + 9s);
    REQUIRE(fired == 0);
    clock.run_for(1s);
    REQUIRE(fired == 1);
    REQUIRE(clock.now() == start + 10s);
}

TEST_CASE("A timer that is set again for ever does not hang the run")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    Timer timer;
    std::function<void()> again = [&] { timer = clock.after(1h, again); };
    again();
    REQUIRE_FALSE(clock.run_until_idle(10 * 24h));
    REQUIRE(clock.now() == start + 240h);
}

TEST_CASE("An exception leaves the run, and the run can go on")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    int fired = 0;
    const Timer bad = clock.after(1s, [] { throw std::runtime_error("bad"); });
    const Timer good = clock.after(2s, [&] { ++fired; });
    REQUIRE_THROWS_WITH(clock.run_until_idle(), "bad");
    REQUIRE(clock.run_until_idle());
    REQUIRE(fired == 1);
}

TEST_CASE("Times at the ends of the range do not overflow")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    int fired = 0;
    const Timer a = clock.at(Instant::min(), [&] { ++fired; });
    const Timer b = clock.after(Duration::min(), [&] { ++fired; });
    const Timer c = clock.after(Duration::max(), [&] { ++fired; });
    const Timer d = clock.at(Instant::max(), [&] { ++fired; });
    REQUIRE_FALSE(clock.run_until_idle());
    REQUIRE(fired == 2);
}

TEST_CASE("A hundred thousand events of a thousand coroutines pass in virtual time")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    std::size_t woken = 0;
    for (int i = 0; i < 1000; ++i)
    {
        spawn(context.get_executor(), "sleeper", sleeper(clock, 1s + std::chrono::milliseconds(i), 100, woken));
    }
    const auto before = std::chrono::steady_clock::now();
    REQUIRE(clock.run_until_idle());
    REQUIRE(woken == 100000);
    CHECK(std::chrono::steady_clock::now() - before < 10s);
}

TEST_CASE("A sleep that is cancelled ends early and without error")
{
    asio::io_context context;
    VirtualClock clock(context, start);
    Instant woken{};
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    std::function<void()> note = [&] { woken = clock.now(); };
    asio::co_spawn(context, sleep_then(clock, 1h, note),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { thrown = e; }));
    const Timer canceller = clock.after(10s, [&] { signal.emit(asio::cancellation_type::terminal); });
    REQUIRE(clock.run_until_idle());
    REQUIRE(woken == start + 10s);
    REQUIRE_FALSE(thrown);
    REQUIRE(clock.now() == start + 10s);
}

TEST_CASE("A context may go before its clock while coroutines sleep and hold sockets")
{
    bool unwound = false;
    const auto holder = [](asio::io_context& context, Clock& clock, bool& gone) -> asio::awaitable<void> {
        const auto mark = std::shared_ptr<void>(nullptr, [&gone](void*) { gone = true; });
        const asio::ip::tcp::socket socket(context, asio::ip::tcp::v4());
        const Timer unused = clock.after(1h, [mark] {});
        co_await clock.sleep_for(1h);
    };
    SECTION("virtual")
    {
        auto context = std::make_unique<asio::io_context>();
        VirtualClock clock(*context, start);
        spawn(context->get_executor(), "holder", holder(*context, clock, unwound));
        clock.run_for(1s);
        REQUIRE_FALSE(unwound);
        context.reset();
        REQUIRE(unwound);
    }
    SECTION("real")
    {
        auto context = std::make_unique<asio::io_context>();
        RealClock clock(context->get_executor());
        spawn(context->get_executor(), "holder", holder(*context, clock, unwound));
        context->poll();
        REQUIRE_FALSE(unwound);
        context.reset();
        REQUIRE(unwound);
    }
    SECTION("a timer after its clock")
    {
        asio::io_context context;
        Timer timer;
        {
            VirtualClock clock(context, start);
            timer = clock.after(1h, [] {});
        }
        timer.cancel();
    }
}

TEST_CASE("The real clock fires each timer once, in order, on its executor")
{
    asio::io_context context;
    RealClock clock(context.get_executor());
    std::string order;
    const auto began = std::chrono::steady_clock::now();
    const Timer c = clock.after(60ms, [&] { order += 'c'; });
    const Timer a = clock.after(20ms, [&] { order += 'a'; });
    const Timer b = clock.at(clock.now() + 40ms, [&] { order += 'b'; });
    const Timer past = clock.at(clock.now() - 1h, [&] { order += '0'; });
    Timer never = clock.after(30ms, [&] { order += 'x'; });
    Timer far = clock.at(clock.now() + 24h, [&] { order += 'y'; });
    const Timer end = clock.after(80ms, [&] { far.cancel(); });
    never.cancel();
    REQUIRE(order.empty());
    context.run();
    REQUIRE(order == "0abc");
    REQUIRE(std::chrono::steady_clock::now() - began >= 80ms);
}

TEST_CASE("The real clock goes on after an action that threw")
{
    asio::io_context context;
    RealClock clock(context.get_executor());
    int fired = 0;
    const Timer bad = clock.after(1ms, [] { throw std::runtime_error("bad"); });
    const Timer good = clock.after(1ms, [&] { ++fired; });
    REQUIRE_THROWS_WITH(context.run(), "bad");
    context.run();
    REQUIRE(fired == 1);
}

TEST_CASE("A real timer that sets itself for at once leaves room for others")
{
    asio::io_context context;
    RealClock clock(context.get_executor());
    int spins = 0;
    bool posted = false;
    Timer timer;
    std::function<void()> again = [&] {
        if (++spins == 1)
        {
            asio::post(context, [&] { posted = true; });
        }
        if (!posted && spins < 100000)
        {
            timer = clock.after(0s, again);
        }
    };
    again();
    context.run();
    REQUIRE(posted);
    REQUIRE(spins < 1000);
}

TEST_CASE("Coroutines sleep by the real clock")
{
    asio::io_context context;
    RealClock clock(context.get_executor());
    std::size_t woken = 0;
    for (int i = 0; i < 100; ++i)
    {
        spawn(context.get_executor(), "sleeper", sleeper(clock, 1ms, 5, woken));
    }
    context.run();
    REQUIRE(woken == 500);
}
