// SPDX-License-Identifier: Apache-2.0
#include "directory/number_conversion.h"
#include "office.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

TEST_CASE("A user's pair wins over a row, and a single number over a range")
{
    const Snapshot office(test::people(), test::office());
    const auto& conversions = office.conversions();
    REQUIRE(conversions.external_of("2000") == "+81442223300");
    REQUIRE(conversions.external_of("2001") == "+81442229999");
    REQUIRE(conversions.external_of("2077") == "+81442223377");
    REQUIRE(conversions.external_of("3000") == "+81312345678");
    REQUIRE(conversions.external_of("3001") == "+81312345601");
    REQUIRE_FALSE(conversions.external_of("20777"));
    REQUIRE_FALSE(conversions.external_of("20xx"));
    REQUIRE_FALSE(conversions.external_of(""));
    REQUIRE(conversions.extension_of("+81442229999") == "2001");
    REQUIRE(conversions.extension_of("+81442223377") == "2077");
    REQUIRE(conversions.extension_of("+81312345678") == "3000");
    REQUIRE_FALSE(conversions.extension_of("+81442224477"));
    REQUIRE_FALSE(conversions.extension_of("+814422233xx"));
}

TEST_CASE("Of two ranges the one with fewer x wins, wherever its x stand")
{
    const NumberConversion conversions({}, {{"2xxx", "+8144222xxx"}, {"2x1x", "+8133x4x000"}});
    REQUIRE(conversions.external_of("2518") == "+8133548000");
    REQUIRE(conversions.extension_of("+8133548000") == "2518");
    REQUIRE(conversions.external_of("2528") == "+8144222528");
}

TEST_CASE("A range needs as many x on both sides")
{
    REQUIRE(make_conversion({}, "20xx", "044-222-33xx").value().external == "+814422233xx");
    REQUIRE(make_conversion({}, "20XX", "044-222-33xx").value().extensions == "20xx");
    REQUIRE(make_conversion({}, "20xx", "044-222-33x").error().where() == "external");
    REQUIRE(make_conversion({}, "20xx", "2233xx").error().where() == "external");
    REQUIRE(make_conversion({}, "20-x", "044-222-333x").error().where() == "extensions");
    REQUIRE(make_conversion({}, "", "044-222-3333").error().where() == "extensions");
    REQUIRE_FALSE(NumberConversion({}, {{"20xx", "+814422233x"}}).external_of("2011"));
}

TEST_CASE("A written number is read at this exchange: own extension, own external number, CTI database, public")
{
    struct Row
    {
        const char* written;
        const char* device;
        NetworkType network;
    };
    const auto row = GENERATE(values<Row>({{"2000", "2000", NetworkType::own},
                                           {"20-00", "2000", NetworkType::own},
                                           {"2900", "2900", NetworkType::own},
                                           {"2055", "2055", NetworkType::own},
                                           {"4000", "4000", NetworkType::own},
                                           {"044-222-3300", "2000", NetworkType::own},
                                           {"+81 44 222 9999", "2001", NetworkType::own},
                                           {"010-81-44-222-3355", "2055", NetworkType::own},
                                           {"044-222-5555", "+81442225555", NetworkType::toll},
                                           {"044-222-4455", "+81442224455", NetworkType::own},
                                           {"03-9999-0000", "+81399990000", NetworkType::public_network},
                                           {"+12125550100", "+12125550100", NetworkType::public_network}}));
    INFO(row.written);
    const Snapshot office(test::people(), test::office());
    const auto target = read_number(office, row.written);
    REQUIRE(target.has_value());
    REQUIRE(target->device == row.device);
    REQUIRE(target->network == row.network);
}

TEST_CASE("What is no number here is not found, and the sentence shows it printable and short")
{
    const Snapshot office(test::people(), test::office());
    for (const std::string written : {"", "5000", "110", "taro", "+", "20xx"})
    {
        INFO(written);
        REQUIRE(read_number(office, written).error().code() == Errc::not_found);
    }
    REQUIRE(read_number(office, "50\r\n00").error().text() ==
            "50??00 is no number of this office and no external number");
    REQUIRE(read_number(office, std::string(100'000, '5')).error().text().size() < 100);
}

TEST_CASE("A source travels in external form")
{
    const Snapshot office(test::people(), test::office());
    REQUIRE(external_form(office, "2001") == "+81442229999");
    REQUIRE(external_form(office, "2055") == "+81442223355");
    REQUIRE(external_form(office, "4000") == "4000");
    REQUIRE(external_form(office, "044-222-3300") == "+81442223300");
    REQUIRE(external_form(office, "nobody") == "nobody");
}
