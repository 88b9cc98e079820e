// SPDX-License-Identifier: Apache-2.0
#include "core/virtual_clock.h"
#include "service/device_board.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using service::DeviceBoard;

TEST_CASE("A reservation takes both devices or none, and gives them back")
{
    DeviceBoard board;
    {
        const auto taken = board.reserve("2000", "2001");
        REQUIRE(taken);
        CHECK(board.reserve("2001", "2002") == nullptr);
        CHECK_FALSE(board.reserved("2002"));
        CHECK(board.reserve("2002", "2000") == nullptr);
        CHECK_FALSE(board.reserved("2002"));
        CHECK(board.reserve("2003", "2002") != nullptr);
    }
    CHECK_FALSE(board.reserved("2000"));
    CHECK(board.size() == 0);
}

TEST_CASE("What is known of a device outlives its reservation as long as somebody may need it")
{
    boost::asio::io_context context;
    VirtualClock clock(context, Instant{});
    DeviceBoard board;
    auto taken = board.reserve("2000", "2001");
    board.at("2000").used = true;
    board.at("2001").guard = clock.at(clock.now() + 2s, [] {});
    taken.reset();
    CHECK(board.find("2000") != nullptr);
    CHECK(board.find("2001") != nullptr);
    board.at("2000").used = false;
    board.at("2001").guard.cancel();
    board.tidy("2000");
    board.tidy("2001");
    CHECK(board.size() == 0);
}
