// SPDX-License-Identifier: Apache-2.0
#include "ringpost/exchange_mail.h"
#include "ringpost/mime_text.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ringpost;
using namespace ringpost::command;

namespace
{
ExchangeMail sample()
{
    ExchangeMail mail;
    mail.from = "hanako@office-a.example";
    mail.to = {"taro+call@office-b.example"};
    mail.subject = "Please call";
    mail.date = from_micros(1'795'168'561'000'000);
    mail.unique = "0123abcd";
    mail.order.source_number = "2000";
    return mail;
}
} // namespace

TEST_CASE("A mail without text or attachments is an exchange part in a multipart")
{
    CHECK(compose(sample()).value() == "Date: Fri, 20 Nov 2026 09:56:01 +0000\r\n"
                                       "From: hanako@office-a.example\r\n"
                                       "To: taro+call@office-b.example\r\n"
                                       "Subject: Please call\r\n"
                                       "Message-ID: <0123abcd@office-a.example>\r\n"
                                       "MIME-Version: 1.0\r\n"
                                       "Content-Type: multipart/mixed;\r\n"
                                       " boundary=\"=_0123abcd\"\r\n"
                                       "\r\n"
                                       "--=_0123abcd\r\n"
                                       "Content-Type: application/vnd.ringpost.exchange-information\r\n"
                                       "Content-Disposition: attachment; filename=\"order.exchange\"\r\n"
                                       "Content-Transfer-Encoding: 7bit\r\n"
                                       "\r\n"
                                       "Request: camp-on\r\n"
                                       "Source-Number: 2000\r\n"
                                       "--=_0123abcd--\r\n");
}

TEST_CASE("Every field of the exchange information has its place and spelling")
{
    ExchangeOrder order;
    order.request = "Cancel";
    order.destination_number = "044-222-3333";
    order.source_number = "+81 (44) 222.3334";
    order.network = "toll";
    order.trigger = "system-recognition";
    order.monitor_time = "1h30m";
    order.retry = "every:30s";
    order.result_notification = "no";
    order.ring_time = "20s";
    order.call_order = "source-first";
    order.first_attempt = "no";
    order.reference = "17@office-b.example";
    CHECK(exchange_information(order).value() == "Request: cancel\r\n"
                                                 "Destination-Number: 044-222-3333\r\n"
                                                 "Source-Number: +81 (44) 222.3334\r\n"
                                                 "Network: toll\r\n"
                                                 "Trigger: system-recognition\r\n"
                                                 "Result-Notification: no\r\n"
                                                 "Monitor-Time: 1h30m\r\n"
                                                 "Retry: every 30s\r\n"
                                                 "Ring-Time: 20s\r\n"
                                                 "Call-Order: source-first\r\n"
                                                 "First-Attempt: no\r\n"
                                                 "Reference: 17@office-b.example\r\n");
}

TEST_CASE("A bad value of an exchange field is refused by the name of the field")
{
    struct Row
    {
        std::string ExchangeOrder::*field;
        std::string text;
        std::string name;
    };
    const std::vector<Row> rows{
        {&ExchangeOrder::request, "telephone", "Request"},
        {&ExchangeOrder::destination_number, "2000x", "Destination-Number"},
        {&ExchangeOrder::destination_number, "+-", "Destination-Number"},
        {&ExchangeOrder::destination_number, "2000\r\nTrigger: system-recognition", "Destination-Number"},
        {&ExchangeOrder::source_number, std::string(65, '1'), "Source-Number"},
        {&ExchangeOrder::trigger, "now", "Trigger"},
        {&ExchangeOrder::monitor_time, "31d", "Monitor-Time"},
        {&ExchangeOrder::monitor_time, "0s", "Monitor-Time"},
        {&ExchangeOrder::monitor_time, "soon", "Monitor-Time"},
        {&ExchangeOrder::retry, "every", "Retry"},
        {&ExchangeOrder::retry, "every:4s", "Retry"},
        {&ExchangeOrder::retry, "every30s", "Retry"},
        {&ExchangeOrder::result_notification, "maybe", "Result-Notification"},
        {&ExchangeOrder::ring_time, "250ms", "Ring-Time"},
        {&ExchangeOrder::call_order, "both", "Call-Order"},
        {&ExchangeOrder::first_attempt, "1", "First-Attempt"},
        {&ExchangeOrder::reference, "17", "Reference"},
        {&ExchangeOrder::reference, "17@a\r\nX: y", "Reference"},
    };
    for (const auto& row : rows)
    {
        INFO(row.name << ": " << row.text);
        ExchangeOrder order;
        order.*row.field = row.text;
        const auto lines = exchange_information(order);
        REQUIRE(lines.has_error());
        CHECK(lines.error().where() == row.name);
    }
}

TEST_CASE("No line break of an address, subject or file name reaches the header")
{
    for (const std::string bad :
         {"a@b\r\nBcc: c@d", "a b@c", "a", "@c", "a@", "<a@b>", "a@b,c@d", "a@b>", "a\n@b", "\xe3\x81\x82@b"})
    {
        INFO(bad);
        CHECK(check_address(bad).has_error());
        auto mail = sample();
        mail.to.push_back(bad);
        CHECK(compose(mail).error().where() == "to");
        mail = sample();
        mail.from = bad;
        CHECK(compose(mail).error().where() == "from");
    }
    auto mail = sample();
    mail.subject = "hello\r\nBcc: x@y";
    mail.attachments = {{"a\r\nX-Evil: 1.wav", "RIFF"}, {"\"b\\.pdf", "%PDF"}, {"\xff.pdf", "%PDF"}};
    const auto octets = compose(mail).value();
    CHECK(octets.find("\r\nBcc:") == std::string::npos);
    CHECK(octets.find("\r\nX-Evil") == std::string::npos);
    CHECK(octets.find("filename*=UTF-8''a%0D%0AX-Evil%3A%201.wav\r\n") != std::string::npos);
    CHECK(octets.find("filename*=UTF-8''%22b%5C.pdf\r\n") != std::string::npos);
    CHECK(octets.find("filename=\"attachment\"\r\n") != std::string::npos);
}

TEST_CASE("Text and attachments are base64 with the media type of the file's name")
{
    auto mail = sample();
    mail.text = "a\nb\r\nc\rd";
    mail.attachments = {{"Voice.WAV", std::string("\0\xff\x10", 3)}, {"page.tif", "II"}, {"x.unknown", ""}};
    const auto octets = compose(mail).value();
    CHECK(octets.find("\r\n\r\nYQ0KYg0KYw0KZA==\r\n--=_0123abcd\r\n") != std::string::npos);
    CHECK(octets.find("Content-Type: audio/wav;\r\n name=\"Voice.WAV\"\r\nContent-Disposition: attachment;\r\n"
                      " filename=\"Voice.WAV\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAP8Q\r\n") !=
          std::string::npos);
    CHECK(octets.find("Content-Type: image/tiff;") != std::string::npos);
    CHECK(octets.find("Content-Type: application/octet-stream;\r\n name=\"x.unknown\"") != std::string::npos);
}

TEST_CASE("Every line of a mail is short, plain and ends with CRLF")
{
    auto mail = sample();
    for (int i = 0; i < 300; ++i)
    {
        mail.subject += "\xe9\x9b\xbb\xe8\xa9\xb1";
        mail.text += "long long line ";
    }
    mail.to.assign(50, "somebody.with.a.long.name@office-b.example");
    std::string name;
    for (int i = 0; i < 85; ++i)
    {
        name += "\xe9\x9b\xbb";
    }
    mail.attachments = {{name, std::string(10'000, 'x')}};
    const auto octets = compose(mail).value();
    std::size_t start = 0;
    while (start < octets.size())
    {
        const auto end = octets.find('\n', start);
        REQUIRE(end != std::string::npos);
        REQUIRE(octets[end - 1] == '\r');
        REQUIRE(end - start <= 998);
        start = end + 1;
    }
    CHECK(std::all_of(octets.begin(), octets.end(), [](char c) { return c > 0; }));
}

TEST_CASE("Header text is plain where it can be and whole encoded words where it cannot")
{
    CHECK(header_text("Please call") == "Please call");
    CHECK(header_text("a\r\n\tb") == "a   b");
    CHECK(header_text("=?x?=") == "=?UTF-8?B?PT94Pz0=?=");
    CHECK(header_text("\xe9\x9b\xbb\xe8\xa9\xb1") == "=?UTF-8?B?6Zu76Kmx?=");
    std::string sixteen;
    for (int i = 0; i < 16; ++i)
    {
        sixteen += "\xe9\x9b\xbb";
    }
    CHECK(header_text(sixteen) == "=?UTF-8?B?6Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu76Zu7?=\r\n"
                                  " =?UTF-8?B?6Zu7?=");
}

TEST_CASE("UTF-8 is checked as RFC 3629 says")
{
    for (const std::string good : {"", "abc", "\xc3\xa9", "\xe9\x9b\xbb", "\xf0\x9f\x93\x9e", "\xf4\x8f\xbf\xbf"})
    {
        CHECK(is_utf8(good));
    }
    for (const std::string bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                  "\xf4\x90\x80\x80", "\xff", "a\xe9\x9b"})
    {
        CHECK_FALSE(is_utf8(bad));
    }
}
