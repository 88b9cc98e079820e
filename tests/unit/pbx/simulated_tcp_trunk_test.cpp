// SPDX-License-Identifier: Apache-2.0
// Trunks over real sockets of the loopback interface: here time is the condition that is waited for, with a limit.
#include "core/virtual_clock.h"
#include "exchange/simulated_rig.h"
#include "pbx/simulated/tcp_trunk.h"
#include "unit/run_until.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <vector>

using namespace ringpost;
using namespace ringpost::pbx::simulated;
using boost::asio::ip::tcp;
using Kind = TrunkMessage::Kind;

namespace
{
struct Net
{
    boost::asio::io_context context;
    VirtualClock clock{context, Instant{}};
    std::vector<std::unique_ptr<TrunkLink>> accepted;
    std::vector<TrunkMessage> heard;
    int down = 0;

    bool wait(const std::function<bool()>& condition) { return test::run_until(context, condition); }
    TrunkListener listen(std::uint16_t port = 0)
    {
        return TrunkListener::open(context.get_executor(), clock, {"127.0.0.1", port},
                                   [this](std::unique_ptr<TrunkLink> link) {
                                       TrunkLink* const raw = link.get();
                                       accepted.push_back(std::move(link));
                                       raw->start({[this](const TrunkMessage& message) { heard.push_back(message); },
                                                   [this, raw] { drop(raw); }});
                                   })
            .value();
    }
    void drop(const TrunkLink* link)
    {
        ++down;
        std::erase_if(accepted, [link](const auto& held) { return held.get() == link; });
    }
};

TrunkMessage message_of(Kind kind, std::uint64_t call)
{
    TrunkMessage message;
    message.kind = kind;
    message.call = call;
    message.to = "+8144";
    return message;
}
} // namespace

TEST_CASE("A TCP trunk carries messages both ways and connects again after a loss")
{
    Net net;
    auto listener = net.listen();
    const std::uint16_t port = listener.port();
    const auto link = connect_trunk(net.context.get_executor(), net.clock, {"localhost", port}).value();
    int lost = 0;
    std::vector<TrunkMessage> answers;
    link->start({[&](const TrunkMessage& message) { answers.push_back(message); }, [&] { ++lost; }});
    REQUIRE(net.wait([&] { return link->up() && net.accepted.size() == 1; }));
    for (std::uint64_t call = 1; call <= 100; ++call)
    {
        link->send(message_of(Kind::setup, call));
    }
    REQUIRE(net.wait([&] { return net.heard.size() == 100; }));
    CHECK(net.heard.back().call == 100);
    net.accepted.front()->send(message_of(Kind::ringing, 7));
    REQUIRE(net.wait([&] { return answers.size() == 1; }));

    net.accepted.clear();
    REQUIRE(net.wait([&] { return lost == 1; }));
    CHECK_FALSE(link->up());
    link->send(message_of(Kind::setup, 101)); // dropped
    net.clock.run_for(200ms);
    REQUIRE(net.wait([&] { return link->up() && net.accepted.size() == 1; }));
    link->send(message_of(Kind::setup, 102));
    REQUIRE(net.wait([&] { return net.heard.size() == 101; }));
    CHECK(net.heard.back().call == 102);
}

TEST_CASE("A TCP trunk waits for a peer that starts later")
{
    Net net;
    std::uint16_t port = 0;
    {
        const auto unused = net.listen();
        port = unused.port();
    }
    const auto link = connect_trunk(net.context.get_executor(), net.clock, {"127.0.0.1", port}).value();
    link->start({[](const TrunkMessage&) {}, [] {}});
    // Refused at once on the loopback: then the pause before the next try has been set.
    net.context.run_one_for(1s);
    CHECK_FALSE(link->up());
    const auto listener = net.listen(port);
    net.clock.run_for(3s);
    CHECK(net.wait([&] { return link->up(); }));
}

TEST_CASE("A peer that sends nonsense or too long a line loses its trunk")
{
    Net net;
    const auto listener = net.listen();
    const std::string sent = GENERATE(as<std::string>{}, "nonsense\n", "\n", "{}\n", std::string(100'000, 'x'),
                                      "{\"type\":\"released\",\"call\":1}\nGET / HTTP/1.1\r\n");
    tcp::socket socket(net.context);
    socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), listener.port()));
    boost::system::error_code ignored;
    boost::asio::write(socket, boost::asio::buffer(sent), ignored);
    REQUIRE(net.wait([&] { return net.down == 1; }));
    CHECK(net.accepted.empty());
    CHECK(net.heard.size() == (sent.starts_with("{\"type") ? 1 : 0));
}

TEST_CASE("A trunk line is read byte by byte as it is whole")
{
    Net net;
    const auto listener = net.listen();
    tcp::socket socket(net.context);
    socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), listener.port()));
    socket.set_option(tcp::no_delay(true));
    for (const char octet : encode(message_of(Kind::setup, 5)) + "\n" + encode(message_of(Kind::released, 5)) + "\n")
    {
        boost::asio::write(socket, boost::asio::buffer(&octet, 1));
        net.context.restart();
        net.context.poll();
    }
    REQUIRE(net.wait([&] { return net.heard.size() == 2; }));
    CHECK(net.heard.front().kind == Kind::setup);
    CHECK(net.heard.back().kind == Kind::released);
}

TEST_CASE("Trunks stay on the loopback interface")
{
    Net net;
    const auto executor = net.context.get_executor();
    CHECK(connect_trunk(executor, net.clock, {"192.0.2.1", 5000}).error().code() == Errc::refused);
    CHECK(connect_trunk(executor, net.clock, {"example.com", 5000}).error().code() == Errc::malformed);
    CHECK(TrunkListener::open(executor, net.clock, {"0.0.0.0", 0}, [](auto) {}).error().code() == Errc::refused);
    const auto listener = net.listen();
    CHECK(TrunkListener::open(executor, net.clock, {"127.0.0.1", listener.port()}, [](auto) {}).error().code() ==
          Errc::io);
}

TEST_CASE("A trunk and a listener may be destroyed while they work")
{
    Net net;
    {
        const auto listener = net.listen();
        const auto link = connect_trunk(net.context.get_executor(), net.clock, {"::1", listener.port()}).value();
        link->start({[](const TrunkMessage&) {}, [] {}});
        const auto other = connect_trunk(net.context.get_executor(), net.clock, {"127.0.0.1", listener.port()}).value();
        other->start({[](const TrunkMessage&) {}, [] {}});
    }
    while (net.context.poll() > 0)
    {
    }
    CHECK(net.heard.empty());
}

TEST_CASE("Two exchanges with trunks over TCP carry a call until the far one is gone")
{
    using namespace ringpost::pbx;
    Net net;
    const auto executor = net.context.get_executor();
    SimulatedExchange::Options far_options;
    far_options.office = conformance::sample_office("office-b", "+81442222");
    far_options.listen = TrunkAddress{};
    auto far_office = SimulatedExchange::open(executor, net.clock, std::move(far_options)).value();
    SimulatedExchange::Options near_options;
    near_options.office = conformance::sample_office("office-a", "+81441111");
    near_options.trunks = {{"+81442222", {"127.0.0.1", far_office->trunk_port()}}};
    const auto near_office = SimulatedExchange::open(executor, net.clock, std::move(near_options)).value();
    const auto state = [](SimulatedExchange& office) { return office.snapshot_device({"2000"}); };
    // Until the trunk is up the call fails at once and the caller hangs up.
    REQUIRE(net.wait([&] {
        return near_office->call("2000", "+814422222000").has_value() && state(*near_office) == DeviceState::talking;
    }));
    REQUIRE(net.wait([&] { return state(*far_office) == DeviceState::ringing; }));
    net.clock.run_for(1s);
    REQUIRE(net.wait([&] { return state(*far_office) == DeviceState::talking; }));
    CHECK(near_office->list().at(0).with == "+814422222000");
    CHECK(far_office->list().at(0).with == "+814411112000");
    far_office.reset();
    CHECK(net.wait([&] { return state(*near_office) == DeviceState::idle; }));
}
