// SPDX-License-Identifier: Apache-2.0
#include "media/fax_address.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace ringpost;
using namespace ringpost::media;

TEST_CASE("A FAX address gives the number and the sub-address")
{
    struct Row
    {
        std::string text;
        FaxAddress address;
    };
    const std::vector<Row> rows{
        {"FAX=+81442223333", {"+81442223333", ""}},
        {"fax=+81-44-222.3333", {"+81442223333", ""}},
        {"/FAX=+81442223333/", {"+81442223333", ""}},
        {"FAX=+81442223333/T33S=1234", {"+81442223333", "1234"}},
        {"/Fax=+81442223333/t33s=12-34/", {"+81442223333", "1234"}},
        {"FAX=0442223333", {"0442223333", ""}},
        {"FAX=2900", {"2900", ""}},
        {"FAX=+123456789012345", {"+123456789012345", ""}},
        {"FAX=12345678901234567890/T33S=12345678901234567890", {"12345678901234567890", "12345678901234567890"}},
    };
    for (const auto& [text, address] : rows)
    {
        INFO(text);
        CHECK(is_fax_address(text));
        const auto read = parse_fax_address(text);
        REQUIRE(read.has_value());
        CHECK(*read == address);
    }
}

TEST_CASE("A FAX address that is not good is refused with a sentence")
{
    struct Row
    {
        std::string text;
        std::string failure;
    };
    const std::string pauses = "unsupported: pauses and tone keys are not dialled: the ";
    const std::string known = "unsupported: of what may follow the FAX number only /T33S= is known, once";
    const std::vector<Row> rows{
        {"", "malformed: a FAX address begins with FAX="},
        {"taro", "malformed: a FAX address begins with FAX="},
        {"FAX", "malformed: a FAX address begins with FAX="},
        {"VOICE=+81442223333", "malformed: a FAX address begins with FAX="},
        {"xFAX=1", "malformed: a FAX address begins with FAX="},
        {"FAX=", "malformed: the FAX number has no digits"},
        {"FAX=+", "malformed: the FAX number has no digits"},
        {"FAX=+-.", "malformed: the FAX number has no digits"},
        {"FAX=/T33S=1", "malformed: the FAX number has no digits"},
        {"FAX=++81", "malformed: the FAX number has something else than digits in it"},
        {"FAX=81+1", "malformed: the FAX number has something else than digits in it"},
        {"FAX=044 222", "malformed: the FAX number has something else than digits in it"},
        {"FAX=(044)222", "malformed: the FAX number has something else than digits in it"},
        {"FAX=taro", "malformed: the FAX number has something else than digits in it"},
        {"FAX=9p0442223333", pauses + "FAX number may have digits only"},
        {"FAX=9w0442223333", pauses + "FAX number may have digits only"},
        {"FAX=9,044", pauses + "FAX number may have digits only"},
        {"FAX=*67#044", pauses + "FAX number may have digits only"},
        {"FAX=+1234567890123456", "too-large: the FAX number has more than 15 digits"},
        {"FAX=123456789012345678901", "too-large: the FAX number has more than 20 digits"},
        {"FAX=1/T33S=", "malformed: the T.33 sub-address has no digits"},
        {"FAX=1/T33S=12x", "malformed: the T.33 sub-address has something else than digits in it"},
        {"FAX=1/T33S=12#3", pauses + "T.33 sub-address may have digits only"},
        {"FAX=1/T33S=123456789012345678901", "too-large: the T.33 sub-address has more than 20 digits"},
        {"FAX=1/POSTD=9", known},
        {"FAX=1/ISUB=9/T33S=1", known},
        {"FAX=1/T33S=1/T33S=2", known},
        {"FAX=1//", known},
    };
    for (const auto& [text, failure] : rows)
    {
        INFO(text);
        const auto read = parse_fax_address(text);
        REQUIRE(read.has_error());
        CHECK(to_string(read.error().code()) + (": " + read.error().text()) == failure);
    }
    CHECK_FALSE(is_fax_address("taro"));
    CHECK_FALSE(is_fax_address("taro+FAX=1"));
}
