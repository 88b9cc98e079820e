// SPDX-License-Identifier: Apache-2.0
#include "mta/server/reply.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

TEST_CASE("Each kind of failure has its one reply", "[mta]")
{
    struct Row
    {
        Errc code;
        int basic;
        std::string enhanced;
        bool public_text;
    };
    for (const Row& row : std::vector<Row>{{Errc::refused, 550, "5.7.1", true},
                                           {Errc::not_found, 550, "5.1.1", true},
                                           {Errc::too_large, 552, "5.3.4", true},
                                           {Errc::malformed, 550, "5.6.0", true},
                                           {Errc::unsupported, 550, "5.6.0", true},
                                           {Errc::unavailable, 451, "4.3.0", true},
                                           {Errc::timeout, 451, "4.3.0", false},
                                           {Errc::io, 451, "4.3.0", false},
                                           {Errc::closed, 451, "4.3.0", false},
                                           {Errc::conflict, 451, "4.3.0", false},
                                           {Errc::internal, 451, "4.3.0", false},
                                           {Errc::full, 452, "4.3.1", false}})
    {
        CAPTURE(to_string(row.code));
        const SmtpReply reply = reply_from(fail(row.code, "", "the reason"));
        CHECK(reply.code == row.basic);
        CHECK(reply.enhanced == row.enhanced);
        CHECK((reply.text.find("the reason") != std::string::npos) == row.public_text);
    }
}

TEST_CASE("A reply's text cannot carry another reply", "[mta]")
{
    CHECK(format_reply({550, "5.6.0", "a\r\n250 Ok\r\n\tb"}) == "550 5.6.0 a 250 Ok b\r\n");
    CHECK(format_reply({550, "5.6.0", std::string("x\0\x7fy", 4)}) == "550 5.6.0 x y\r\n");
    CHECK(format_reply({550, "", "\xe5\xa4\xaa\xe9\x83\x8e."}) == "550 ??.\r\n");
    CHECK(format_reply({250, "", ""}) == "250 \r\n");
}

TEST_CASE("A long text becomes several lines of at most 512 octets", "[mta]")
{
    std::string text;
    while (text.size() < 1500)
    {
        text += "word ";
    }
    for (const std::string& long_text : {text, std::string(1500, 'x'), std::string(100000, 'y')})
    {
        const std::string reply = format_reply({550, "5.6.0", long_text});
        std::size_t lines = 0;
        std::string joined;
        for (std::size_t at = 0; at < reply.size();)
        {
            const std::size_t end = reply.find("\r\n", at);
            REQUIRE(end != std::string::npos);
            CHECK(end + 2 - at <= 512);
            const bool last = end + 2 == reply.size();
            CHECK(reply.substr(at, 10) == (last ? "550 5.6.0 " : "550-5.6.0 "));
            joined += reply.substr(at + 10, end - at - 10);
            at = end + 2;
            ++lines;
        }
        CHECK(lines >= 4);
        CHECK(lines <= joined.size() / 350 + 1);
        CHECK(lines <= 128); // what our own client reads
        CHECK(joined.size() <= 32'000);
    }
}
