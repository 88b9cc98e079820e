// SPDX-License-Identifier: Apache-2.0
#include "console/session.h"
#include "unit/control/hand_clock.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace ringpost;
using namespace ringpost::console;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
const std::string token = "0123456789abcdef0123456789abcdef";

/// One inquiry that can be answered once. Whoever is asked elsewhere than on the control executor is noticed.
class FakeDesk : public scenario::InquiryDesk
{
public:
    explicit FakeDesk(asio::io_context& control)
        : gate(control, asio::steady_timer::time_point::max()), control_(control)
    {}

    asio::awaitable<Result<scenario::InquiryView>> look(std::string asked) override
    {
        ++looks;
        note_executor();
        if (held)
        {
            boost::system::error_code ignored;
            co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        if (trouble)
        {
            co_return fail(*trouble, "desk", "hidden");
        }
        if (asked != token || !answers.empty())
        {
            co_return fail(Errc::not_found, "inquiry", "is over");
        }
        scenario::InquiryView view{"taro@a.example", "Plan", "Shall we call you?", Instant{}, notice::Language::en};
        co_return view;
    }

    asio::awaitable<Result<>> answer(std::string asked, bool ok) override
    {
        note_executor();
        if (answer_trouble)
        {
            co_return fail(*answer_trouble, "desk", "hidden");
        }
        if (asked != token || !answers.empty())
        {
            co_return fail(Errc::not_found, "inquiry", "is over");
        }
        answers.push_back(ok);
        co_return Result<>{};
    }

    asio::steady_timer gate;
    bool held = false;
    std::optional<Errc> trouble;
    std::optional<Errc> answer_trouble;
    std::vector<bool> answers;
    std::size_t looks = 0;
    bool elsewhere = false;

private:
    void note_executor() { elsewhere = elsewhere || !control_.get_executor().running_in_this_thread(); }

    asio::io_context& control_;
};

/// A listener with pages; the test's thread runs both of its contexts.
struct Gateway
{
    Config config;
    asio::io_context control;
    asio::io_context io{1};
    control::HandClock clock;
    FakeDesk desk{control};
    std::optional<ServerContext> context;
    std::optional<Listener> listener;

    void open()
    {
        context.emplace(ServerContext{config, clock, control.get_executor(), desk});
        listener.emplace(control.get_executor(), clock, std::vector{&io},
                         ListenerOptions{"console", config.console.session_limit, config.console.sessions_per_address,
                                         std::string(too_many_sessions)},
                         [this](LineStream stream) { return std::make_unique<Session>(*context, std::move(stream)); });
        REQUIRE(listener->listen({"127.0.0.1", 0}).has_value());
    }

    /// False: it has not happened within 10 s.
    bool until(const std::function<bool()>& condition)
    {
        const auto limit = std::chrono::steady_clock::now() + 10s;
        while (!condition())
        {
            if (std::chrono::steady_clock::now() > limit)
            {
                return false;
            }
            for (auto* each : {&control, &io})
            {
                each->restart();
                each->run_one_for(1ms);
                each->poll();
            }
        }
        return true;
    }

    ~Gateway()
    {
        if (listener)
        {
            listener->stop();
            desk.gate.cancel();
            static_cast<void>(until([this] { return listener->sessions() == 0; }));
            control.restart();
            control.poll();
        }
    }
};

class Client
{
public:
    explicit Client(Gateway& gateway) : gateway_(gateway), socket_(own_)
    {
        socket_.connect({asio::ip::address_v4::loopback(), gateway.listener->endpoints().front().port});
        socket_.non_blocking(true);
    }

    void send(std::string_view octets) { asio::write(socket_, asio::buffer(octets.data(), octets.size())); }
    /// False: the gateway has gone.
    bool sent(std::string_view octets)
    {
        boost::system::error_code error;
        asio::write(socket_, asio::buffer(octets.data(), octets.size()), error);
        return !error || error == asio::error::would_block;
    }
    void end() { socket_.shutdown(tcp::socket::shutdown_send); }

    /// Whether `part` comes within 10 s.
    bool gets(std::string_view part)
    {
        return gateway_.until([&] { return receive().find(part) != std::string::npos; });
    }
    /// Whether the gateway ends the connection within 10 s.
    bool is_ended()
    {
        return gateway_.until([&] {
            receive();
            return ended_;
        });
    }
    const std::string& receive()
    {
        std::array<char, 4096> piece{};
        boost::system::error_code error;
        while (!error)
        {
            received_.append(piece.data(), socket_.read_some(asio::buffer(piece), error));
        }
        ended_ = ended_ || error != asio::error::would_block;
        return received_;
    }
    [[nodiscard]] bool ended() const { return ended_; }
    std::string take()
    {
        receive();
        return std::exchange(received_, {});
    }

private:
    Gateway& gateway_;
    asio::io_context own_;
    tcp::socket socket_;
    std::string received_;
    bool ended_ = false;
};

const std::string end_of_page = "</html>\n";

std::string get(const std::string& target, const std::string& fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

std::string post(const std::string& answer)
{
    return "POST /inquiry/" + token +
           " HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
           std::to_string(answer.size()) + "\r\n\r\n" + answer;
}
} // namespace

TEST_CASE_METHOD(Gateway, "An inquiry is shown as often as it is looked at, answered once, and then over")
{
    open();
    Client client(*this);
    for (int i = 0; i < 3; ++i)
    {
        client.send(get("/inquiry/" + token));
        REQUIRE(client.gets(end_of_page));
        const std::string page = client.take();
        REQUIRE(page.starts_with("HTTP/1.1 200 OK\r\n"));
        REQUIRE(page.find("Shall we call you?") != std::string::npos);
    }
    REQUIRE(desk.answers.empty());
    client.send(post("answer=ng"));
    REQUIRE(client.gets(end_of_page));
    REQUIRE(client.take().find("the gateway does not go on") != std::string::npos);
    REQUIRE(desk.answers == std::vector{false});
    for (const auto& request : {post("answer=ok"), get("/inquiry/" + token)})
    {
        client.send(request);
        REQUIRE(client.gets(end_of_page));
        REQUIRE(client.take().starts_with("HTTP/1.1 404 Not Found\r\n"));
    }
    REQUIRE(desk.answers == std::vector{false});
    REQUIRE_FALSE(desk.elsewhere);
    REQUIRE_FALSE(client.ended());
}

TEST_CASE_METHOD(Gateway, "HEAD is told the length of the page and answers nothing")
{
    open();
    Client client(*this);
    client.send("HEAD /inquiry/" + token + "?answer=ok HTTP/1.1\r\nHost: h\r\n\r\nHEAD /inquiry/" + token +
                " HTTP/1.0\r\n\r\n");
    REQUIRE(client.is_ended());
    const std::string heads = client.take();
    REQUIRE(heads.starts_with("HTTP/1.1 404 Not Found\r\n"));
    REQUIRE(heads.find("HTTP/1.1 200 OK\r\n") != std::string::npos);
    REQUIRE(heads.find("<html") == std::string::npos);
    REQUIRE(desk.looks == 1);
    REQUIRE(desk.answers.empty());
}

TEST_CASE_METHOD(Gateway, "Targets that hold no token do not reach the desk")
{
    open();
    Client client(*this);
    client.send(get("/") + get("/inquiry/" + token + "0") + get("/favicon.ico", "Connection: close\r\n"));
    REQUIRE(client.is_ended());
    const std::string pages = client.take();
    std::size_t found = 0;
    for (auto at = pages.find("HTTP/1.1 404 "); at != std::string::npos; at = pages.find("HTTP/1.1 404 ", at + 1))
    {
        ++found;
    }
    REQUIRE(found == 3);
    REQUIRE(desk.looks == 0);
}

TEST_CASE_METHOD(Gateway, "Of two answers at the same time one counts, whichever connection brings it")
{
    open();
    desk.held = true;
    Client first(*this);
    Client second(*this);
    first.send(post("answer=ok"));
    second.send(post("answer=ng"));
    REQUIRE(until([this] { return desk.looks == 2; }));
    desk.gate.cancel();
    REQUIRE(first.gets(end_of_page));
    REQUIRE(second.gets(end_of_page));
    const std::string one = first.take();
    const std::string other = second.take();
    REQUIRE(desk.answers.size() == 1);
    REQUIRE(one.starts_with("HTTP/1.1 200 ") != other.starts_with("HTTP/1.1 200 "));
    REQUIRE(one.starts_with("HTTP/1.1 404 ") != other.starts_with("HTTP/1.1 404 "));
    REQUIRE(one.starts_with("HTTP/1.1 200 ") == desk.answers.front());
}

TEST_CASE_METHOD(Gateway, "What the desk cannot do now is a page 503 that tells no details")
{
    open();
    Client client(*this);
    desk.answer_trouble = Errc::io;
    client.send(post("answer=ok"));
    REQUIRE(client.gets(end_of_page));
    REQUIRE(client.receive().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    REQUIRE(client.take().find("hidden") == std::string::npos);
    desk.trouble = Errc::unavailable;
    client.send(get("/inquiry/" + token));
    REQUIRE(client.gets(end_of_page));
    REQUIRE(client.take().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    REQUIRE(desk.answers.empty());
}

TEST_CASE_METHOD(Gateway, "Pipelined requests are answered in their order though the desk takes its time")
{
    open();
    desk.held = true;
    Client client(*this);
    client.send(get("/inquiry/" + token) + get("/nothing") + post("answer=ok"));
    REQUIRE(until([this] { return desk.looks == 1; }));
    REQUIRE(client.receive().empty());
    desk.held = false;
    desk.gate.cancel();
    REQUIRE(client.gets("the gateway goes on now"));
    const std::string pages = client.take();
    const auto question = pages.find("Shall we call you?");
    const auto nothing = pages.find("HTTP/1.1 404 ");
    REQUIRE(question < nothing);
    REQUIRE(nothing < pages.find("the gateway goes on now"));
}

TEST_CASE_METHOD(Gateway, "A silent client is closed, one in the middle of a request is told 408")
{
    config.console.idle_time = 50ms;
    open();
    Client silent(*this);
    Client half(*this);
    Client kept(*this);
    half.send("GET / HTTP/1.1\r\nHo");
    kept.send(get("/"));
    REQUIRE(silent.is_ended());
    REQUIRE(silent.take().empty());
    REQUIRE(half.is_ended());
    REQUIRE(half.take().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    REQUIRE(kept.is_ended());
    REQUIRE(kept.take().ends_with(end_of_page));
}

TEST_CASE_METHOD(Gateway, "A client that never stops sending has no more time for its request")
{
    config.console.idle_time = 200ms;
    open();
    const auto octets = GENERATE(as<std::string>{}, "\r\n", "X");
    Client client(*this);
    REQUIRE(until([&] {
        client.receive();
        return client.ended() || !client.sent(octets);
    }));
    REQUIRE(client.take().starts_with(octets == "X" ? "HTTP/1.1 408 " : ""));
}

TEST_CASE_METHOD(Gateway, "At a stop idle connections end, and a request that has been read is answered")
{
    open();
    Client idle(*this);
    Client asking(*this);
    desk.held = true;
    asking.send(post("answer=ok") + get("/"));
    REQUIRE(until([this] { return desk.looks == 1 && listener->sessions() == 2; }));
    listener->stop();
    REQUIRE(idle.is_ended());
    REQUIRE(idle.take().empty());
    REQUIRE(asking.receive().empty());
    desk.gate.cancel();
    REQUIRE(asking.is_ended());
    const std::string page = asking.take();
    REQUIRE(page.find("\r\nConnection: close\r\n") != std::string::npos);
    REQUIRE(page.ends_with(end_of_page));
    REQUIRE(page.find("404") == std::string::npos);
    REQUIRE(desk.answers == std::vector{true});
}

TEST_CASE_METHOD(Gateway, "A connection beyond the limit is told 503")
{
    config.console.session_limit = 1;
    open();
    Client first(*this);
    REQUIRE(until([this] { return listener->sessions() == 1; }));
    Client second(*this);
    REQUIRE(second.gets("\r\n\r\n"));
    REQUIRE(second.take() == too_many_sessions);
    REQUIRE_FALSE(first.ended());
}

TEST_CASE_METHOD(Gateway, "What is not HTTP is answered 400 and closed")
{
    open();
    Client client(*this);
    client.send("EHLO client.example\r\n\r\n");
    REQUIRE(client.is_ended());
    REQUIRE(client.take().starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE_METHOD(Gateway, "A client that ends its direction after the request still gets the page")
{
    open();
    Client client(*this);
    client.send(get("/inquiry/" + token));
    client.end();
    REQUIRE(client.is_ended());
    REQUIRE(client.take().ends_with(end_of_page));
}
