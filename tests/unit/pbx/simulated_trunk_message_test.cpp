// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/trunk.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::simulated;
using Kind = TrunkMessage::Kind;

TEST_CASE("A trunk message is read as it was written")
{
    TrunkMessage setup;
    setup.kind = Kind::setup;
    setup.call = 18446744073709551615U;
    setup.from = "+81441112000";
    setup.to = "+81442222000";
    setup.origin = "office-a";
    setup.attempt = AttemptId{9223372036854775807};
    setup.leg = Leg::second;
    const auto read = decode(encode(setup));
    REQUIRE(read.has_value());
    CHECK(read->kind == Kind::setup);
    CHECK(read->call == setup.call);
    CHECK(read->from == setup.from);
    CHECK(read->to == setup.to);
    CHECK(read->origin == setup.origin);
    CHECK(read->attempt == setup.attempt);
    CHECK(read->leg == Leg::second);
    for (const Kind kind : {Kind::ringing, Kind::answered, Kind::failed, Kind::released})
    {
        TrunkMessage message;
        message.kind = kind;
        message.call = 3;
        message.cause = Cause::busy;
        const auto again = decode(encode(message));
        REQUIRE(again.has_value());
        CHECK(again->kind == kind);
        CHECK(again->cause == (kind == Kind::failed ? Cause::busy : Cause::none));
    }
}

TEST_CASE("Audio and digits on a trunk are read as they were written, and stay within a line")
{
    TrunkMessage audio;
    audio.kind = Kind::audio;
    audio.call = 18446744073709551615U;
    for (std::size_t n = 0; n < max_trunk_audio; ++n)
    {
        audio.mulaw += static_cast<char>(n);
    }
    CHECK(encode(audio).size() < max_trunk_line);
    CHECK(decode(encode(audio)).value().mulaw == audio.mulaw);
    TrunkMessage digit;
    digit.kind = Kind::digit;
    digit.digit = '#';
    CHECK(decode(encode(digit)).value().digit == '#');
    const std::string line = GENERATE(
        as<std::string>{}, R"({"type":"audio","call":1})", R"({"type":"audio","call":1,"mulaw":""})",
        R"({"type":"audio","call":1,"mulaw":"f"})", R"({"type":"audio","call":1,"mulaw":"fg"})",
        R"({"type":"audio","call":1,"mulaw":"FF"})", R"({"type":"audio","call":1,"mulaw":7})",
        R"({"type":"audio","call":1,"mulaw":")" + std::string(802, 'f') + R"("})", R"({"type":"digit","call":1})",
        R"({"type":"digit","call":1,"digit":"12"})", R"({"type":"digit","call":1,"digit":"x"})");
    CAPTURE(line);
    CHECK(decode(line).error().code() == Errc::malformed);
}

TEST_CASE("A trunk message that no exchange writes is malformed")
{
    const std::string line = GENERATE(
        as<std::string>{}, "", "x", "[]", "null", "7", R"("setup")", "{}", R"({"type":"setup"})", R"({"call":1})",
        R"({"type":"setup","call":1})", R"({"type":"hello","call":1})", R"({"type":7,"call":1})",
        R"({"type":"ringing","call":-1})", R"({"type":"ringing","call":1.5})", R"({"type":"ringing","call":"1"})",
        R"({"type":"ringing","call":1)", R"({"type":"ringing","call":1} x)",
        R"({"type":"setup","call":1,"from":"a","to":"+8144","origin":"o","attempt":1,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"8144","origin":"o","attempt":1,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"+","origin":"o","attempt":1,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"+8144","origin":"o o","attempt":1,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"+8144","origin":"o","attempt":-1,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"+8144","origin":"o","attempt":9223372036854775808,"leg":1})",
        R"({"type":"setup","call":1,"from":"+81","to":"+8144","origin":"o","attempt":1,"leg":3})",
        R"({"type":"setup","call":1,"from":"+81","to":"+81444444444444444444444444444444","origin":"o","attempt":1,"leg":1})");
    CAPTURE(line);
    const auto read = decode(line);
    REQUIRE(read.has_error());
    CHECK(read.error().code() == Errc::malformed);
}

TEST_CASE("A trunk line is bounded in length and depth")
{
    CHECK(decode(std::string(max_trunk_line, ' ')).has_error());
    CHECK(decode(std::string(max_trunk_line - 1, '[')).has_error());
    CHECK(decode(std::string(1'000'000, '[')).has_error());
}

TEST_CASE("A cause that a telephone cannot have is congestion")
{
    for (const std::string cause : {"cancelled", "nonsense", ""})
    {
        const auto read = decode(R"({"type":"failed","call":1,"cause":")" + cause + R"("})");
        REQUIRE(read.has_value());
        CHECK(read->cause == Cause::congestion);
    }
    CHECK(decode(R"({"type":"failed","call":1})")->cause == Cause::congestion);
    CHECK(decode(R"({"type":"failed","call":1,"cause":"no-answer"})")->cause == Cause::no_answer);
}
