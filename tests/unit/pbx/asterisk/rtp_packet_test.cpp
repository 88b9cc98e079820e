// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/framer.h"
#include "pbx/asterisk/rtp_packet.h"

#include <catch2/catch.hpp>

#include <array>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::asterisk;
using namespace std::string_literals;

TEST_CASE("An RTP packet is as RFC 3550 5.1 draws it, and is read back")
{
    const std::string packet = rtp_packet({0x1234, 0x01020304, 0xa0b0c0d0, true}, "audio");
    CHECK(packet == "\x80\x80\x12\x34\x01\x02\x03\x04\xa0\xb0\xc0\xd0"s + "audio");
    CHECK(rtp_packet({1, 2, 3, false}, "x").substr(0, 2) == "\x80\x00"s);
    const auto read = audio_of_rtp(packet);
    REQUIRE(read.has_value());
    CHECK(read->sequence == 0x1234);
    CHECK(read->source == 0xa0b0c0d0);
    CHECK(read->mulaw == "audio");
}

TEST_CASE("What an RTP packet carries is found behind sources and extension, and before padding")
{
    const std::string rest = "\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"s;
    CHECK(audio_of_rtp("\x82\x00"s + rest + "11112222audio").value().mulaw == "audio");
    CHECK(audio_of_rtp("\x90\x00"s + rest + "\xbe\xde\x00\x01"s + "eeeeaudio").value().mulaw == "audio");
    CHECK(audio_of_rtp("\xa0\x00"s + rest + "audio\x00\x00\x03"s).value().mulaw == "audio");
}

TEST_CASE("A datagram that is no RTP packet with µ-law is none")
{
    const std::string rest = "\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"s;
    const std::vector<std::string> rows{
        "",
        "\x80"s,
        "\x80\x00"s + rest,                         // nothing in it
        "\x40\x00"s + rest + "audio",               // version 1
        "\x80\x08"s + rest + "audio",               // A-law
        "\x80\x65"s + rest + "\x01\x00\x00\xa0"s,   // a telephone event
        "\x8f\x00"s + rest + "audio",               // fifteen sources
        "\x90\x00"s + rest + "\xbe\xde"s,           // an extension cut off
        "\x90\x00"s + rest + "\xbe\xde\xff\xffxx"s, // or longer than the packet
        "\xa0\x00"s + rest + "audio\x09"s,          // more padding than there is
        "\xa0\x00"s + rest + "audio\x00"s,          // or none
    };
    for (const std::string& row : rows)
    {
        CHECK_FALSE(audio_of_rtp(row).has_value());
        for (std::size_t cut = 0; cut < row.size(); ++cut)
        {
            static_cast<void>(audio_of_rtp(std::string_view(row).substr(0, cut)));
        }
    }
}

TEST_CASE("Audio of any portions becomes whole frames, the last one filled with silence")
{
    Framer framer;
    std::array<std::int16_t, 250> samples{};
    samples.fill(1000);
    framer.add(samples);
    CHECK(framer.take_whole().size() == 160);
    CHECK(framer.size() == 90);
    CHECK_FALSE(framer.take_one().has_value());
    framer.add(samples);
    CHECK(framer.take_one().value().size() == 160);
    CHECK(framer.take_whole().size() == 160);
    CHECK(framer.size() == 20);
    framer.fill();
    Framer::Samples last(20, 1000);
    last.resize(160);
    CHECK(framer.take_whole() == last);
    framer.fill();
    CHECK(framer.take_whole().empty());
}
