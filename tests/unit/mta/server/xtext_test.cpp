// SPDX-License-Identifier: Apache-2.0
#include "mta/server/xtext.h"

#include <catch2/catch.hpp>

using namespace ringpost::mta;

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
