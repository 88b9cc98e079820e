// SPDX-License-Identifier: Apache-2.0
#include "media/exchange_information.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// `where` of the failure, `ok` without one.
std::string where(const std::string& text)
{
    const auto info = parse_exchange_information(text);
    CHECK((info || info.error().code() == Errc::malformed));
    CHECK((info || !info.error().text().empty()));
    return info ? "ok" : info.error().where();
}
} // namespace

TEST_CASE("Every field of an exchange information is read and written back")
{
    const std::string text = "Request: additional-connection\r\nDestination-Number: +81 (44) 222-3333\r\n"
                             "Source-Number: 2000\r\nNetwork: public\r\nTrigger: system-recognition\r\n"
                             "Result-Notification: no\r\nMonitor-Time: 1h30m\r\nRetry: every 45s\r\nRing-Time: 25s\r\n"
                             "Call-Order: source-first\r\nFirst-Attempt: no\r\nName: \xE5\xA4\xAA\xE9\x83\x8E\r\n"
                             "Transfer-To: 2001, 044-222-3333\r\nReference: 12@office-a.example\r\n";
    const auto info = parse_exchange_information(text);
    REQUIRE(info.has_value());
    CHECK(info->request == RequestKind::additional_connection);
    CHECK(info->destination_number == "+81 (44) 222-3333");
    CHECK(info->network == NetworkType::public_network);
    CHECK(info->trigger == Trigger::system_recognition);
    CHECK(info->result_notification == false);
    CHECK(info->monitor_time == 90min);
    CHECK(info->retry == Retry{false, 45s});
    CHECK(info->transfer_to->numbers == std::vector<std::string>{"2001", "044-222-3333"});
    CHECK(info->first_attempt == false);
    CHECK(format_exchange_information(*info) == text);
    CHECK(*parse_exchange_information(format_exchange_information(*info)) == *info);
}

TEST_CASE("An exchange information without fields leaves everything open")
{
    CHECK(*parse_exchange_information("") == ExchangeInformation{});
    CHECK(*parse_exchange_information("\xEF\xBB\xBF\r\n\r\n") == ExchangeInformation{});
    CHECK(format_exchange_information({}).empty());
}

TEST_CASE("An error of an exchange information names line and field")
{
    const std::pair<std::string, std::string> rows[] = {
        {"\xEF\xBB\xBFRetry: ON-RELEASE\n", "ok"},
        {"dEsTination-nUmber : 2000", "ok"},
        {"X-Anything: \x01\r\nX-Anything: twice\r\n", "ok"},
        {"\nTrigger: user-reception\n\nTriger: x", "line 4, Triger"},
        {"Trigger: user-reception\r\nTrigger: user-reception\r\n", "line 2, Trigger"},
        {"Trigger: now", "line 1, Trigger"},
        {"Trigger:", "line 1, Trigger"},
        {"Request: dance", "line 1, Request"},
        {"no colon", "line 1"},
        {": empty", "line 1"},
        {"Trigger: user-reception\n folded", "line 2"},
        {"Name: \xFF", "line 1"},
        {"Name: " + std::string(256, 'x'), "ok"},
        {"Name: " + std::string(257, 'x'), "line 1, Name"},
        {"Name: a\tb", "line 1, Name"},
        {"Name:", "line 1, Name"},
        {std::string("Name: a\0b", 9), "line 1, Name"},
        {"Destination-Number: " + std::string(64, '1'), "ok"},
        {"Destination-Number: " + std::string(65, '1'), "line 1, Destination-Number"},
        {"Destination-Number: (+)", "line 1, Destination-Number"},
        {"Destination-Number: 2000;x", "line 1, Destination-Number"},
        {"Source-Number: abc", "line 1, Source-Number"},
        {"Monitor-Time: 0s", "line 1, Monitor-Time"},
        {"Monitor-Time: 1s", "ok"},
        {"Monitor-Time: 30d", "ok"},
        {"Monitor-Time: 30d1s", "line 1, Monitor-Time"},
        {"Monitor-Time: 250ms", "line 1, Monitor-Time"},
        {"Ring-Time: soon", "line 1, Ring-Time"},
        {"Retry: every 4s", "line 1, Retry"},
        {"Retry: every 5s", "ok"},
        {"Retry: every", "line 1, Retry"},
        {"Retry: everything", "line 1, Retry"},
        {"Result-Notification: maybe", "line 1, Result-Notification"},
        {"Request: cancel", "Reference"},
        {"Request: cancel\nReference: 7@office-a.example", "ok"},
        {"Request: cancel\nReference: 7", "line 2, Reference"},
        {"Reference: a@b@c", "line 1, Reference"},
        {"Request: transfer-entry\nDestination-Number: 1\nTransfer-To: ask", "line 2, Destination-Number"},
        {"Request: transfer-entry\nNetwork: toll\nTransfer-To: ask", "ok"},
        {"Request: transfer-entry", "Transfer-To"},
        {"Request: transfer-release", "ok"},
        {"Transfer-To: 1,,2", "line 1, Transfer-To"},
        {"Transfer-To: 1,", "line 1, Transfer-To"},
        {"Transfer-To: ask, 1", "line 1, Transfer-To"},
    };
    for (const auto& [text, expected] : rows)
    {
        CAPTURE(text);
        CHECK(where(text) == expected);
    }
}

TEST_CASE("Known fields are known in any case")
{
    CHECK(known_field("destination-number"));
    CHECK_FALSE(known_field("X-Destination-Number"));
    CHECK_FALSE(known_field(""));
}
