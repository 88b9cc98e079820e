// SPDX-License-Identifier: Apache-2.0
// The samples are what a baresip 1.0.0 has sent.
#include "pbx/baresip/message.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx::baresip;

TEST_CASE("Events of baresip are read")
{
    struct Row
    {
        std::string json;
        CtrlEvent event;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"event":true,"type":"CALL_INCOMING","class":"call","accountaor":"sip:2001@192.0.2.1",)"
         R"("direction":"incoming","peeruri":"sip:2000@192.0.2.1","peerdisplayname":"Person 2000",)"
         R"("id":"7dba603f-5843-4e2d-8f49-bd95f2d03a48","param":"sip:2000@192.0.2.1"})",
         {"CALL_INCOMING", Direction::incoming, "7dba603f-5843-4e2d-8f49-bd95f2d03a48", "2000"}},
        {R"({"event":true,"type":"CALL_LOCAL_SDP","class":"other","accountaor":"sip:2000@192.0.2.1",)"
         R"("direction":"outgoing","peeruri":"sip:0442223333@192.0.2.1","param":"offer"})",
         {"CALL_LOCAL_SDP", Direction::outgoing, "", "0442223333"}},
        {R"({"event":true,"type":"REGISTER_OK","class":"register","accountaor":"sip:2001@192.0.2.1","param":"200 OK"})",
         {"REGISTER_OK", Direction::unknown, "", ""}},
        {R"({"event":true,"type":7,"direction":[],"id":{"a":1},"peeruri":null})", {"", Direction::unknown, "", ""}},
        {R"({"event":true})", {"", Direction::unknown, "", ""}},
    }));
    INFO(row.json);
    const auto decoded = decode(row.json).value();
    const auto& event = std::get<CtrlEvent>(decoded);
    REQUIRE(event.type == row.event.type);
    REQUIRE(event.direction == row.event.direction);
    REQUIRE(event.id == row.event.id);
    REQUIRE(event.number == row.event.number);
}

TEST_CASE("Replies of baresip are read")
{
    const auto refused = decode(R"({"response":true,"ok":false,"data":"Invalid argument","token":"17"})").value();
    const auto& reply = std::get<CtrlReply>(refused);
    REQUIRE_FALSE(reply.ok);
    REQUIRE(reply.data == "Invalid argument");
    REQUIRE(reply.token == "17");
    REQUIRE(std::get<CtrlReply>(decode(R"({"response":true,"ok":true,"data":""})").value()).ok);
}

TEST_CASE("What is neither an event nor a reply is malformed")
{
    const std::string json =
        GENERATE(as<std::string>(), "", "[]", "7", "{", "{}", R"({"event":false})", R"({"event":1})",
                 R"({"event":true,"type":"x"}})", "{\"event\":true,\"peeruri\":\"\xff\"}", std::string(50000, '['));
    INFO(json.substr(0, 100));
    REQUIRE(decode(json).error().code() == Errc::malformed);
}

TEST_CASE("What is kept of an event is short")
{
    const std::string longer(10000, 'a');
    const auto decoded =
        decode(R"({"event":true,"type":")" + longer + R"(","id":")" + longer + R"(","peeruri":"sip:)" + longer + "\"}")
            .value();
    const auto& event = std::get<CtrlEvent>(decoded);
    REQUIRE(event.type.size() == 128);
    REQUIRE(event.id.size() == 128);
    REQUIRE(event.number.size() == 64);
}

TEST_CASE("A command is one JSON object with its token")
{
    REQUIRE(encode({"hangup"}, "1") == R"({"command":"hangup","token":"1"})");
    REQUIRE(encode({"dial", "2001"}, "2") == R"({"command":"dial","params":"2001","token":"2"})");
}

TEST_CASE("The number of a URI is its user part, as far as it can be shown")
{
    struct Row
    {
        std::string uri;
        std::string number;
    };
    const auto row =
        GENERATE(values<Row>({{"sip:2000@192.0.2.1", "2000"},
                              {"sip:2000-0x562adfe32fb0@192.0.2.1:5060;transport=udp", "2000-0x562adfe32fb0"},
                              {"sips:+81442223333@office.example", "+81442223333"},
                              {"sip:2000:secret@192.0.2.1", "2000"},
                              {"sip:0442223333;phone-context=x@192.0.2.1", "0442223333"},
                              {"tel:+81442223333;x=y", "+81442223333"},
                              {"sip:anonymous@anonymous.invalid", "anonymous"},
                              {"sip:192.0.2.1", "192.0.2.1"},
                              {"2000", "2000"},
                              {"sip:a\x1b[2J\xc3\xa4@b", "a?[2J??"},
                              {"sip:", ""},
                              {"", ""}}));
    INFO(row.uri);
    REQUIRE(number_of(row.uri) == row.number);
}

TEST_CASE("The reply to reginfo says whether the telephone is registered")
{
    struct Row
    {
        std::string data;
        bool account;
        bool registered;
        std::string address;
    };
    const std::string row_of = "> sip:2001@192.0.2.1                        ";
    const std::string one = "\n--- User Agents (1) ---\n" + row_of;
    const auto row = GENERATE_COPY(values<Row>({
        {one + "\x1b[32mOK \x1b[;m Asterisk PBX 22.10.1 Expires 59s\n\n", true, true, "sip:2001@192.0.2.1"},
        {one + "\x1b[33mzzz\x1b[;m  Expires 0s\n\n", true, false, "sip:2001@192.0.2.1"},
        {one + "\x1b[31m"
               "ERR\x1b[;m  Expires 0s\n\n",
         true, false, "sip:2001@192.0.2.1"},
        {one + "\n\n", true, true, "sip:2001@192.0.2.1"},
        {"\n--- User Agents (0) ---\n\n", false, false, ""},
        {"", false, false, ""},
        {"\n\n\n", false, false, ""},
        {"sip", true, true, "sip"},
    }));
    INFO(row.data);
    const Registration registration = read_reginfo(row.data);
    REQUIRE(registration.account == row.account);
    REQUIRE(registration.registered == row.registered);
    REQUIRE(registration.address == row.address);
}

TEST_CASE("The reply to listcalls says which calls there are")
{
    REQUIRE(read_listcalls("\n--- Active calls (0) ---\n\n").empty());
    REQUIRE(read_listcalls("\n--- No active calls ---\n").empty());
    const auto calls = read_listcalls("\n--- Active calls (3) ---\n"
                                      "> [line 1]  0:00:01  ESTABLISHED             sip:2001@192.0.2.1\n"
                                      "  [line 2]  0:00:00   INCOMING             sip:0442223333@192.0.2.1\n"
                                      "  [line 13]  10:00:00  RINGING  (on hold)  sip:2100@192.0.2.1\n\n");
    REQUIRE(calls.size() == 3);
    REQUIRE(calls[0].state == "ESTABLISHED");
    REQUIRE(calls[0].number == "2001");
    REQUIRE(calls[1].state == "INCOMING");
    REQUIRE(calls[1].number == "0442223333");
    REQUIRE(calls[2].state == "RINGING");
    REQUIRE(calls[2].number == "2100");
}

TEST_CASE("A list of calls that is cut off or endless is read as far as it goes")
{
    const std::string line = "> [line 1]  0:00:01  ESTABLISHED             sip:2001@192.0.2.1\n";
    for (std::size_t size = 0; size < line.size(); ++size)
    {
        REQUIRE(read_listcalls(line.substr(0, size)).size() <= 1);
    }
    std::string many;
    for (int i = 0; i < 1000; ++i)
    {
        many += line;
    }
    REQUIRE(read_listcalls(many).size() == 16);
}
