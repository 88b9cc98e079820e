// SPDX-License-Identifier: Apache-2.0
// The addressee's answer to an inquiry mail (spec 2.10).
#include "mta/inquiry_reply.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
const std::string inquiry = "<ringpost-inquiry.5.2.42-ab=office-a.example@office-b.example>";
const std::string notice = "<ringpost-notice.5.1234.42-ab=office-a.example@office-b.example>";
const std::string letter = "<letter@client.example>";

/// `42@office-a.example/2 ok`; empty: it is none.
std::string answered(const std::string& fields, const std::string& body)
{
    const auto reply = inquiry_reply(media::analyse("From: a@b.example\r\n" + fields + "\r\n" + body, ScanLimits{}));
    return reply ? reply->request + "/" + std::to_string(reply->step) + (reply->ok ? " ok" : " ng") : std::string{};
}
} // namespace

TEST_CASE("A reply to an inquiry whose first word is OK or NG answers that inquiry, and no other of the request")
{
    const std::string to = "In-Reply-To: " + inquiry + "\r\n";
    CHECK(answered(to, "OK\r\n") == "42-ab@office-a.example/2 ok");
    CHECK(answered(to, "ok, gladly\r\n\r\n> Shall we?\r\n") == "42-ab@office-a.example/2 ok");
    CHECK(answered(to, "NG\r\n") == "42-ab@office-a.example/2 ng");
    CHECK(answered("References: " + letter + " " + inquiry + "\r\n", "OK\r\n") == "42-ab@office-a.example/2 ok");
}

TEST_CASE("Any other mail answers no inquiry")
{
    const std::string to = "In-Reply-To: " + inquiry + "\r\n";
    for (const std::string body : {"Okay\r\n", "> OK\r\n", "", "CANCEL\r\n", "Yes\r\nOK\r\n"})
    {
        CHECK(answered(to, body).empty());
    }
    CHECK(answered("", "OK\r\n").empty());
    CHECK(answered("In-Reply-To: " + notice + "\r\n", "OK\r\n").empty());
    CHECK(answered("In-Reply-To: " + letter + "\r\nReferences: " + inquiry + "\r\n", "OK\r\n").empty());
    CHECK(answered(to + "Auto-Submitted: auto-replied\r\n", "OK\r\n").empty());
}

TEST_CASE("What only looks like the name of an inquiry is none")
{
    for (const std::string id :
         {"<ringpost-inquiry.5.2@office-b.example>", "<ringpost-inquiry.5.x.42=a@b>", "<ringpost-inquiry.5.-1.42=a@b>",
          "<ringpost-inquiry.5..42=a@b>", "<ringpost-inquiry>", "<ringpost-inquiry.5.99999999999999.42=a@b>"})
    {
        CAPTURE(id);
        CHECK(answered("In-Reply-To: " + id + "\r\n", "OK\r\n").empty());
    }
}
