// SPDX-License-Identifier: Apache-2.0
// What simulated telephones hear, in virtual time: recordings, trunks.
#include "exchange/simulated_rig.h"
#include "exchange/voice.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::conformance;
using simulated::MemoryTrunk;

namespace
{
constexpr int tone = 1000;
const std::string far_a = "+814422222000";

std::unique_ptr<Voice> voice_of(Rig& rig, std::int64_t attempt, const std::string& number)
{
    rig.answered_first(attempt, number, "");
    auto port = rig.connect_port(attempt);
    REQUIRE(port.has_value());
    return std::make_unique<Voice>(std::move(*port));
}

std::string octets_of(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

unsigned number_at(const std::string& octets, std::size_t place)
{
    unsigned number = 0;
    for (int i = 3; i >= 0; --i)
    {
        number = number << 8U | static_cast<unsigned char>(octets.at(place + static_cast<std::size_t>(i)));
    }
    return number;
}

/// Like SimulatedRig, with options of its own.
struct Alone
{
    boost::asio::io_context context;
    VirtualClock clock{context, Instant{Duration{1'800'000'000'000'000}}};
    std::unique_ptr<SimulatedExchange> exchange;

    explicit Alone(simulated::Office office)
    {
        SimulatedExchange::Options options;
        options.office = std::move(office);
        exchange = SimulatedExchange::open(context.get_executor(), clock, std::move(options)).value();
    }
};
} // namespace

TEST_CASE("A recording is as long as the call, and its header says so when the call is over")
{
    SimulatedRig rig;
    const auto voice = voice_of(rig, 1, rig.a); // answers 1 s before the port is there
    const auto file = rig.recordings() / "2000-1.wav";
    CHECK(number_at(octets_of(file), 40) == 0);
    for (int frame = 0; frame < 10; ++frame)
    {
        voice->send(tone);
    }
    rig.run_for(2s);
    CHECK(rig.clear_call(1).has_value());
    const std::string octets = octets_of(file);
    CHECK(octets.substr(0, 4) == "RIFF");
    CHECK(octets.substr(8, 8) == "WAVEfmt ");
    CHECK(number_at(octets, 24) == 8000);
    CHECK(number_at(octets, 40) == octets.size() - 44);
    CHECK(number_at(octets, 4) == octets.size() - 8);
    const auto samples = read_wav(file);
    CHECK(samples.size() == 2 * 8000);
    CHECK(seconds_of(tone, samples) == Approx(0.2));
}

TEST_CASE("What was sent and not heard when the call ended is not in the recording")
{
    SimulatedRig rig;
    const auto voice = voice_of(rig, 1, rig.a);
    for (int frame = 0; frame < 50; ++frame)
    {
        voice->send(tone);
    }
    rig.run_for(300ms);
    SECTION("because the person hung up")
    {
        CHECK(rig.telephones().hang_up(rig.a).has_value());
    }
    SECTION("because the port was left")
    {
        voice->leave();
        rig.run_for(1s);
        CHECK(rig.clear_call(1).has_value());
    }
    CHECK(seconds_of(tone, rig.heard(rig.a)) == Approx(0.3));
}

TEST_CASE("More than 2 s ahead is not heard")
{
    SimulatedRig rig;
    const auto voice = voice_of(rig, 1, rig.a);
    for (int frame = 0; frame < 500; ++frame)
    {
        voice->send(tone);
    }
    rig.run_for(10s);
    CHECK(rig.clear_call(1).has_value());
    CHECK(seconds_of(tone, rig.heard(rig.a)) == Approx(2.0).margin(0.11));
}

TEST_CASE("Each answered call has a recording of its own, and none is longer than allowed")
{
    SimulatedRig rig;
    rig.both_talk(1, rig.a, rig.b);
    CHECK(rig.clear_call(1).has_value());
    rig.habit(rig.a, Habit::Answer::never);
    CHECK(rig.make_call(2, rig.a, rig.b).has_value());
    rig.run_for(1s);
    CHECK(rig.clear_call(2).has_value());
    CHECK(rig.telephones().call(rig.b, rig.c).has_value());
    rig.run_for(2s);
    CHECK(rig.telephones().hang_up(rig.b).has_value());
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(rig.recordings()))
    {
        names.insert(entry.path().filename());
    }
    CHECK(names == std::set<std::string>{"2000-1.wav", "2100-1.wav", "2100-2.wav", "2200-1.wav"});

    // Another exchange in the same directory: nothing is written over.
    auto office = sample_office("office-a", "+81441111");
    office.recordings = rig.recordings();
    office.recording_time = 1s;
    Alone alone(std::move(office));
    CHECK(alone.exchange->call("2000", "2100").has_value());
    alone.clock.run_for(10s);
    CHECK(alone.exchange->hang_up("2000").has_value());
    CHECK(std::filesystem::file_size(rig.recordings() / "2000-2.wav") == 44 + 2 * 8000);
}

TEST_CASE("A device behind a trunk has a port too: audio and keys go over the trunk")
{
    SimulatedRig rig;
    SimulatedRig far;
    auto office = sample_office("office-b", "+81442222");
    office.recordings = far.recordings();
    SimulatedExchange::Options options;
    options.office = std::move(office);
    const auto b = SimulatedExchange::open(rig.context().get_executor(), rig.clock(), std::move(options)).value();
    MemoryTrunk trunk(rig.context().get_executor(), [&](auto link) { b->trunks().accept(std::move(link)); });
    rig.simulated().trunks().add_route("+81442222", trunk.take_near());

    const auto voice = voice_of(rig, 1, far_a);
    speak(rig, {{voice.get(), tone}}, 1s);
    CHECK(b->press("2000", "42#").has_value());
    rig.run_for(100ms);
    CHECK(voice->digits == "42#");
    CHECK(seconds_of(tone, read_wav(far.recordings() / "2000-1.wav")) == Approx(1.0).margin(0.11));
    CHECK(b->hang_up("2000").has_value());
    rig.run_for(100ms);
    CHECK(voice->closed == 1);
    voice->send(tone);
}

TEST_CASE("An exchange may end before a port of it")
{
    std::unique_ptr<AudioPort> port;
    int closed = 0;
    {
        SimulatedRig rig;
        rig.answered_first(1, rig.a, "");
        port = rig.connect_port(1).value();
        AudioPort::Sinks sinks;
        sinks.closed = [&closed] { ++closed; };
        port->listen(std::move(sinks));
    }
    const std::vector<std::int16_t> frame(160);
    port->send(frame);
    CHECK(closed == 0);
}
