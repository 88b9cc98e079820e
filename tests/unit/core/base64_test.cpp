// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <catch2/catch.hpp>

using namespace ringpost;

TEST_CASE("Base64 of RFC 4648 10 is written and read")
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

TEST_CASE("Base64 with a second spelling is refused")
{
    for (const std::string text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm 9v",
                                   "Zm9v\n", "Zm-_", "Zm9v=", "\xc3\xa4zz", "Z|=="})
    {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text).has_value());
    }
}

TEST_CASE("Base64 has lines of 76 and the padding of RFC 4648 10")
{
    CHECK(base64_lines("") == "");
    CHECK(base64_lines("f") == "Zg==\r\n");
    CHECK(base64_lines("fo") == "Zm8=\r\n");
    CHECK(base64_lines("foobar") == "Zm9vYmFy\r\n");
    CHECK(base64_lines(std::string(58, 'a')).substr(76, 6) == "\r\nYQ==");
}
