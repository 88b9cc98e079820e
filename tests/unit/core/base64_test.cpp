// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"
#include "mta/server/xtext.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

TEST_CASE("Base64 of RFC 4648 10 is written and read", "[mta]")
{
    const std::vector<std::pair<std::string, std::string>> rows = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"},
                                                                   {"\xff\xfe\xfd", "//79"},
                                                                   {std::string("\0a\0b", 4), "AGEAYg=="}};
    for (const auto& [octets, text] : rows)
    {
        CAPTURE(text);
        CHECK(base64_encode(octets) == text);
        const Result<std::string> decoded = base64_decode(text);
        REQUIRE(decoded.has_value());
        CHECK(*decoded == octets);
    }
}

TEST_CASE("Base64 with a second spelling is refused", "[mta]")
{
    for (const std::string text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm 9v",
                                   "Zm9v\n", "Zm-_", "Zm9v=", "\xc3\xa4zz", "Z|=="})
    {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text).has_value());
    }
}

TEST_CASE("xtext stands for printable ASCII and nothing else", "[mta]")
{
    CHECK(encode_xtext("a+b=c d") == "a+2Bb+3Dc+20d");
    CHECK(encode_xtext("\r\n\xc3") == "+0D+0A+C3");
    CHECK(decode_xtext("a+2Bb+3Dc+20d").value() == "a+b=c d");
    for (const std::string text : {"a b", "a=b", "+", "+2", "+2b", "+0D+0A", "+C3", "a+7F", "\x01", "\xc3\xa4"})
    {
        CAPTURE(text);
        CHECK_FALSE(decode_xtext(text).has_value());
    }
}
