// SPDX-License-Identifier: Apache-2.0
#include "directory/client_networks.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost::directory;

TEST_CASE("A client counts where its address is in one of the networks")
{
    struct Row
    {
        const char* networks;
        const char* address;
        bool counts;
    };
    const auto row = GENERATE(values<Row>({{"", "192.0.2.1", true},
                                           {"192.0.2.0/24", "192.0.2.255", true},
                                           {"192.0.2.0/24", "192.0.3.0", false},
                                           {"192.0.2.0/24", "::ffff:192.0.2.9", true},
                                           {"192.0.2.128/25", "192.0.2.127", false},
                                           {"192.0.2.7", "192.0.2.7", true},
                                           {"192.0.2.7", "192.0.2.6", false},
                                           {"0.0.0.0/0", "198.51.100.1", true},
                                           {"0.0.0.0/0", "2001:db8::1", false},
                                           {"192.0.2.0/24, 2001:db8::/32", "2001:db8:ffff::1", true},
                                           {"192.0.2.0/24,2001:db8::/32", "2001:db9::1", false},
                                           {"::/0", "192.0.2.1", true},
                                           {"192.0.2.0/24", "nonsense", false},
                                           {"nonsense", "192.0.2.1", false}}));
    INFO(row.networks << " has " << row.address);
    REQUIRE(client_counts(row.networks, row.address) == row.counts);
}

TEST_CASE("What is no list of networks is refused")
{
    for (const std::string text : {"nonsense", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2/24", "::/129",
                                   "192.0.2.1,,192.0.2.2", "192.0.2.1 192.0.2.2", "192.0.2.0/24x"})
    {
        INFO(text);
        REQUIRE(check_client_networks(text).has_error());
    }
    REQUIRE(check_client_networks(std::string("192.0.2.1\0x", 11)).has_error());
    REQUIRE(check_client_networks(" 192.0.2.0/24 , ::1 ").has_value());
    REQUIRE(check_client_networks("").has_value());
}
