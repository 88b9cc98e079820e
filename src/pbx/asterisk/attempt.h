// SPDX-License-Identifier: Apache-2.0
// The life of one attempt at Asterisk: two legs, of which the second is dialled when the first is there, and what is to
// be done and told at each event. No I/O: it is fed, and says what follows.
//
// The first leg is made and comes into our application before its device is rung, so that it stays when the person
// answers while no gateway is connected, who must not be rung again. The second comes into it with the answer: Asterisk
// hangs up who answers while nobody is connected. Made as the first, it would not be ended by the end of the first
// after both were handed over (Asterisk's `dial_bridge`, in which such a leg is until it is moved, keeps it).
#pragma once

#include "pbx/asterisk/ari_event.h"
#include "pbx/exchange.h"

#include <array>
#include <string>
#include <vector>

namespace ringpost::pbx::asterisk
{
/// What the driver has to ask Asterisk for, or to time.
struct Act
{
    enum class What
    {
        dial,                   ///< the leg is in our application: ring its device
        await_ringing_end,      ///< ring_time_over() when the ring time of the leg is over
        ring_back,              ///< the first leg hears that the second is rung
        connect,                ///< both legs are up: make them a conversation, then connected()
        play,                   ///< the announcement, to the first leg
        await_announcement_end, ///< announcement_over() when an announcement may not last longer
        hang_up,                ///< the leg, whatever its state
        end_bridge              ///< the bridge of the attempt with all that is in it
    };
    What what{};
    AttemptId attempt{};
    Leg leg = Leg::first;
    auto operator<=>(const Act&) const = default;
};

struct Step
{
    std::vector<Act> acts;
    std::vector<Event> events;
    bool place = false; ///< of looked(): the leg is to be dialled now

    void add(Step&& other);
};

/// How two people who have both answered were connected.
enum class Connection
{
    handed_over, ///< an ordinary call of the PBX, which ends it
    bridged,     ///< in a bridge of ours: when one hangs up, we end the other
    failed       ///< neither was possible
};

class Attempt
{
public:
    explicit Attempt(MakeCall call) : call_(std::move(call)) { side(Leg::first).state = LegState::placing; }

    /// Errc::conflict: the second was asked for before, or the first is not there.
    Result<> alert_second();
    /// Errc::conflict: there is no first leg alone to announce to.
    Result<Step> announce(Announcement announcement);
    /// What ends every leg; afterwards nothing is told any more.
    [[nodiscard]] Step clear();

    /// A look has found this before dialling. Cause::none: it may be dialled.
    Step looked(Leg leg, Cause cause);
    /// What came of dialling. Cause::none: Asterisk has been told.
    Step placed(Leg leg, Cause cause);
    /// The leg is there but its device could not be rung.
    Step not_rung(Leg leg);
    /// It could not even be asked for, and whoever asked has been told so: as if it had failed, but without an event.
    Step not_placed(Leg leg);

    Step on(Leg leg, const AriEvent& event);
    Step connected(Connection connection);
    Step ring_time_over(Leg leg);
    /// Played to the end, or long enough.
    Step announcement_over();
    /// Asterisk has no such channel any more.
    Step gone(Leg leg);
    /// What a look after the loss of the link has found; answers in the gap change the state without an event.
    Step found(Leg leg, ChannelState state);

    [[nodiscard]] Announcement announcement() const { return announcement_; }
    [[nodiscard]] bool over() const { return over_; }
    [[nodiscard]] const MakeCall& call() const { return call_; }
    [[nodiscard]] const std::string& channel_name(Leg leg) const { return side(leg).channel_name; }
    [[nodiscard]] const DeviceId& device(Leg leg) const { return leg == Leg::first ? call_.first : call_.second; }
    [[nodiscard]] bool dialling(Leg leg) const;
    [[nodiscard]] bool rings(Leg leg) const { return dialling(leg) && side(leg).rang; }
    /// It has answered, and nobody has been told yet: the two are being connected.
    [[nodiscard]] bool connecting(Leg leg) const { return leg == Leg::second && phase_ == Phase::connecting; }
    [[nodiscard]] bool handed_over() const
    {
        return phase_ == Phase::talking && connection_ == Connection::handed_over;
    }
    /// The first leg is there, and nobody and nothing talks with it.
    [[nodiscard]] bool waits_alone() const { return answered(Leg::first) && phase_ == Phase::alone; }
    [[nodiscard]] bool answered(Leg leg) const { return side(leg).state == LegState::answered; }

private:
    enum class LegState
    {
        none,    ///< not asked for
        placing, ///< looked at, or dialled without a reply yet
        placed,
        answered,
        over
    };
    struct Side
    {
        LegState state = LegState::none;
        bool rang = false;     ///< Delivered has been told
        bool progress = false; ///< the far side of a trunk has said something
        bool expired = false;
        bool hanging_up = false; ///< its person has hung up, its end has not been told
        std::string channel_name;
    };
    enum class Phase
    {
        alone,      ///< only the first leg is up, or none
        announcing, ///< to the first leg
        connecting,
        talking
    };

    [[nodiscard]] Side& side(Leg leg) { return sides_.at(leg == Leg::first ? 0 : 1); }
    [[nodiscard]] const Side& side(Leg leg) const { return sides_.at(leg == Leg::first ? 0 : 1); }
    [[nodiscard]] Act act(Act::What what, Leg leg = Leg::first) const { return {what, call_.attempt, leg}; }
    [[nodiscard]] Event event(Event::Kind kind, Leg leg, Cause cause = Cause::none) const;
    Step rang(Leg leg);
    Step in_our_hands(Leg leg);
    Step answered_now(Leg leg);
    Step failed(Leg leg, Cause cause);
    Step ended(Leg leg, int cause, int tech_cause, ChannelState last);
    Step hung_up(Leg leg);
    Step hung_up_while_talking(Leg leg);
    void end_if_empty();

    MakeCall call_;
    std::array<Side, 2> sides_;
    Phase phase_ = Phase::alone;
    Announcement announcement_ = Announcement::destination_failed;
    Connection connection_ = Connection::handed_over;
    bool over_ = false;
};
} // namespace ringpost::pbx::asterisk
