// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"
#include "media/transfer_codec.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// The decoded octets, or `!` and the code of the failure.
std::string shown(TransferEncoding encoding, const std::string& octets, std::size_t limit = 1000,
                  AtLimit at_limit = AtLimit::fail)
{
    const auto out = decode(encoding, octets, limit, at_limit);
    return out ? *out : std::string("!") + to_string(out.error().code());
}
} // namespace

TEST_CASE("Base64 is decoded strictly")
{
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9v\r\nYmFy\r\n", "foobar"},
        {" Zm 9v ", "foo"},
        {"Zm9vYg", "!malformed"},
        {"Zm9", "!malformed"},
        {"Zm9v=", "!malformed"},
        {"Z===", "!malformed"},
        {"====", "!malformed"},
        {"Zg==Zg==", "!malformed"},
        {"Zg=x", "!malformed"},
        {"Zm9v|", "!malformed"},
        {"Zm9v-_", "!malformed"},
        {"Zm9v\x80", "!malformed"},
        {"Zg==\r\n--\r\nfooter", "!malformed"},
    };
    for (const auto& [in, out] : rows)
    {
        CAPTURE(in);
        CHECK(shown(TransferEncoding::base64, in) == out);
    }
}

TEST_CASE("Quoted-printable is decoded strictly and keeps line ends")
{
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"a=20b=3D=3d", "a b=="},
        {"one\r\ntwo\nthree", "one\r\ntwo\nthree"},
        {"so=\r\nft=\n er =  \r\nend", "soft er end"},
        {"trailing  \t\r\nx \n", "trailing\r\nx\n"},
        {"kept=20\r\n", "kept \r\n"},
        {"last=", "last"},
        {"last=  ", "last"},
        {"=ZZ", "!malformed"},
        {"=4", "!malformed"},
        {"a=b", "!malformed"},
        {"\xE3\x81\x82", "!malformed"},
        {std::string("a\0b", 3), "!malformed"},
    };
    for (const auto& [in, out] : rows)
    {
        CAPTURE(in);
        CHECK(shown(TransferEncoding::quoted_printable, in) == out);
    }
}

TEST_CASE("Decoding stops at the limit")
{
    CHECK(shown(TransferEncoding::base64, "Zm9vYmFy", 6) == "foobar");
    CHECK(shown(TransferEncoding::base64, "Zm9vYmFy", 5) == "!too-large");
    CHECK(shown(TransferEncoding::base64, "Zm9vYmFy||||", 5, AtLimit::cut) == "fooba");
    CHECK(shown(TransferEncoding::quoted_printable, "foobar", 5) == "!too-large");
    CHECK(shown(TransferEncoding::quoted_printable, "foo      bar=ZZ", 5, AtLimit::cut) == "foo  ");
    CHECK(shown(TransferEncoding::identity, "foobar", 6) == "foobar");
    CHECK(shown(TransferEncoding::identity, "foobar", 5) == "!too-large");
    CHECK(shown(TransferEncoding::identity, "foobar", 0, AtLimit::cut).empty());
}

TEST_CASE("A transfer encoding is known by its name in any case, folded, with comments")
{
    CHECK(transfer_encoding("\r\n base64") == TransferEncoding::base64);
    CHECK(transfer_encoding(" Quoted-Printable (why not)") == TransferEncoding::quoted_printable);
    CHECK(transfer_encoding("8BIT") == TransferEncoding::identity);
    CHECK(transfer_encoding("") == TransferEncoding::identity);
    CHECK(transfer_encoding("x-uuencode") == std::nullopt);
}

TEST_CASE("Base64 that was encoded is decoded to the same octets")
{
    std::string octets;
    for (int i = 0; i < 300; ++i)
    {
        CHECK(shown(TransferEncoding::base64, base64_lines(octets)) == octets);
        octets.push_back(static_cast<char>(i * 7));
    }
    CHECK(base64_lines(std::string(58, 'a')).find("\r\n") == 76);
}
