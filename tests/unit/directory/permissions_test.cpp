// SPDX-License-Identifier: Apache-2.0
#include "directory/permissions.h"
#include "office.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
const Submitter taro{Standing::own_user, "taro@office.example"};
const Submitter hanako{Standing::own_user, "hanako@office.example"};
const Submitter office_b{Standing::peer, "office-b.example"};
const Submitter office_c{Standing::peer, "office-c.example"};

Verdict ask(std::vector<store::PermissionRow> rows, const Submitter& who, const DialTarget& target,
            Instant now = parse_rfc3339("2026-12-01T03:00:00Z").value())
{
    auto data = test::people();
    data.permissions = std::move(rows);
    return may_dial(Snapshot(data, test::office()), who, target, now);
}

DialTarget outside(const std::string& number)
{
    return {number, NetworkType::public_network};
}

/// A local time of day, whatever the zone of the machine.
Instant today(int hour, int minute)
{
    std::tm parts{};
    parts.tm_year = 126;
    parts.tm_mon = 11;
    parts.tm_mday = 1;
    parts.tm_hour = hour;
    parts.tm_min = minute;
    parts.tm_isdst = -1;
    return Instant{std::chrono::seconds{std::mktime(&parts)}};
}
} // namespace

TEST_CASE("Without a permission nobody dials")
{
    for (const auto& who : {taro, office_b, Submitter{}, Submitter{Standing::own_gateway, ""}})
    {
        const auto verdict = ask({}, who, {"2000", NetworkType::own});
        REQUIRE_FALSE(verdict.allowed);
        REQUIRE(verdict.rule == "no permission for own 2000");
    }
    REQUIRE(ask({}, taro, outside("+12125550100")).rule == "no permission for public +12125550100");
}

TEST_CASE("A permission covers its class only, and is named")
{
    const std::vector<store::PermissionRow> rows{{"*", "own", ""}, {"*", "public:+81", ""}};
    REQUIRE(ask(rows, taro, {"2000", NetworkType::own}).rule == "permission own of *");
    REQUIRE(ask(rows, taro, outside("+81399990000")).allowed);
    REQUIRE(ask(rows, taro, outside("+81399990000")).rule == "permission public:+81 of *");
    REQUIRE_FALSE(ask(rows, taro, outside("+12125550100")).allowed);
    REQUIRE_FALSE(ask(rows, taro, {"+81442225555", NetworkType::toll}).allowed);
    REQUIRE_FALSE(ask({{"*", "toll", ""}}, taro, outside("+81399990000")).allowed);
    REQUIRE_FALSE(ask({{"*", "own", ""}}, taro, {"+81442225555", NetworkType::toll}).allowed);
}

TEST_CASE("A permission holds for its subject, by an alias too")
{
    const DialTarget inside{"2001", NetworkType::own};
    REQUIRE(ask({{"taro@office.example", "own", ""}}, taro, inside).allowed);
    REQUIRE(ask({{"Sales@office.example", "own", ""}}, taro, inside).allowed);
    REQUIRE_FALSE(ask({{"taro@office.example", "own", ""}}, hanako, inside).allowed);
    REQUIRE(ask({{"peer:*", "own", ""}}, office_c, inside).allowed);
    REQUIRE(ask({{"office-b.example", "own", ""}}, office_b, inside).allowed);
    REQUIRE_FALSE(ask({{"office-b.example", "own", ""}}, office_c, inside).allowed);
}

TEST_CASE("Users, peers, strangers and the own gateway do not get each other's permissions")
{
    const DialTarget inside{"2001", NetworkType::own};
    const std::vector<store::PermissionRow> rows{{"*", "own", ""}, {"taro@office.example", "own", ""}};
    REQUIRE_FALSE(ask(rows, office_b, inside).allowed);
    REQUIRE_FALSE(ask(rows, {Standing::peer, "taro@office.example"}, inside).allowed);
    REQUIRE_FALSE(ask(rows, {Standing::peer, "*"}, inside).allowed);
    REQUIRE_FALSE(ask(rows, {Standing::stranger, "taro@office.example"}, inside).allowed);
    REQUIRE_FALSE(ask(rows, {Standing::own_gateway, "taro@office.example"}, inside).allowed);
    const std::vector<store::PermissionRow> peers{{"peer:*", "own", ""}, {"office-b.example", "own", ""}};
    REQUIRE_FALSE(ask(peers, taro, inside).allowed);
    REQUIRE_FALSE(ask(peers, {Standing::own_user, "office-b.example"}, inside).allowed);
}

TEST_CASE("Premium, satellite and emergency numbers need a permission that names them")
{
    const std::vector<store::PermissionRow> wide{
        {"*", "own", ""}, {"*", "toll", ""}, {"*", "public:+", ""}, {"*", "public:+81", ""}, {"*", "public:+8", ""}};
    REQUIRE(ask(wide, taro, outside("+12125550100")).allowed);
    REQUIRE(ask(wide, taro, outside("+81112345678")).allowed); // Sapporo begins like an emergency number
    for (const auto* number : {"+81990123456", "+870123456", "+8811234", "+8821234", "+88312345", "+97912345", "+81110",
                               "+81119", "+81118", "+81112", "+81911"})
    {
        INFO(number);
        REQUIRE_FALSE(ask(wide, taro, outside(number)).allowed);
        REQUIRE_FALSE(ask(wide, taro, {number, NetworkType::toll}).allowed);
        REQUIRE_FALSE(ask(wide, taro, {number, NetworkType::own}).allowed);
    }
    for (const auto* number : {"110", "119", "118", "112", "911"})
    {
        INFO(number);
        REQUIRE_FALSE(ask(wide, taro, {number, NetworkType::own}).allowed);
    }
    REQUIRE(ask(wide, taro, outside("+81990123456")).rule == "no permission that names +81990 (premium)");
    REQUIRE(ask({{"*", "public:+81990", ""}}, taro, outside("+81990123456")).allowed);
    REQUIRE(ask({{"*", "public:+819901", ""}}, taro, outside("+81990123456")).allowed);
    REQUIRE_FALSE(ask({{"*", "public:+819902", ""}}, taro, outside("+81990123456")).allowed);
    REQUIRE(ask({{"*", "public:+81119", ""}}, taro, outside("+81119")).allowed);
    REQUIRE(ask({{"*", "public:119", ""}}, taro, {"119", NetworkType::own}).allowed);
}

TEST_CASE("A permission with hours holds only within them")
{
    const std::vector<store::PermissionRow> rows{{"*", "own", "08:00-20:00"}};
    const DialTarget inside{"2001", NetworkType::own};
    REQUIRE_FALSE(ask(rows, taro, inside, today(7, 59)).allowed);
    REQUIRE(ask(rows, taro, inside, today(8, 0)).allowed);
    REQUIRE(ask(rows, taro, inside, today(19, 59)).allowed);
    REQUIRE_FALSE(ask(rows, taro, inside, today(20, 0)).allowed);
    REQUIRE(ask(rows, taro, inside, today(20, 0)).rule == "permission own of * holds only 08:00-20:00");
    REQUIRE_FALSE(ask({{"*", "own", "whenever"}}, taro, inside).allowed);
}

TEST_CASE("The kill switch refuses everything")
{
    auto data = test::people();
    data.permissions = {{"*", "own", ""}};
    data.settings["kill-switch"] = "on";
    const auto verdict = may_dial(Snapshot(data, test::office()), taro, {"2001", NetworkType::own}, today(12, 0));
    REQUIRE_FALSE(verdict.allowed);
    REQUIRE(verdict.rule == "kill-switch");
    data.settings["kill-switch"] = "off";
    REQUIRE(may_dial(Snapshot(data, test::office()), taro, {"2001", NetworkType::own}, today(12, 0)).allowed);
}

TEST_CASE("A peer names sources inside its own ranges only")
{
    const Snapshot office(test::people(), test::office());
    REQUIRE(peer_may_name_source(office, "Office-B.example", "+81442221234").allowed);
    REQUIRE(peer_may_name_source(office, "office-b.example", "+81442221234").rule ==
            "range +8144222 of office-b.example");
    REQUIRE_FALSE(peer_may_name_source(office, "office-b.example", "+81442231234").allowed);
    REQUIRE_FALSE(peer_may_name_source(office, "office-b.example", "2000").allowed);
    REQUIRE_FALSE(peer_may_name_source(office, "office-b.example", "").allowed);
    REQUIRE_FALSE(peer_may_name_source(office, "office-c.example", "+81442221234").allowed);
    REQUIRE_FALSE(peer_may_name_source(office, "unknown.example", "+81442221234").allowed);
}

TEST_CASE("A class that cannot be read is refused")
{
    REQUIRE(parse_number_class("public:+81").value().prefix == "+81");
    for (const auto* text :
         {"", "Own", "public", "public:", "public:+x", "public:81+", "public:++", "all", "public:+12345678901234567"})
    {
        INFO(text);
        REQUIRE(parse_number_class(text).has_error());
    }
}

TEST_CASE("Hours may go over midnight and tell their end")
{
    const auto night = parse_hours("22:00-07:00").value();
    REQUIRE(within(night, today(22, 0)));
    REQUIRE(within(night, today(0, 0)));
    REQUIRE(within(night, today(6, 59)));
    REQUIRE_FALSE(within(night, today(7, 0)));
    REQUIRE_FALSE(within(night, today(21, 59)));
    REQUIRE(end_of(night, today(22, 30)) == today(7, 0) + 24h);
    REQUIRE(end_of(night, today(6, 59)) == today(7, 0));
    REQUIRE(end_of(parse_hours("00:00-24:00").value(), today(12, 0)) == today(0, 0) + 24h);
    for (const auto* text : {"", "8:00-20:00", "08:00-08:00", "24:00-08:00", "08:00-24:01", "08:60-09:00",
                             "08:00 20:00", "08:00-20:00 ", "aa:00-20:00"})
    {
        INFO(text);
        REQUIRE(parse_hours(text).has_error());
    }
}
