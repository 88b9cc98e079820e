// SPDX-License-Identifier: Apache-2.0
#include "notice/report.h"
#include "notice_check.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ringpost;
using namespace ringpost::notice;
using namespace ringpost::notice::test;

namespace
{
Report sample()
{
    Report report;
    report.heading.from_domain = "office-a.example";
    report.heading.to = "hanako@office-a.example";
    report.heading.date = from_micros(1795168561000000);
    report.heading.message_id = "n1@office-a.example";
    report.heading.in_reply_to = "<m1@office-a.example>";
    report.heading.original_headers = "From: hanako@office-a.example\r\nSubject: call\r\n\r\nbody\r\n";
    report.subject = "Connected";
    report.text = "Both have answered.\n";
    report.machine = {.media_type = "application/vnd.ringpost.result", .text = "Result: success\n"};
    return report;
}
} // namespace

TEST_CASE("A report is written exactly so")
{
    const auto mail = write(sample());
    const auto boundary = mail.substr(mail.find("=_ringpost_"), 27);
    CHECK(mail == "From: \"Ringpost\" <postmaster@office-a.example>\r\n"
                  "To: <hanako@office-a.example>\r\n"
                  "Subject: Connected\r\n"
                  "Date: Fri, 20 Nov 2026 09:56:01 +0000\r\n"
                  "Message-ID: <n1@office-a.example>\r\n"
                  "In-Reply-To: <m1@office-a.example>\r\n"
                  "References: <m1@office-a.example>\r\n"
                  "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/report; report-type=\"vnd.ringpost.result\";\r\n"
                  " boundary=\"" +
                      boundary +
                      "\"\r\n\r\n"
                      "This is a notice of the mail and telephone gateway Ringpost, in MIME format.\r\n"
                      "\r\n--" +
                      boundary +
                      "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Language: en\r\n"
                      "Content-Transfer-Encoding: 7bit\r\n\r\n"
                      "Both have answered.\r\n"
                      "\r\n--" +
                      boundary +
                      "\r\nContent-Type: application/vnd.ringpost.result\r\n"
                      "Content-Transfer-Encoding: 7bit\r\n\r\n"
                      "Result: success\r\n"
                      "\r\n--" +
                      boundary +
                      "\r\nContent-Type: text/rfc822-headers\r\n"
                      "Content-Transfer-Encoding: 7bit\r\n\r\n"
                      "From: hanako@office-a.example\r\nSubject: call\r\n"
                      "\r\n--" +
                      boundary + "--\r\n");
    CHECK(transport_fault(mail).empty());
}

TEST_CASE("What is attached stands beside the report, which keeps its parts")
{
    auto report = sample();
    report.attachments.push_back({"application/pdf", "fax-2.pdf", std::string("%PDF\r\n\0\xff", 8)});
    const auto mail = write(report);
    const auto outer = mail.find("Content-Type: multipart/mixed; boundary=\"=_ringpost_");
    const auto inner = mail.find("Content-Type: multipart/report; report-type=\"vnd.ringpost.result\";\r\n");
    const auto attached = mail.find("Content-Type: application/pdf; name=\"fax-2.pdf\"\r\n"
                                    "Content-Disposition: attachment; filename=\"fax-2.pdf\"\r\n"
                                    "Content-Transfer-Encoding: base64\r\n\r\nJVBERg0KAP8=\r\n");
    REQUIRE(attached != std::string::npos);
    CHECK(outer < inner);
    CHECK(inner < mail.find("Content-Type: application/vnd.ringpost.result"));
    CHECK(mail.find("Content-Type: text/rfc822-headers") < attached);
    CHECK(transport_fault(mail).empty());
    // Each multipart has a boundary of its own.
    const auto first = mail.substr(mail.find("=_ringpost_", outer), 27);
    const auto second = mail.substr(mail.find("=_ringpost_", inner), 27);
    CHECK(first != second);
    CHECK(mail.ends_with("\r\n--" + first + "--\r\n"));
}

TEST_CASE("Without original headers and an original Message-ID these are left out")
{
    auto report = sample();
    report.heading.original_headers.clear();
    report.heading.in_reply_to.reset();
    const auto mail = write(report);
    CHECK(parts_of(mail).size() == 2);
    CHECK_FALSE(contains(mail, "In-Reply-To"));
    CHECK_FALSE(contains(mail, "References"));
}

TEST_CASE("No value becomes a field of its own")
{
    const std::string evil = "a@b>\r\nBcc: <c@d\r\n\r\n--x\r\n\x01\xFF\n.\r\n";
    auto report = sample();
    report.heading.from_domain = evil;
    report.heading.to = evil;
    report.heading.message_id = evil;
    report.heading.in_reply_to = evil;
    report.subject = evil;
    report.machine.media_type = "application/x" + evil;
    const auto mail = write(report);
    CHECK(transport_fault(mail).empty());
    CHECK(field_names(header_of(mail)) == std::vector<std::string>{"From", "To", "Subject", "Date", "Message-ID",
                                                                   "In-Reply-To", "References", "Auto-Submitted",
                                                                   "MIME-Version", "Content-Type"});
    CHECK(parts_of(mail).size() == 3);
}

TEST_CASE("A subject beyond ASCII, long, or like an encoded-word is encoded")
{
    auto report = sample();
    report.subject = "\xE6\x8E\xA5\xE7\xB6\x9A";
    CHECK(contains(write(report), "\r\nSubject: =?UTF-8?B?5o6l57aa?=\r\n"));
    report.subject = "=?UTF-8?Q?x?=";
    CHECK(contains(write(report), "\r\nSubject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n"));
    report.subject = std::string(5000, 'x');
    const auto header = header_of(write(report));
    CHECK(header.size() < 2000);
    CHECK(transport_fault(header).empty());
}

TEST_CASE("Japanese text is base64 with its language")
{
    auto report = sample();
    report.heading.language = Language::ja;
    report.text = "\xE6\x8E\xA5\xE7\xB6\x9A\xE3\x81\x97\xE3\x81\xBE\xE3\x81\x97\xE3\x81\x9F\xE3\x80\x82\n";
    const auto mail = write(report);
    CHECK(transport_fault(mail).empty());
    const auto part = parts_of(mail).at(0);
    CHECK(contains(part, "Content-Language: ja\r\nContent-Transfer-Encoding: base64\r\n"));
    CHECK(decoded(part) == report.text.substr(0, report.text.size() - 1) + "\r\n");
}

TEST_CASE("Original headers of any octets stay within 7 bits, whole lines and 64 KiB")
{
    auto report = sample();
    report.heading.original_headers = "Subject: \xE6\x8E\xA5\r\nX: " + std::string(3000, 'y') + "\r\n";
    auto mail = write(report);
    CHECK(transport_fault(mail).empty());
    CHECK(decoded(parts_of(mail).at(2)) == report.heading.original_headers);

    report.heading.original_headers.clear();
    while (report.heading.original_headers.size() < 2 * original_headers_limit)
    {
        report.heading.original_headers += "X-Filler: 0123456789012345678901234567890123456789\r\n";
    }
    mail = write(report);
    const auto headers = decoded(parts_of(mail).at(2));
    CHECK(headers.size() <= original_headers_limit);
    CHECK(headers.size() > original_headers_limit - 60);
    CHECK(headers.ends_with("6789\r\n"));

    report.heading.original_headers = std::string(2 * original_headers_limit, 'x');
    CHECK(parts_of(write(report)).size() == 2);
}

TEST_CASE("A boundary that stands in the original's headers is not used")
{
    auto report = sample();
    const auto mail = write(report);
    const auto taken = mail.substr(mail.find("=_ringpost_"), 27);
    report.heading.original_headers = "X: y\r\n--" + taken + "\r\nContent-Type: text/evil\r\n";
    const auto other = write(report);
    CHECK_FALSE(contains(other, "boundary=\"" + taken));
    const auto parts = parts_of(other);
    REQUIRE(parts.size() == 3);
    CHECK(body_of(parts[2]) == report.heading.original_headers);
}
