// SPDX-License-Identifier: Apache-2.0
// The gateway dies at every point at which it speaks with its exchange, and is started again (design rule 1): no
// attempt is dialled twice, nobody is rung again who has answered, nothing rings for a request that has ended.
#include "rig.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Lines = std::vector<std::string>;

namespace
{
/// What there is to see of a request at the moment of death.
struct Death
{
    bool happened = false;
    bool ended = false;          ///< the request had ended
    bool answer_stored = false;  ///< that the first had answered
    bool first_answered = false; ///< it had
    std::size_t rings = 0;
};

/// Runs until the gateway dies or the time is over.
Death run_until_death(Rig& rig, RequestId id, Duration time)
{
    for (Duration ran{}; ran < time && !rig.line().dead(); ran += 100ms)
    {
        rig.run_for(100ms);
    }
    Death death;
    death.happened = rig.line().dead();
    const auto request = rig.request(id);
    death.ended = is_end(request.state);
    death.answer_stored = request.first_answered;
    death.first_answered = rig.state("2000") == pbx::DeviceState::talking;
    death.rings = rig.rings().size();
    return death;
}

std::size_t rings_of(const Rig& rig, const std::string& number, std::size_t from)
{
    const auto all = rig.rings();
    return static_cast<std::size_t>(std::count_if(all.begin() + static_cast<std::ptrdiff_t>(from), all.end(),
                                                  [&](const test::Ring& ring) { return ring.number == number; }));
}

void check_life(Rig& rig, RequestId id, const Death& death, bool exchange_died)
{
    CHECK(rig.line().faults() == Lines{});
    CHECK(is_end(rig.request(id).state));
    CHECK(rig.results(id).size() == 1);
    CHECK(rig.scheduler().attempts() == 0);
    if (death.ended)
    {
        CHECK(rig.rings().size() == death.rings);
    }
    if (death.answer_stored || (death.first_answered && !exchange_died))
    {
        CHECK(rings_of(rig, "2000", death.rings) == 0);
    }
    for (const auto& attempt : rig.attempts(id))
    {
        CHECK(attempt.ended.has_value());
    }
}

/// Dies at the points 1, 2, 3 … until the request ends without reaching the point. Returns how many there are.
int die_everywhere(bool exchange_too, const std::function<RequestId(Rig&)>& begin)
{
    for (int point = 1; point < 200; ++point)
    {
        CAPTURE(point, exchange_too);
        Rig rig;
        rig.answers("2000", 5s, 60s);
        rig.answers("2001", 5s, 60s);
        const auto id = begin(rig);
        rig.line().die_at(point);
        const Death death = run_until_death(rig, id, 60s);
        if (!death.happened)
        {
            return point - 1;
        }
        rig.crash(exchange_too);
        rig.run_for(3s);
        rig.answers("2000", 5s, 60s);
        rig.answers("2001", 5s, 60s);
        rig.start();
        rig.run_for(10min);
        check_life(rig, id, death, exchange_too);
    }
    FAIL("the request does not end");
    return 0;
}
} // namespace

TEST_CASE("The gateway dies at every point of an attempt that would connect")
{
    const bool exchange_too = GENERATE(false, true);
    CHECK(die_everywhere(exchange_too, [](Rig& rig) { return rig.ask("2000", "2001"); }) > 10);
}

TEST_CASE("The gateway dies at every point of an attempt that waits for a release first")
{
    const bool exchange_too = GENERATE(false, true);
    const auto begin = [](Rig& rig) {
        rig.calls("2000", "2002");
        rig.at(10s, [&rig] {
            if (rig.state("2000") == pbx::DeviceState::talking)
            {
                rig.hangs_up("2000");
            }
        });
        return rig.ask("2000", "2001");
    };
    CHECK(die_everywhere(exchange_too, begin) > 10);
}

TEST_CASE("The gateway dies at every point of an attempt whose source does not answer")
{
    const auto begin = [](Rig& rig) {
        rig.never_answers("2001");
        return rig.ask("2000", "2001");
    };
    CHECK(die_everywhere(false, begin) > 10);
}

TEST_CASE("The gateway dies again while it settles what its last life left")
{
    for (int second = 1; second < 12; ++second)
    {
        CAPTURE(second);
        Rig rig;
        rig.answers("2000", 5s, 60s);
        rig.answers("2001", 5s, 60s);
        const auto id = rig.ask("2000", "2001");
        rig.run_for(7s); // the second telephone rings
        const Death first_death = run_until_death(rig, id, 0s);
        rig.crash(false);
        rig.start();
        rig.line().die_at(rig.line().points() + second);
        run_until_death(rig, id, 20s);
        rig.crash(false);
        rig.start();
        rig.run_for(10min);
        check_life(rig, id, first_death, false);
    }
}

TEST_CASE("After a restart those who waited are tried, and devices that became free meanwhile are noticed")
{
    Rig rig;
    rig.calls("2000", "2002");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(10s);
    rig.crash(false);
    rig.run_for(10s);
    rig.hangs_up("2000");
    rig.run_for(30s);
    CHECK(rig.rings("2000").empty());
    rig.start();
    rig.run_for(10s);
    CHECK(rig.ring_times("2000") == std::vector<double>{52});
    CHECK(rig.standing(id) == "connected");
}

TEST_CASE("Two who were talking when the gateway died go on talking, and the request is a success")
{
    Rig rig;
    const auto id = rig.ask("2000", "2001");
    rig.run_for(1500ms); // the source rings
    rig.crash(false);
    rig.run_for(30s); // it answers meanwhile
    CHECK(rig.state("2001") == pbx::DeviceState::talking);
    CHECK(rig.standing(id) == "dialling-second");
    rig.start();
    rig.run_for(1s);
    CHECK(rig.results(id) == Lines{"connected  1"});
    CHECK(rig.state("2001") == pbx::DeviceState::talking);
}

TEST_CASE("A request whose first telephone had answered ends in error, and others go on")
{
    Rig rig;
    rig.answers("2001", 20s);
    const auto id = rig.ask("2000", "2001");
    rig.run_for(5s);
    const auto next = rig.ask("2000", "2002");
    rig.run_for(1s);
    rig.crash(true);
    rig.start();
    rig.run_for(20s);
    CHECK(rig.results(id) == Lines{"failed error 1"});
    CHECK(rig.attempts(id)[0].interrupted);
    CHECK(rig.standing(next) == "connected");
}

TEST_CASE("An attempt that had only rung is interrupted, and the request is tried again")
{
    Rig rig;
    rig.answers("2000", 10s);
    const auto id = rig.ask("2000", "2001");
    rig.run_for(5s);
    rig.crash(true);
    rig.answers("2000", 1s);
    rig.start();
    rig.run_for(20s);
    CHECK(rig.standing(id) == "connected");
    const auto attempts = rig.attempts(id);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].interrupted);
    CHECK(attempts[0].cause == Cause::error);
}

TEST_CASE("A stop ends what rings and leaves what waits; the next start goes on")
{
    Rig rig;
    rig.never_answers("2000");
    const auto rings = rig.ask("2000", "2001");
    rig.calls("2002", "2003");
    const auto waits = rig.ask("2002", "2004");
    rig.run_for(5s);
    rig.stop();
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    CHECK(rig.results(rings).empty());
    rig.answers("2000");
    rig.hangs_up("2002");
    rig.run_for(60s);
    CHECK(rig.rings().size() == 2); // 2000, and 2003 by hand
    rig.start();
    rig.run_for(20s);
    CHECK(rig.standing(rings) == "connected");
    CHECK(rig.standing(waits) == "connected");
}

TEST_CASE("A stop brings an attempt to its end whose first telephone has answered")
{
    Rig rig;
    rig.answers("2001", 10s);
    const auto id = rig.ask("2000", "2001");
    rig.run_for(5s);
    rig.stop();
    CHECK(rig.standing(id) == "connected");
    CHECK(rig.state("2000") == pbx::DeviceState::talking);
}

TEST_CASE("While the link to the exchange is down nothing is forgotten, and nothing is done twice")
{
    Rig rig;
    rig.answers("2000", 5s);
    rig.answers("2001", 5s);
    const auto id = rig.ask("2000", "2001");
    SECTION("lost while the first rings, who answers meanwhile: is cleared and not rung again")
    {
        rig.at(3s, [&] { rig.exchange().set_link(false); });
        rig.at(20s, [&] { rig.exchange().set_link(true); });
        rig.run_for(19s);
        CHECK(rig.standing(id) == "dialling-first");
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"failed error 1"});
        CHECK(rig.state("2000") == pbx::DeviceState::idle);
        CHECK(rig.rings("2000").size() == 1);
    }
    SECTION("lost while the second rings, who answers meanwhile: is a success")
    {
        rig.at(7s, [&] { rig.exchange().set_link(false); });
        rig.at(20s, [&] { rig.exchange().set_link(true); });
        rig.run_for(60s);
        CHECK(rig.results(id) == Lines{"connected  1"});
        CHECK(rig.state("2000") == pbx::DeviceState::talking);
    }
    SECTION("lost while the first rings in vain: tried again")
    {
        rig.never_answers("2000");
        rig.run_for(0s);
        rig.at(1s, [&] { rig.exchange().set_link(false); });
        rig.at(40s, [&] { rig.exchange().set_link(true); });
        rig.run_for(39s);
        rig.answers("2000");
        rig.run_for(30s);
        CHECK(rig.standing(id) == "connected");
        CHECK(rig.attempts(id).size() == 2);
    }
    SECTION("cancelled meanwhile: is cleared when the link is back")
    {
        rig.answers("2000", 5s);
        rig.at(3s, [&] { rig.exchange().set_link(false); });
        rig.run_for(10s);
        CHECK(rig.state("2000") == pbx::DeviceState::talking); // answered, and hears ring-back
        CHECK(rig.cancel(id).has_value());
        rig.exchange().set_link(true);
        rig.run_for(1s);
        CHECK(rig.state("2000") == pbx::DeviceState::idle);
        CHECK(rig.results(id).size() == 1);
        rig.run_for(10min);
        CHECK(rig.rings().size() == 1);
    }
    SECTION("a request that comes meanwhile waits, and is tried when the link is back")
    {
        rig.run_for(15s);
        rig.exchange().set_link(false);
        const auto later = rig.ask("2002", "2003");
        rig.run_for(70s);
        CHECK(rig.standing(later) == "waiting");
        CHECK(rig.attempts(later).empty());
        rig.exchange().set_link(true);
        rig.run_for(5s);
        CHECK(rig.standing(later) == "connected");
    }
}

TEST_CASE("A gateway that starts while its exchange cannot be reached settles nothing before it can")
{
    Rig rig;
    const auto id = rig.ask("2000", "2001");
    rig.run_for(1500ms);
    rig.crash(false);
    rig.run_for(10s); // both talk
    rig.exchange().set_link(false);
    rig.start();
    rig.run_for(60s);
    CHECK(rig.standing(id) == "dialling-second");
    rig.exchange().set_link(true);
    rig.run_for(1s);
    CHECK(rig.results(id) == Lines{"connected  1"});
}
