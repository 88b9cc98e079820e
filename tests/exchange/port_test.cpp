// SPDX-License-Identifier: Apache-2.0
// Conformance of a driver: voice board ports (pbx/audio_port.h).
#include "exchange/rig.h"
#include "exchange/voice.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::conformance;
using Lines = std::vector<std::string>;

namespace
{
constexpr int tone = 1000;
constexpr int other_tone = 1300;

std::unique_ptr<Rig> make_rig()
{
    const auto driver = GENERATE(from_range(drivers()));
    UNSCOPED_INFO("driver " << driver.name);
    auto rig = driver.make();
    REQUIRE(rig->exchange().supports(Capability::audio_port));
    return rig;
}

/// A call with one leg, which is answered, and its port.
std::unique_ptr<Voice> voice_of(Rig& rig, std::int64_t attempt, const std::string& number)
{
    rig.answered_first(attempt, number, "");
    auto port = rig.connect_port(attempt);
    REQUIRE(port.has_value());
    return std::make_unique<Voice>(std::move(*port));
}

bool hears(Rig& rig, const std::string& number, int hz, double seconds)
{
    return rig.comes_true([&] { return seconds_of(hz, rig.heard(number)) >= seconds; });
}

bool closed_once(Rig& rig, const Voice& voice)
{
    rig.run_for(100ms);
    return rig.comes_true([&] { return voice.closed == 1; });
}

bool nothing_left(Rig& rig)
{
    return rig.comes_true([&] { return rig.ports_at_exchange() == 0; });
}
} // namespace

TEST_CASE("What is sent through a port is heard at the telephone, and the person through the port")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    speak(*rig, {{voice.get(), tone}}, 2s);
    CHECK(hears(*rig, rig->a, tone, 1.7));
    CHECK(seconds_of(tone, rig->heard(rig->a)) <= 2.2);
    if (const int person = rig->tone_of(rig->a))
    {
        CHECK(seconds_of(person, voice->heard) >= 1.5);
    }
    CHECK(rig->events().empty());
    CHECK(voice->closed == 0);
}

TEST_CASE("A port is heard as soon as something is sent again")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    speak(*rig, {{voice.get(), tone}}, 600ms);
    rig->run_for(1s);
    speak(*rig, {{voice.get(), other_tone}}, 600ms);
    CHECK(hears(*rig, rig->a, tone, 0.3));
    CHECK(hears(*rig, rig->a, other_tone, 0.3));
    CHECK(seconds_of(tone, rig->heard(rig->a)) <= 0.7);
}

TEST_CASE("Keys that are pressed at the telephone come through the port, each once and in order")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    CHECK(rig->telephones().press(rig->a, "15*9#").has_value());
    rig->run_for(100ms);
    CHECK(rig->comes_true([&] { return voice->digits.size() >= 5; }));
    rig->run_for(500ms);
    CHECK(voice->digits == "15*9#");
    CHECK(rig->telephones().press(rig->b, "1").error().code() == Errc::conflict);
    CHECK(rig->telephones().press(rig->nobody, "1").error().code() == Errc::not_found);
    CHECK(rig->telephones().press(rig->a, "x").error().code() == Errc::malformed);
    CHECK(rig->telephones().press(rig->a, "").error().code() == Errc::malformed);
}

TEST_CASE("Who hangs up closes the port")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    CHECK(closed_once(*rig, *voice));
    CHECK(rig->tells({"connection_cleared 1 first"}));
    voice->send(tone);
    rig->run_for(200ms);
    CHECK(voice->closed == 1);
    CHECK(rig->find_attempt(1) == "none");
    CHECK(nothing_left(*rig));
}

TEST_CASE("A port that is destroyed leaves the leg, which can have another at once")
{
    const auto rig = make_rig();
    const auto first = voice_of(*rig, 1, rig->a);
    speak(*rig, {{first.get(), tone}}, 500ms);
    first->leave();
    auto port = rig->connect_port(1);
    REQUIRE(port.has_value());
    Voice second(std::move(*port));
    speak(*rig, {{&second, other_tone}}, 1s);
    CHECK(hears(*rig, rig->a, other_tone, 0.7));
    second.leave();
    CHECK(nothing_left(*rig));
    rig->run_for(200ms);
    CHECK(rig->events().empty());
    CHECK(rig->find_attempt(1) == "first");
    CHECK(first->closed + second.closed == 0);
}

TEST_CASE("clear_call closes the port")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    CHECK(rig->clear_call(1).has_value());
    CHECK(closed_once(*rig, *voice));
    CHECK(rig->is(rig->a, DeviceState::idle));
    CHECK(rig->events().empty());
    CHECK(nothing_left(*rig));
}

TEST_CASE("The port is there until the second answers; then the two talk without it")
{
    const auto rig = make_rig();
    rig->answered_first(1, rig->a, rig->b);
    auto port = rig->connect_port(1);
    REQUIRE(port.has_value());
    Voice voice(std::move(*port));
    REQUIRE(rig->alert_second(1).has_value());
    speak(*rig, {{&voice, tone}}, 600ms);
    CHECK(hears(*rig, rig->a, tone, 0.3));
    CHECK(voice.closed == 0);
    rig->run_for(500ms);
    CHECK(closed_once(*rig, voice));
    CHECK(rig->tells({"delivered 1 second", "established 1 second"}));
    CHECK(rig->find_attempt(1) == "first second");
    CHECK(nothing_left(*rig));
    CHECK(rig->connect_port(1).error().code() == Errc::conflict);
    voice.send(tone);
    rig->run_for(500ms);
    if (rig->tone_of(rig->a) != 0)
    {
        CHECK(hears(*rig, rig->a, rig->tone_of(rig->b), 0.3));
        CHECK(hears(*rig, rig->b, rig->tone_of(rig->a), 0.3));
    }
}

TEST_CASE("A second that cannot be reached leaves the port to the first")
{
    const auto rig = make_rig();
    rig->answered_first(1, rig->a, rig->nobody);
    auto port = rig->connect_port(1);
    REQUIRE(port.has_value());
    Voice voice(std::move(*port));
    CHECK(rig->alert_second(1).has_value());
    CHECK(rig->tells({"failed 1 second no-such-number"}));
    speak(*rig, {{&voice, tone}}, 600ms);
    CHECK(hears(*rig, rig->a, tone, 0.3));
    CHECK(rig->announce(1).has_value());
    CHECK(closed_once(*rig, voice));
    rig->run_for(rig->announcement());
    CHECK(rig->tells({"announced 1"}));
    CHECK(nothing_left(*rig));
}

TEST_CASE("Two ports at once do not mix")
{
    const auto rig = make_rig();
    const auto one = voice_of(*rig, 1, rig->a);
    const auto two = voice_of(*rig, 2, rig->b);
    speak(*rig, {{one.get(), tone}, {two.get(), other_tone}}, 1s);
    CHECK(hears(*rig, rig->a, tone, 0.7));
    CHECK(hears(*rig, rig->b, other_tone, 0.7));
    CHECK(seconds_of(other_tone, rig->heard(rig->a)) == 0);
    CHECK(seconds_of(tone, rig->heard(rig->b)) == 0);
    CHECK(rig->telephones().press(rig->b, "7").has_value());
    rig->run_for(100ms);
    CHECK(rig->comes_true([&] { return two->digits == "7"; }));
    CHECK(one->digits.empty());
    CHECK(rig->clear_call(1).has_value());
    rig->run_for(100ms);
    CHECK(two->closed == 0);
}

TEST_CASE("A port needs a first leg that has answered, is alone and has none")
{
    const auto rig = make_rig();
    CHECK(rig->connect_port(1).error().code() == Errc::not_found);
    REQUIRE(rig->make_call(1, rig->a, "").has_value());
    CHECK(rig->connect_port(1).error().code() == Errc::not_found);
    rig->answered_first(2, rig->b, "");
    const auto port = rig->connect_port(2);
    REQUIRE(port.has_value());
    CHECK(rig->connect_port(2).error().code() == Errc::conflict);
    CHECK(rig->clear_call(2).has_value());
    CHECK(rig->connect_port(2).error().code() == Errc::not_found);
}

TEST_CASE("The loss of the link closes the port; the leg stays, and nothing of the port")
{
    const auto rig = make_rig();
    const auto voice = voice_of(*rig, 1, rig->a);
    rig->set_link(false);
    CHECK(closed_once(*rig, *voice));
    rig->run_for(100ms);
    CHECK(rig->connect_port(1).error().code() == Errc::unavailable);
    rig->set_link(true);
    rig->run_for(100ms);
    CHECK(rig->tells({"link_lost", "link_regained"}));
    CHECK(nothing_left(*rig));
    CHECK(rig->find_attempt(1) == "first");
    auto port = rig->connect_port(1);
    REQUIRE(port.has_value());
    Voice again(std::move(*port));
    speak(*rig, {{&again, tone}}, 600ms);
    CHECK(hears(*rig, rig->a, tone, 0.3));
}

TEST_CASE("A call with one leg is ended by whoever hangs up")
{
    const auto rig = make_rig();
    REQUIRE(rig->make_call(1, rig->a, "").has_value());
    rig->run_for(1100ms);
    CHECK(rig->tells({"delivered 1 first", "established 1 first"}));
    CHECK(rig->find_attempt(1) == "first");
    CHECK(rig->telephones().hang_up(rig->a).has_value());
    rig->run_for(100ms);
    CHECK(rig->tells({"connection_cleared 1 first"}));
    CHECK(rig->is(rig->a, DeviceState::idle));
}
