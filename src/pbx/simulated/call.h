// SPDX-License-Identifier: Apache-2.0
// A call of the simulated exchange: two sides, of which the second is rung when the first is there. An attempt of the
// gateway rings its first side too; a call dialled by hand, or arriving over a trunk, begins with a first side that is
// up.
#pragma once

#include "core/clock.h"
#include "pbx/exchange.h"
#include "pbx/simulated/ear.h"
#include "pbx/simulated/extension.h"
#include "pbx/simulated/port_line.h"
#include "pbx/simulated/trunk.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace ringpost::pbx::simulated
{
enum class SideState
{
    waiting, ///< not rung yet
    ringing,
    answered,
    over
};

struct Side
{
    DeviceId device;
    std::string shown; ///< the caller number that this device displays
    SideState state = SideState::waiting;
    std::optional<TrunkLeg> trunk;     ///< the leg on a trunk, for an external device
    std::optional<Duration> ring_time; ///< nullopt: the caller decides how long it rings
    std::optional<Duration> talk;      ///< this person hangs up when both have talked for so long
    Timer ring_limit;
    bool rung = false;                 ///< was rung by this exchange (own devices): stands in the call log
    bool delivered = false;            ///< the far exchange has said that it rings (external devices)
    std::unique_ptr<Ear> ear;          ///< what this person hears (own devices that have answered)
    std::shared_ptr<PortLine> machine; ///< that has answered here instead of a person; null: a person
};

struct Call
{
    CallKey key{};
    AttemptId attempt{};         ///< of the own gateway; 0 for a call dialled by hand or arriving over a trunk
    std::string origin;          ///< the exchange whose gateway or person makes this call
    AttemptId origin_attempt{};  ///< the attempt there; 0: dialled by hand
    Leg origin_leg = Leg::first; ///< which leg of that attempt, for a call that arrived over a trunk
    bool incoming = false;       ///< arrived over a trunk
    bool announcing = false;
    std::shared_ptr<PortLine> port; ///< connected with the first side; null: none
    Timer announcement;
    std::array<Side, 2> sides;

    [[nodiscard]] Side& side(Leg leg) { return sides.at(leg == Leg::first ? 0 : 1); }
    [[nodiscard]] const Side& side(Leg leg) const { return sides.at(leg == Leg::first ? 0 : 1); }
    [[nodiscard]] bool both_talk() const;
};
} // namespace ringpost::pbx::simulated
