// SPDX-License-Identifier: Apache-2.0
#include "mailbox/message_writer.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using ringpost::mailbox::MessageWriter;

namespace
{
std::string encode(const std::string& mail, std::optional<std::uint32_t> top_lines, std::size_t piece)
{
    MessageWriter writer(top_lines);
    std::string out;
    for (std::size_t at = 0; at < mail.size(); at += piece)
    {
        writer.write(std::string_view(mail).substr(at, piece), out);
    }
    writer.finish(out);
    return out;
}

struct Row
{
    std::string mail;
    std::optional<std::uint32_t> top_lines;
    std::string expected;
};

void check(const std::vector<Row>& rows)
{
    for (const auto& row : rows)
    {
        for (const std::size_t piece :
             {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{4096}})
        {
            CAPTURE(row.mail, piece);
            CHECK(encode(row.mail, row.top_lines, piece) == row.expected);
        }
    }
}
} // namespace

TEST_CASE("RETR stuffs a line that begins with a dot and adds a missing last CRLF")
{
    check({
        {"A: b\r\n\r\nhello\r\n", {}, "A: b\r\n\r\nhello\r\n.\r\n"},
        {"A: b\r\n\r\n.\r\n", {}, "A: b\r\n\r\n..\r\n.\r\n"},
        {"A: b\r\n\r\n..\r\n.x\r\n", {}, "A: b\r\n\r\n...\r\n..x\r\n.\r\n"},
        {".A: b\r\n", {}, "..A: b\r\n.\r\n"},
        {"A: b\r\n\r\na.b.\r\n", {}, "A: b\r\n\r\na.b.\r\n.\r\n"},
        {"A: b\r\n\r\nno end", {}, "A: b\r\n\r\nno end\r\n.\r\n"},
        {"A: b\r\n\r\n.", {}, "A: b\r\n\r\n..\r\n.\r\n"},
        {"", {}, ".\r\n"},
    });
}

TEST_CASE("A bare LF ends a line, so that no reader takes what follows for the end")
{
    check({{"A: b\n\n.\nx\n", {}, "A: b\n\n..\nx\n\r\n.\r\n"}, {"a\r.\r", {}, "a\r.\r\r\n.\r\n"}});
}

TEST_CASE("TOP sends the header, the empty line and so many lines of the body")
{
    const std::string mail = "A: b\r\nC: d\r\n\r\none\r\n.two\r\n\r\nfour";
    check({
        {mail, 0, "A: b\r\nC: d\r\n\r\n.\r\n"},
        {mail, 1, "A: b\r\nC: d\r\n\r\none\r\n.\r\n"},
        {mail, 2, "A: b\r\nC: d\r\n\r\none\r\n..two\r\n.\r\n"},
        {mail, 3, "A: b\r\nC: d\r\n\r\none\r\n..two\r\n\r\n.\r\n"},
        {mail, 4, "A: b\r\nC: d\r\n\r\none\r\n..two\r\n\r\nfour\r\n.\r\n"},
        {mail, 4294967295U, "A: b\r\nC: d\r\n\r\none\r\n..two\r\n\r\nfour\r\n.\r\n"},
        {"A: b\r\n", 5, "A: b\r\n.\r\n"},
        {"\r\nbody\r\nmore\r\n", 1, "\r\nbody\r\n.\r\n"},
        {"A: b\r\n\r\r\nx\r\n\r\ny\r\n", 0, "A: b\r\n\r\r\nx\r\n\r\n.\r\n"},
    });
}

TEST_CASE("TOP says when it has all that it wants")
{
    MessageWriter writer(1);
    std::string out;
    writer.write("A: b\r\n\r\none\r", out);
    CHECK_FALSE(writer.complete());
    writer.write("\ntwo\r\n", out);
    CHECK(writer.complete());
    writer.finish(out);
    CHECK(out == "A: b\r\n\r\none\r\n.\r\n");
}
