// SPDX-License-Identifier: Apache-2.0
#include "media/mail_analysis.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
using Way = WrittenOrder::Way;

std::string mixed(const std::string& parts, const std::string& header = "")
{
    return header + "Content-Type: multipart/mixed; boundary=\"M\"\r\n\r\n" + parts + "--M--\r\n";
}

std::string part(const std::string& header, const std::string& body)
{
    return "--M\r\n" + header + "\r\n" + body + "\r\n";
}

const std::string order_type = "Content-Type: application/vnd.ringpost.exchange-information\r\n";
const std::string text_type = "Content-Type: text/plain; charset=utf-8\r\n";

/// `way number destination`, `! where` for an error, `none` without an order.
std::string order(const std::string& mail)
{
    const auto out = analyse(mail, {});
    CHECK_FALSE((out.order && out.order_error));
    if (out.order_error)
    {
        return "! " + out.order_error->where();
    }
    if (!out.order)
    {
        return "none";
    }
    constexpr const char* ways[] = {"part", "file_name", "header_fields", "text_paragraph"};
    return fmt::format("{} {} {}", ways[static_cast<int>(out.order->way)], out.order->content_number,
                       out.order->info.destination_number.value_or("-"));
}
} // namespace

TEST_CASE("An order is found by each way, the first of them counts")
{
    const std::string header = "Ringpost-Destination-Number: 3\r\n";
    const std::string text = part(text_type, "Exchange:\r\nDestination-Number: 4\r\n\r\nHello\r\n");
    const std::string named = part("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
                                   "filename=\"Call.EXCHANGE\"\r\n",
                                   "Destination-Number: 2");
    const std::string typed = part(order_type, "Destination-Number: 1");
    CHECK(order(mixed(text + typed, header)) == "part 2 1");
    CHECK(order(mixed(text + named, header)) == "file_name 2 2");
    CHECK(order(mixed(text, header)) == "header_fields 0 3");
    CHECK(order(mixed(text)) == "text_paragraph 0 4");
    CHECK(order(mixed(part(text_type, "Hello"))) == "none");
    CHECK(order(order_type + "\r\nDestination-Number: 5\r\n") == "part 1 5");
    CHECK(order(mixed(text + typed + named)) == "! content 3");
    CHECK(order(mixed(typed + typed)) == "! content 2");
    CHECK(order("") == "none");
}

TEST_CASE("An exchange part is decoded and known by every way of writing its file name")
{
    const std::pair<std::string, std::string> rows[] = {
        {order_type + "Content-Transfer-Encoding:\r\n base64\r\n", "RGVzdGluYXRpb24tTnVtYmVyOiA3\r\n"},
        {order_type + "Content-Transfer-Encoding: quoted-printable\r\n", "Destination=2DNumber: =\r\n7"},
        {"Content-Type: text/plain; name=\"=?ISO-2022-JP?B?GyRCJCIbKEI=?=.exchange\"\r\n", "Destination-Number: 7"},
        {"Content-Type: a/b;\r\n name=\"=?ISO-2022-JP?B?GyRCJCIbKEIuZXhjaGFuZ2U=?=\"\r\n", "Destination-Number: 7"},
        {"Content-Disposition: attachment; filename*0*=iso-2022-jp''%1B$B$; filename*1*=%22%1B%28B.exch; "
         "filename*2=ange\r\n",
         "Destination-Number: 7"},
        {"Content-Disposition: attachment;\r\n filename*=utf-8''%E3%81%82.exchange\r\n", "Destination-Number: 7"},
    };
    for (const auto& [header, body] : rows)
    {
        CAPTURE(header);
        const auto found = order(mixed(part(text_type, "Hello") + part(header, body)));
        CHECK((found == "part 2 7" || found == "file_name 2 7"));
    }
}

TEST_CASE("An exchange part with an error is an error that names it")
{
    CHECK(order(mixed(part(order_type, "Trigger: user-reception\r\nTriger: x"))) == "! line 2, Triger");
    CHECK(order(mixed(part(order_type + "Content-Transfer-Encoding: base64\r\n", "RGV|"))) == "! content 1, base64");
    CHECK(order(mixed(part(order_type + "Content-Transfer-Encoding: quoted-printable\r\n", "=ZZ"))) ==
          "! content 1, quoted-printable");
    CHECK(order(mixed(part(order_type + "Content-Transfer-Encoding: new\r\n", ""))) ==
          "! content 1, Content-Transfer-Encoding");
    CHECK(order(mixed(part(order_type, std::string(70'000, ' ')))) == "! scan.order_part");
    const std::string scenario = part("Content-Type: application/vnd.ringpost.scenario\r\n", "play = message 1");
    CHECK(order(mixed(scenario + scenario)) == "! content 2");
    CHECK(analyse(mixed(scenario), {}).scenario_present);
    // The parts of this one depend on the reader.
    CHECK(order(mixed("--MX\r\n\r\nx\r\n" + part(order_type, "") + "--MX\r\n")) == "! MIME structure");
}

TEST_CASE("An order is found in nested multiparts and never in a forwarded mail")
{
    const std::string inner = "Content-Type: multipart/mixed; boundary=I\r\n\r\n--I\r\n" + order_type +
                              "\r\nDestination-Number: 8\r\n--I--\r\n";
    CHECK(order(mixed("--M\r\n" + inner + part(text_type, "x"))) == "part 1 8");
    CHECK(order(mixed(part(text_type, "x") + part("Content-Type: message/rfc822\r\n", inner))) == "none");
    CHECK(order(mixed(part(text_type, "x") + part("Content-Type: message/rfc822; name=a.exchange\r\n", inner))) ==
          "none");
    CHECK(order("Content-Type: message/rfc822\r\n\r\n" + inner) == "none");
    CHECK(order("Content-Type: multipart/digest; boundary=M\r\n\r\n--M\r\n\r\n" + inner + "\r\n--M--\r\n") == "none");
}

TEST_CASE("Header fields make an order, an unknown one is an error")
{
    const std::pair<std::string, std::string> rows[] = {
        {"Ringpost-Destination-Number:\r\n 044-222\r\n\t-3333\r\n", "header_fields 0 044-222\t-3333"},
        {"RINGPOST-TRIGGER: system-recognition\r\n", "header_fields 0 -"},
        {"Ringpost-Service: express\r\n", "none"},
        {"Ringpost-X-Anything: y\r\nX-Ringpost-Trigger: z\r\n", "none"},
        {"From: a@b\r\nRingpost-Foo: y\r\n", "! line 2, Ringpost-Foo"},
        {"Ringpost-Trigger: user-reception\r\nRingpost-Trigger: user-reception\r\n", "! line 2, Ringpost-Trigger"},
        {"Subject: a\r\n b\r\nRingpost-Trigger: now\r\n", "! line 3, Ringpost-Trigger"},
        {"Ringpost-Request: cancel\r\n", "! Ringpost-Reference"},
        {"Ringpost-Destination-Number: 1\r\nRingpost-Request: transfer-release\r\n",
         "! line 1, Ringpost-Destination-Number"},
    };
    for (const auto& [header, expected] : rows)
    {
        CAPTURE(header);
        CHECK(order(header + "\r\nHello\r\n") == expected);
    }
    const auto named = analyse("Ringpost-Name: =?ISO-2022-JP?B?GyRCJCIbKEI=?=\r\n\r\n", {});
    REQUIRE(named.order.has_value());
    CHECK(named.order->info.name == "\xE3\x81\x82");
}

TEST_CASE("The first paragraph of the text is an order only if it looks like one throughout")
{
    const std::pair<std::string, std::string> rows[] = {
        {"Exchange:\r\nDestination-Number: 9\r\n", "text_paragraph 0 9"},
        {"\r\n \r\nexchange:  \r\nDestination-Number: 9 \r\nX-Note: a\r\n\r\nTriger: not read\r\n",
         "text_paragraph 0 9"},
        {"Exchange:\nDestination-Number: 9\n\nHello", "text_paragraph 0 9"},
        {"Exchange:\r\nDestination-Number: 9\r\nTriger: x\r\n", "! line 3, Triger"},
        {"\r\nExchange:\r\nTrigger: now\r\n", "! line 3, Trigger"},
        {"Exchange:\r\nRequest: cancel\r\n", "! Reference"},
        {"Exchange:\r\nDestination-Number: 9\r\nsee you\r\n", "none"},
        {"Exchange:\r\nRate: 1.1\r\nDestination-Number: 9\r\n", "none"},
        {"Exchange:\r\n\r\nDestination-Number: 9\r\n", "none"},
        {"Exchange:\r\n", "none"},
        {"Hello\r\nExchange:\r\nDestination-Number: 9\r\n", "none"},
        {"Hello\r\n\r\nExchange:\r\nDestination-Number: 9\r\n", "none"},
        {"> Exchange:\r\n> Destination-Number: 9\r\n", "none"},
        {"Exchange:\r\n> Destination-Number: 9\r\n", "none"},
        {"Exchange: Destination-Number: 9\r\n", "none"},
    };
    for (const auto& [text, expected] : rows)
    {
        CAPTURE(text);
        CHECK(order("From: a@b\r\n\r\n" + text) == expected);
        CHECK(order(mixed(part("Content-Type: text/html\r\n", "<p>") + part(text_type, text))) == expected);
    }
    CHECK(order("Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                "RQB4AGMAaABhAG4AZwBlADoACgBUAHIAaQBnAGcAZQByADoAIAB1AHMAZQByAC0AcgBlAGMAZQBwAHQAaQBvAG4ACgA=\r\n") ==
          "text_paragraph 0 -");
    CHECK(order(mixed(part(text_type + "Content-Disposition: attachment\r\n", "Exchange:\r\nTrigger: x"))) == "none");
    CHECK(order("\r\nExchange:\r\nDestination-Number: 9\r\n\r\n" + std::string(1'000'000, 'x')) ==
          "text_paragraph 0 9");
}

TEST_CASE("The first word of the text is read, quoted text never")
{
    const std::pair<std::string, std::string> rows[] = {
        {"cancel\r\n", "CANCEL"},
        {"\r\n  Ok, thanks\r\n", "OK"},
        {"NG", "NG"},
        {"> OK\r\nNG\r\n", ""},
        {"", ""},
        {"1 OK", ""},
        {"O\xC3\x96", "O"},
        {"\xEF\xBB\xBFOK", "OK"},
    };
    for (const auto& [text, expected] : rows)
    {
        CAPTURE(text);
        CHECK(analyse("From: a@b\r\n\r\n" + text, {}).first_word_of_text == expected);
    }
    CHECK(analyse(std::string(100, 'x'), {}).first_word_of_text == std::string(64, 'X'));
}

TEST_CASE("The facts of the header are read")
{
    const auto out =
        analyse("Received: by a\r\nReceived: by b\r\nFrom: =?ISO-2022-JP?B?GyRCJCIbKEI=?= <taro@a.example>, b@c\r\n"
                "Subject: =?utf-8?Q?=E3=81=82?=\r\nMessage-ID:\r\n <1@a>\r\nIn-Reply-To: <0@a>\r\n"
                "References: <x@a> (comment)\r\n <0@a>\r\n\r\n",
                {});
    CHECK(out.from == std::vector<std::string>{"taro@a.example", "b@c"});
    CHECK(out.from_display_name == "\xE3\x81\x82");
    CHECK(out.subject == "\xE3\x81\x82");
    CHECK(out.message_id == "<1@a>");
    CHECK(out.in_reply_to == std::vector<std::string>{"<0@a>"});
    CHECK(out.references == std::vector<std::string>{"<x@a>", "<0@a>"});
    CHECK(out.received_count == 2);
    CHECK_FALSE(out.automatic);
    CHECK_FALSE(out.service);
    CHECK(analyse("From: a@b\r\nFrom: c@d\r\n\r\n", {}).from.empty());
    CHECK(analyse("From: a@own <evil@x>\r\n\r\n", {}).from.empty());

    std::string references = "References:";
    for (int i = 0; i < 200; ++i)
    {
        references += fmt::format(" <{}@a>\r\n", i);
    }
    const auto many = analyse(references + "\r\n", {}).references;
    REQUIRE(many.size() == 50);
    CHECK(many.back() == "<199@a>");
}

TEST_CASE("Automatic mail is known by its header")
{
    const std::pair<std::string, bool> rows[] = {
        {"Auto-Submitted: no", false},
        {"Auto-Submitted: No (really)", false},
        {"Auto-Submitted: auto-replied; x=y", true},
        {"Auto-Submitted:", true},
        {"Precedence: Bulk", true},
        {"Precedence: first-class", false},
        {"List-Id: <l.example>", true},
        {"Subject: x", false},
    };
    for (const auto& [header, expected] : rows)
    {
        CAPTURE(header);
        CHECK(analyse(header + "\r\n\r\n", {}).automatic == expected);
    }
}

TEST_CASE("Service types are read from their own field and from the standard ones")
{
    const auto read = [](const std::string& header) { return analyse(header + "\r\n\r\n", {}); };
    const auto own =
        read("Ringpost-Service: time; at=2026-12-01T09:00:00+09:00, Express\r\nRingpost-Service: confidential");
    REQUIRE(own.service.has_value());
    CHECK(own.service->at == *parse_rfc3339("2026-12-01T00:00:00Z"));
    CHECK((own.service->express_ringpost && own.service->confidential_ringpost && !own.service->express_standard));
    CHECK(read("Ringpost-Service: time; after=1h30m").service->after == 90min);
    CHECK(read("Importance: High").service->express_standard);
    CHECK(read("Priority: urgent").service->express());
    CHECK(read("X-Priority: 1 (Highest)").service->express_standard);
    CHECK_FALSE(read("X-Priority: 3").service);
    CHECK_FALSE(read("X-Priority: 10").service);
    CHECK(read("Sensitivity: Company-Confidential").service->sensitivity_private);
    CHECK(read("Deferred-Delivery: Tue, 1 Dec 2026 09:00:00 +0900").service->deferred_delivery ==
          *parse_rfc3339("2026-12-01T00:00:00Z"));
    for (const char* bad : {"", "fast", "time", "time; at=tomorrow", "time; after=31d", "time; after=0s",
                            "time; at=2026-12-01T09:00:00Z; after=1h", "express; very", "express,", "express; x=y",
                            "time; after=1h, time; after=2h"})
    {
        CAPTURE(bad);
        const auto out = read(std::string("Ringpost-Service: ") + bad);
        REQUIRE(out.service_error.has_value());
        CHECK(out.service_error->where() == "Ringpost-Service");
    }
    CHECK(read("Deferred-Delivery: soon").service_error->where() == "Deferred-Delivery");
}

TEST_CASE("The field of the gateways counts only as the very first")
{
    const auto own = analyse("Ringpost-Exchange: id=1@a;\r\n trigger=x\r\nFrom: a@b\r\n\r\n", {});
    CHECK(own.ringpost_exchange == "id=1@a; trigger=x");
    CHECK_FALSE(own.foreign_ringpost_exchange);
    CHECK_FALSE(own.order);
    for (const char* foreign : {"From: a@b\r\nRingpost-Exchange: id=1\r\n\r\n", "Ringpost-Exchange : id=1\r\n\r\n"})
    {
        const auto out = analyse(foreign, {});
        CHECK_FALSE(out.ringpost_exchange);
        CHECK(out.foreign_ringpost_exchange);
    }
}

TEST_CASE("A foreign field of the gateways is renamed and nothing else touched")
{
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"From: a\r\n\r\nRingpost-Exchange: body\r\n", "From: a\r\n\r\nRingpost-Exchange: body\r\n"},
        {"ringpost-EXCHANGE \t: a\r\n b\r\nX: y\r\n\r\n", "X-Foreign-ringpost-EXCHANGE \t: a\r\n b\r\nX: y\r\n\r\n"},
        {"Ringpost-Exchange: a\nRingpost-Exchange:b", "X-Foreign-Ringpost-Exchange: a\nX-Foreign-Ringpost-Exchange:b"},
        {"A: b\r\n Ringpost-Exchange: folded\r\n", "A: b\r\n Ringpost-Exchange: folded\r\n"},
        {"Ringpost-Exchange-X: a\r\nXRingpost-Exchange: b\r\n", "Ringpost-Exchange-X: a\r\nXRingpost-Exchange: b\r\n"},
        {"no field\r\nRingpost-Exchange: a\r\n\r\n", "no field\r\nX-Foreign-Ringpost-Exchange: a\r\n\r\n"},
        {"Ringpost-Exchange", "Ringpost-Exchange"},
    };
    for (const auto& [in, out] : rows)
    {
        CAPTURE(in);
        CHECK(rename_foreign_exchange(in) == out);
    }
    CHECK_FALSE(analyse(rename_foreign_exchange("Ringpost-Exchange : id=1\r\n\r\n"), {}).foreign_ringpost_exchange);
}

TEST_CASE("An id that a mail program wrote as encoded words is read")
{
    // As Python's email package writes an id that is longer than a line.
    const auto out = analyse("In-Reply-To: =?utf-8?q?=3Cringpost-notice=2E11=2E1795176077972893=2E660b4006?=\r\n"
                             " =?utf-8?q?fad3b-4a5d-695b=3Doffice-a=2Eexample=40office-b=2Eexample=3E?=\r\n\r\nx\r\n",
                             ScanLimits{});
    CHECK(out.in_reply_to ==
          std::vector<std::string>{
              "<ringpost-notice.11.1795176077972893.660b4006fad3b-4a5d-695b=office-a.example@office-b.example>"});
}

TEST_CASE("A mail beyond a limit keeps the facts of its header and has no contents")
{
    const auto begin = std::chrono::steady_clock::now();
    const std::string header = "Ringpost-Exchange: id=1@a\r\nFrom: a@b\r\nRingpost-Destination-Number: 1\r\n";
    std::string nested = header;
    std::string fields = header;
    for (int i = 0; i < 100'000; ++i)
    {
        nested += fmt::format("Content-Type: multipart/mixed; boundary={}\r\n\r\n--{}\r\n", i, i);
        fields += "A: b\r\n";
    }
    const std::pair<std::string, std::string> rows[] = {
        {nested, "scan.levels"},
        {fields, "scan.fields"},
        {header + "A: " + std::string(8'000'000, 'x') + "\r\n\r\n", "scan.header_line"},
    };
    for (const auto& [mail, key] : rows)
    {
        const auto out = analyse(mail, {});
        REQUIRE(out.beyond_limits.has_value());
        CHECK(out.beyond_limits->where() == key);
        CHECK(out.from == std::vector<std::string>{"a@b"});
        CHECK(out.ringpost_exchange == "id=1@a");
        CHECK(out.contents.empty());
        CHECK_FALSE(out.order);
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}
