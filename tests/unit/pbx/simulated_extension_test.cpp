// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/extension.h"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace ringpost::pbx;
using namespace ringpost::pbx::simulated;

TEST_CASE("A telephone is rung, lifted and released")
{
    Extension telephone("2000");
    CHECK(telephone.state() == DeviceState::idle);
    telephone.ring(1, "2100");
    CHECK(telephone.state() == DeviceState::ringing);
    CHECK_FALSE(telephone.off_hook());
    telephone.lift(1, "2100");
    CHECK(telephone.state() == DeviceState::talking);
    CHECK(telephone.with() == "2100");
    CHECK(telephone.off_hook());
    telephone.release();
    CHECK(telephone.state() == DeviceState::idle);
    CHECK_FALSE(telephone.with());
    CHECK_FALSE(telephone.call());
}

TEST_CASE("A telephone in use refuses to be rung or lifted for another call")
{
    Extension telephone("2000");
    telephone.ring(1, "2100");
    CHECK_THROWS_AS(telephone.ring(2, "2200"), std::logic_error);
    CHECK_THROWS_AS(telephone.lift(2, "2200"), std::logic_error);
    telephone.lift(1, "2100");
    CHECK_THROWS_AS(telephone.ring(1, "2100"), std::logic_error);
    CHECK_THROWS_AS(telephone.lift(1, "2100"), std::logic_error);
}

TEST_CASE("A telephone that is unplugged during a call is unreachable after it")
{
    Extension telephone("2000");
    telephone.lift(1, "2100");
    telephone.plug(false);
    CHECK(telephone.state() == DeviceState::talking);
    telephone.release();
    CHECK(telephone.state() == DeviceState::unreachable);
    CHECK_THROWS_AS(telephone.ring(2, "2100"), std::logic_error);
    telephone.plug(true);
    CHECK(telephone.state() == DeviceState::idle);
}
