// SPDX-License-Identifier: Apache-2.0
#include "notice/encoding.h"
#include "notice_check.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost::notice;

TEST_CASE("ASCII in short lines stays as it is, with CRLF")
{
    const auto body = encode_text("one\ntwo\r\n\nthree", 78);
    CHECK(body.transfer_encoding == "7bit");
    CHECK(body.octets == "one\r\ntwo\r\n\r\nthree\r\n");
}

TEST_CASE("A little beyond ASCII becomes quoted-printable, much of it base64")
{
    const auto quoted = encode_text("caf\xC3\xA9 = good \nnext\t\n", 78);
    CHECK(quoted.transfer_encoding == "quoted-printable");
    CHECK(quoted.octets == "caf=C3=A9 =3D good=20\r\nnext=09\r\n");
    const auto base = encode_text("\xE4\xBA\xAC\n", 78);
    CHECK(base.transfer_encoding == "base64");
    CHECK(base.octets == "5LqsDQo=\r\n");
}

TEST_CASE("Lines of encoded bodies have at most 76 octets and decode to what was written")
{
    std::string text;
    for (int i = 0; i < 300; ++i)
    {
        text += i % 3 == 0 ? "\xC3\xBC" : i % 7 == 0 ? " " : "=x";
    }
    for (const auto& body : {encode_headers(text), encode_text(text + text, 78)})
    {
        std::size_t begin = 0;
        while (begin < body.octets.size())
        {
            const auto end = body.octets.find("\r\n", begin);
            REQUIRE(end - begin <= 76);
            begin = end + 2;
        }
    }
    CHECK(test::decode_quoted(encode_headers(text).octets) == text + "\r\n");
}

TEST_CASE("A bare CR, a NUL or a long line in headers is encoded")
{
    CHECK(encode_headers("A: b\rc\r\n").octets == "A: b=0Dc\r\n");
    CHECK(encode_headers(std::string("A: \0\n", 5)).octets == "A: =00\r\n");
    CHECK(encode_headers("A: " + std::string(995, 'x')).transfer_encoding == "7bit");
    CHECK(encode_headers("A: " + std::string(996, 'x')).transfer_encoding == "quoted-printable");
}

TEST_CASE("Encoded-words are folded, short and never split a character")
{
    CHECK(encoded_words("\xE4\xBA\xAC") == "=?UTF-8?B?5Lqs?=");
    std::string text = "x";
    for (int i = 0; i < 40; ++i)
    {
        text += "\xE4\xBA\xAC";
    }
    const auto words = encoded_words(text);
    std::string back;
    std::size_t at = 0;
    while (at < words.size())
    {
        const auto end = std::min(words.find("\r\n ", at), words.size());
        const auto word = words.substr(at, end - at);
        CHECK(word.size() <= 64);
        const auto piece = test::decode_base64(word.substr(10, word.size() - 12));
        CHECK((static_cast<unsigned char>(piece.front()) & 0xC0U) != 0x80U);
        back += piece;
        at = end + 3;
    }
    CHECK(back == text);
}

TEST_CASE("Paragraphs are broken at blanks")
{
    CHECK(wrap("one two three\nfour", 8) == "one two\nthree\nfour\n");
    CHECK(wrap("verylongword x", 4) == "verylongword\nx\n");
    CHECK(wrap("verylongword", 4) == "verylongword\n");
    CHECK(wrap(" verylongword", 4) == " verylongword\n");
    CHECK(wrap("", 4).empty());
}
