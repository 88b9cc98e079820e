// SPDX-License-Identifier: Apache-2.0
#include "notice/bounce.h"
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
    heading.message_id = "n1@office-a.example";
    heading.original_headers = "Subject: call\r\n";
    return heading;
}

BounceFacts facts()
{
    BounceFacts facts;
    facts.reporting_mta = "gw.office-a.example";
    facts.recipient = "nobody@office-b.example";
    facts.status = "5.1.1";
    facts.arrival = from_micros(1795168561000000);
    facts.last_attempt = from_micros(1795172161000000);
    facts.subject = "Hello";
    return facts;
}

std::string unwrapped(std::string text, const std::string& blank)
{
    for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", end))
    {
        text.replace(end, 2, blank);
    }
    return text;
}
} // namespace

TEST_CASE("A failure that another server answered is told in full")
{
    auto failed = facts();
    failed.original_recipient = "rfc822;Nobody@office-b.example";
    failed.remote_mta = "gw.office-b.example";
    failed.diagnostic = "550 5.1.1 no such\r\nuser";
    failed.will_retry_until = failed.last_attempt;
    CHECK(delivery_status(failed) == "Reporting-MTA: dns; gw.office-a.example\n"
                                     "Arrival-Date: Fri, 20 Nov 2026 09:56:01 +0000\n"
                                     "\n"
                                     "Original-Recipient: rfc822; Nobody@office-b.example\n"
                                     "Final-Recipient: rfc822; nobody@office-b.example\n"
                                     "Action: failed\n"
                                     "Status: 5.1.1\n"
                                     "Remote-MTA: dns; gw.office-b.example\n"
                                     "Diagnostic-Code: smtp; 550 5.1.1 no such  user\n"
                                     "Last-Attempt-Date: Fri, 20 Nov 2026 10:56:01 +0000\n");
    const auto mail = bounce(heading(Language::en), failed);
    CHECK(transport_fault(mail).empty());
    CHECK(contains(mail, "\r\nSubject: Not delivered: your mail to nobody@office-b.example\r\n"));
    CHECK(contains(mail, "\r\nContent-Type: multipart/report; report-type=\"delivery-status\";\r\n"));
    const auto parts = parts_of(mail);
    REQUIRE(parts.size() == 3);
    CHECK(contains(parts[1], "Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"));
    CHECK(body_of(parts[0]) == "Your mail \"Hello\" could not be delivered to nobody@office-b.example. There\r\n"
                               "is no mailbox with that address.\r\n\r\n"
                               "The server gw.office-b.example said: 550 5.1.1 no such  user\r\n\r\n"
                               "Nothing more will be tried. Check the address and send the mail again, or\r\n"
                               "reach the person in another way.\r\n\r\n"
                               "This notice was written by the Ringpost gateway of office-a.example.\r\n");
}

TEST_CASE("A server that is known by its address is told as a literal")
{
    const auto [host, literal] = GENERATE(std::pair{"192.0.2.1", "[192.0.2.1]"}, std::pair{"::1", "[IPv6:::1]"},
                                          std::pair{"2001:DB8::25", "[IPv6:2001:db8::25]"},
                                          std::pair{"gw.office-b.example", "gw.office-b.example"});
    auto failed = facts();
    failed.remote_mta = host;
    CHECK(contains(delivery_status(failed), std::string("Remote-MTA: dns; ") + literal + "\n"));
}

TEST_CASE("What this gateway has found is told in the reader's words, once, with what to do about it")
{
    struct Row
    {
        std::string status;
        std::string_view diagnostic;
        std::string_view english; ///< begins the reason
        std::string_view japanese;
        std::string_view next;
        std::string_view then;
    };
    const auto row = GENERATE(values<Row>(
        {{"5.0.0", deleted_from_queue, "The administrator", "このゲートウェイの管理者", "Ask the administrator",
          "管理者に"},
         {"5.7.0", question_is_over, "It answers a question", "お返事の対象", "Nothing happens", "何も行いません"},
         {"5.7.0", somebody_else_asked, "It answers a question", "ほかの人", "Only who was asked", "本人が"},
         {"5.7.30", "the mail is confidential, and the next server …", "The mail is confidential", "親展の",
          "without asking for confidential", "親展の指定を外して"},
         {"5.7.10", "the mail is confidential, and the connection …", "The mail may travel", "暗号化された",
          "without asking for confidential", "親展の指定を外して"}}));
    CAPTURE(row.diagnostic);
    auto failed = facts();
    failed.status = row.status;
    failed.diagnostic = row.diagnostic;
    CHECK(contains(delivery_status(failed), "\nDiagnostic-Code: x-ringpost; "));
    for (const auto language : {Language::en, Language::ja})
    {
        std::string text = decoded(parts_of(bounce(heading(language), failed)).at(0));
        text = unwrapped(text, language == Language::en ? " " : "");
        CHECK(contains(text, language == Language::en ? row.english : row.japanese));
        CHECK(contains(text, language == Language::en ? row.next : row.then));
        CHECK_FALSE(contains(text, language == Language::en ? "Details:" : row.diagnostic));
        CHECK_FALSE(contains(text, language == Language::en ? "Check the address" : "宛先を確かめて"));
    }
    // Another server's words are its own.
    failed.remote_mta = "gw.office-b.example";
    CHECK(contains(decoded(parts_of(bounce(heading(Language::ja), failed)).at(0)), "gw.office-b.example の応答: "));
}

TEST_CASE("A delay tells until when it is tried")
{
    auto delayed = facts();
    delayed.action = BounceAction::delayed;
    delayed.status = "4.4.1";
    delayed.diagnostic = "connection refused";
    delayed.will_retry_until = from_micros(1795172161000000);
    const auto status = delivery_status(delayed);
    CHECK(contains(status, "\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: x-ringpost; connection refused\n"));
    CHECK(contains(status, "\nWill-Retry-Until: Fri, 20 Nov 2026 10:56:01 +0000\n"));
    const auto mail = bounce(heading(Language::ja), delayed);
    CHECK(transport_fault(mail).empty());
    CHECK(contains(decoded(parts_of(mail).at(0)), "2026-11-20 10:56:01 UTC まで配送の試みを続けます。"));
    // The reason alone would be too general.
    CHECK(contains(decoded(parts_of(mail).at(0)), "詳細: connection refused"));
}

TEST_CASE("A status code that is none or contradicts a delay is replaced, and empty fields are left out")
{
    auto any = facts();
    for (const auto* status : {"", "5", "5.1", "5.1.", "x.1.1", "5.1.1x", "5.1111.1", "2.0.0", "5..1"})
    {
        CAPTURE(status);
        any.status = status;
        CHECK(contains(delivery_status(any), "\nStatus: 5.0.0\n"));
    }
    any.diagnostic = "";
    any.remote_mta = "";
    CHECK_FALSE(contains(delivery_status(any), "Diagnostic-Code"));
    CHECK_FALSE(contains(delivery_status(any), "Remote-MTA"));
    any.status = "4.4.7";
    CHECK(contains(delivery_status(any), "\nStatus: 4.4.7\n"));
    any.action = BounceAction::delayed;
    any.status = "5.1.1";
    CHECK(contains(delivery_status(any), "\nStatus: 4.0.0\n"));
}

TEST_CASE("Addresses beyond ASCII have the type utf-8, and hostile values stay on their line")
{
    auto any = facts();
    any.recipient = "太郎@office-b.example";
    CHECK(contains(delivery_status(any), "\nFinal-Recipient: utf-8; \\x{592A}\\x{90CE}@office-b.example\n"));
    any.recipient = "x@y\nAction: delivered";
    any.original_recipient = "rfc822;a\r\nStatus: 2.0.0";
    any.remote_mta = "h\r\nX: y";
    any.diagnostic = std::string(3000, 'x') + "\r\n\r\n";
    any.reporting_mta = "m\nX: y";
    any.subject = "\r\n--\xFF";
    const auto mail = bounce(heading(Language::en), any);
    CHECK(transport_fault(mail).empty());
    CHECK_FALSE(contains(mail, "\nAction: delivered"));
    CHECK_FALSE(contains(mail, "\nStatus: 2"));
    CHECK_FALSE(contains(mail, "\nX:"));
}

TEST_CASE("Success is told of as RFC 3464 has it, with the id of the envelope")
{
    auto done = facts();
    done.envelope_id = "QQ+314159";
    done.action = BounceAction::relayed;
    done.status = "2.0.0";
    done.remote_mta = "mx.far.example";
    done.diagnostic = "250 2.0.0 taken";
    const auto relayed = delivery_status(done);
    CHECK(relayed.starts_with("Original-Envelope-Id: QQ+314159\nReporting-MTA: dns; gw.office-a.example\n"));
    CHECK(contains(relayed, "\nAction: relayed\nStatus: 2.0.0\nRemote-MTA: dns; mx.far.example\n"
                            "Diagnostic-Code: smtp; 250 2.0.0 taken\n"));
    done.action = BounceAction::delivered;
    done.remote_mta.reset();
    done.diagnostic.reset();
    done.status = "5.1.1"; // of another class than the action
    CHECK(contains(delivery_status(done), "\nAction: delivered\nStatus: 2.0.0\n"));
    CHECK(contains(bounce(heading(Language::en), done),
                   "\r\nSubject: Delivered: your mail to nobody@office-b.example\r\n"));
    for (const auto language : {Language::en, Language::ja})
    {
        CHECK(transport_fault(bounce(heading(language), done)).empty());
    }
}

TEST_CASE("A mail that is returned whole is returned as it is")
{
    auto whole = heading(Language::en);
    whole.original_mail = "Subject: call\r\n\r\n--=_ringpost_0000000000000000--\r\nW\xf6rter\r\n";
    const auto mail = bounce(whole, facts());
    const auto parts = parts_of(mail);
    REQUIRE(parts.size() == 3);
    CHECK(contains(parts[2], "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"));
    CHECK(contains(parts[2], whole.original_mail));
    CHECK(contains(mail.substr(0, mail.find("\r\n\r\n")), "\r\nContent-Transfer-Encoding: 8bit\r\n"));
}
