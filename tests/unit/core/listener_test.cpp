// SPDX-License-Identifier: Apache-2.0
// Listener with sessions that say who has connected, and how.
#include "core/listener.h"
#include "core/real_clock.h"
#include "ringpost/self_signed.h"
#include "unit/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <optional>
#include <stdexcept>
#include <thread>

using namespace ringpost;
namespace asio = boost::asio;
using test::TemporaryDirectory;

namespace
{
constexpr Duration patience = 10s;

class Teller : public ListenerSession
{
public:
    explicit Teller(LineStream stream) : stream_(std::move(stream)) {}
    asio::awaitable<void> serve() override
    {
        const std::string line =
            stream_.peer_address() + (stream_.tls() ? " " + stream_.tls()->version : std::string(" in clear")) + "\r\n";
        static_cast<void>(co_await stream_.write(line, patience));
        co_await stream_.finish(patience);
    }
    void stop() override { stream_.close(); }

private:
    LineStream stream_;
};

/// Breaks, and tells on which thread it goes.
class Breaking : public ListenerSession
{
public:
    explicit Breaking(std::thread::id& end) : end_(end) {}
    Breaking(const Breaking&) = delete;
    Breaking& operator=(const Breaking&) = delete;
    ~Breaking() override { end_ = std::this_thread::get_id(); }
    asio::awaitable<void> serve() override
    {
        throw std::runtime_error("broken");
        co_return;
    }
    void stop() override {}

private:
    std::thread::id& end_;
};

struct Office
{
    asio::io_context context;
    RealClock clock{context.get_executor()};
    TemporaryDirectory directory;
    TlsServer server;
    TlsClient client;
    std::unique_ptr<Listener> listener;

    Office()
    {
        const auto made = command::make_self_signed(directory / "tls", {"127.0.0.1", "::1"}, 1).value();
        const TlsConfig config{made.certificate.string(), made.key.string(), made.certificate.string()};
        server.load(config).value();
        client.load(config).value();
        ListenerOptions options{"test", 2, 1, "full\r\n", &server, 100ms};
        listener =
            std::make_unique<Listener>(context.get_executor(), clock, std::vector{&context}, options,
                                       [](LineStream stream) { return std::make_unique<Teller>(std::move(stream)); });
    }

    /// What is said to somebody who connects there.
    std::string heard(std::string host, Begin begin)
    {
        std::optional<std::string> told;
        const auto asking = [&]() -> asio::awaitable<void> {
            const std::uint16_t port = listener->endpoints(begin).front().port;
            auto stream = co_await LineStream::connect(context.get_executor(), host, port, patience);
            if (begin == Begin::with_tls)
            {
                const TlsPeer peer{host, true, {}};
                const auto shaken = co_await stream.value().start_tls(client, peer, patience);
                shaken.value();
            }
            const auto line = co_await stream.value().read_line(100, patience);
            told = line.value().text;
        };
        asio::co_spawn(context, asking(), [&told](const std::exception_ptr& thrown) {
            if (thrown && !told)
            {
                told = "nothing";
            }
        });
        while (!told && context.run_one() > 0)
        {
        }
        return told.value_or("nothing");
    }

    ~Office()
    {
        listener->stop();
        bool stopped = false;
        asio::co_spawn(context, listener->stopped(), [&stopped](const std::exception_ptr&) { stopped = true; });
        while (!stopped && context.run_one() > 0)
        {
        }
    }
};
} // namespace

TEST_CASE_METHOD(Office, "The unspecified address of IPv6 takes both families, and IPv4 peers are named as such")
{
    REQUIRE(listener->listen({"::", 0}).has_value());
    REQUIRE(heard("127.0.0.1", Begin::in_clear) == "127.0.0.1 in clear");
    REQUIRE(heard("::1", Begin::in_clear) == "::1 in clear");
}

TEST_CASE_METHOD(Office, "A listener for TLS gives its sessions connections that are encrypted")
{
    REQUIRE(listener->listen({"::1", 0}, Begin::with_tls).has_value());
    REQUIRE(heard("::1", Begin::with_tls) == "::1 TLSv1.3");
    REQUIRE(listener->endpoints().empty());
}

TEST_CASE_METHOD(Office, "Who does not shake hands in time gives his place back")
{
    REQUIRE(listener->listen({"127.0.0.1", 0}, Begin::with_tls).has_value());
    asio::ip::tcp::socket silent(context);
    silent.connect({asio::ip::address_v4::loopback(), listener->endpoints(Begin::with_tls).front().port});
    while (listener->sessions() == 0)
    {
        context.run_one();
    }
    // One session for each address: the silent one has it until its time is over.
    while (listener->sessions() > 0)
    {
        context.run_one();
    }
    REQUIRE(heard("127.0.0.1", Begin::with_tls) == "127.0.0.1 TLSv1.3");
}

TEST_CASE("A session that breaks ends on its own thread, where its connection is used")
{
    asio::io_context control;
    asio::io_context io;
    RealClock clock(control.get_executor());
    std::thread::id end;
    Listener listener(control.get_executor(), clock, {&io}, {"test", 2, 1, "full\r\n"},
                      [&end](LineStream) { return std::make_unique<Breaking>(end); });
    REQUIRE(listener.listen({"127.0.0.1", 0}).has_value());
    std::thread thread([&io] {
        const auto work = asio::make_work_guard(io);
        io.run();
    });
    const auto home = thread.get_id();
    asio::ip::tcp::socket peer(control);
    peer.connect({asio::ip::address_v4::loopback(), listener.endpoints().front().port});
    while (listener.sessions() == 0)
    {
        control.run_one();
    }
    listener.stop();
    bool stopped = false;
    asio::co_spawn(control, listener.stopped(), [&stopped](const std::exception_ptr&) { stopped = true; });
    while (!stopped && control.run_one() > 0)
    {
    }
    io.stop();
    thread.join();
    CHECK(end == home);
}
