// SPDX-License-Identifier: Apache-2.0
#include "media/contents.h"
#include "media/mime_reader.h"
#include "media/structure_scan.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
std::string multipart(const std::string& boundary, const std::string& rest, const std::string& subtype = "mixed")
{
    return "Content-Type: multipart/" + subtype + "; boundary=\"" + boundary + "\"\r\n\r\n" + rest;
}

/// Bodies of the leaves, joined by `|`.
std::string leaves(const std::string& mail)
{
    const auto structure = scan_structure(mail, {});
    REQUIRE(structure.has_value());
    std::string out;
    for (const Part& part : structure->parts)
    {
        CHECK(part.body.begin <= part.body.end);
        CHECK(part.body.end <= mail.size());
        out += part.multipart ? "" : std::string(part.body.of(mail)) + "|";
    }
    return out;
}

bool agrees(const std::string& mail)
{
    const auto structure = scan_structure(mail, {});
    REQUIRE(structure.has_value());
    return agrees_with_mimetic(mail, *structure, {}).has_value();
}
} // namespace

TEST_CASE("Leaves are found at exact boundaries, and mimetic agrees")
{
    const std::pair<std::string, std::string> rows[] = {
        {"Subject: x\r\n\r\nbody\r\n", "body\r\n|"},
        {"Subject: x\r\n\r\n", "|"},
        {multipart("B", "pre\r\n--B\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\npost\r\n"), "one|two|"},
        {multipart("B", "--B\r\n\r\none\r\n\r\n--B  \r\n\r\n\r\n--B--  \r\n"), "one\r\n||"},
        {multipart("B", "--B\n\none\n--B--\n"), "one|"},
        {multipart("B", "--B\r\n\r\nunterminated\r\n"), "unterminated\r\n|"},
        {multipart("B", "--B\r\n" + multipart("C", "--C\r\n\r\none\r\n--C--\r\n\r\n") + "--B\r\n\r\ntwo\r\n--B--\r\n"),
         "one|two|"},
        {multipart("B", "--B\r\nContent-Type: message/rfc822\r\n\r\n" + multipart("C", "--C\r\n\r\nx\r\n--C--") +
                            "\r\n--B\r\n\r\ntwo\r\n--B--\r\n"),
         multipart("C", "--C\r\n\r\nx\r\n--C--") + "|two|"},
        {multipart("B", "--B\r\n\r\n> --B\r\nsee --B here\r\n--B--\r\n"), "> --B\r\nsee --B here|"},
        {"Content-Type:\r\n multipart/mixed;\r\n boundary=B\r\n\r\n--B\r\n\r\none\r\n--B--\r\n", "one|"},
    };
    for (const auto& [mail, expected] : rows)
    {
        CAPTURE(mail);
        CHECK(leaves(mail) == expected);
        CHECK(agrees(mail));
    }
}

TEST_CASE("Leaves of odd mails are found as documented")
{
    const std::pair<std::string, std::string> rows[] = {
        {"", "|"},
        {multipart("B", ""), ""},
        {multipart("B", "--BC\r\n\r\nnot a part\r\n--B\r\n\r\none\r\n--BC\r\n--B--x\r\n--B--"),
         "one\r\n--BC\r\n--B--x|"},
        {"Content-Type: multipart/mixed\r\n\r\n--B\r\n\r\none\r\n--B--\r\n", "--B\r\n\r\none\r\n--B--\r\n|"},
        {multipart("B", "--B\r\n" + multipart("C", "--C\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--C\r\n--B--\r\n")),
         "one|two\r\n--C|"},
        {multipart("B", "--B\r\nSubject: no empty line\r\n--B\r\n--B--\r\n"), "||"},
        {multipart("a:b", "--a:b\r\nX: y\r\n--a:b\r\n\r\none\r\n--a:b--\r\n"), "|one|"},
        {multipart("B--", "--B--\r\n\r\none\r\n--B----\r\n"), "one|"},
        {std::string("A: b\r\n\r\n\0\0", 10), std::string("\0\0|", 3)},
    };
    for (const auto& [mail, expected] : rows)
    {
        CAPTURE(mail);
        CHECK(leaves(mail) == expected);
    }
}

TEST_CASE("What other programs may read in another way is told, with its line")
{
    const auto flaw = [](const std::string& mail) {
        const auto structure = scan_structure(mail, {});
        REQUIRE(structure.has_value());
        return structure->flaw ? structure->flaw->message() : "";
    };
    const std::string inner = "--C\r\n\r\none\r\n";
    CHECK(flaw(multipart("B", "--B\r\n\r\none\r\n--B--\r\nepilogue")) == "");
    CHECK(flaw(multipart("B", "--B\r\n" + multipart("C", inner + "--C--\r\n") + "--B--")) == "");
    CHECK(flaw("Subject: x\r\n" + multipart("B", "--B\r\n\r\none\r\n")) ==
          "MIME structure, line 2: the multipart has no end, --B--");
    CHECK(flaw(multipart("B", "never")) == "MIME structure, line 1: the multipart has no end, --B--");
    CHECK(flaw(multipart("B", "--B\r\nA: b\r\n" + multipart("C", inner) + "--B--")) ==
          "MIME structure, line 5: the multipart has no end, --C--");
    CHECK(flaw("A: b\r\nContent-Type: multipart/mixed\r\n\r\n--B\r\n\r\none\r\n--B--\r\n") ==
          "MIME structure, line 2: the multipart has no boundary, or one that is too long");
    CHECK_THAT(flaw(multipart("C", "--C\r\n" + multipart("CC", "--CC\r\n\r\none\r\n--CC--\r\n") + "--C--")),
               Catch::StartsWith("MIME structure, line 4: one of the boundaries C and CC"));
    CHECK_THAT(flaw(multipart("CC", "--CC\r\n" + multipart("C", inner + "--C--\r\n") + "--CC--")),
               Catch::StartsWith("MIME structure, line 4: one of the boundaries CC and C"));
}

TEST_CASE("A mail that mimetic reads in another way is found out")
{
    // Its boundaries match by prefix.
    CHECK_FALSE(agrees(multipart("B", "--B\r\n\r\none\r\n--BC\r\n\r\ntwo\r\n--B--\r\n")));
    CHECK_FALSE(agrees(multipart("B", "--B\r\nX: y\r\n--B\r\n\r\none\r\n--B--\r\n")));
}

TEST_CASE("Mimetic agrees wherever its buffer of 4 KiB ends")
{
    for (std::size_t size = 4000; size < 4140; ++size)
    {
        const std::string mail = multipart("BOUNDARY", "--BOUNDARY\r\n\r\nx\r\n" + std::string(size, 'a') +
                                                           "\r\n--BOUNDARY\r\n\r\ntwo\r\n--BOUNDARY--\r\n");
        CAPTURE(size);
        REQUIRE(agrees(mail));
    }
}

TEST_CASE("As many levels as the limit allows are read in both ways, one more is refused")
{
    std::string mail;
    for (int i = 0; i < 50; ++i)
    {
        mail += fmt::format("Content-Type: multipart/mixed; boundary=level-{:02}\r\n\r\n--level-{:02}\r\n", i, i);
    }
    CHECK(leaves(mail + "\r\nx") == "x|");
    CHECK(agrees(mail + "\r\nx"));
    CHECK(scan_structure(mail + multipart("more", ""), {}).error().where() == "scan.levels");
}

TEST_CASE("Hostile structures are refused or read quickly")
{
    const auto begin = std::chrono::steady_clock::now();
    std::string nested;
    std::string forwarded;
    for (int i = 0; i < 60'000; ++i)
    {
        nested += fmt::format("Content-Type: multipart/mixed; boundary=b{}\r\n\r\n--b{}\r\n", i, i);
        forwarded += "Content-Type: message/rfc822\r\n\r\n";
    }
    CHECK(scan_structure(nested, {}).error().where() == "scan.levels");
    CHECK(leaves(forwarded).size() == forwarded.size() - 32 + 1);
    CHECK(agrees(forwarded));

    std::string parts;
    for (int i = 0; i < 100'000; ++i)
    {
        parts += "--B\r\n\r\n";
    }
    CHECK(scan_structure(multipart("B", parts), {}).error().where() == "scan.parts");
    CHECK(scan_structure("A: " + std::string(8'000'000, 'x'), {}).error().where() == "scan.header_line");

    // What mimetic takes for headers behind a boundary of which ours is a prefix: nested and long.
    CHECK_FALSE(agrees(multipart("B", "--B\r\n\r\n--BC\r\n" + forwarded)));
    CHECK_FALSE(agrees(multipart("B", "--B\r\n\r\n--BC\r\nA: " + std::string(8'000'000, 'x') + "\r\n--B--\r\n")));

    std::string dashes = multipart("B", "--B\r\n\r\n");
    for (int i = 0; i < 300'000; ++i)
    {
        dashes += "--x\r\n";
    }
    CHECK(leaves(dashes).size() == 5 * 300'000 + 1);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("Contents are numbered, an alternative is one, images of a signature none")
{
    const std::string mail = multipart(
        "M", "--M\r\n" +
                 multipart("A",
                           "--A\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--A\r\nContent-Type: "
                           "text/html\r\n\r\n<p>\r\n--A--\r\n",
                           "alternative") +
                 "--M\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\nContent-ID: <1>\r\n\r\npng\r\n"
                 "--M\r\nContent-Type: audio/wav; name=\"=?ISO-2022-JP?B?GyRCJCIbKEI=?=.wav\"\r\n"
                 "Content-Transfer-Encoding:\r\n base64\r\n\r\nZm9v\r\n"
                 "--M\r\nContent-Type: message/rfc822; name=x.exchange\r\n\r\nSubject: x\r\n\r\n\r\n"
                 "--M\r\nContent-Type: Application/PDF\r\nContent-Transfer-Encoding: x-new\r\n\r\npdf\r\n"
                 "--M\r\nContent-Type: image/tiff\r\nContent-Disposition: inline\r\nContent-ID: "
                 "<2>\r\n\r\nfax\r\n--M--\r\n");
    const auto structure = scan_structure(mail, {});
    REQUIRE(structure.has_value());
    CHECK(structure->leaf_count() == 7);
    const auto contents = contents_of(*structure);
    std::string kinds;
    for (const Content& content : contents)
    {
        kinds += fmt::format("{} {},", content.number, to_string(content.body.kind));
    }
    CHECK(kinds == "1 text,2 voice,3 other,4 pdf,5 fax_image,");
    CHECK(contents[0].members.size() == 2);
    CHECK(*decoded(mail, contents[0], 100) == "hello");
    CHECK(first_text(contents) == &contents[0].members[0]);
    CHECK(contents[1].body.file_name == "\xE3\x81\x82.wav");
    CHECK(*decoded(mail, contents[1], 100) == "foo");
    CHECK(decoded(mail, contents[1], 2).error().code() == Errc::too_large);
    CHECK(decoded(mail, contents[3], 100).error().code() == Errc::malformed);
    CHECK(agrees(mail));
}
