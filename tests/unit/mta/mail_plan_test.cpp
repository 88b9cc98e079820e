// SPDX-License-Identifier: Apache-2.0
// What becomes of a mail of an own user or a stranger (spec 2.2, 2.3, 8): how it orders, and what is refused.
#include "plan_office.h"

#include <catch2/catch.hpp>

#include <set>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

TEST_CASE("An own user's order for an own addressee is completed from the directory")
{
    Office office;
    const auto plan = office(from_taro({hanako}, "Ringpost-Trigger: system-recognition\r\n"));
    const auto request = request_of(plan);
    CHECK(request.kind == RequestKind::camp_on);
    CHECK(request.source_number == "2000");
    CHECK(request.source_device == "2000");
    CHECK(request.destination_number == "2001");
    CHECK(request.destination_device == "2001");
    CHECK(request.trigger == Trigger::system_recognition);
    CHECK(request.state == RequestState::held);
    CHECK(request.sender == taro);
    CHECK(request.addressee == hanako);
    CHECK(request.name == "Taro Yamada");
    CHECK(request.ring_time == 25s);
    CHECK(request.performer.empty());
    CHECK(request.asked == now);
    REQUIRE(plan->audit.size() == 1);
    CHECK(plan->audit[0].allowed);
    CHECK(plan->audit[0].request == request.number);
    CHECK(plan->audit[0].number == "2001");
    CHECK(field_of(plan->recipients[0]).id == request.number);
}

TEST_CASE("A mail that orders nothing carries its id and no order")
{
    Office office;
    const auto plan = office(from_taro({hanako, jiro_b}));
    REQUIRE(ordinary(plan));
    // One for all of them: a repeat is told by id and recipient, and one copy does for those at one gateway.
    CHECK(field_of(plan->recipients[0]).id == field_of(plan->recipients[1]).id);
    CHECK(field_of(plan->recipients[0]).id != field_of(office(from_taro({hanako}))->recipients[0]).id);
    CHECK(plan->audit.empty());
}

TEST_CASE("An own user's order with an error is refused with line and field")
{
    Office office;
    struct Row
    {
        std::string fields;
        Errc code;
        std::string where;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"Ringpost-Trigger: later\r\n", Errc::malformed, "line 1, Ringpost-Trigger", "later"},
        {"Ringpost-Colour: red\r\n", Errc::malformed, "line 1, Ringpost-Colour", ""},
        {"Ringpost-Trigger: user-reception\r\nRingpost-Trigger: user-reception\r\n", Errc::malformed, "line 2",
         "twice"},
        {"Ringpost-Request: cancel\r\n", Errc::malformed, "Reference", ""},
        {"Ringpost-Request: additional-connection\r\n", Errc::malformed, "Request", "not offered by this gateway"},
        {"Ringpost-Request: interruptive-connection\r\n", Errc::malformed, "Request", "not offered by this gateway"},
        {"Ringpost-Request: transfer-release\r\n", Errc::malformed, "Request", "not offered by this gateway"},
        {"Ringpost-Destination-Number: 2000\r\n", Errc::malformed, "Destination-Number", "itself"},
        {"Ringpost-Network: toll\r\nRingpost-Trigger: user-reception\r\n", Errc::malformed, "Network", "own, not toll"},
        {"Ringpost-Destination-Number: 119\r\n", Errc::refused, "119", "emergency"},
        {"Ringpost-Destination-Number: 03-1111-2222\r\n", Errc::refused, "03-1111-2222", "no permission for public"},
        {"Ringpost-Source-Number: 03-1111-2222\r\n", Errc::refused, "2001", "no permission for public +81311112222"},
        {"Ringpost-Destination-Number: 1+2\r\n", Errc::malformed, "Destination-Number", "not a number"},
    }));
    const auto plan = office(from_taro({hanako}, row.fields));
    INFO(row.fields);
    REQUIRE(plan.has_error());
    INFO(plan.error().message());
    CHECK(plan.error().code() == row.code);
    CHECK(contains(plan.error().where(), row.where));
    CHECK(contains(plan.error().text(), row.text));
}

TEST_CASE("What an own user may not call is refused with the rule, and the kill switch refuses all")
{
    Office office([](Rows& rows) { rows.permissions = {{hanako, "own", ""}}; });
    const auto plan = office(from_taro({"hanako+call@office.example"}));
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::refused);
    CHECK(plan.error().where() == "2001");
    CHECK(contains(plan.error().text(), "no permission for own 2001"));

    Office stopped([](Rows& rows) { rows.settings["kill-switch"] = "on"; });
    for (const auto* to : {"hanako+call@office.example", "jiro+call@office-b.example"})
    {
        const auto stopped_plan = stopped(from_taro({to}));
        REQUIRE(stopped_plan.has_error());
        CHECK(contains(stopped_plan.error().text(), "kill-switch"));
    }
}

TEST_CASE("Hours of a permission count at the time for which the mail is meant")
{
    Office office([](Rows& rows) { rows.permissions = {{"*", "own", "08:00-09:00"}}; });
    CHECK(office(from_taro({"hanako+call@office.example"})).error().code() == Errc::refused);
    const auto later =
        office(from_taro({"hanako+call@office.example"}, "Ringpost-Service: time; at=2026-11-21T08:30:00Z\r\n"));
    CHECK(request_of(later).destination_device == "2001");
}

TEST_CASE("From and MAIL FROM are addresses of the own user, or MAIL FROM is null")
{
    Office office;
    auto letter = from_taro({hanako});
    letter.octets = mail_text(hanako, "");
    CHECK(office(letter).error().code() == Errc::refused);
    letter.octets = mail_text("sales@office.example, " + hanako, "");
    CHECK(office(letter).error().where() == "From");
    letter.octets = "Subject: no sender\r\n\r\n";
    CHECK(ordinary(office(letter)));
    letter.octets = "Subject: no sender\r\nRingpost-Trigger: system-recognition\r\n\r\n";
    CHECK(office(letter).error().where() == "From");
    letter.octets = mail_text("SALES@office.example", "");
    CHECK(office(letter).has_value());
    letter.reverse_path = hanako;
    CHECK(office(letter).error().where() == "MAIL FROM");
    letter.reverse_path = "taro@other.example";
    CHECK(office(letter).has_value());
    letter.reverse_path = "";
    CHECK(ordinary(office(letter)));
    letter.submitter.name = "gone@office.example";
    CHECK(office(letter).error().code() == Errc::refused);
}

TEST_CASE("Automatic mails and mails with a null sender of own users are ordinary mail, with an audit row")
{
    Office office;
    const auto fields = GENERATE(as<std::string>{}, "Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n",
                                 "List-Id: <l.example>\r\n", "");
    const auto order = GENERATE(as<std::string>{}, "Ringpost-Trigger: system-recognition\r\n",
                                "Ringpost-Trigger: never\r\n", "Ringpost-Request: transfer-release\r\n");
    auto letter = from_taro({hanako}, fields + order);
    letter.reverse_path = fields.empty() ? "" : taro;
    const auto plan = office(letter);
    CHECK(ordinary(plan));
    CHECK(noted(plan, "start no calls"));

    // An address that can mean nothing else is not taken for an ordinary one.
    letter.recipients = {"hanako+callnow@office.example"};
    CHECK(office(letter).error().code() == Errc::refused);
    letter.octets = mail_text(taro, fields);
    letter.recipients = {hanako};
    CHECK(office(letter)->audit.empty());
}

TEST_CASE("A stranger's order is ordinary mail with an audit row, errors too")
{
    Office office;
    const auto fields = GENERATE(as<std::string>{}, "Ringpost-Trigger: system-recognition\r\n",
                                 "Ringpost-Trigger: never\r\n", "Ringpost-Request: transfer-release\r\n");
    const auto plan = office(from_stranger({hanako, taro}, fields));
    CHECK(ordinary(plan));
    CHECK(noted(plan, "strangers start no calls"));
    CHECK(plan->recipients[0].exchange.empty());
    CHECK(plan->recipients.size() == 2);
    CHECK(office(from_stranger({hanako}, "")).value().audit.empty());
}

TEST_CASE("A stranger's Ringpost-Exchange and service types count for nothing")
{
    Office office;
    auto letter = from_stranger({hanako}, field_of(order_of_b()) +
                                              "Ringpost-Service: express, time; after=1h\r\nRingpost-X-Note: a\r\n");
    letter.envelope.priority = 5;
    const auto plan = office(letter);
    CHECK(ordinary(plan));
    CHECK_FALSE(plan->express);
    CHECK_FALSE(plan->due);
    CHECK(plan->seen_id.empty());
    CHECK_FALSE(plan->progress);
}

TEST_CASE("Each of the five ways asks for the same thing")
{
    Office office;
    const std::string text = "Trigger: system-recognition\r\nRing-Time: 40s";
    auto letter = from_taro({hanako});
    SECTION("a part by its media type")
    {
        letter.octets = with_part(taro, part_type, "a.txt", text);
    }
    SECTION("an attachment by its file name")
    {
        letter.octets = with_part(taro, "application/octet-stream", "a.exchange", text);
    }
    SECTION("header fields")
    {
        letter.octets = mail_text(taro, "Ringpost-Trigger: system-recognition\r\nRingpost-Ring-Time: 40s\r\n");
    }
    SECTION("the first paragraph of the text")
    {
        letter.octets = mail_text(taro, "", "Exchange:\r\n" + text + "\r\n\r\nPlease call.\r\n");
    }
    const auto request = request_of(office(letter));
    CHECK(request.trigger == Trigger::system_recognition);
    CHECK(request.ring_time == 40s);
    CHECK(request.destination_device == "2001");
}

TEST_CASE("The address alone asks for a call at reception or at once")
{
    Office office;
    CHECK(request_of(office(from_taro({"hanako+call@office.example"}))).trigger == Trigger::user_reception);
    CHECK(request_of(office(from_taro({"hanako+CallNow@office.example"}))).trigger == Trigger::system_recognition);
    CHECK(request_of(office(from_taro({"hanako+call@office.example"}))).addressee == hanako);
    CHECK(office(from_taro({"hanako+calls@office.example"}))->recipients[0].recipient == "hanako+calls@office.example");
}

TEST_CASE("The first way that is found is used: part, file name, header fields, address, text")
{
    Office office;
    const std::string header = "Ringpost-Ring-Time: 20s\r\n";
    const std::string body = "Exchange:\r\nRing-Time: 30s";
    const std::string call = "hanako+callnow@office.example";
    const auto letter = [](const std::string& to, const std::string& octets) {
        return Letter{{Standing::own_user, taro}, taro, {to}, octets};
    };
    const auto part = request_of(office(letter(call, with_part(taro, part_type, "a", "Ring-Time: 10s", header, body))));
    CHECK(part.ring_time == 10s);
    CHECK(part.trigger == Trigger::user_reception);
    CHECK(request_of(office(letter(call, with_part(taro, "text/plain", "a.exchange", "Ring-Time: 15s", header, body))))
              .ring_time == 15s);
    CHECK(request_of(office(letter(call, mail_text(taro, header, body + "\r\n")))).ring_time == 20s);
    const auto address = request_of(office(letter(call, mail_text(taro, "", body + "\r\n"))));
    CHECK(address.ring_time == 25s);
    CHECK(address.trigger == Trigger::system_recognition);
    CHECK(request_of(office(letter(hanako, mail_text(taro, "", body + "\r\n")))).ring_time == 30s);
}

TEST_CASE("Two exchange parts, and a scenario, are answered with an error")
{
    Office office;
    auto letter = from_taro({hanako});
    letter.octets = with_part(taro, part_type, "a", "Ring-Time: 10s");
    const auto end = letter.octets.find("--b--");
    letter.octets.insert(end, "--b\r\nContent-Type: " + part_type + "\r\n\r\nRing-Time: 10s\r\n");
    CHECK(contains(office(letter).error().text(), "two exchange informations"));
    const std::string scenario = "application/vnd.ringpost.scenario";
    letter.octets = with_part(taro, scenario, "a.scenario", "play = message 1");
    CHECK(ordinary(office(letter)));
    letter.octets = with_part(taro, scenario, "a.scenario", "play = message 9", "Ringpost-Trigger: user-reception\r\n");
    CHECK(office(letter).error().code() == Errc::malformed);
    CHECK(contains(office(letter).error().message(), "line 1"));
    letter.octets = with_part(taro, scenario, "a.scenario", "play = message 1", "Ringpost-Trigger: user-reception\r\n");
    const auto spoken = office(letter);
    REQUIRE(spoken.has_value());
    CHECK(spoken->recipients.at(0).scenario == "play = message 1\n");
}

TEST_CASE("Aliases, To and Cc are one addressee, who is called if any of the addresses says so")
{
    Office office;
    auto letter = from_taro({taro, "sales@office.example", "TARO@other.example", "taro+call@other.example"});
    letter.submitter.name = hanako;
    letter.reverse_path = hanako;
    letter.octets = mail_text(hanako, "");
    const auto plan = office(letter);
    CHECK(request_of(plan).addressee == taro);
    CHECK(office.numbers == 1);
    letter.recipients = {"jiro@office-b.example", "jiro@Office-B.example"};
    CHECK(office(letter)->recipients.size() == 1);
}

TEST_CASE("Several addressees are a request each, with numbers of their own")
{
    Office office;
    const auto plan = office(from_taro({hanako, jiro_b, "saburo@office-c.example"}, "Ringpost-Ring-Time: 20s\r\n"));
    REQUIRE(plan.has_value());
    std::set<std::string> numbers;
    for (const auto& recipient : plan->recipients)
    {
        REQUIRE(recipient.request);
        CHECK(field_of(recipient).id == recipient.request->number);
        numbers.insert(recipient.request->number);
    }
    CHECK(numbers.size() == 3);

    const auto some = office(from_taro({"hanako+call@office.example", jiro_b}));
    REQUIRE(some.has_value());
    CHECK(some->recipients[0].request);
    CHECK_FALSE(some->recipients[1].request);
}

TEST_CASE("Destination-Number together with several addressees is an error, with one in aliases it is none")
{
    Office office;
    const std::string field = "Ringpost-Destination-Number: 2900\r\n";
    const auto plan = office(from_taro({hanako, jiro_b}, field));
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::malformed);
    CHECK(contains(plan.error().where(), "Destination-Number"));
    CHECK(request_of(office(from_taro({hanako, "Hanako@office.example"}, field))).destination_device == "2900");
}

TEST_CASE("One mail starts at most the configured number of calls, a cancel is none")
{
    Office office;
    office.config.service.calls_per_mail = 2;
    const std::vector<std::string> three{hanako, jiro_b, "a@office-b.example"};
    const auto plan = office(from_taro(three, "Ringpost-Ring-Time: 20s\r\n"));
    REQUIRE(plan.has_error());
    CHECK(plan.error().code() == Errc::refused);
    CHECK(contains(plan.error().text(), "at most 2 calls"));
    CHECK(office(from_taro({hanako, jiro_b}, "Ringpost-Ring-Time: 20s\r\n")).has_value());
    CHECK(office(from_taro(three)).has_value());
    CHECK(office(from_taro(three, "Ringpost-Request: cancel\r\nRingpost-Reference: 1@office.example\r\n")).has_value());
}

TEST_CASE("An order for another office is followed here and carries what was resolved")
{
    Office office;
    auto letter = from_taro({jiro_b}, "Ringpost-Destination-Number: 2000\r\nRingpost-Trigger: system-recognition\r\n");
    const auto plan = office(letter);
    const auto request = request_of(plan);
    CHECK(request.performer == "office-b.example");
    CHECK(request.addressee == jiro_b);
    CHECK(request.state == RequestState::held);
    const auto order = field_of(plan->recipients[0]).order.value();
    // Both offices have an extension 2000: the source is told by its external number, the destination stays as written.
    CHECK(order.source_number == "+81442223300");
    CHECK(order.destination_number == "2000");
    CHECK(order.trigger == Trigger::system_recognition);
    CHECK(order.notify_completed);
    CHECK_FALSE(order.network);
}

TEST_CASE("An extension of another office is not judged as one of ours")
{
    // A user who may call by tie line only: 2001 is a telephone of office B here, not Hanako's.
    Office office([](Rows& rows) { rows.permissions = {{"*", "toll", ""}}; });
    CHECK(office(from_taro({jiro_b}, "Ringpost-Destination-Number: 2001\r\n")).has_value());
    CHECK(office(from_taro({jiro_b}, "Ringpost-Destination-Number: 044-333-2001\r\n")).has_value());
    CHECK(office(from_taro({jiro_b}, "Ringpost-Destination-Number: 03-1111-2222\r\n")).error().code() == Errc::refused);
    CHECK(office(from_taro({hanako}, "Ringpost-Ring-Time: 20s\r\n")).error().code() == Errc::refused);
}

TEST_CASE("The completed notice is left out by NOTIFY=NEVER and by the sender's preference")
{
    Office office;
    auto letter = from_taro({jiro_b}, "Ringpost-Ring-Time: 20s\r\n");
    letter.envelope.recipients.push_back({{}, {true, true, false, false, false}, ""});
    auto plan = office(letter);
    CHECK_FALSE(request_of(plan).notify_completed);
    CHECK(plan->recipients[0].notify == "NEVER");
    letter.envelope.recipients[0].notify = {true, false, true, false, true};
    plan = office(letter);
    CHECK(request_of(plan).notify_completed);
    CHECK(plan->recipients[0].notify == "SUCCESS,DELAY");
    Office silent([](Rows& rows) { rows.users[0].completed_notice = false; });
    CHECK_FALSE(request_of(silent(from_taro({jiro_b}, "Ringpost-Ring-Time: 20s\r\n"))).notify_completed);
}

TEST_CASE("Mail to an own address that nobody has any more is refused when it orders a call")
{
    Office office;
    CHECK(office(from_taro({"gone@office.example"}, "Ringpost-Ring-Time: 20s\r\n")).error().code() == Errc::not_found);
}

TEST_CASE("Time service: at, after, the standard field and SMTP hold the mail, within the limit")
{
    Office office;
    struct Row
    {
        std::string fields;
        std::optional<Duration> hold_for;
        std::optional<Duration> due; ///< from now
    };
    const auto row = GENERATE(values<Row>({
        {"", std::nullopt, std::nullopt},
        {"Ringpost-Service: time; after=90m\r\n", std::nullopt, 90min},
        {"Ringpost-Service: time; at=2026-11-20T21:00:00+09:00\r\n", std::nullopt, 2h},
        {"Ringpost-Service: time; at=2026-11-20T09:00:00Z\r\n", std::nullopt, std::nullopt},
        {"Deferred-Delivery: Fri, 20 Nov 2026 11:00:00 +0000\r\n", std::nullopt, 1h},
        {"", 10min, 10min},
        {"Ringpost-Service: time; after=90m\r\n", 10min, 90min},
        {"Deferred-Delivery: Fri, 20 Nov 2026 11:00:00 +0000\r\n", 10min, 10min},
    }));
    auto letter = from_taro({hanako}, row.fields);
    letter.envelope.hold_for = row.hold_for;
    const auto plan = office(letter);
    INFO(row.fields);
    REQUIRE(plan.has_value());
    CHECK(plan->due.has_value() == row.due.has_value());
    CHECK(plan->due.value_or(now) == now + row.due.value_or(0s));
    office.config.mta.max_hold = 5min;
    CHECK(office(letter).has_error() == row.due.has_value());
}

TEST_CASE("Express by any of its fields, and only for own users and peers")
{
    Office office;
    const auto fields = GENERATE(as<std::string>{}, "Ringpost-Service: express\r\n", "Importance: high\r\n",
                                 "Priority: urgent\r\n", "X-Priority: 1\r\n", "");
    auto own = from_taro({"hanako+call@office.example"}, fields);
    own.envelope.priority = fields.empty() ? std::optional(3) : std::nullopt;
    const auto plan = office(own);
    CHECK(plan->express);
    CHECK(request_of(plan).express);
    CHECK(field_of(plan->recipients[0]).order->express);
    auto peer = from_office_b({hanako}, fields);
    peer.envelope.priority = own.envelope.priority;
    CHECK(office(peer)->express);
    CHECK_FALSE(office(from_office_b({hanako}, ""))->express);
    CHECK_FALSE(office(from_stranger({hanako}, fields))->express);
}

TEST_CASE("A service that cannot be read is refused")
{
    Office office;
    CHECK(office(from_taro({hanako}, "Ringpost-Service: slowly\r\n")).error().code() == Errc::malformed);
    CHECK(office(from_stranger({hanako}, "Ringpost-Service: slowly\r\n")).has_value());
}

TEST_CASE("A mail beyond a scan limit is refused to an own user and ordinary mail from all others")
{
    Office office;
    office.config.scan.fields = 5;
    const std::string many = "X-A: 1\r\nX-B: 1\r\nX-C: 1\r\nRingpost-Trigger: system-recognition\r\n";
    const auto own = office(from_taro({hanako}, many));
    REQUIRE(own.has_error());
    CHECK(own.error().code() == Errc::too_large);
    CHECK(contains(own.error().message(), "scan.fields"));
    CHECK(ordinary(office(from_stranger({hanako}, many))));
    CHECK(ordinary(office(from_office_b({hanako}, many))));
}

TEST_CASE("A cancel, by mail and by reply, travels as an order and makes no request of its own")
{
    Office office;
    const std::string id = "<ringpost-notice.5.1234.42-ab=office-b.example@office-b.example>";
    const auto to = GENERATE(as<std::string>{}, "postmaster@office-b.example", "hanako@office.example");
    const auto by_reply = from_taro({to}, "In-Reply-To: " + id + "\r\n", "Cancel, please.\r\n");
    const auto by_field = from_taro({to}, "Ringpost-Request: cancel\r\nRingpost-Reference: 42-ab@office-b.example\r\n");
    for (const auto& letter : {by_reply, by_field})
    {
        const auto plan = office(letter);
        REQUIRE(plan.has_value());
        CHECK_FALSE(plan->recipients[0].request);
        const auto order = field_of(plan->recipients[0]).order.value();
        CHECK(order.kind == RequestKind::cancel);
        CHECK(order.reference == "42-ab@office-b.example");
    }
    CHECK(ordinary(office(from_taro({to}, "In-Reply-To: " + id + "\r\n", "Thank you.\r\n"))));
}

TEST_CASE("A user without a telephone can cancel and cannot call")
{
    Office office;
    Letter letter{
        {Standing::own_user, "jiro@office.example"},
        "jiro@office.example",
        {hanako},
        mail_text("jiro@office.example", "Ringpost-Request: cancel\r\nRingpost-Reference: 1@office.example\r\n")};
    CHECK(office(letter).has_value());
    letter.octets = mail_text("jiro@office.example", "Ringpost-Ring-Time: 20s\r\n");
    CHECK(contains(office(letter).error().where(), "Source-Number"));
    letter.octets = mail_text("jiro@office.example", "Ringpost-Source-Number: 2900\r\n");
    CHECK(request_of(office(letter)).source_device == "2900");
}

TEST_CASE("A structure with a flaw is refused to an own user, and ordinary mail from a stranger")
{
    Office office;
    const std::string fields = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    const std::string body = "--b\r\n\r\nHello.\r\n";
    const auto own = office(from_taro({hanako}, fields, body));
    REQUIRE(own.has_error());
    CHECK(own.error().code() == Errc::malformed);
    CHECK(own.error().message() == "MIME structure, line 2: the multipart has no end, --b--");
    CHECK(ordinary(office(from_stranger({hanako}, fields + "Ringpost-Trigger: system-recognition\r\n", body))));
    CHECK(ordinary(office(from_taro({hanako}, fields, body + "--b--\r\n"))));
}

TEST_CASE("An own user's order in a mail that can be read in two ways is refused, and without order it is ordinary")
{
    Office office;
    // mimetic takes --bc for a boundary of b.
    const std::string fields = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    const std::string body = "--b\r\n\r\nHello.\r\n--bc\r\n\r\nHello.\r\n--b--\r\n";
    CHECK(ordinary(office(from_taro({hanako}, fields, body))));
    const auto own = office(from_taro({hanako}, fields + "Ringpost-Trigger: system-recognition\r\n", body));
    REQUIRE(own.has_error());
    CHECK(contains(own.error().message(), "two ways"));
}

TEST_CASE("A mail without From: claims nobody: it is ordinary mail, and may not order")
{
    Office office;
    Letter letter{{Standing::own_user, taro}, taro, {hanako}, ""};
    CHECK(ordinary(office(letter)));
    letter.octets = "Subject: x\r\n\r\nHello.\r\n";
    CHECK(ordinary(office(letter)));
    letter.octets = "Ringpost-Trigger: system-recognition\r\n\r\nHello.\r\n";
    CHECK(office(letter).error().where() == "From");
    letter.octets = "From: \r\n\r\nHello.\r\n";
    CHECK(office(letter).error().where() == "From");
}
