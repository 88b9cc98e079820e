// SPDX-License-Identifier: Apache-2.0
// The life of a camp-on request (spec 3) as a pure function: what is stored, what has happened, what is stored next.
// Nothing here looks at a clock, a database or an exchange.
#pragma once

#include "directory/hours.h"
#include "pbx/exchange.h"
#include "service/performance.h"
#include "store/requests.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ringpost::service
{
using store::Request;

/// Times of the configuration section `service`.
struct CampOnRules
{
    Duration monitor_time_cap = 24h;
    Duration default_periodic = 30s;         ///< for a device that cannot be monitored
    Duration unreachable_retry = 30s;        ///< after `unreachable` and `congestion`
    int fax_calls = 3;                       ///< in a row that bring no page, then it is given up
    std::optional<directory::Hours> quiet{}; ///< in which the addressee is not to be rung
};

/// Which device of a request; independent of which is rung first.
enum class Side
{
    destination,
    source
};

namespace event
{
/// The performing gateway has read the mail: the request goes on by its trigger.
struct Determined
{};
/// The addressee has received the mail (spec 2.6).
struct Received
{};
/// The mail was deleted before it was received.
struct DeletedUnread
{};
/// wake_at is reached.
struct Woken
{
    bool rung = true; ///< what is being dialled: the exchange has been told by now
};
/// It is another one's turn at the device: wait for it without having looked.
struct Queued
{};
/// A look found a device in use, before anything was dialled.
struct Looked
{
    Side side = Side::destination;
    bool monitorable = true;   ///< the release of that device will be reported
    Cause cause = Cause::busy; ///< or Cause::congestion: no line is free on which it could be rung
};
/// All ports of the voice board are taken: wait for one, without having looked.
struct NoPort
{};
/// A port is free, and it is its turn.
struct PortFree
{};
/// An attempt is about to be given to the exchange. In hours in which the addressee is not to be rung the request is
/// held instead.
struct Dial
{};
/// Or who has answered is still there, and a voice begins over that call.
struct FirstAnswered
{
    AttemptId attempt;
};
/// Both have answered.
struct Connected
{
    AttemptId attempt;
};
/// A leg ended before it answered.
struct LegFailed
{
    AttemptId attempt;
    pbx::Leg leg = pbx::Leg::first;
    Cause cause = Cause::none;
    bool monitorable = true;
};
/// Who was rung first hung up before the second answered.
struct FirstHungUp
{
    AttemptId attempt;
};
/// The source that a suspended request waits for is free.
struct SourceFree
{};
/// After a restart: the exchange no longer has the attempt.
struct Interrupted
{
    AttemptId attempt;
};
/// By the one who asked, or an administrator.
struct Cancel
{
    bool told = false; ///< its sender has the result already, from the gateway that accepted the request
};
/// Its step in a scenario has come.
struct Begin
{
    /// The addressee is in a call already, the first leg of this attempt: only the second is rung. 0: there is none.
    AttemptId open_call{};
    /// It cannot be done at all, and this is why.
    std::string why_not{};
};
/// The content has been performed over the answered leg, as far as that went.
struct Performed
{
    AttemptId attempt;
    Performance how;
};
/// More of it has been performed, and the call is still up.
struct Progressed
{
    AttemptId attempt;
    Progress how;
};
/// The content cannot be performed, and will never be.
struct Unusable
{
    AttemptId attempt;
    std::string why;
    Cause cause = Cause::bad_request;
};
/// Of a request with a scenario: it goes on at that time, or when one of its parts ends.
struct ScenarioWaits
{
    std::optional<Instant> until;
};
/// Of a request with a scenario. Cause::none: everything was performed.
struct ScenarioEnded
{
    Cause cause = Cause::none;
};
/// The gate said no when it was to be dialled; or it cannot be gone on with at all, and `rule` says why.
struct Refused
{
    std::string rule;
    Cause cause = Cause::refused;
};
} // namespace event

using RequestEvent = std::variant<event::Determined, event::Received, event::DeletedUnread, event::Woken, event::Queued,
                                  event::Looked, event::Dial, event::FirstAnswered, event::Connected, event::LegFailed,
                                  event::FirstHungUp, event::SourceFree, event::Interrupted, event::Cancel,
                                  event::Refused, event::Begin, event::Performed, event::Unusable, event::ScenarioWaits,
                                  event::ScenarioEnded, event::Progressed, event::NoPort, event::PortFree>;

/// What is to be stored of an attempt beside the request.
struct AttemptChange
{
    enum class What
    {
        none,
        insert_look, ///< a look that found a device in use: begun and ended at once
        insert,      ///< a dialled attempt begins; its id goes into Request::attempt
        first_answered,
        second_answered, ///< and ended
        end
    };
    What what = What::none;
    Cause cause = Cause::none;
    bool interrupted = false;
};

struct Transition
{
    bool applied = false; ///< false: the event does not concern the stored state (too late, another attempt)
    Request after;
    AttemptChange attempt;
    bool result = false; ///< the sender is to be told the result
    std::string why; ///< more than the cause says, for the result: `deleted-unread`, `first-hung-up`, `interrupted`,
                     ///< or the rule that refused it
    /// Failed system-recognition: the mail is delivered to the mailbox as ordinary mail.
    bool deliver = false;
    bool scenario = false;      ///< its scenario begins, or a time for which it waited has come
    bool call_open = false;     ///< a content has ended, and the call with the addressee is still up
    bool connect = false;       ///< … who wishes to be connected with the sender over it
    std::optional<bool> answer; ///< … who has answered an inquiry
    bool notice = false;        ///< a mail was queued with it
    /// What was changed with it in the same transaction: parts of a scenario begun or ended, or the request of the
    /// mail.
    std::vector<Transition> follow_ups;
};

/// The whole of spec 3 for one request.
[[nodiscard]] Transition step(const Request& request, const RequestEvent& event, Instant now, const CampOnRules& rules);

/// The request that one of these has begun over the call of an attempt; nullptr: none.
[[nodiscard]] const Request* next_over_call(const std::vector<Transition>& changes, AttemptId attempt);

/// The device that is rung first, and second.
[[nodiscard]] const std::string& device_of(const Request& request, pbx::Leg leg);
[[nodiscard]] const std::string& device_of(const Request& request, Side side);
[[nodiscard]] Side side_of(const Request& request, pbx::Leg leg);
/// The source is rung too: not for a voice, a FAX or an inquiry.
[[nodiscard]] inline bool rings_source(const Request& request)
{
    return request.medium == Medium::exchange;
}
} // namespace ringpost::service
