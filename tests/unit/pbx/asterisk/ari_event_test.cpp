// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/ari_event.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost::pbx::asterisk;
using Kind = AriEvent::Kind;

namespace
{
const std::string channel = R"({"id":"rp-a-1-1","name":"PJSIP/2000-00000001","state":"Ringing","extra":[1,{}]})";
} // namespace

TEST_CASE("Events of ARI become structs")
{
    struct Row
    {
        std::string text;
        Kind kind;
    };
    const std::vector<Row> rows{
        {R"({"type":"StasisStart","args":[],"channel":)" + channel + "}", Kind::stasis_start},
        {R"({"type":"StasisEnd","channel":)" + channel + "}", Kind::stasis_end},
        {R"({"type":"ChannelStateChange","channel":)" + channel + "}", Kind::state_change},
        {R"({"type":"ChannelHangupRequest","channel":)" + channel + "}", Kind::hangup_request},
        {R"({"type":"ChannelDestroyed","cause":17,"tech_cause":486,"channel":)" + channel + "}", Kind::destroyed},
        {R"({"type":"Dial","dialstatus":"RINGING","peer":)" + channel + "}", Kind::dial},
    };
    for (const Row& row : rows)
    {
        INFO(row.text);
        const AriEvent event = read_ari_event(row.text);
        CHECK(event.kind == row.kind);
        CHECK(event.channel == "rp-a-1-1");
        CHECK(event.channel_name == "PJSIP/2000-00000001");
        CHECK(event.channel_state == ChannelState::ringing);
    }
    CHECK(read_ari_event(rows[4].text).cause == 17);
    CHECK(read_ari_event(rows[4].text).tech_cause == 486);
    CHECK(read_ari_event(rows[5].text).dial_status == "RINGING");

    const AriEvent device =
        read_ari_event(R"({"type":"DeviceStateChanged","device_state":{"name":"PJSIP/2000","state":"INUSE"}})");
    CHECK(device.kind == Kind::device_state);
    CHECK(device.device == "PJSIP/2000");
    CHECK(device.state == "INUSE");
    const AriEvent endpoint = read_ari_event(
        R"({"type":"EndpointStateChange","endpoint":{"technology":"PJSIP","resource":"2000","state":"online"}})");
    CHECK(endpoint.kind == Kind::endpoint_state);
    CHECK(endpoint.device == "PJSIP/2000");
    CHECK(read_ari_event(R"({"type":"PlaybackFinished","playback":{"id":"p1"}})").playback == "p1");
    const AriEvent key = read_ari_event(R"({"type":"ChannelDtmfReceived","digit":"#","channel":)" + channel + "}");
    CHECK(key.kind == Kind::dtmf);
    CHECK(key.digit == '#');
    CHECK(key.channel == "rp-a-1-1");
    for (const char* digit : {R"("")", R"("12")", "1", "null"})
    {
        const auto event = read_ari_event(R"({"type":"ChannelDtmfReceived","digit":)" + std::string(digit) +
                                          R"(,"channel":)" + channel + "}");
        CHECK(event.kind == Kind::ignored);
    }
    CHECK(read_ari_event(R"({"type":"ApplicationReplaced"})").kind == Kind::application_replaced);
}

TEST_CASE("What is no event, or lacks what it needs, is ignored")
{
    const std::vector<std::string> rows{
        "",
        "{",
        "[]",
        "17",
        R"({"type":17})",
        R"({"type":"ChannelVarset","channel":)" + channel + "}",
        R"({"channel":)" + channel + "}",
        R"({"type":"StasisStart"})",
        R"({"type":"StasisStart","channel":"rp-a-1-1"})",
        R"({"type":"StasisStart","channel":{"id":17,"name":"x","state":"Up"}})",
        R"({"type":"StasisStart","channel":{"id":"","name":"x","state":"Up"}})",
        R"({"type":"StasisStart","channel":{"id":"a","name":"x"}})",
        R"({"type":"Dial","channel":)" + channel + "}",
        R"({"type":"DeviceStateChanged","device_state":{"name":"PJSIP/2000"}})",
        R"({"type":"DeviceStateChanged","device_state":["PJSIP/2000"]})",
        R"({"type":"EndpointStateChange","endpoint":{"technology":"PJSIP"}})",
        R"({"type":"PlaybackFinished","playback":{}})",
        R"({"type":"StasisStart","channel":{"id":")" + std::string(max_name_octets + 1, 'x') +
            R"(","name":"x","state":"Up"}})",
        R"({"type":"ApplicationReplaced","x":")" + std::string(max_event_octets, 'x') + "\"}",
        std::string(100'000, '['),
    };
    for (const std::string& text : rows)
    {
        INFO(text.substr(0, 200));
        CHECK(read_ari_event(text).kind == Kind::ignored);
    }
}

TEST_CASE("Causes that are no numbers of theirs are none")
{
    const std::string begin = R"({"type":"ChannelDestroyed","channel":)" + channel + R"(,"cause":)";
    for (const char* cause : {"\"17\"", "-1", "99999999999999999999", "1e300", "null", "70000"})
    {
        INFO(cause);
        const AriEvent event = read_ari_event(begin + cause + "}");
        CHECK(event.kind == Kind::destroyed);
        CHECK(event.cause == 0);
    }
}
