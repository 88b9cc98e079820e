// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/dial_plan.h"
#include "pbx/asterisk/rest.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::asterisk;

TEST_CASE("The ids of legs name gateway, attempt and leg, and are read back")
{
    const LegIds ids("office-a.example");
    CHECK(ids.leg({17}, Leg::first) == "rp-office_a.example-17-1");
    CHECK(ids.bridge({17}) == "rp-office_a.example-17");
    const auto read = ids.read("rp-office_a.example-17-2");
    REQUIRE(read.has_value());
    CHECK(read->first == AttemptId{17});
    CHECK(read->second == Leg::second);
    for (const char* other : {"", "rp-office_a.example-17", "rp-office_a.example-17-3", "rp-office_a.example--1",
                              "rp-office_a.example-0-1", "rp-office_b.example-17-1", "1763645453.7",
                              "rp-office_a.example-17-1;2", "rp-office_a.example-99999999999999999999-1"})
    {
        INFO(other);
        CHECK_FALSE(ids.read(other).has_value());
    }
}

TEST_CASE("The ids of ports name gateway and attempt, and are read back")
{
    const LegIds ids("office-a.example");
    CHECK(ids.port({17}, 3) == "rp-office_a.example-17-p3");
    CHECK(ids.read_port("rp-office_a.example-17-p3") == std::optional(AttemptId{17}));
    CHECK_FALSE(ids.read("rp-office_a.example-17-p3").has_value());
    for (const char* other : {"", "rp-office_a.example-17", "rp-office_a.example-17-1", "rp-office_a.example-17-p",
                              "rp-office_a.example-17-p3;2", "rp-office_a.example-0-p1", "rp-office_b.example-17-p1",
                              "rp-office_a.example-17-port"})
    {
        INFO(other);
        CHECK_FALSE(ids.read_port(other).has_value());
    }
}

TEST_CASE("Devices are dialled at endpoints, external ones through the trunk with the longest prefix")
{
    const auto as_dialled = [](const std::string& e164) { return "0-" + e164.substr(3); };
    const DialPlan plan("PJSIP/{number}", {{"+", "PJSIP/{number}@carrier"}, {"+8144", "PJSIP/{e164}@other/x"}},
                        as_dialled);
    CHECK(plan.endpoint({"2000"}) == std::optional<std::string>("PJSIP/2000"));
    CHECK(plan.endpoint({"+81332221111"}) == std::optional<std::string>("PJSIP/0332221111@carrier"));
    CHECK(plan.endpoint({"+81442223333"}) == std::optional<std::string>("PJSIP/+81442223333@other/x"));
    CHECK_FALSE(plan.endpoint({""}).has_value());
    for (const char* hostile : {"2000@evil", "2000/x", "2000&PJSIP", "20 00", "2000,x", "{number}"})
    {
        INFO(hostile);
        CHECK_FALSE(plan.endpoint({hostile}).has_value());
    }
    CHECK(plan.shown("2000") == "2000");
    CHECK(plan.shown("+81332221111") == "0332221111");
    CHECK(plan.technology() == "PJSIP");
    CHECK(plan.trunk_endpoints() == std::vector<std::string>{"PJSIP/other/x", "PJSIP/carrier"});
    const DialPlan none("PJSIP/{number}", {}, as_dialled);
    CHECK_FALSE(none.endpoint({"+81332221111"}).has_value());
}

TEST_CASE("Devices of Asterisk and own numbers belong together")
{
    const DialPlan plan("SIP/desk-{number}-a", {}, {});
    CHECK(plan.device("2000") == "SIP/desk-2000-a");
    CHECK(plan.number("SIP/desk-2000-a") == std::optional<std::string>("2000"));
    for (const char* other : {"SIP/2000", "PJSIP/desk-2000-a", "SIP/desk--a", "SIP/desk-20/0-a", ""})
    {
        INFO(other);
        CHECK_FALSE(plan.number(other).has_value());
    }
}

TEST_CASE("Parts of a URL are percent-encoded")
{
    CHECK(percent_encoded("rp-a.example-1_2~3") == "rp-a.example-1_2~3");
    CHECK(percent_encoded("PJSIP/2000 +&?#%") == "PJSIP%2F2000%20%2B%26%3F%23%25");
    CHECK(percent_encoded("\xe3\x81\x82") == "%E3%81%82");
}
