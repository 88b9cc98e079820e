// SPDX-License-Identifier: Apache-2.0
#include "pbx/dtmf.h"
#include "pbx/port_outlet.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <optional>

using namespace ringpost;
using namespace ringpost::pbx;

namespace
{
struct Listener
{
    boost::asio::io_context context;
    std::optional<PortOutlet> outlet{context.get_executor()};
    std::string told;

    void listen()
    {
        AudioPort::Sinks sinks;
        sinks.audio = [this](std::span<const std::int16_t> samples) { told += "a" + std::to_string(samples.size()); };
        sinks.digit = [this](char digit) {
            told += digit;
            if (digit == 'D')
            {
                outlet.reset();
            }
        };
        sinks.closed = [this] { told += "."; };
        outlet->listen(std::move(sinks));
    }
    std::string run()
    {
        context.restart();
        context.poll();
        return std::exchange(told, {});
    }
};
} // namespace

TEST_CASE("What a port has to tell is posted, in order, and waits for who listens")
{
    Listener listener;
    auto& outlet = *listener.outlet;
    outlet.digit('1');
    outlet.audio({1, 2, 3});
    CHECK(listener.run().empty());
    listener.listen();
    outlet.digit('#');
    CHECK(listener.told.empty());
    CHECK(listener.run() == "1a3#");
    outlet.audio({4});
    outlet.digit('a');
    outlet.digit('x');
    outlet.close();
    outlet.close();
    outlet.digit('2');
    outlet.audio({5});
    CHECK(listener.run() == "a1A.");
    CHECK(outlet.closed());
}

TEST_CASE("A port may be destroyed by whoever it tells something")
{
    Listener listener;
    listener.listen();
    listener.outlet->digit('1');
    listener.outlet->digit('D');
    listener.outlet->digit('2');
    listener.outlet->close();
    CHECK(listener.run() == "1D");
}

TEST_CASE("Audio that nobody listens to is bounded")
{
    Listener listener;
    for (int frame = 0; frame < 1000; ++frame)
    {
        listener.outlet->audio({1});
    }
    listener.outlet->digit('5');
    listener.listen();
    const std::string told = listener.run();
    CHECK(told.size() == 2 * 100 + 1);
    CHECK(told.ends_with("a15"));
}

TEST_CASE("The keys of a telephone are read")
{
    CHECK(dtmf_digits("2000", "0123456789*#ABCDabcd").value() == "0123456789*#ABCDABCD");
    CHECK(dtmf_digits("2000", std::string(64, '1')).has_value());
    for (const std::string& wrong : {std::string(), std::string("1 2"), std::string("e"), std::string(65, '1'),
                                     std::string("1\0002", 3), std::string("+1")})
    {
        CHECK(dtmf_digits("2000", wrong).error().code() == Errc::malformed);
    }
}
