// SPDX-License-Identifier: Apache-2.0
// The exchange (PBX) as the gateway sees it, in the words of CSTA (ECMA-269). One driver for each kind of exchange
// stands behind this page, each in a folder of its own; all pass tests/exchange.
//
// Everything here is called and delivered on the control executor. No method blocks; none throws for anything that the
// exchange or the network does. A driver never rings a device that was not named in an accepted make_call().
#pragma once

#include "core/duration.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/vocabulary.h"
#include "pbx/audio_port.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ringpost::pbx
{
/// A device as the exchange dials it: an extension (`2000`), or an external number in E.164 form (`+81442223333`),
/// which is reached through a trunk.
struct DeviceId
{
    std::string number;
    auto operator<=>(const DeviceId&) const = default;
    [[nodiscard]] bool external() const { return !number.empty() && number.front() == '+'; }
};

/// Which leg of a two-point connection: the one rung first (CSTA calling device) or second (called device).
enum class Leg
{
    first,
    second
};

[[nodiscard]] constexpr Leg other(Leg leg)
{
    return leg == Leg::first ? Leg::second : Leg::first;
}

/// What the exchange knows of a device at this moment (CSTA Snapshot Device, reduced to what decides an attempt).
enum class DeviceState
{
    idle,
    ringing,     ///< a call is offered to it, whoever made it
    talking,     ///< off-hook: talking, dialling or listening to ring-back
    held,        ///< its conversation is held by the other party
    unreachable, ///< known, but not in service
    no_such,     ///< the exchange has no such device
    cannot_know  ///< external, or a device that this exchange cannot monitor
};

[[nodiscard]] constexpr bool in_use(DeviceState state)
{
    return state == DeviceState::ringing || state == DeviceState::talking || state == DeviceState::held;
}

/// Optional services; a driver says truthfully which it has (design: drivers say what they cannot do).
enum class Capability
{
    monitor_device,         ///< monitor_start() works for own devices
    announce,               ///< announce() works
    audio_port,             ///< connect_port() works
    single_step_conference, ///< later issues
    hold,
    route
};

/// A short message of the exchange to one leg, after which that leg is released.
enum class Announcement
{
    source_busy,       ///< "the person who wanted to speak with you is on another call"
    source_no_answer,  ///< "… does not answer"
    destination_failed ///< "the connection could not be made", to a source that was rung first
};

/// CSTA Make Call with prompting: `first` is rung; when it has answered the driver reports Established and keeps that
/// leg (ring-back tone) until alert_second() or clear_call(). When the second answers both talk.
struct MakeCall
{
    AttemptId attempt; ///< never dialled before; the driver gives the exchange ids made from it
    DeviceId first;
    DeviceId second;       ///< rung by alert_second() only, perhaps never; empty number: there is only one leg
    Duration ring_first{}; ///< after this long without answer: Failed(no_answer)
    Duration ring_second{};
    std::string show_first;  ///< caller number that the first device displays
    std::string show_second; ///< caller number that the second device displays
    bool fax = false;        ///< the first device is a FAX machine: it may want T.38 instead of sound
};

/// What became of the legs of an attempt, as far as the exchange still knows (for recovery after a restart).
struct AttemptLegs
{
    bool first_answered = false;
    bool second_answered = false;
};

/// Events of an attempt, or of a monitored device (CSTA past facts).
struct Event
{
    enum class Kind
    {
        delivered,          ///< attempt, leg: the device rings
        established,        ///< attempt, leg: the device has answered; for Leg::second both talk now
        failed,             ///< attempt, leg, cause: this leg ended before it answered; nothing rings any more.
                            ///< For Leg::second the first leg is still up and waits for announce() or clear_call().
        connection_cleared, ///< attempt, leg: an answered leg ended. Before the second answered this means that the
                            ///< person on the first leg hung up: the whole attempt is over, nothing rings any more.
        announced,          ///< attempt: announce() is over and the leg released; the attempt is over
        device_in_use,      ///< device: went off-hook or was answered (any call, whoever made it)
        device_released,    ///< device: is idle again after having been rung or in use
        device_in_service,  ///< device: reachable again
        device_out_of_service,
        link_lost,    ///< the exchange cannot be reached; every make_call answers unavailable until regained
        link_regained ///< states may have changed meanwhile: everything must be looked at anew
    };
    Kind kind{};
    AttemptId attempt{};
    Leg leg = Leg::first;
    DeviceId device{};
    Cause cause = Cause::none;
    bool was_answered = false; ///< device_released: the device had been off-hook, not only rung
};

/// One thing that `ringpost exchange check` looks at.
struct Finding
{
    std::string what;
    bool ok = false;
    std::string text; ///< what was found; where it is not ok, what to do
};

class Exchange
{
public:
    virtual ~Exchange() = default;

    [[nodiscard]] virtual bool supports(Capability capability) const = 0;
    /// One word for logs and `exchange status`: `simulated`, `asterisk`.
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual bool link_up() const = 0;
    /// Why the link is down, for `exchange status`; empty where it is up, or where that is not known.
    [[nodiscard]] virtual std::string link_trouble() const { return {}; }

    /// Receives all events, one at a time, never from inside a call of this page. Set once, before the first call.
    virtual void on_event(std::function<void(const Event&)> sink) = 0;

    /// CSTA Make Call. Success means only that the exchange was told; what follows comes as events. The caller has
    /// stored the attempt, has looked at the devices and holds their reservation. Errc::conflict: this attempt id was
    /// used before (nothing was dialled); Errc::unavailable: link down.
    virtual boost::asio::awaitable<Result<>> make_call(MakeCall call) = 0;

    /// Rings the second device; the caller has stored that the first has answered. Errc::not_found: attempt is over.
    virtual boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) = 0;

    /// CSTA Clear Call: ends every leg of the attempt, ringing or answered. Succeeds where nothing is left. No further
    /// event of the attempt follows.
    virtual boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) = 0;

    /// Plays a message to the answered first leg and releases it; `announced` follows. Where announce is not supported
    /// the leg is released at once.
    virtual boost::asio::awaitable<Result<>> announce(AttemptId attempt, Announcement announcement) = 0;

    /// Connects a voice board port with the answered first leg, which hears nothing else from now on. The port ends
    /// with the leg, and with alert_second(): when the second answers, the two talk without it. Errc::not_found: the
    /// leg is not there (any more); Errc::conflict: it has a port; Errc::unsupported.
    virtual boost::asio::awaitable<Result<std::unique_ptr<AudioPort>>> connect_port(AttemptId attempt) = 0;

    /// What the exchange still knows of an attempt; nullopt: never dialled, or over.
    virtual boost::asio::awaitable<Result<std::optional<AttemptLegs>>> find_attempt(AttemptId attempt) = 0;

    /// Ends every leg that carries an id of this gateway, whose attempt is not in `keep`, and which is not part of a
    /// conversation: what an earlier run has left ringing or waiting. Who talks goes on talking.
    virtual boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) = 0;

    /// Whether the exchange is set up as the driver needs it. Changes nothing, rings nothing; works with the link down.
    virtual boost::asio::awaitable<Result<std::vector<Finding>>> check() = 0;

    /// CSTA Snapshot Device, from what the driver keeps: no waiting.
    [[nodiscard]] virtual DeviceState snapshot_device(const DeviceId& device) const = 0;

    /// Whether the trunks have lines free at this moment for all of these that are external; also where that cannot
    /// be known.
    [[nodiscard]] virtual bool lines_free(const std::vector<DeviceId>& /*devices*/) const { return true; }

    /// CSTA Monitor Start: device_* events of it are wanted. Idempotent; counted by nobody. Errc::unsupported for a
    /// device that cannot be monitored (external).
    virtual Result<> monitor_start(const DeviceId& device) = 0;
    virtual void monitor_stop(const DeviceId& device) = 0;
};
} // namespace ringpost::pbx
