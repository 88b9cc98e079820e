// SPDX-License-Identifier: Apache-2.0
// What may still ring at the exchange keeps its devices: an external number, of which no state is known, is never rung
// by two attempts at the same time (spec 3).
#include "rig.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Lines = std::vector<std::string>;

namespace
{
const std::string far = Rig::far_prefix + "2000";

std::size_t dialled(Rig& rig, const std::string& number)
{
    const auto& all = rig.line().dialled();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const pbx::MakeCall& call) { return call.first.number == number; }));
}
} // namespace

TEST_CASE("A call that cannot be ended keeps its devices until it can")
{
    Rig rig;
    const auto first = rig.ask(far, "2000");
    rig.run_for(1s);
    REQUIRE(dialled(rig, far) == 1);
    rig.line().refuse(true);
    REQUIRE(rig.cancel(first).has_value());
    const auto second = rig.ask(far, "2001");
    rig.run_for(60s);
    CHECK(dialled(rig, far) == 1);

    rig.line().refuse(false);
    rig.run_for(10s);
    CHECK(dialled(rig, far) == 2);
    CHECK(rig.standing(second) == "connected");
    CHECK(rig.results(first) == Lines{"cancelled cancelled 1"});
}

TEST_CASE("Other devices are not concerned by a call that cannot be ended")
{
    Rig rig;
    rig.answers("2003");
    rig.answers("2004");
    const auto first = rig.ask(far, "2000");
    rig.run_for(1s);
    rig.line().refuse(true);
    REQUIRE(rig.cancel(first).has_value());
    const auto second = rig.ask("2003", "2004");
    rig.run_for(10s);
    CHECK(rig.standing(second) == "connected");
}

TEST_CASE("After the link was lost nothing is begun before what was left is settled")
{
    Rig rig;
    const auto first = rig.ask(far, "2000");
    rig.run_for(1s);
    rig.line().link(false);
    rig.run_for(1s);
    const auto second = rig.ask(far, "2001");
    const auto third = rig.ask("2003", "2004");
    rig.line().refuse(true);
    rig.line().link(true);
    rig.run_for(30s);
    CHECK(rig.line().dialled().size() == 1);

    rig.answers("2003");
    rig.answers("2004");
    rig.line().refuse(false);
    rig.run_for(15s);
    CHECK(rig.standing(third) == "connected");
    // The first was interrupted; its turn comes first again.
    CHECK(dialled(rig, far) == 2);
    CHECK(rig.standing(first) == "connected");
    CHECK(rig.standing(second).starts_with("waiting"));
}

TEST_CASE("After a start nothing is begun before what the last run left is settled")
{
    Rig rig;
    const auto first = rig.ask(far, "2000");
    rig.run_for(1s);
    REQUIRE(dialled(rig, far) == 1);
    rig.crash(false);
    const auto second = rig.store_due(rig.order(far, "2001"));
    rig.line().refuse(true);
    rig.start();
    rig.run_for(30s);
    CHECK(dialled(rig, far) == 1);
    rig.line().refuse(false);
    rig.run_for(10s);
    CHECK(dialled(rig, far) == 2);
    CHECK(rig.standing(first) == "connected");
    CHECK(rig.standing(second).starts_with("waiting"));
}
