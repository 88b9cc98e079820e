// SPDX-License-Identifier: Apache-2.0
#include "notice/completed_notice.h"
#include "notice/result_notice.h"
#include "notice_check.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost;
using namespace ringpost::notice;
using namespace ringpost::notice::test;

namespace
{
Heading heading(Language language)
{
    Heading heading;
    heading.from_domain = "office-a.example";
    heading.to = "hanako@office-a.example";
    heading.language = language;
    heading.date = from_micros(1795168561000000);
    heading.message_id = "n1@office-a.example";
    heading.original_headers = "Subject: call\r\n";
    return heading;
}

ResultFacts facts()
{
    ResultFacts facts;
    facts.request_number = "r1@office-a.example";
    facts.destination_number = "2000";
    facts.source_number = "044-222-3333";
    facts.attempts = 3;
    facts.started = from_micros(1795168561000000);
    facts.ended = from_micros(1795172161000000);
    facts.addressee = "taro@office-b.example";
    facts.subject = "Please call";
    return facts;
}

CompletedFacts completed()
{
    CompletedFacts facts;
    facts.request_number = "r1@office-a.example";
    facts.addressee = "taro@office-b.example";
    facts.subject = "Please call";
    facts.destination_number = "2000";
    facts.source_number = "044-222-3333";
    facts.completed = from_micros(1795168561000000);
    return facts;
}
} // namespace

TEST_CASE("The machine part of a success has no cause")
{
    auto success = facts();
    success.success = true;
    success.cause = Cause::busy;
    CHECK(result_part(success) == "Request-Number: r1@office-a.example\nRequest: camp-on\nDestination-Number: 2000\n"
                                  "Source-Number: 044-222-3333\nResult: success\nAttempts: 3\n"
                                  "Started: 2026-11-20T09:56:01Z\nEnded: 2026-11-20T10:56:01Z\n");
}

TEST_CASE("The machine part of a failure has one, and no value makes a field")
{
    auto failure = facts();
    failure.cause = Cause::no_answer;
    failure.destination_number = "2000\r\nResult: success\r\n\r\nx";
    failure.source_number = "";
    CHECK(result_part(failure) == "Request-Number: r1@office-a.example\nRequest: camp-on\n"
                                  "Destination-Number: 2000  Result: success    x\nResult: failure\n"
                                  "Cause: no-answer\nAttempts: 3\n"
                                  "Started: 2026-11-20T09:56:01Z\nEnded: 2026-11-20T10:56:01Z\n");
    failure.cause = Cause::none;
    CHECK(contains(result_part(failure), "\nCause: error\n"));
}

TEST_CASE("The result tells how many pages of a FAX are confirmed")
{
    auto success = facts();
    success.success = true;
    success.contents = {{2, Medium::fax, true, Cause::none, std::nullopt, {}, 3, 14400, "+81 44 222 9999"},
                        {3, Medium::fax, false, Cause::congestion, std::nullopt, {}, 1, 0, {}}};
    const auto part = result_part(success);
    CHECK(part.ends_with(
        "\nContent: 2\nMedium: fax\nResult: success\nPages: 3\nBit-Rate: 14400\nRemote-Id: +81 44 222 9999\n"
        "\nContent: 3\nMedium: fax\nResult: failure\nCause: congestion\nPages: 1\n"));
    const auto english = decoded(parts_of(result_notice(heading(Language::en), success)).at(0));
    CHECK(contains(english, "FAX (content 2): sent, pages confirmed by the other FAX: 3."));
    CHECK(contains(english, "FAX (content 3): not sent whole"));
    const auto japanese = decoded(parts_of(result_notice(heading(Language::ja), success)).at(0));
    CHECK(contains(japanese, "FAX（コンテンツ2）: 送信しました（相手側の受信確認: 3ページ）。"));
}

TEST_CASE("A copy of what was sent by FAX is attached and named")
{
    auto success = facts();
    success.success = true;
    success.contents = {{2, Medium::fax, true, Cause::none, std::nullopt, {}, 3, 14400, "+81 44", "%PDF-1.4"}};
    const auto mail = result_notice(heading(Language::en), success);
    CHECK(mail.find("(fax-2.pdf).") != std::string::npos);
    CHECK(mail.find("filename=\"fax-2.pdf\"") != std::string::npos);
    success.contents[0].copy.clear();
    CHECK(result_notice(heading(Language::en), success).find("attached") == std::string::npos);
}

TEST_CASE("Where only contents were to be sent no telephones are said to be connected")
{
    auto success = facts();
    success.connects = false;
    success.success = true;
    success.subject = "The drawings";
    success.contents = {{2, Medium::fax, true, Cause::none, std::nullopt, {}, 3, 14400, "+81 44"}};
    const auto mail = result_notice(heading(Language::en), success);
    CHECK(contains(mail, "\r\nSubject: Sent to 2000: The drawings\r\n"));
    CHECK(mail.find("onnect") == std::string::npos);
    success.success = false;
    success.cause = Cause::busy;
    CHECK(contains(result_notice(heading(Language::en), success),
                   "\r\nSubject: Not sent to 2000: The drawings (busy)\r\n"));
}

TEST_CASE("Of a voice that was ended it is told how much was heard")
{
    auto cancelled = facts();
    cancelled.cause = Cause::cancelled;
    cancelled.contents = {{2, Medium::voice, false, Cause::cancelled, 7, {}, std::nullopt, 0, {}}};
    CHECK(result_part(cancelled).ends_with(
        "\nContent: 2\nMedium: voice\nResult: failure\nCause: cancelled\nSeconds-Heard: 7\n"));
    CHECK(result_notice(heading(Language::en), cancelled).find("7 seconds of it were heard") != std::string::npos);
}

TEST_CASE("A result in English says what happened, to what number and what to do next")
{
    auto failure = facts();
    failure.cause = Cause::busy;
    failure.explanation = "The mailbox has the mail.";
    const auto mail = result_notice(heading(Language::en), failure);
    CHECK(transport_fault(mail).empty());
    CHECK(contains(mail, "\r\nSubject: Not connected: 2000 and 044-222-3333 (busy)\r\n"));
    CHECK(contains(mail, "report-type=\"vnd.ringpost.result\""));
    const auto parts = parts_of(mail);
    REQUIRE(parts.size() == 3);
    CHECK(body_of(parts[0]) == "2000 was busy at the last attempt, and the time for trying is over.\r\n\r\n"
                               "The reason: The mailbox has the mail.\r\n\r\n"
                               "Send the request again later, or give it a longer Monitor-Time.\r\n\r\n"
                               "Your mail \"Please call\" to taro@office-b.example asked for this: connect\r\n"
                               "2000 with 044-222-3333. It was tried 3 times (from 2026-11-20 09:56:01 UTC\r\n"
                               "to 2026-11-20 10:56:01 UTC).\r\n\r\n"
                               "Request number: r1@office-a.example\r\n\r\n"
                               "This notice was written by the Ringpost gateway of office-a.example.\r\n");
}

TEST_CASE("A result in Japanese is base64 of its sentences")
{
    auto success = facts();
    success.success = true;
    success.subject = "電話をください";
    const auto mail = result_notice(heading(Language::ja), success);
    CHECK(transport_fault(mail).empty());
    CHECK(decoded(parts_of(mail).at(0)) ==
          "2000 と 044-222-3333 の双方が応答し、通話がつながりました。\r\n\r\n"
          "taro@office-b.example あてのメール「電話をください」でのご依頼: 2000 と 044-222-3333 の接続\r\n"
          "3回試みました（2026-11-20 09:56:01 UTC から 2026-11-20 10:56:01 UTC まで）。\r\n\r\n"
          "依頼番号: r1@office-a.example\r\n\r\n"
          "この通知は office-a.example の Ringpost ゲートウェイが作成しました。\r\n");
}

TEST_CASE("Every result in both languages can travel anywhere, hostile values included")
{
    auto any = facts();
    any.subject = "x\r\n--y\xFF\x01{destination}" + std::string(5000, 'z');
    any.explanation = any.subject;
    any.addressee = any.subject;
    any.source_number = any.subject;
    any.request_number = any.subject;
    for (const auto language : {Language::en, Language::ja})
    {
        for (const auto& [cause, cause_word] : Spelling<Cause>::words)
        {
            for (const auto& [kind, kind_word] : Spelling<RequestKind>::words)
            {
                CAPTURE(cause_word, kind_word);
                any.cause = cause;
                any.kind = kind;
                any.success = cause == Cause::none;
                const auto mail = result_notice(heading(language), any);
                REQUIRE(transport_fault(mail).empty());
                REQUIRE(parts_of(mail).size() == 3);
            }
        }
    }
}

TEST_CASE("The completed notice has no Result and tells the monitor time")
{
    auto facts = completed();
    CHECK(completed_part(facts) == "Request-Number: r1@office-a.example\nRequest: camp-on\nDestination-Number: 2000\n"
                                   "Source-Number: 044-222-3333\nTrigger: user-reception\n");
    facts.trigger = Trigger::system_recognition;
    facts.monitor_time = 5400s;
    facts.monitor_end = from_micros(1795173961000000);
    facts.shortened = true;
    facts.cap = 5400s;
    facts.cancel_by_reply = true;
    CHECK(contains(completed_part(facts),
                   "Trigger: system-recognition\nMonitor-Time: 1h30m\nMonitor-End: 2026-11-20T11:26:01Z\n"));
    const auto mail = completed_notice(heading(Language::en), facts);
    CHECK(transport_fault(mail).empty());
    CHECK(contains(mail, "\r\nSubject: Transmission completed: Please call\r\n"));
    CHECK(body_of(parts_of(mail).at(0)) ==
          "Your mail \"Please call\" to taro@office-b.example has arrived (2026-11-20\r\n"
          "09:56:01 UTC). What it asks for is performed now: connect 2000 with\r\n044-222-3333.\r\n\r\n"
          "If a telephone is busy or nobody answers, it is tried again for 1 hour 30\r\n"
          "minutes, until 2026-11-20 11:26:01 UTC. You asked for a longer time, which\r\n"
          "was shortened: this gateway tries for at most 1 hour 30 minutes. A further\r\nnotice tells you the "
          "result.\r\n\r\n"
          "Request number: r1@office-a.example\r\n\r\n"
          "To cancel the request, reply to this mail with CANCEL as the first word.\r\n\r\n"
          "This notice was written by the Ringpost gateway of office-a.example.\r\n");
}

TEST_CASE("The completed notice in Japanese, without a number")
{
    auto facts = completed();
    facts.request_number.clear();
    facts.cap = 86400s;
    facts.result_notification = false;
    const auto mail = completed_notice(heading(Language::ja), facts);
    CHECK(transport_fault(mail).empty());
    CHECK(
        decoded(parts_of(mail).at(0)) ==
        "taro@office-b.example あてのメール「Please call」をメールボックスに届けました（2026-11-20 09:56:01 UTC）。\r\n"
        "相手がメールを受信したときに実行します: 2000 と 044-222-3333 の接続\r\n\r\n"
        "話し中や応答なしのときは、つながるまで、最長1日の間、繰り返し試みます。\r\n"
        "\r\n"
        "この通知は office-a.example の Ringpost ゲートウェイが作成しました。\r\n");
}
