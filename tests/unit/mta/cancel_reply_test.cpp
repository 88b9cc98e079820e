// SPDX-License-Identifier: Apache-2.0
// Cancel by a reply whose first word is CANCEL (spec 3).
#include "mta/cancel_reply.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
const std::string notice = "<ringpost-notice.5.1234.42-ab=office-a.example@office-b.example>";
const std::string other_notice = "<ringpost-notice.6.1234.43=office-a.example@office-b.example>";
const std::string letter = "<letter@client.example>";

std::string cancelled(const std::string& fields, const std::string& body = "CANCEL\r\n")
{
    const auto info = cancel_by_reply(media::analyse("From: a@b.example\r\n" + fields + "\r\n" + body, ScanLimits{}));
    if (!info)
    {
        return {};
    }
    CHECK(info->request == RequestKind::cancel);
    return info->reference.value_or("");
}
} // namespace

TEST_CASE("A reply to a notice whose first word is CANCEL cancels the request of the notice")
{
    CHECK(cancelled("In-Reply-To: " + notice + "\r\n") == "42-ab@office-a.example");
    CHECK(cancelled("In-Reply-To: " + notice + "\r\n", "cancel, please\r\n\r\n> notice\r\n") ==
          "42-ab@office-a.example");
    CHECK(cancelled("References: " + letter + " " + notice + "\r\n") == "42-ab@office-a.example");
}

TEST_CASE("Any other first word cancels nothing")
{
    const auto* body = GENERATE("Do not CANCEL\r\n", "> CANCEL\r\n", "CANCELLED\r\n", "", "Hello\r\nCANCEL\r\n");
    CHECK(cancelled("In-Reply-To: " + notice + "\r\n", body).empty());
}

TEST_CASE("A reply to anything else than a notice cancels nothing, whatever notices are in the thread")
{
    CHECK(cancelled("").empty());
    CHECK(cancelled("In-Reply-To: " + letter + "\r\n").empty());
    CHECK(cancelled("In-Reply-To: " + letter + "\r\nReferences: " + notice + " " + letter + "\r\n").empty());
    CHECK(cancelled("References: " + notice + " " + letter + "\r\n").empty());
}

TEST_CASE("A Message-ID that somebody made up cancels nothing")
{
    const auto* id = GENERATE("<ringpost-notice....=@>", "<ringpost-notice.1.2.a b=c.example@d.example>",
                              "<ringpost-notice.1.2.a=@d.example>", "<ringpost-notice.1.2.\x01=c@d.example>");
    CHECK(cancelled("In-Reply-To: " + std::string(id) + "\r\n").empty());
}

TEST_CASE("The notice that is answered counts, not an older one of the thread")
{
    CHECK(cancelled("In-Reply-To: " + other_notice + "\r\nReferences: " + notice + " " + other_notice + "\r\n") ==
          "43@office-a.example");
    CHECK(cancelled("References: " + notice + " " + other_notice + "\r\n") == "43@office-a.example");
}

TEST_CASE("An automatic reply cancels nothing")
{
    CHECK(cancelled("In-Reply-To: " + notice + "\r\nAuto-Submitted: auto-replied\r\n").empty());
}
