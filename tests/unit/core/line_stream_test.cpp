// SPDX-License-Identifier: Apache-2.0
#include "core/line_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <optional>
#include <thread>

using namespace ringpost;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
constexpr Duration patience = 10s;

/// A LineStream and, at the other end of a loopback connection, a plain socket with blocking calls.
struct Pair
{
    asio::io_context context;
    asio::io_context peer_context;
    tcp::socket peer{peer_context};
    LineStream stream{connect()};

    tcp::socket connect()
    {
        tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        peer.connect(acceptor.local_endpoint());
        return acceptor.accept();
    }

    void send(std::string_view octets) { asio::write(peer, asio::buffer(octets.data(), octets.size())); }

    template <class T>
    T run(asio::awaitable<T> operation)
    {
        std::optional<T> result;
        std::exception_ptr thrown;
        asio::co_spawn(context, std::move(operation), [&](std::exception_ptr e, T value) {
            thrown = e;
            result.emplace(std::move(value));
        });
        context.restart();
        while (!result && context.run_one() > 0)
        {
        }
        if (thrown)
        {
            std::rethrow_exception(thrown);
        }
        return std::move(result.value());
    }

    void run(asio::awaitable<void> operation)
    {
        bool done = false;
        asio::co_spawn(context, std::move(operation), [&](const std::exception_ptr&) { done = true; });
        context.restart();
        while (!done && context.run_one() > 0)
        {
        }
    }

    Result<Line> line(std::size_t limit = 100, Duration timeout = patience)
    {
        return run(stream.read_line(limit, timeout));
    }
};
} // namespace

TEST_CASE_METHOD(Pair, "Lines are read one by one, whatever pieces they come in")
{
    send("EHLO a\r\nbare\nx\ry\r\n\r\n\n12345");
    REQUIRE(line().value().text == "EHLO a");
    const Line bare = line().value();
    REQUIRE(bare.text == "bare");
    REQUIRE(bare.bare_lf);
    const Line inner = line().value();
    REQUIRE(inner.text == "x\ry");
    REQUIRE_FALSE(inner.bare_lf);
    REQUIRE(line().value().text.empty());
    REQUIRE(line().value().bare_lf);
    send("6\r");
    send("\n");
    REQUIRE(line().value().text == "123456");
    REQUIRE(stream.peer_address() == "127.0.0.1");
}

TEST_CASE_METHOD(Pair, "A line at its limit is read, a longer one is dropped to its end")
{
    struct Row
    {
        std::string text;
        bool fits;
    };
    const auto row = GENERATE(values<Row>({{std::string(10, 'a') + "\r\n", true},
                                           {std::string(10, 'a') + "\n", true},
                                           {std::string(10, '\r') + "\r\n", true},
                                           {std::string(11, 'a') + "\r\n", false},
                                           {std::string(11, 'a') + "\n", false},
                                           {std::string(12, 'a') + "\r\n", false},
                                           {std::string(200000, 'a') + "\r\n", false}}));
    asio::post(context, [this, &row] {
        for (std::size_t at = 0; at < row.text.size(); at += row.text.size() < 100 ? 1 : 50000)
        {
            send(std::string_view(row.text).substr(at, row.text.size() < 100 ? 1 : 50000));
        }
        send("NEXT\r\n");
    });
    const auto first = line(10);
    REQUIRE(first.has_value() == row.fits);
    if (!row.fits)
    {
        REQUIRE(first.error().code() == Errc::too_large);
    }
    REQUIRE(line(10).value().text == "NEXT");
}

TEST_CASE_METHOD(Pair, "A line does not wait longer than its time, however slowly it comes")
{
    const auto began = std::chrono::steady_clock::now();
    send("never");
    REQUIRE(line(100, 50ms).error().code() == Errc::timeout);
    const auto spent = std::chrono::steady_clock::now() - began;
    REQUIRE(spent >= 50ms);
    REQUIRE(spent < 5s);
    send("later\r\n");
    REQUIRE(line(100, 5s).value().text == "later");
    REQUIRE(line(100, 50ms).error().code() == Errc::timeout);
    REQUIRE(line(100, 0s).error().code() == Errc::timeout);
}

TEST_CASE_METHOD(Pair, "The time of one read does not reach into the next")
{
    send("a\r\n");
    REQUIRE(line(100, 30ms).value().text == "a");
    asio::steady_timer later(context, 150ms);
    later.async_wait([this](const auto&) { send("b\r\n"); });
    REQUIRE(line(100, patience).value().text == "b");
}

TEST_CASE_METHOD(Pair, "The end of the connection is Errc::closed, after what came before it")
{
    send("last\r\nhalf");
    peer.close();
    REQUIRE(line().value().text == "last");
    REQUIRE(line().error().code() == Errc::closed);
    REQUIRE(line().error().code() == Errc::closed);
    REQUIRE(run(stream.read_some(patience)).error().code() == Errc::closed);
}

TEST_CASE_METHOD(Pair, "close() ends a read that is under way")
{
    asio::post(context, [this] { stream.close(); });
    REQUIRE(line().error().code() == Errc::closed);
    REQUIRE_FALSE(stream.is_open());
    REQUIRE(run(stream.write("x", patience)).error().code() == Errc::closed);
    REQUIRE_FALSE(run(stream.delivered(patience)).has_value());
    REQUIRE_FALSE(stream.input_pending());
}

TEST_CASE_METHOD(Pair, "Octets are read where they lie and stay until they are taken out")
{
    send("command\r\nabcdef");
    REQUIRE(line().value().text == "command");
    REQUIRE(run(stream.read_some(patience)).value() == "abcdef");
    stream.consume(2);
    REQUIRE(run(stream.read_some(patience)).value() == "cdef");
    REQUIRE(stream.buffered() == "cdef");
    REQUIRE(stream.input_pending());
    stream.consume(100);
    REQUIRE(stream.buffered().empty());
    REQUIRE_FALSE(stream.input_pending());
    send("xy");
    REQUIRE(run(stream.read_some(patience)).value().front() == 'x');
}

TEST_CASE_METHOD(Pair, "Others have their turn between the readings of what has come already")
{
    constexpr std::size_t octets = 100'000;
    send(std::string(octets, 'x'));
    int readings = 0;
    int turns = 0;
    bool over = false;
    std::function<void()> another = [&] {
        ++turns;
        if (!over)
        {
            asio::post(context, another);
        }
    };
    asio::post(context, another);
    const auto read_all = [&]() -> asio::awaitable<void> {
        std::size_t left = octets;
        while (left > 0)
        {
            const auto some = co_await stream.read_some(patience);
            left -= some.has_value() ? some->size() : left;
            stream.consume(octets);
            ++readings;
        }
    };
    run(read_all());
    over = true;
    REQUIRE(readings > 5);
    REQUIRE(turns >= readings);
}

TEST_CASE_METHOD(Pair, "What is written arrives, and is delivered when it is acknowledged")
{
    REQUIRE(run(stream.write("+OK\r\n", patience)).has_value());
    REQUIRE(run(stream.delivered(patience)).value());
    std::string got(5, '\0');
    asio::read(peer, asio::buffer(got));
    REQUIRE(got == "+OK\r\n");
}

TEST_CASE_METHOD(Pair, "A peer that reads nothing ends a write by time, and what it was sent is not delivered")
{
    REQUIRE(stream.set_send_buffer(8192).has_value());
    peer.set_option(asio::socket_base::receive_buffer_size(4096));
    const std::string much(20 * 1024 * 1024, 'x');
    REQUIRE(run(stream.write(much, 100ms)).error().code() == Errc::timeout);
    const auto began = std::chrono::steady_clock::now();
    REQUIRE_FALSE(run(stream.delivered(100ms)).value());
    REQUIRE(std::chrono::steady_clock::now() - began >= 100ms);
    SECTION("new input ends the wait")
    {
        asio::steady_timer later(context, 30ms);
        later.async_wait([this](const auto&) { send("NOOP\r\n"); });
        REQUIRE_FALSE(run(stream.delivered(60s)).value());
        REQUIRE(line().value().text == "NOOP");
    }
    SECTION("a reset ends the wait")
    {
        asio::steady_timer later(context, 30ms);
        later.async_wait([this](const auto&) { peer.close(); });
        REQUIRE_FALSE(run(stream.delivered(60s)).value());
    }
    SECTION("input that was there before does not end the wait")
    {
        send("OLD\r\n");
        REQUIRE(run(stream.read_some(patience)).has_value());
        send("OLDER\r\n");
        const std::jthread reader([this] {
            std::string octets(65536, '\0');
            boost::system::error_code error;
            while (!error)
            {
                peer.read_some(asio::buffer(octets), error);
            }
        });
        const auto result = run(stream.delivered(60s));
        stream.close();
        REQUIRE(result.value());
    }
}

TEST_CASE_METHOD(Pair, "A reply waits for a peer that has not read those before it")
{
    REQUIRE(stream.set_send_buffer(8192).has_value());
    peer.set_option(asio::socket_base::receive_buffer_size(4096));
    const std::string filling(20 * 1024 * 1024, 'x');
    REQUIRE(run(stream.write(filling, 100ms)).error().code() == Errc::timeout);
    const std::string reply = "250-" + std::string(4096, 'y') + "\r\n";
    SECTION("not for ever")
    {
        REQUIRE(run(stream.write(reply, 100ms)).error().code() == Errc::timeout);
    }
    SECTION("and arrives whole behind them")
    {
        std::string got;
        {
            const std::jthread reader([&] {
                std::string octets(65536, '\0');
                while (!got.ends_with(reply))
                {
                    got.append(octets, 0, peer.read_some(asio::buffer(octets)));
                }
            });
            REQUIRE(run(stream.write(reply, patience)).has_value());
        }
        REQUIRE(got.find('y') == got.size() - reply.size() + 4);
    }
}

TEST_CASE_METHOD(Pair, "finish() lets the last reply arrive although input is unread")
{
    send(std::string(100000, 'x'));
    REQUIRE(run(stream.write("421 bye\r\n", patience)).has_value());
    std::string got(9, '\0');
    asio::steady_timer later(context, 20ms);
    later.async_wait([&](const auto&) {
        asio::read(peer, asio::buffer(got));
        peer.close();
    });
    run(stream.finish(patience));
    REQUIRE(got == "421 bye\r\n");
    REQUIRE_FALSE(stream.is_open());
}

TEST_CASE("A stream connects to an address or a name, and says why it cannot")
{
    asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = acceptor.local_endpoint().port();
    std::string addresses;
    std::optional<Errc> refused;
    std::optional<Errc> unknown;
    const auto connecting = [&]() -> asio::awaitable<void> {
        const auto executor = context.get_executor();
        auto by_address = co_await LineStream::connect(executor, "127.0.0.1", port, patience);
        addresses += by_address.value().peer_address();
        acceptor.close();
        const auto nobody = co_await LineStream::connect(executor, "127.0.0.1", port, patience);
        refused = nobody.error().code();
        const auto nameless = co_await LineStream::connect(executor, "no such name", port, patience);
        unknown = nameless.error().code();
    };
    asio::co_spawn(context, connecting(), [](const std::exception_ptr& thrown) {
        if (thrown)
        {
            std::rethrow_exception(thrown);
        }
    });
    context.run();
    REQUIRE(addresses == "127.0.0.1");
    REQUIRE(refused == Errc::unavailable);
    REQUIRE(unknown == Errc::not_found);
}

TEST_CASE("A stream may go while its timer waits, and may be moved")
{
    Pair pair;
    pair.send("a\r\n");
    REQUIRE(pair.line().has_value());
    LineStream other = std::move(pair.stream);
    REQUIRE_FALSE(pair.stream.is_open());
    pair.send("b\r\n");
    REQUIRE(pair.run(other.read_line(10, patience)).value().text == "b");
    other.close();
    const auto began = std::chrono::steady_clock::now();
    pair.context.restart();
    pair.context.run();
    REQUIRE(std::chrono::steady_clock::now() - began < patience / 2);
}
