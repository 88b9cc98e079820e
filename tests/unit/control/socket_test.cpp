// SPDX-License-Identifier: Apache-2.0
#include "control/phone_verbs.h"
#include "control/socket.h"
#include "fake_telephones.h"
#include "hand_clock.h"
#include "ringpost/gateway_client.h"
#include "unit/temporary_directory.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace ringpost;
using namespace ringpost::control;
using nlohmann::json;
using Local = boost::asio::local::stream_protocol;

namespace
{
/// A gateway with telephones, and clients, all driven by the test's thread.
struct Gateway
{
    test::TemporaryDirectory folder;
    std::string path = (folder / "control.sock").string();
    FakeTelephones telephones;
    Verbs verbs;
    HandClock clock;
    boost::asio::io_context context;
    SocketLimits limits;
    std::unique_ptr<ControlSocket> server;

    void open()
    {
        register_phone_verbs(verbs, telephones);
        auto opened = ControlSocket::open(context.get_executor(), clock, verbs, path, limits);
        REQUIRE(opened.has_value());
        server = std::move(*opened);
    }
    /// Until nothing is ready any more; bounded, so that a session that spins fails the test.
    void settle()
    {
        context.restart();
        for (int i = 0; i < 100'000 && context.poll_one() != 0; ++i)
        {
        }
    }
};

class Client
{
public:
    explicit Client(Gateway& gateway) : gateway_(gateway), socket_(own_)
    {
        socket_.connect(Local::endpoint(gateway.path));
        socket_.non_blocking(true);
        gateway_.settle();
    }
    void send(std::string_view octets)
    {
        while (!octets.empty())
        {
            boost::system::error_code error;
            octets.remove_prefix(socket_.write_some(boost::asio::buffer(octets.data(), octets.size()), error));
            REQUIRE((!error || error == boost::asio::error::would_block));
            gateway_.settle();
        }
    }
    /// What has come until now.
    std::string received()
    {
        std::string octets;
        std::array<char, 65536> chunk;
        boost::system::error_code error;
        do
        {
            gateway_.settle();
            octets.append(chunk.data(), socket_.read_some(boost::asio::buffer(chunk), error));
        } while (!error);
        ended_ = error != boost::asio::error::would_block;
        return octets;
    }
    json answer() { return json::parse(received()); }
    bool ended()
    {
        received();
        return ended_;
    }
    void close() { socket_.close(); }

private:
    Gateway& gateway_;
    boost::asio::io_context own_;
    Local::socket socket_;
    bool ended_ = false;
};

const std::string list_request = R"({"verb":"phone.list"})"
                                 "\n";
} // namespace

TEST_CASE("A request is answered, and the session goes on, also after a malformed line")
{
    Gateway gateway;
    gateway.telephones.all = {{"2000", pbx::DeviceState::idle, std::nullopt}};
    gateway.open();
    Client client(gateway);
    client.send(list_request);
    CHECK(client.answer() == json::parse(R"({"ok":true,"result":[{"number":"2000","state":"idle","with":null}]})"));
    client.send("this is no JSON\n");
    CHECK(client.answer().at("error").at("code") == "malformed");
    client.send(R"({"verb":"make.tea"})"
                "\n");
    CHECK(client.answer().at("error").at("code") == "unsupported");
    client.send(R"({"verb":"phone.answer","arguments":{"number":"9999"}})"
                "\n");
    CHECK(
        client.answer() ==
        json::parse(R"({"ok":false,"error":{"code":"not-found","where":"9999","text":"there is no such telephone"}})"));
    client.send(list_request);
    CHECK(client.answer().at("ok") == true);
}

TEST_CASE("Requests may come octet by octet or several at once; answers keep their order")
{
    Gateway gateway;
    gateway.open();
    Client client(gateway);
    for (const char c : list_request)
    {
        client.send({&c, 1});
    }
    CHECK(client.answer().at("ok") == true);
    client.send(list_request + "bad\n" + list_request);
    const std::string answers = client.received();
    CHECK(std::count(answers.begin(), answers.end(), '\n') == 3);
    CHECK(answers.find("\"ok\":false") > answers.find("\"ok\":true"));
    CHECK(answers.rfind("\"ok\":true") > answers.find("\"ok\":false"));
}

TEST_CASE("A line beyond the limit is refused and the next one answered")
{
    Gateway gateway;
    gateway.open();
    Client client(gateway);
    client.send(std::string(3 * 1024 * 1024, 'x'));
    CHECK(client.received().empty());
    client.send("\n" + list_request);
    const std::string answers = client.received();
    CHECK(answers.find("too-large") != std::string::npos);
    CHECK(answers.find("\"ok\":true") != std::string::npos);
}

TEST_CASE("The socket file has mode 0660 and goes with its gateway")
{
    Gateway gateway;
    gateway.open();
    struct stat status = {};
    REQUIRE(::lstat(gateway.path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK((status.st_mode & 07777) == 0660);
    gateway.server.reset();
    CHECK(::lstat(gateway.path.c_str(), &status) != 0);
}

TEST_CASE("A second gateway leaves a living socket alone and takes over a dead one")
{
    Gateway gateway;
    gateway.open();
    const auto second = ControlSocket::open(gateway.context.get_executor(), gateway.clock, gateway.verbs, gateway.path);
    REQUIRE(second.has_error());
    CHECK(second.error().code() == Errc::conflict);
    Client client(gateway);
    client.send(list_request);
    CHECK(client.answer().at("ok") == true);

    const test::TemporaryDirectory other;
    const std::string abandoned = (other / "control.sock").string();
    {
        boost::asio::io_context context;
        Local::acceptor dead(context, Local::endpoint(abandoned));
    }
    REQUIRE(std::filesystem::exists(abandoned));
    CHECK(ControlSocket::open(gateway.context.get_executor(), gateway.clock, gateway.verbs, abandoned).has_value());
}

TEST_CASE("A path that is no socket, too long or in no folder is a failure that names it")
{
    Gateway gateway;
    const auto open = [&](const std::string& path) {
        return ControlSocket::open(gateway.context.get_executor(), gateway.clock, gateway.verbs, path);
    };
    std::ofstream(gateway.path) << "precious";
    CHECK(open(gateway.path).error().code() == Errc::conflict);
    CHECK(std::filesystem::file_size(gateway.path) == 8);
    CHECK(open("/tmp/" + std::string(200, 'x')).error().code() == Errc::malformed);
    CHECK(open(gateway.path + ".d/none/control.sock").error().code() == Errc::io);
}

TEST_CASE("One session more than allowed is told so and closed; a place that becomes free is given again")
{
    Gateway gateway;
    gateway.limits.sessions = 2;
    gateway.open();
    Client first(gateway);
    {
        Client second(gateway);
        Client third(gateway);
        CHECK(third.answer().at("error").at("code") == "unavailable");
        CHECK(third.ended());
    }
    gateway.settle();
    CHECK(gateway.server->sessions() == 1);
    Client fourth(gateway);
    fourth.send(list_request);
    CHECK(fourth.answer().at("ok") == true);
}

TEST_CASE("A client that sends no whole line in time is closed, a watcher is not")
{
    Gateway gateway;
    gateway.open();
    Client idle(gateway);
    Client watcher(gateway);
    watcher.send("{\"verb\":\"phone.watch\"}\n");
    CHECK(watcher.answer() == json::parse(R"({"ok":true,"result":null})"));
    idle.send("{\"verb\":");
    CHECK(gateway.clock.timers() == 1);
    gateway.clock.fire_all();
    CHECK(idle.ended());
    CHECK_FALSE(watcher.ended());
    CHECK(gateway.server->sessions() == 1);
}

TEST_CASE("A watcher gets each event until it closes, and its watch ends with it")
{
    Gateway gateway;
    gateway.open();
    Client client(gateway);
    client.send("{\"verb\":\"phone.watch\"}\n");
    CHECK(client.answer().at("ok") == true);
    gateway.telephones.happen({from_micros(0), "2000", "ringing", "2001"});
    CHECK(client.answer() ==
          json::parse(
              R"({"event":{"time":"1970-01-01T00:00:00.000000Z","number":"2000","event":"ringing","with":"2001"}})"));
    client.close();
    gateway.settle();
    CHECK(gateway.telephones.watchers.empty());
    CHECK(gateway.server->sessions() == 0);
}

TEST_CASE("A stream that is refused keeps the session")
{
    Gateway gateway;
    gateway.open();
    Client client(gateway);
    client.send("{\"verb\":\"phone.watch\",\"arguments\":{\"loud\":true}}\n");
    CHECK(client.answer().at("ok") == false);
    client.send(list_request);
    CHECK(client.answer().at("ok") == true);
}

TEST_CASE("A watcher that does not read is dropped after the bounded queue, from inside its own event")
{
    Gateway gateway;
    gateway.limits.event_queue = 10;
    gateway.open();
    Client client(gateway);
    client.send("{\"verb\":\"phone.watch\"}\n");
    const std::string big(4096, 'x');
    for (int i = 0; i < 2000 && !gateway.telephones.watchers.empty(); ++i)
    {
        gateway.telephones.happen({from_micros(i), "2000", big, std::nullopt});
        gateway.settle();
    }
    CHECK(gateway.telephones.watchers.empty());
    CHECK(gateway.server->sessions() == 0);
}

TEST_CASE("stop() lets a reply that is being worked out be given, and ends everybody else")
{
    Gateway gateway;
    gateway.open();
    auto timer = std::make_shared<boost::asio::steady_timer>(gateway.context, std::chrono::hours(1));
    gateway.verbs.add("slow", [timer](json) -> boost::asio::awaitable<Result<json>> {
        boost::system::error_code ignored;
        co_await timer->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        co_return json("done");
    });
    Client idle(gateway);
    Client working(gateway);
    working.send("{\"verb\":\"slow\"}\n" + list_request);
    gateway.server->stop();
    CHECK(idle.ended());
    CHECK(gateway.server->sessions() == 1);
    timer->cancel();
    CHECK(working.received() == "{\"ok\":true,\"result\":\"done\"}\n");
    CHECK(working.ended());
    CHECK(gateway.server->sessions() == 0);
    CHECK_FALSE(std::filesystem::exists(gateway.path));
}

TEST_CASE("A gateway that goes while sessions and watchers are open leaves nothing behind")
{
    auto gateway = std::make_unique<Gateway>();
    gateway->open();
    Client idle(*gateway);
    Client watcher(*gateway);
    watcher.send("{\"verb\":\"phone.watch\"}\n");
    gateway->server.reset();
    CHECK(gateway->clock.timers() == 0);
    gateway.reset();
}

TEST_CASE("The command's client reads answers, refusals and events")
{
    Gateway gateway;
    gateway.open();
    auto work = boost::asio::make_work_guard(gateway.context);
    auto server = std::async(std::launch::async, [&] { gateway.context.run(); });
    {
        auto client = command::GatewayClient::connect(gateway.path);
        const auto refused =
            client ? client->call("phone.answer", {{"number", "9999"}}, 10s) : Result<command::Answer>(client.error());
        const auto watching =
            client ? client->call("phone.watch", json::object(), 10s) : Result<command::Answer>(client.error());
        boost::asio::post(gateway.context, [&] {
            gateway.telephones.happen({from_micros(0), "2000", "ringing", std::nullopt});
        });
        std::vector<json> events;
        const auto watched = client ? client->watch([&](const json& event) {
            events.push_back(event);
            return false;
        })
                                    : Result<>(client.error());
        gateway.context.stop();
        server.get();
        CHECK((refused && !refused->ok && refused->code == "not-found" && refused->where == "9999"));
        CHECK((watching && watching->ok));
        CHECK(watched.has_value());
        REQUIRE(events.size() == 1);
        CHECK(events[0].at("event") == "ringing");
    }
    CHECK(command::GatewayClient::connect(gateway.path + "x").error().code() == Errc::unavailable);
}
