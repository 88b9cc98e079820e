// SPDX-License-Identifier: Apache-2.0
// CTI database, destination database and the look-ups of a snapshot.
#include "office.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
std::string host(const Snapshot& office, const std::string& address)
{
    const auto* destination = office.destinations().find(address);
    return destination == nullptr ? "" : destination->host;
}

std::string name(const User* user)
{
    return user == nullptr ? "" : user->address;
}
} // namespace

TEST_CASE("The longest prefix of the CTI database wins")
{
    const Snapshot office(test::people(), test::office());
    REQUIRE(office.cti().find("+81442221111")->gateway == "office-b.example");
    REQUIRE(office.cti().find("+81442224411")->network == NetworkType::own);
    REQUIRE(office.cti().find("+81399990000")->prefix == "+81");
    REQUIRE(office.cti().find("+1212") == nullptr);
    REQUIRE(office.cti().find("") == nullptr);
}

TEST_CASE("A destination is found by address, domain, parent domain, then *")
{
    auto data = test::people();
    const Snapshot office(data, test::office());
    REQUIRE(host(office, "Boss@Office-B.example") == "boss.example");
    REQUIRE(host(office, "taro@office-b.example") == "b.example");
    REQUIRE(host(office, "taro@mail.sub.OFFICE-b.example") == "b.example");
    REQUIRE(host(office, "taro@xoffice-b.example") == "relay.example");
    REQUIRE(host(office, "taro@[192.0.2.1]") == "relay.example");
    REQUIRE(host(office, "a@" + std::string(1'000'000, '.')) == "relay.example");
    data.destinations.pop_back();
    const Snapshot strict(data, test::office());
    REQUIRE(host(strict, "taro@example").empty());
    REQUIRE(host(strict, "*").empty());
}

TEST_CASE("A user is found by any address without regard to case")
{
    const Snapshot office(test::people(), test::office());
    REQUIRE(name(office.user_by_address("TARO@Office.EXAMPLE")) == "taro@office.example");
    REQUIRE(name(office.user_by_address("sales@office.example")) == "taro@office.example");
    REQUIRE(name(office.user_by_address("taro@other.example")) == "taro@office.example");
    REQUIRE(office.user_by_address("taro") == nullptr);
    REQUIRE(office.user_by_address("") == nullptr);
    REQUIRE(name(office.user_by_id(UserId{2})) == "hanako@office.example");
    REQUIRE(office.user_by_id(UserId{9}) == nullptr);
    REQUIRE(office.own_domain("OFFICE.example"));
    REQUIRE_FALSE(office.own_domain("sub.office.example"));
}

TEST_CASE("postmaster is the representative, and without one the first user (RFC 5321 4.5.1)")
{
    auto options = test::office();
    options.representative = "hanako";
    const Snapshot office(test::people(), options);
    REQUIRE(name(office.user_by_address("Postmaster")) == "hanako@office.example");
    REQUIRE(name(office.user_by_address("postmaster@OTHER.example")) == "hanako@office.example");
    REQUIRE(office.user_by_address("postmaster@elsewhere.example") == nullptr);

    options.representative = "JIRO@office.example";
    REQUIRE(name(Snapshot(test::people(), options).representative()) == "jiro@office.example");
    REQUIRE(name(Snapshot(test::people(), options).named_representative()) == "jiro@office.example");
    options.representative = "postmaster";
    REQUIRE(Snapshot(test::people(), options).named_representative() == nullptr);
    REQUIRE(name(Snapshot(test::people(), options).representative()) == "taro@office.example");
    REQUIRE(Snapshot({}, options).user_by_address("postmaster") == nullptr);

    auto data = test::people();
    data.users[1].aliases = {"postmaster@other.example"};
    REQUIRE(name(Snapshot(data, options).user_by_address("postmaster@other.example")) == "hanako@office.example");
}
