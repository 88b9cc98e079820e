// SPDX-License-Identifier: Apache-2.0
#include "media/charset.h"
#include "media/encoded_word.h"

#include <catch2/catch.hpp>

#include <chrono>

using namespace ringpost::media;

TEST_CASE("Encoded words are decoded to UTF-8")
{
    const std::pair<std::string, std::string> rows[] = {
        {"plain", "plain"},
        {"=?utf-8?Q?a_b=3F?=", "a b?"},
        {"=?UTF-8?b?44GC?= =?utf-8?B?44GE?=", "\xE3\x81\x82\xE3\x81\x84"},
        {"=?utf-8?B?44E=?= =?utf-8?B?gg==?=", "\xE3\x81\x82"},
        {"x =?utf-8?Q?a?= y", "x a y"},
        {"=?utf-8?Q?a?= y =?utf-8?Q?b?=", "a y b"},
        {"=?ISO-2022-JP?B?GyRCJCIbKEI=?=", "\xE3\x81\x82"},
        {"\"=?ISO-2022-JP?B?GyRCJCIbKEI=?=.exchange\"", "\"\xE3\x81\x82.exchange\""},
        {"=?iso-8859-1*en?Q?=E4?=", "\xC3\xA4"},
        {"=?utf-8?Q?=E4?=", "\xEF\xBF\xBD"},
        {"=?utf-8?B?Zg?=", "f"},
        {"=?utf-8?B?Z|g=?=", "=?utf-8?B?Z|g=?="},
        {"=?utf-8?Q?=Z?=", "=?utf-8?Q?=Z?="},
        {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
        {"=?nobody-knows?Q?a=E4?=", "a\xEF\xBF\xBD"},
        {"=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"},
        {"=?", "=?"},
        {"=??Q?a?=", "=??Q?a?="},
        {"raw \xE4 octet", "raw \xEF\xBF\xBD octet"},
    };
    for (const auto& [in, out] : rows)
    {
        CAPTURE(in);
        CHECK(decode_encoded_words(in) == out);
    }
}

TEST_CASE("Any charset becomes valid UTF-8 of bounded length")
{
    CHECK(to_utf8("shift_jis", "\x82\xA0") == "\xE3\x81\x82");
    CHECK(to_utf8("EUC-JP", "\xA4\xA2") == "\xE3\x81\x82");
    CHECK(to_utf8("", "ascii") == "ascii");
    CHECK(to_utf8("//IGNORE", "a\xFF") == "a\xEF\xBF\xBD");
    CHECK(to_utf8("../../x", "a") == "a");
    CHECK(to_utf8("iso-2022-jp", "\x1B$B$") == to_utf8("iso-2022-jp", "\x1B$B$"));
    std::string every;
    for (int i = 0; i < 256; ++i)
    {
        every.push_back(static_cast<char>(i));
    }
    for (const char* charset : {"utf-8", "iso-2022-jp", "shift_jis", "utf-16", "utf-7", "iso-2022-kr", "big5-hkscs",
                                "iso-2022-jp-3", "gb18030", "ibm1390", "tscii"})
    {
        CAPTURE(charset);
        const auto out = to_utf8(charset, every);
        CHECK(valid_utf8(out));
        CHECK(out.size() <= every.size() * 8);
    }
}

TEST_CASE("UTF-8 is valid without overlong forms, surrogates and values above U+10FFFF")
{
    for (const char* good : {"", "a", "\xC3\xA4", "\xE3\x81\x82", "\xF0\x9F\x93\x9E", "\xF4\x8F\xBF\xBF"})
    {
        CHECK(valid_utf8(good));
        CHECK(repaired_utf8(good) == good);
    }
    for (const char* bad : {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF",
                            "\xE3\x81", "\x81"})
    {
        CHECK_FALSE(valid_utf8(bad));
        CHECK(valid_utf8(repaired_utf8(bad)));
    }
}

TEST_CASE("Hostile encoded words cost linear time")
{
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string piece : {"=?", "=?a?B?", "=?a?Q?x?= ", "=?a?b?c?d", "=?utf-7?Q?+?="})
    {
        std::string many;
        while (many.size() < 64 * 1024)
        {
            many += piece;
        }
        CHECK(valid_utf8(decode_encoded_words(many)));
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}
