// SPDX-License-Identifier: Apache-2.0
// What passes between the thread of the exchange and the threads that make sound, and how it ends.
#include "core/real_clock.h"
#include "core/spawn.h"
#include "exchange/simulated_rig.h"
#include "media/playout.h"
#include "media/port_content.h"
#include "media/voice_board.h"
#include "unit/run_until.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
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
    Playout playout(clock, *port);
    co_await playout.play(next, closed);
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
    VoiceBoard board(context.get_executor(), clock, threads);
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

/// Has a session that throws, over a port of an exchange that knows one call.
class Throwing : public PortContent
{
public:
    using PortContent::PortContent;
    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told /*told*/) override
    {
        VoiceBoard::Port::Session<int> session = [](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
            return fails(clock, std::move(port));
        };
        const auto over = co_await over_port(exchange, attempt, VoiceBoard::Needs::own_thread, std::move(session));
        co_return over.has_error() ? Result<service::Performance>(over.error()) : service::Performance{};
    }

private:
    static boost::asio::awaitable<int> fails(Clock& clock, std::unique_ptr<pbx::AudioPort> port)
    {
        port->listen({});
        co_await clock.sleep_for(1ms);
        throw std::length_error("of the test");
    }
};

boost::asio::awaitable<void> perform(std::shared_ptr<PortContent> content, pbx::Exchange& exchange, std::string& thrown)
{
    try
    {
        const auto performed = co_await content->perform(exchange, AttemptId{1}, {});
        thrown = performed.has_error() ? performed.error().message() : "nothing";
    }
    catch (const std::length_error& error)
    {
        thrown = error.what();
    }
}
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
    VoiceBoard board(context.get_executor(), clock);
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
        VoiceBoard board(context.get_executor(), clock);
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

TEST_CASE("A session that throws throws to who waits for it, and leaves no port that could be stopped")
{
    pbx::conformance::SimulatedRig rig;
    rig.answered_first(1, "2000", "");
    RealClock clock(rig.context().get_executor());
    VoiceBoard board(rig.context().get_executor(), clock);
    const auto content = std::make_shared<Throwing>(board);
    std::string thrown;
    spawn(rig.context().get_executor(), "test", perform(content, rig.exchange(), thrown));
    REQUIRE(ringpost::test::run_until(rig.context(), [&] { return !thrown.empty(); }));
    CHECK(thrown == "of the test");
    content->stop();
}

TEST_CASE("The exchange may end after the threads of the board were stopped, and tells nobody")
{
    boost::asio::io_context context;
    RealClock clock(context.get_executor());
    Exchange exchange;
    std::optional<Heard> answer;
    std::optional<VoiceBoard> board(std::in_place, context.get_executor(), clock);
    spawn(context.get_executor(), "test",
          run(board->use(std::make_unique<FakePort>(exchange), VoiceBoard::Needs::own_thread), answer));
    REQUIRE(ringpost::test::run_until(context, [&] { return static_cast<bool>(exchange.sinks.closed); }));
    board->stop();
    exchange.sinks.closed();
    board.reset();
    context.restart();
    context.poll();
    CHECK_FALSE(answer.has_value());
    CHECK(exchange.given_back);
}
