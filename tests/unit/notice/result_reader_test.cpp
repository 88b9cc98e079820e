// SPDX-License-Identifier: Apache-2.0
#include "notice/bounce.h"
#include "notice/completed_notice.h"
#include "notice/result_notice.h"
#include "result_reader.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost;
using namespace ringpost::notice;

namespace
{
Heading heading(Language language)
{
    Heading heading;
    heading.from_domain = "office-b.example";
    heading.to = "hanako@office-a.example";
    heading.language = language;
    heading.message_id = "n1@office-b.example";
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
    return facts;
}
} // namespace

TEST_CASE("Every result that is written is read back from its mail")
{
    for (const auto language : {Language::en, Language::ja})
    {
        for (const auto& [cause, spelling] : Spelling<Cause>::words)
        {
            CAPTURE(spelling);
            auto written = facts();
            written.cause = cause;
            written.success = cause == Cause::none;
            const auto mail = "Received: by x;\r\n then\r\nRingpost-Exchange: id=r1@office-a.example\r\n" +
                              result_notice(heading(language), written);
            const auto part = extract_result_part(mail);
            REQUIRE(part.has_value());
            const auto read = read_result(*part);
            REQUIRE(read.has_value());
            CHECK(read->request_number == written.request_number);
            CHECK(read->kind == RequestKind::camp_on);
            CHECK(read->destination_number == "2000");
            CHECK(read->source_number == "044-222-3333");
            CHECK(read->success == written.success);
            CHECK(read->cause == cause);
            CHECK(read->attempts == 3);
            CHECK(read->started == written.started);
            CHECK(read->ended == written.ended);
        }
    }
}

TEST_CASE("A completed notice is read as one without result")
{
    CompletedFacts completed;
    completed.request_number = "r1@office-a.example";
    completed.trigger = Trigger::system_recognition;
    completed.monitor_time = 90s;
    completed.monitor_end = from_micros(1795172161000000);
    const auto part = extract_result_part(completed_notice(heading(Language::en), completed));
    REQUIRE(part.has_value());
    const auto read = read_result(*part);
    REQUIRE(read.has_value());
    CHECK_FALSE(read->success.has_value());
    CHECK(read->trigger == Trigger::system_recognition);
    CHECK(read->monitor_time == Duration(90s));
    CHECK(read->monitor_end == completed.monitor_end);
}

TEST_CASE("Reading is tolerant of case, order, unknown fields, later blocks and newer words")
{
    const auto read = read_result("X-New: 1\r\nCAUSE: sunspots\r\nresult: Failure\r\nRequest: dance\r\n"
                                  "Request-number:  r1@a \r\nRequest-Number: r2@a\r\nAttempts: many\r\n"
                                  "Started: yesterday\r\n\r\nContent: 2\r\nResult: success\r\nno field here\r\n");
    REQUIRE(read.has_value());
    CHECK(read->request_number == "r1@a");
    CHECK(read->success == false);
    CHECK(read->cause == Cause::error);
    CHECK_FALSE(read->kind.has_value());
    CHECK(read->attempts == 0);
    CHECK_FALSE(read->started.has_value());
}

TEST_CASE("What is no result part is refused")
{
    const std::string number = "Request-Number: r1@a\n";
    for (const auto& text : {std::string{}, std::string("Result: success\n"), number + "Result: perhaps\n",
                             number + "Result:\nX\n", number + ": x\n", "\n" + number, number + "words\n"})
    {
        CAPTURE(text);
        const auto read = read_result(text);
        REQUIRE(read.has_error());
        CHECK(read.error().code() == Errc::malformed);
    }
    std::string many = number;
    for (int i = 0; i < 200; ++i)
    {
        many += "X-" + std::to_string(i) + ": y\n";
    }
    CHECK(read_result(many).has_error());
    const auto large = read_result(number + std::string(result_part_limit, 'x'));
    REQUIRE(large.has_error());
    CHECK(large.error().code() == Errc::too_large);
}

TEST_CASE("Only a notice of our own writer has a result part")
{
    const auto mail = result_notice(heading(Language::en), facts());
    CHECK_FALSE(extract_result_part("").has_value());
    CHECK_FALSE(extract_result_part("Subject: x\r\n\r\n" + mail).has_value());
    CHECK_FALSE(extract_result_part("X: y\r\n\r\n").has_value());
    CHECK_FALSE(extract_result_part(bounce(heading(Language::en), BounceFacts{})).has_value());
    for (std::size_t size = 0; size < mail.find("text/rfc822-headers") - 60; ++size)
    {
        REQUIRE_FALSE(extract_result_part(std::string_view(mail).substr(0, size)).has_value());
    }
}
