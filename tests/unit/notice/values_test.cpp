// SPDX-License-Identifier: Apache-2.0
#include "notice/language.h"
#include "notice/values.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ringpost::notice;

TEST_CASE("A text value loses line ends, controls, direction marks and what is not UTF-8")
{
    struct Row
    {
        std::string value;
        std::string expected;
    };
    const std::vector<Row> rows{
        {"", ""},
        {"hello", "hello"},
        {"  a  ", "a"},
        {"a\r\nBcc: x", "a  Bcc: x"},
        {"a\tb", "a b"},
        {std::string("a\0b\x1b[1m\x7f", 8), "ab[1m"},
        {"\xE4\xBA\xAC\xE9\x83\xBD", "\xE4\xBA\xAC\xE9\x83\xBD"},
        {"a\xE2\x80\xAE"
         "b",
         "ab"},
        {"a\xE2\x80\xA8"
         "b",
         "a b"},
        {"a\xC2\x85"
         "b",
         "a b"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"x\xE4\xBA", "x\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF0\x9F\x93\x9E", "\xF0\x9F\x93\x9E"},
    };
    for (const auto& row : rows)
    {
        CAPTURE(row.value);
        CHECK(clean_text(row.value) == row.expected);
    }
    CHECK(clean_text("\xE4\xBA\xAC\xE9\x83\xBD", 5) == "\xE4\xBA\xAC\xE2\x80\xA6");
    CHECK(clean_text_or("\r\n", "none") == "none");
}

TEST_CASE("A machine value is printable ASCII on one line")
{
    CHECK(clean_ascii("a\r\nResult: success") == "a  Result: success");
    CHECK(clean_ascii("\xE5\xA4\xAA@x") == "\\x{592A}@x");
    CHECK(clean_ascii("\xFF") == "\\x{FFFD}");
    CHECK(clean_ascii(std::string(2000, 'a')).size() == 900);
    CHECK(clean_ascii("\xE5\xA4\xAA\xE5\xA4\xAA", 10) == "\\x{592A}");
}

TEST_CASE("An address and a domain cannot leave their place")
{
    CHECK(clean_address("a@b>\r\nBcc: <c@d") == "a@bBcc:c@d");
    CHECK(clean_address("<a@b>") == "a@b");
    CHECK(clean_domain("office-a.example>\r\nX: y") == "office-a.exampleX:y");
    CHECK(clean_domain("[192.0.2.1]") == "[192.0.2.1]");
}

TEST_CASE("A language tag names Japanese, and all else is English")
{
    for (const auto* text : {"ja", "JA", "ja-JP", "ja_JP.UTF-8"})
    {
        CHECK(language_from_tag(text) == Language::ja);
    }
    for (const auto* text : {"", "en", "j", "jav", "de", "xx-ja"})
    {
        CHECK(language_from_tag(text) == Language::en);
    }
}
