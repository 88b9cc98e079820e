// SPDX-License-Identifier: Apache-2.0
// The life of a running scenario (spec 2.9, 2.10) as a pure function: what is stored, what has happened, what is stored
// next and what is to be done. Nothing here looks at a clock, a database or a telephone.
//
// The new state and what its actions store (requests of contents, the inquiry, the result) are one transaction
// (Director). So after a restart the stored state is all there is to go on with: events of what was begun come again.
//
// A step that processes contents gives each of them its own monitor time, which begins with action::Begin. So no
// monitor time runs in `wait` and `at`, nor while the addressee is asked.
#pragma once

#include "directory/hours.h"
#include "scenario/run.h"

#include <optional>
#include <variant>
#include <vector>

namespace ringpost::scenario
{
struct Rules
{
    std::optional<Duration> monitor_time; ///< that the mail asks for
    Duration inquiry_time = 1h;           ///< longest time of an inquiry (key scenario.inquiry_time)
    /// Hours in which the addressee is not to be rung: the time of an inquiry stands still in them.
    std::optional<directory::Hours> quiet{};
    bool ask_first = false; ///< the addressee is to be asked before anything is done, whatever the script says
};

namespace event
{
/// The mail was received, or its trigger is system recognition.
struct Started
{};
/// A content is at its end. `cause` counts without success only; Cause::none is then taken for Cause::error.
struct ContentEnded
{
    std::size_t step = 0;
    Reference reference;
    bool success = false;
    Cause cause = Cause::none;
    Extent extent{};
};
/// Run::due is reached: of `wait`, `at`, or of an inquiry, which then counts as answered NG.
struct TimeReached
{};
/// Too late once the inquiry's time is over.
struct InquiryAnswered
{
    std::size_t step = 0;
    bool ok = false;
};
/// Key 9 during the voice content `voice`, which is thereby finished. The steps that follow are left out: the scenario
/// ends when the telephones are connected (or could not be) and what else its step plays has ended.
struct ConnectByKey
{
    std::size_t step = 0;
    Reference voice;
    Reference exchange; ///< exchange_of() the mail; `message exchange` where it has none
    Extent extent{};    ///< of the voice content
};
/// By the one who asked, or an administrator.
struct Cancelled
{};
/// Ended from outside with a cause, started or not: deleted unread (declined), the gate (refused), a defect (error).
struct GivenUp
{
    Cause cause = Cause::error;
};
} // namespace event

using Event = std::variant<event::Started, event::ContentEnded, event::TimeReached, event::InquiryAnswered,
                           event::ConnectByKey, event::Cancelled, event::GivenUp>;

namespace action
{
/// The call that may be open already and is then the destination leg.
enum class Call
{
    none,
    of_inquiry, ///< the one over which the inquiry was answered
    of_voice    ///< the voice content in which key 9 was pressed
};
/// Process a content, and report its end with ContentEnded. Numbers are unique for (step, reference).
struct Begin
{
    std::size_t step = 0;
    Reference reference;
    Call call = Call::none;
    bool operator==(const Begin&) const = default;
};
/// End this content; its end is of no interest any more.
struct Stop
{
    std::size_t step = 0;
    Reference reference;
    bool operator==(const Stop&) const = default;
};
/// Ask the addressee whether to go on with `reference`, over the call of the step before where it is still open, and
/// by all other ways.
struct Ask
{
    std::size_t step = 0;
    Reference reference;
    Instant until{};
    bool operator==(const Ask&) const = default;
};
/// The inquiry is over: take back the link. Its call is released, unless a Begin with Call::of_inquiry follows.
struct CloseInquiry
{
    std::size_t step = 0;
    bool operator==(const CloseInquiry&) const = default;
};
/// Report TimeReached at this time (Run::due).
struct Wake
{
    Instant at{};
    bool operator==(const Wake&) const = default;
};
/// The scenario has ended, and this is its result.
struct Finish
{
    bool success = false;
    Cause cause = Cause::none;
    bool operator==(const Finish&) const = default;
};
} // namespace action

using Action =
    std::variant<action::Begin, action::Stop, action::Ask, action::CloseInquiry, action::Wake, action::Finish>;

struct Transition
{
    bool applied = false; ///< false: the event does not concern the stored state (too late, repeated, another step)
    Run after;
    std::vector<Action> actions; ///< in this order
};

/// The whole of spec 2.9 for one scenario. `run` is one of `script` (parse_run() sees to that).
///
/// The result: a failed step without `or continue` ends the scenario with the first cause in the order of that step; a
/// no with `declined`; a connection by key 9 with its cause. A scenario that reached its end is a success, unless
/// contents failed and none was finished: then a failure with the last cause.
[[nodiscard]] Transition step(const Script& script, const Run& run, const Event& event, Instant now,
                              const Rules& rules);
} // namespace ringpost::scenario
