// SPDX-License-Identifier: Apache-2.0
#include "directory/phone_number.h"

#include <catch2/catch.hpp>

using namespace ringpost::directory;

namespace
{
struct Row
{
    const char* written;
    const char* expected; // nullptr: no such number
};

std::optional<std::string> expected(const Row& row)
{
    return row.expected == nullptr ? std::nullopt : std::optional<std::string>(row.expected);
}
} // namespace

TEST_CASE("Separators are dropped from a written number and anything else makes it none")
{
    const auto row = GENERATE(values<Row>({{"044-222 (33.33)", "0442223333"},
                                           {"+81 44 222 3333", "+81442223333"},
                                           {" (+81)44", "+8144"},
                                           {"2000", "2000"},
                                           {"\t2000\t", "2000"},
                                           {"", ""},
                                           {"+", ""},
                                           {"- ( ) .", ""},
                                           {"20+00", ""},
                                           {"++2000", ""},
                                           {"20x0", ""},
                                           {"2000;ext=1", ""},
                                           {"2000\r\n", ""},
                                           {"\xef\xbc\x92", ""}}));
    INFO(row.written);
    REQUIRE(digits_of(row.written) == row.expected);
    REQUIRE(digits_of(std::string_view("20\00000", 5)).empty());
}

TEST_CASE("Numbers are brought into E.164 form by the plan of Japan")
{
    const auto row = GENERATE(values<Row>({{"+81442223333", "+81442223333"},
                                           {"044-222-3333", "+81442223333"},
                                           {"+81 (0)44-222-3333", "+81442223333"},
                                           {"010 1 212 555 0100", "+12125550100"},
                                           {"010 81 44 222 3333", "+81442223333"},
                                           {"0110", "+81110"},
                                           {"2000", nullptr},
                                           {"110", nullptr},
                                           {"", nullptr},
                                           {"0", nullptr},
                                           {"+1234", nullptr},
                                           {"+12345", "+12345"},
                                           {"+123456789012345", "+123456789012345"},
                                           {"+1234567890123456", nullptr},
                                           {"+0442223333", nullptr},
                                           {"010 0442223333", nullptr},
                                           {"044-222-33xx", nullptr},
                                           {"text", nullptr}}));
    INFO(row.written);
    REQUIRE(to_e164({}, row.written) == expected(row));
    REQUIRE_FALSE(to_e164({}, std::string(1'000'000, '0')));
}

TEST_CASE("A plan without trunk prefix takes seven digits and more as a national number")
{
    const NumberPlan plan{"39", "00", ""};
    REQUIRE(to_e164(plan, "06 1234567") == "+39061234567");
    REQUIRE_FALSE(to_e164(plan, "200000"));
    REQUIRE(to_e164(plan, "0044 20 1234567") == "+44201234567");
    REQUIRE(to_national(plan, "+39061234567") == "061234567");
}

TEST_CASE("A prefix may be one digit and a pattern keeps its x")
{
    REQUIRE(to_e164_prefix({}, "+1") == "+1");
    REQUIRE(to_e164_prefix({}, "044-222") == "+8144222");
    REQUIRE_FALSE(to_e164_prefix({}, "+"));
    REQUIRE_FALSE(to_e164_prefix({}, "44222"));
    REQUIRE(to_e164_pattern({}, "044-222-33xX") == "+814422233xx");
    REQUIRE_FALSE(to_e164_pattern({}, "+xx442223333"));
}

TEST_CASE("An E.164 number is written as it is dialled inside the country")
{
    const auto row = GENERATE(
        values<Row>({{"+81442223333", "0442223333"}, {"+12125550100", "01012125550100"}, {"2000", "2000"}, {"", ""}}));
    REQUIRE(to_national({}, row.written) == row.expected);
    REQUIRE(to_national({"81", "", "0"}, "+1212") == "+1212");
}
