// SPDX-License-Identifier: Apache-2.0
// Who gets a port, and what passes between the thread of the exchange and the threads that make sound.
#include "core/real_clock.h"
#include "core/spawn.h"
#include "media/playout.h"
#include "media/voice_board.h"
#include "unit/run_until.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// What a port of the exchange was told; used on the control thread alone, which it checks.
struct Exchange
{
    std::thread::id control = std::this_thread::get_id();
    std::vector<std::int16_t> said;
    pbx::AudioPort::Sinks sinks;
    bool given_back = false;
    bool elsewhere = false;

    void here() { elsewhere = elsewhere || std::this_thread::get_id() != control; }
};

class FakePort : public pbx::AudioPort
{
public:
    explicit FakePort(Exchange& exchange) : exchange_(exchange) {}
    ~FakePort() override
    {
        exchange_.here();
        exchange_.given_back = true;
        exchange_.sinks = {};
    }
    FakePort(const FakePort&) = delete;
    FakePort& operator=(const FakePort&) = delete;
    void listen(Sinks sinks) override
    {
        exchange_.here();
        exchange_.sinks = std::move(sinks);
    }
    void send(std::span<const std::int16_t> samples) override
    {
        exchange_.here();
        exchange_.said.insert(exchange_.said.end(), samples.begin(), samples.end());
    }

private:
    Exchange& exchange_;
};

struct Heard
{
    std::string keys;
    std::size_t samples = 0;
    std::thread::id thread;
};

/// Counts upwards from 0, a number a sample, until a key `*` or the end of the call.
boost::asio::awaitable<Heard> count(Clock& clock, std::unique_ptr<pbx::AudioPort> port)
{
    Heard heard;
    bool closed = false;
    pbx::AudioPort::Sinks sinks;
    sinks.audio = [&heard](std::span<const std::int16_t> samples) { heard.samples += samples.size(); };
    sinks.digit = [&heard](char key) { heard.keys += key; };
    sinks.closed = [&closed] { closed = true; };
    port->listen(std::move(sinks));
    std::int16_t number = 0;
    const std::function<std::optional<Frame>()> next = [&]() -> std::optional<Frame> {
        Frame frame{};
        for (auto& sample : frame)
        {
            sample = number++;
        }
        return heard.keys.ends_with('*') ? std::nullopt : std::optional(frame);
    };
    co_await play_out(clock, *port, next, closed);
    port.reset();
    heard.thread = std::this_thread::get_id();
    co_return heard;
}

boost::asio::awaitable<void> run(std::unique_ptr<VoiceBoard::Port> port, std::optional<Heard>& answer)
{
    VoiceBoard::Port::Session<Heard> session = count;
    answer = co_await port->run(std::move(session));
}

/// A port, what is heard over it, and its end.
void hold_a_call(VoiceBoard::Threads threads, VoiceBoard::Needs needs)
{
    boost::asio::io_context context;
    RealClock clock(context.get_executor());
    Exchange exchange;
    std::optional<Heard> answer;
    VoiceBoard board(context.get_executor(), clock, 1, threads);
    spawn(context.get_executor(), "test", run(board.use(std::make_unique<FakePort>(exchange), needs), answer));
    REQUIRE(ringpost::test::run_until(context, [&] { return exchange.said.size() >= 1600 && exchange.sinks.audio; }));
    exchange.sinks.audio(Frame{});
    exchange.sinks.digit('5');
    exchange.sinks.digit('*');
    REQUIRE(ringpost::test::run_until(context, [&] { return answer.has_value(); }));
    CHECK(answer->keys == "5*");
    CHECK(answer->samples == std::tuple_size_v<Frame>);
    CHECK((answer->thread == std::this_thread::get_id()) == (threads == VoiceBoard::Threads::control));
    CHECK(exchange.given_back);
    CHECK_FALSE(exchange.elsewhere);
    for (std::size_t i = 0; i < exchange.said.size(); ++i)
    {
        REQUIRE(exchange.said[i] == static_cast<std::int16_t>(i));
    }
}

boost::asio::awaitable<void> take(PortPool& pool, std::int64_t attempt, std::string& order,
                                  std::vector<std::shared_ptr<PortPool::Place>>& places)
{
    auto place = co_await pool.place_for(AttemptId{attempt});
    order += place.has_value() ? std::to_string(attempt) : "-";
    if (place.has_value())
    {
        places.push_back(*place);
    }
}

struct Waiters
{
    boost::asio::io_context context;
    std::optional<PortPool> pool;
    std::string order;
    std::vector<std::shared_ptr<PortPool::Place>> places;

    explicit Waiters(std::size_t ports) : pool(std::in_place, context.get_executor(), ports) {}
    void come(std::int64_t attempt) { spawn(context.get_executor(), "test", take(*pool, attempt, order, places)); }
    std::string run()
    {
        context.restart();
        context.poll();
        return std::exchange(order, {});
    }
};
} // namespace

TEST_CASE("Sound and keys pass between the threads, and the port is used on that of the exchange alone")
{
    hold_a_call(VoiceBoard::Threads::own, VoiceBoard::Needs::shared_thread);
    hold_a_call(VoiceBoard::Threads::own, VoiceBoard::Needs::own_thread);
    hold_a_call(VoiceBoard::Threads::control, VoiceBoard::Needs::own_thread);
}

TEST_CASE("The end of a call ends what is done over its port")
{
    boost::asio::io_context context;
    RealClock clock(context.get_executor());
    Exchange exchange;
    std::optional<Heard> answer;
    VoiceBoard board(context.get_executor(), clock, 1);
    spawn(context.get_executor(), "test",
          run(board.use(std::make_unique<FakePort>(exchange), VoiceBoard::Needs::shared_thread), answer));
    REQUIRE(ringpost::test::run_until(context, [&] { return static_cast<bool>(exchange.sinks.closed); }));
    exchange.sinks.closed();
    REQUIRE(ringpost::test::run_until(context, [&] { return answer.has_value(); }));
    CHECK(exchange.given_back);
}

TEST_CASE("A board that goes takes with it what is still played, and gives the ports back")
{
    boost::asio::io_context context;
    RealClock clock(context.get_executor());
    std::vector<Exchange> exchanges(3);
    std::optional<Heard> answer;
    {
        VoiceBoard board(context.get_executor(), clock, 1);
        for (auto& exchange : exchanges)
        {
            const bool first = &exchange == exchanges.data();
            spawn(context.get_executor(), "test",
                  run(board.use(std::make_unique<FakePort>(exchange),
                                first ? VoiceBoard::Needs::shared_thread : VoiceBoard::Needs::own_thread),
                      answer));
        }
        REQUIRE(ringpost::test::run_until(context, [&] {
            return !exchanges[0].said.empty() && !exchanges[1].said.empty() && !exchanges[2].said.empty();
        }));
    }
    context.restart();
    context.poll(); // coroutines are unwound by their executor
    CHECK_FALSE(answer.has_value());
    for (const auto& exchange : exchanges)
    {
        CHECK(exchange.given_back);
        CHECK_FALSE(exchange.elsewhere);
    }
}

TEST_CASE("Who waits for a port waits in order, and an attempt has one place")
{
    Waiters waiters(2);
    for (const int attempt : {1, 2, 3, 4, 2})
    {
        waiters.come(attempt);
    }
    CHECK(waiters.run() == "122"); // the second call of the same attempt does not wait
    CHECK(waiters.pool->free() == 0);
    waiters.places.pop_back();
    CHECK(waiters.run().empty()); // 2 still has its place
    waiters.places.pop_back();
    waiters.come(5); // later than those who wait, though a port is free at this moment
    CHECK(waiters.run() == "3");
    waiters.places.clear();
    CHECK(waiters.run() == "45");
    waiters.places.clear();
    CHECK(waiters.run().empty());
    CHECK(waiters.pool->free() == 2);
}

TEST_CASE("Nobody waits for a port of a gateway that is being stopped")
{
    Waiters waiters(1);
    waiters.come(1);
    waiters.come(2);
    CHECK(waiters.run() == "1");
    waiters.pool->stop();
    waiters.come(3);
    waiters.come(1);
    const std::string order = waiters.run();
    CHECK(std::count(order.begin(), order.end(), '-') == 2);
    CHECK(order.find('1') != std::string::npos);
    const auto kept = waiters.places.front();
    waiters.pool.reset(); // a place may be later
}
