// SPDX-License-Identifier: Apache-2.0
// Which addresses limits take for one peer.
#include "core/net_address.h"

#include <catch2/catch.hpp>

using namespace ringpost;

TEST_CASE("Of IPv6 a /64 is one peer, of IPv4 as many as are wanted")
{
    CHECK(network_around("192.0.2.77", 24) == "192.0.2.0/24");
    CHECK(network_around("::ffff:192.0.2.77", 24) == "192.0.2.0/24");
    CHECK(network_around("192.0.2.77", 32) == "192.0.2.77/32");
    CHECK(network_around("2001:db8:1:2:3:4:5:6", 24) == "2001:db8:1:2::/64");
    CHECK(network_around("2001:db8:1:2::1", 32) == network_around("2001:db8:1:2:ffff::1", 32));
    CHECK(network_around("2001:db8:1:3::1", 32) != network_around("2001:db8:1:2::1", 32));
    CHECK(network_around("nonsense", 24) == "nonsense");
    CHECK(network_around("", 32).empty());
}
