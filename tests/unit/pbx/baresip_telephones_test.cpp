// SPDX-License-Identifier: Apache-2.0
// Telephones over real sockets of the loopback interface, driven by a baresip that the test plays.
#include "core/virtual_clock.h"
#include "pbx/baresip/telephones.h"
#include "unit/run_until.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using namespace ringpost;
using namespace ringpost::pbx;
using boost::asio::ip::tcp;

namespace
{
/// Listens as a baresip does, answers every command and writes it down. A new connection takes the place of the last.
class FakeBaresip
{
public:
    FakeBaresip(boost::asio::io_context& context, std::uint16_t port)
        : acceptor_(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)), socket_(context)
    {
        accept();
    }
    ~FakeBaresip() { *alive_ = false; }
    FakeBaresip(const FakeBaresip&) = delete;
    FakeBaresip& operator=(const FakeBaresip&) = delete;

    std::vector<std::string> commands;
    int connections = 0;
    bool replies = true;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void hang_up() { socket_.close(); }
    void send(const std::string& octets) { boost::asio::write(socket_, boost::asio::buffer(octets)); }
    void event(const std::string& type, const std::string& direction, const std::string& id, const std::string& number)
    {
        const nlohmann::json event{{"event", true},
                                   {"type", type},
                                   {"direction", direction},
                                   {"id", id},
                                   {"peeruri", "sip:" + number + "@192.0.2.1"}};
        send(baresip::netstring(event.dump()));
    }

private:
    void accept()
    {
        acceptor_.async_accept([this, alive = alive_](const boost::system::error_code& error, tcp::socket socket) {
            if (*alive && !error)
            {
                socket_ = std::move(socket);
                reader_ = baresip::NetstringReader(1000);
                ++connections;
                read();
                accept();
            }
        });
    }

    void read()
    {
        auto received = [this, alive = alive_](const boost::system::error_code& error, std::size_t size) {
            if (!*alive || error)
            {
                return;
            }
            reader_.feed({chunk_.data(), size});
            while (const auto text = reader_.next().value())
            {
                obey(nlohmann::json::parse(*text));
            }
            read();
        };
        socket_.async_read_some(boost::asio::buffer(chunk_), std::move(received));
    }

    void obey(const nlohmann::json& command)
    {
        const std::string name = command.at("command");
        commands.push_back(name + (command.contains("params") ? " " + std::string(command["params"]) : ""));
        if (replies)
        {
            const bool asked = name == "reginfo";
            const nlohmann::json reply{{"response", true},
                                       {"ok", true},
                                       {"data", asked ? "\n> sip:2000@192.0.2.1   OK  Expires 59s\n" : ""},
                                       {"token", command.at("token")}};
            send(baresip::netstring(reply.dump()));
        }
    }

    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    tcp::acceptor acceptor_;
    tcp::socket socket_;
    std::array<char, 1000> chunk_{};
    baresip::NetstringReader reader_{1000};
};

struct Office
{
    boost::asio::io_context context;
    VirtualClock clock{context, Instant{}};
    std::optional<FakeBaresip> baresip{std::in_place, context, std::uint16_t{0}};
    std::uint16_t port = baresip->port();
    std::unique_ptr<BaresipTelephones> telephones;
    std::unique_ptr<Watch> watching;
    std::vector<std::string> seen;

    Office()
    {
        telephones =
            BaresipTelephones::open(context.get_executor(), clock, {{"2000", {"127.0.0.1", port}}}, 3s).value();
        watching = telephones->watch([this](const TelephoneEvent& event) {
            seen.push_back(event.number + " " + event.event + (event.with ? " " + *event.with : ""));
        });
    }

    bool wait(const std::function<bool()>& condition) { return test::run_until(context, condition); }
    bool shows(DeviceState state)
    {
        return wait([&] { return telephones->list().at(0).state == state; });
    }
    bool sees(const std::vector<std::string>& events)
    {
        return wait([&] { return seen == events; });
    }
    bool obeys(const std::string& command)
    {
        return wait([&] { return !baresip->commands.empty() && baresip->commands.back() == command; });
    }
};
} // namespace

TEST_CASE_METHOD(Office, "A person answers after his time and hangs up after his talk")
{
    REQUIRE(shows(DeviceState::idle));
    REQUIRE(telephones->set("2000", [](Habit& habit) { habit.talk = 5s; }).has_value());
    baresip->event("CALL_INCOMING", "incoming", "a", "2001");
    REQUIRE(shows(DeviceState::ringing));
    clock.run_for(2900ms);
    REQUIRE(baresip->commands.back() == "reginfo");
    clock.run_for(100ms);
    REQUIRE(obeys("accept"));
    baresip->event("CALL_ESTABLISHED", "incoming", "a", "2001");
    REQUIRE(wait([&] { return clock.pending() == 1; })); // the reply to accept has come too
    clock.run_for(4900ms);
    REQUIRE(telephones->list().at(0).with == "2001");
    clock.run_for(100ms);
    REQUIRE(obeys("hangup"));
    REQUIRE(sees({"2000 idle", "2000 ringing 2001", "2000 talking 2001", "2000 idle"}));
}

TEST_CASE_METHOD(Office, "A person who rejects hangs up while it rings, and one who never answers does not")
{
    REQUIRE(shows(DeviceState::idle));
    const bool rejects = GENERATE(true, false);
    REQUIRE(
        telephones
            ->set("2000", [&](Habit& habit) { habit.answer = rejects ? Habit::Answer::reject : Habit::Answer::never; })
            .has_value());
    baresip->event("CALL_INCOMING", "incoming", "a", "2001");
    REQUIRE(shows(DeviceState::ringing));
    clock.run_for(1h);
    if (rejects)
    {
        REQUIRE(obeys("hangup"));
        REQUIRE(shows(DeviceState::idle));
    }
    else
    {
        REQUIRE(baresip->commands.back() == "reginfo");
        REQUIRE(telephones->answer("2000").has_value());
        REQUIRE(obeys("accept"));
    }
}

TEST_CASE_METHOD(Office, "What a person does is sent one command at a time")
{
    REQUIRE(shows(DeviceState::idle));
    baresip->replies = false;
    REQUIRE(telephones->call("2000", "044-222-3333").has_value());
    REQUIRE(telephones->list().at(0).state == DeviceState::talking);
    REQUIRE(telephones->list().at(0).with == "0442223333");
    REQUIRE(telephones->call("2000", "2001").error().code() == Errc::conflict);
    REQUIRE(telephones->answer("2000").error().code() == Errc::conflict);
    REQUIRE(telephones->hang_up("2000").has_value());
    REQUIRE(obeys("dial 0442223333"));
    context.run_for(50ms);
    REQUIRE(baresip->commands.back() == "dial 0442223333");
    baresip->replies = true;
    baresip->send(baresip::netstring(R"({"response":true,"ok":true,"data":"","token":"3"})"));
    REQUIRE(obeys("hangup"));
    REQUIRE(sees({"2000 idle", "2000 talking 0442223333", "2000 idle"}));
    REQUIRE(telephones->hang_up("2000").has_value());
}

TEST_CASE_METHOD(Office, "Nothing can be done at a telephone that is not there")
{
    REQUIRE(telephones->call("2999", "2000").error().code() == Errc::not_found);
    REQUIRE(telephones->answer("2999").error().code() == Errc::not_found);
    REQUIRE(telephones->hang_up("2999").error().code() == Errc::not_found);
    REQUIRE(telephones->set("2999", [](Habit&) {}).error().code() == Errc::not_found);
    REQUIRE(telephones->set_registered("2999", true).error().code() == Errc::not_found);
    REQUIRE(telephones->set_registered("2000", true).error().code() == Errc::unavailable);
    REQUIRE(telephones->call("2000", "2001").error().code() == Errc::conflict);
}

TEST_CASE_METHOD(Office, "A telephone whose program goes is unreachable until it is there again")
{
    REQUIRE(shows(DeviceState::idle));
    baresip->event("CALL_ESTABLISHED", "incoming", "a", "2001");
    REQUIRE(shows(DeviceState::talking));
    baresip.reset();
    REQUIRE(shows(DeviceState::unreachable));
    REQUIRE_FALSE(telephones->list().at(0).with);
    clock.run_for(1s);
    REQUIRE(telephones->list().at(0).state == DeviceState::unreachable);
    baresip.emplace(context, port);
    REQUIRE(wait([&] {
        clock.run_for(100ms);
        return baresip->connections == 1;
    }));
    REQUIRE(shows(DeviceState::idle));
    REQUIRE(sees({"2000 idle", "2000 talking 2001", "2000 unreachable", "2000 idle"}));
}

TEST_CASE_METHOD(Office, "A baresip that sends nonsense, or does not reply, loses its connection")
{
    REQUIRE(shows(DeviceState::idle));
    const std::string nonsense = GENERATE(as<std::string>(), "x", "2:{},", "100000:", "");
    if (nonsense.empty())
    {
        baresip->replies = false;
        REQUIRE(telephones->call("2000", "2001").has_value());
        REQUIRE(obeys("dial 2001"));
        clock.run_for(4900ms);
        REQUIRE(telephones->list().at(0).state == DeviceState::talking);
        clock.run_for(100ms);
    }
    else
    {
        baresip->send(nonsense);
    }
    REQUIRE(shows(DeviceState::unreachable));
    baresip->replies = true;
    clock.run_for(100ms);
    REQUIRE(wait([&] { return baresip->connections == 2; }));
    REQUIRE(shows(DeviceState::idle));
}

TEST_CASE_METHOD(Office, "A telephone is plugged out and in by its account")
{
    REQUIRE(shows(DeviceState::idle));
    REQUIRE(telephones->set_registered("2000", false).has_value());
    REQUIRE(wait([&] { return baresip->commands.size() == 4; }));
    REQUIRE(baresip->commands[2] == "uadel sip:2000@192.0.2.1");
    baresip->event("UNREGISTERING", "", "", "");
    REQUIRE(shows(DeviceState::unreachable));
}

TEST_CASE_METHOD(Office, "Nothing is told and nothing waits after the telephones are gone, whatever they were doing")
{
    SECTION("connecting") {}
    SECTION("refused")
    {
        baresip.reset();
        context.run_for(50ms);
    }
    SECTION("ringing")
    {
        REQUIRE(shows(DeviceState::idle));
        baresip->event("CALL_INCOMING", "incoming", "a", "2001");
        REQUIRE(shows(DeviceState::ringing));
    }
    SECTION("with a command under way")
    {
        REQUIRE(shows(DeviceState::idle));
        REQUIRE(telephones->call("2000", "2001").has_value());
    }
    seen.clear();
    telephones.reset();
    REQUIRE(clock.pending() == 0);
    baresip.reset();
    context.restart();
    // Only what the test itself has left: nothing of the telephones keeps the context busy.
    context.run_for(2s);
    REQUIRE(context.stopped());
    REQUIRE(seen.empty());
}

TEST_CASE("Addresses of softphones are numeric and their extensions different")
{
    boost::asio::io_context context;
    VirtualClock clock{context, Instant{}};
    const auto open = [&](const std::vector<SoftphoneAddress>& addresses) {
        const auto opened = BaresipTelephones::open(context.get_executor(), clock, addresses, 1s);
        return opened.has_error() ? std::optional(opened.error().code()) : std::nullopt;
    };
    REQUIRE_FALSE(open({{"2000", {"127.0.0.1", 1}}, {"2001", {"localhost", 1}}, {"2002", {"::1", 1}}}));
    REQUIRE(open({{"2000", {"phone.example", 1}}}) == Errc::malformed);
    REQUIRE(open({{"2000", {"127.0.0.1", 1}}, {"2000", {"127.0.0.1", 2}}}) == Errc::conflict);
}
