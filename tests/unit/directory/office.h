// SPDX-License-Identifier: Apache-2.0
// A small office for the tests of the directory.
#pragma once

#include "directory/snapshot.h"

#include <string>
#include <utility>
#include <vector>

namespace ringpost::directory::test
{
inline User user(std::int64_t id, const std::string& address, const std::string& extension, const std::string& external)
{
    User row;
    row.id = UserId{id};
    row.name = "User " + std::to_string(id);
    row.address = address;
    row.extension = extension;
    row.external_number = external;
    return row;
}

inline store::DirectoryData people()
{
    store::DirectoryData data;
    data.users = {user(1, "taro@office.example", "2000", "+81442223300"),
                  user(2, "hanako@office.example", "2001", "+81442229999"), user(3, "jiro@office.example", "", "")};
    data.users[0].aliases = {"sales@office.example", "taro@other.example"};
    data.conversions = {{"20xx", "+814422233xx"}, {"3000", "+81312345678"}, {"30xx", "+813123456xx"}};
    data.cti = {{"+8144222", NetworkType::toll, "office-b.example"},
                {"+814422244", NetworkType::own, ""},
                {"+81", NetworkType::public_network, ""}};
    data.destinations = {{"office-b.example", "b.example", 2525, "office.example", "s", HopTls::opportunistic, ""},
                         {"boss@office-b.example", "boss.example", 25, "", "", HopTls::opportunistic, ""},
                         {"*", "relay.example", 25, "", "", HopTls::opportunistic, ""}};
    data.peers = {{"office-b.example", "", {"+8144222", "+1212"}}, {"office-c.example", "", {}}};
    return data;
}

inline OfficeOptions office()
{
    OfficeOptions options;
    options.own_domains = {"Office.example", "other.example"};
    options.extensions = {"2900", "4000"};
    return options;
}
} // namespace ringpost::directory::test
