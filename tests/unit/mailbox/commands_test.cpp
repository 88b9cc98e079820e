// SPDX-License-Identifier: Apache-2.0
#include "mailbox/commands.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ringpost;
using namespace ringpost::mailbox;

TEST_CASE("Every POP3 command is read, in any case and with blanks behind it")
{
    struct Row
    {
        std::string line;
        Verb verb;
        std::string text;
        std::optional<std::uint32_t> message;
        std::uint32_t lines;
    };
    const std::vector<Row> rows{
        {"USER taro@office-a.example", Verb::user, "taro@office-a.example", {}, 0},
        {"user  taro@office-a.example  ", Verb::user, "taro@office-a.example", {}, 0},
        {"PASS open sesame", Verb::pass, "open sesame", {}, 0},
        {"Pass  two blanks around  ", Verb::pass, " two blanks around  ", {}, 0},
        {"PASS \xE9\x8D\xB5", Verb::pass, "\xE9\x8D\xB5", {}, 0},
        {"QUIT", Verb::quit, "", {}, 0},
        {"quit ", Verb::quit, "", {}, 0},
        {"STAT", Verb::stat, "", {}, 0},
        {"LIST", Verb::list, "", {}, 0},
        {"LIST ", Verb::list, "", {}, 0},
        {"list 7", Verb::list, "", 7, 0},
        {"UIDL", Verb::uidl, "", {}, 0},
        {"UIDL 1", Verb::uidl, "", 1, 0},
        {"RETR 4294967295", Verb::retr, "", 4294967295U, 0},
        {"DELE 03", Verb::dele, "", 3, 0},
        {"NOOP", Verb::noop, "", {}, 0},
        {"RSET", Verb::rset, "", {}, 0},
        {"TOP 2 0", Verb::top, "", 2, 0},
        {"TOP  2  10 ", Verb::top, "", 2, 10},
        {"CAPA", Verb::capa, "", {}, 0},
    };
    for (const auto& row : rows)
    {
        CAPTURE(row.line);
        const auto command = parse_command(row.line);
        REQUIRE(command.has_value());
        CHECK(command->verb == row.verb);
        CHECK(command->text == row.text);
        CHECK(command->message == row.message);
        CHECK(command->lines == row.lines);
    }
}

TEST_CASE("A wrong POP3 command is refused with its kind")
{
    const std::vector<std::string> malformed{
        "USER",      "USER  ",   "PASS",     "PASS ",     "RETR",     "RETR 0",          "RETR -1",
        "RETR +1",   "RETR 1 2", "RETR 1x",  "RETR 0x1",  "DELE",     "RETR 4294967296", "DELE 99999999999999999999",
        "LIST 0",    "LIST a",   "LIST 1 1", "UIDL *",    "TOP",      "TOP 1",           "TOP 1 -1",
        "TOP 1 2 3", "STAT 1",   "NOOP x",   "QUIT now",  "CAPA all", "RSET 1",          std::string("PASS a\0b", 8),
        "USER a\rb", "NOOP\r",   "RETR\t1",  "PASS a\x7f"};
    for (const auto& line : malformed)
    {
        CAPTURE(line);
        const auto command = parse_command(line);
        REQUIRE(command.has_error());
        CHECK(command.error().code() == Errc::malformed);
    }
    for (const std::string line : {"", " ", " NOOP", "NOO", "NOOPS", "APOP a b", "LAST", "EHLO x", "GET / HTTP/1.1"})
    {
        CAPTURE(line);
        const auto command = parse_command(line);
        REQUIRE(command.has_error());
        CHECK(command.error().code() == Errc::unsupported);
    }
}
