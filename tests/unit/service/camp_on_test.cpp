// SPDX-License-Identifier: Apache-2.0
// The pure step: what each event makes of each state (spec 3).
#include "service/camp_on.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using store::Wait;
using What = AttemptChange::What;

namespace
{
const Instant start{Duration{1'800'000'000'000'000}};
const CampOnRules rules;

/// Hours not to be rung that began before `start` and last so long from it.
directory::Hours quiet_for(std::chrono::minutes span)
{
    const auto minute = std::chrono::floor<std::chrono::minutes>(start.time_since_epoch() % 24h).count();
    const auto clamp = [](std::int64_t value) { return static_cast<int>(value % (24 * 60)); };
    return {clamp(minute + 24 * 60 - 60), clamp(minute + span.count()), "Etc/UTC"};
}

Request request_in(RequestState state)
{
    Request request;
    request.id = RequestId{1};
    request.number = "1@office-a.example";
    request.destination_device = "2000";
    request.source_device = "2001";
    request.state = state;
    request.attempt = AttemptId{7};
    request.first_answered = state == RequestState::dialling_second;
    if (state != RequestState::held && state != RequestState::awaiting_reception)
    {
        request.expires_at = start + 1h;
        request.wake_at = start;
    }
    return request;
}

const std::vector<RequestState> states{RequestState::awaiting_reception,
                                       RequestState::held,
                                       RequestState::waiting,
                                       RequestState::suspended,
                                       RequestState::dialling_first,
                                       RequestState::dialling_second,
                                       RequestState::connected,
                                       RequestState::failed,
                                       RequestState::cancelled,
                                       RequestState::expired};

std::vector<RequestEvent> events(AttemptId attempt)
{
    return {event::Determined{},
            event::Received{},
            event::DeletedUnread{},
            event::Woken{},
            event::Queued{},
            event::Looked{},
            event::Dial{},
            event::FirstAnswered{attempt},
            event::Connected{attempt},
            event::LegFailed{attempt, pbx::Leg::first, Cause::busy, true},
            event::FirstHungUp{attempt},
            event::SourceFree{},
            event::Interrupted{attempt},
            event::Cancel{},
            event::Refused{"rule"}};
}

Transition go(const Request& request, const RequestEvent& event, Instant now = start)
{
    return step(request, event, now, rules);
}
} // namespace

TEST_CASE("Each event concerns the states that it belongs to, and no other")
{
    // One row for each state, one column for each event in the order of RequestEvent.
    const std::vector<std::string> concerned{
        ".RD..........CF", // awaiting-reception
        "D............CF", // held, not determined yet
        "...WQLD......CF", // waiting
        "...W.......S.CF", // suspended
        ".......A.LH.IC!", // dialling-first (a refusal while it is dialled is no case of its own)
        "........CLH.IC!", // dialling-second
        "...............", "...............", "...............", "...............",
    };
    for (std::size_t row = 0; row < states.size(); ++row)
    {
        const auto all = events(AttemptId{7});
        for (std::size_t column = 0; column < all.size(); ++column)
        {
            const char expected = concerned[row][column];
            CAPTURE(word(states[row]), column, expected);
            const auto transition = go(request_in(states[row]), all[column]);
            CHECK((expected == '!' || transition.applied == (expected != '.')));
            if (!transition.applied)
            {
                CHECK(transition.attempt.what == What::none);
                CHECK_FALSE(transition.result);
                CHECK_FALSE(transition.deliver);
            }
        }
    }
}

TEST_CASE("An event of another attempt changes nothing")
{
    for (const auto state : {RequestState::dialling_first, RequestState::dialling_second})
    {
        for (const auto& event :
             {RequestEvent{event::FirstAnswered{AttemptId{6}}}, RequestEvent{event::Connected{AttemptId{6}}},
              RequestEvent{event::LegFailed{AttemptId{6}, pbx::Leg::first, Cause::busy, true}},
              RequestEvent{event::FirstHungUp{AttemptId{6}}}, RequestEvent{event::Interrupted{AttemptId{6}}}})
        {
            CHECK_FALSE(go(request_in(state), event).applied);
        }
    }
}

TEST_CASE("What a first leg that failed makes of a request")
{
    struct Row
    {
        Cause cause;
        std::optional<Duration> every;
        bool monitorable;
        std::string standing;
        Duration wake; ///< from now; 1 h: the end of the monitor time
    };
    const std::vector<Row> table{
        {Cause::busy, std::nullopt, true, "waiting release", 1h},
        {Cause::busy, std::nullopt, false, "waiting none", 30s},
        {Cause::busy, 10s, true, "waiting none", 10s},
        {Cause::no_answer, std::nullopt, true, "waiting use", 1h},
        {Cause::no_answer, 10s, true, "waiting none", 10s},
        {Cause::no_answer, std::nullopt, false, "waiting none", 30s},
        {Cause::unreachable, std::nullopt, true, "waiting none", 30s},
        {Cause::unreachable, 10s, true, "waiting none", 30s},
        {Cause::congestion, std::nullopt, false, "waiting none", 30s},
        {Cause::rejected, std::nullopt, true, "failed none", 0s},
        {Cause::no_such_number, 10s, true, "failed none", 0s},
        {Cause::error, std::nullopt, true, "failed none", 0s},
    };
    for (const auto& row : table)
    {
        CAPTURE(word(row.cause), row.monitorable, row.every.has_value());
        auto request = request_in(RequestState::dialling_first);
        request.retry_every = row.every;
        const auto done = go(request, event::LegFailed{AttemptId{7}, pbx::Leg::first, row.cause, row.monitorable});
        CHECK(std::string(word(done.after.state)) + " " + std::string(word(done.after.wait)) == row.standing);
        CHECK(done.after.last_cause == row.cause);
        CHECK(done.attempt.what == What::end);
        CHECK(done.result == is_end(done.after.state));
        if (!is_end(done.after.state))
        {
            CHECK(done.after.wake_at == start + row.wake);
        }
    }
}

TEST_CASE("A source that fails is told apart from the destination")
{
    struct Row
    {
        CallOrder order;
        pbx::Leg leg;
        Cause cause;
        Cause told;
    };
    const std::vector<Row> table{
        {CallOrder::destination_first, pbx::Leg::second, Cause::busy, Cause::source_busy},
        {CallOrder::destination_first, pbx::Leg::second, Cause::rejected, Cause::source_busy},
        {CallOrder::destination_first, pbx::Leg::second, Cause::no_answer, Cause::source_no_answer},
        {CallOrder::destination_first, pbx::Leg::second, Cause::unreachable, Cause::unreachable},
        {CallOrder::source_first, pbx::Leg::second, Cause::no_answer, Cause::no_answer},
        {CallOrder::source_first, pbx::Leg::second, Cause::busy, Cause::busy},
    };
    for (const auto& row : table)
    {
        auto request = request_in(RequestState::dialling_second);
        request.call_order = row.order;
        const auto done = go(request, event::LegFailed{AttemptId{7}, row.leg, row.cause, true});
        CHECK(done.after.state == RequestState::failed);
        CHECK(done.after.cause == row.told);
    }
    auto request = request_in(RequestState::dialling_first);
    request.call_order = CallOrder::source_first;
    const auto busy = go(request, event::LegFailed{AttemptId{7}, pbx::Leg::first, Cause::busy, true});
    CHECK(busy.after.state == RequestState::suspended);
    CHECK(busy.after.wait == Wait::source);
    const auto silent = go(request, event::LegFailed{AttemptId{7}, pbx::Leg::first, Cause::no_answer, true});
    CHECK(silent.after.wait == Wait::source_use);
    CHECK(silent.after.last_cause == Cause::source_no_answer);
}

TEST_CASE("The monitor time starts with the hand-over, is capped, and bounds every waiting")
{
    auto request = request_in(RequestState::awaiting_reception);
    SECTION("capped")
    {
        request.monitor_time = 48h;
        CHECK(go(request, event::Received{}).after.expires_at == start + 24h);
    }
    SECTION("as asked")
    {
        request.monitor_time = 10s;
        const auto begun = go(request, event::Received{}).after;
        CHECK(begun.expires_at == start + 10s);
        CHECK(begun.wake_at == start);
        const auto looked = go(begun, event::Looked{Side::destination, true}).after;
        CHECK(looked.wake_at == start + 10s);
        CHECK(looked.attempts == 1);
    }
    SECTION("held first")
    {
        request.monitor_time = 10s;
        CampOnRules rules;
        rules.quiet = quiet_for(1h);
        const auto held = step(request, event::Received{}, start, rules).after;
        CHECK(held.state == RequestState::held);
        CHECK(held.wake_at == start + 1h);
        CHECK_FALSE(held.expires_at.has_value());
        CHECK_FALSE(go(held, event::Woken{}, start + 59min).applied);
        CHECK_FALSE(go(held, event::Determined{}).applied);
        CHECK(go(held, event::Woken{}, start + 1h).after.expires_at == start + 1h + 10s);
    }
    SECTION("held before it is dialled, it keeps its monitor time")
    {
        request.monitor_time = 10s;
        const auto begun = go(request, event::Received{}).after;
        CampOnRules rules;
        rules.quiet = quiet_for(1h);
        const auto held = step(begun, event::Dial{}, start, rules);
        CHECK(held.attempt.what == What::none);
        CHECK(held.after.state == RequestState::held);
        auto longer = held.after;
        longer.expires_at = start + 1h + 5s; // as begin() counts it
        const auto woken = go(longer, event::Woken{}, start + 1h).after;
        CHECK(woken.state == RequestState::waiting);
        CHECK(woken.expires_at == start + 1h + 5s);
    }
}

TEST_CASE("At the end of the monitor time nothing is dialled any more")
{
    auto request = request_in(RequestState::waiting);
    request.expires_at = start;
    request.last_cause = Cause::busy;
    CHECK_FALSE(go(request, event::Dial{}).applied);
    const auto expired = go(request, event::Woken{});
    CHECK(expired.after.state == RequestState::expired);
    CHECK(expired.after.cause == Cause::busy);
    CHECK(expired.result);
    request.last_cause = Cause::none;
    CHECK(go(request, event::Woken{}).after.cause == Cause::expired);
}

TEST_CASE("Who has answered is not cut off by the monitor time")
{
    auto request = request_in(RequestState::dialling_first);
    request.wake_at = request.expires_at;
    const auto answered = go(request, event::FirstAnswered{AttemptId{7}}).after;
    CHECK(answered.state == RequestState::dialling_second);
    CHECK_FALSE(answered.wake_at.has_value());
    CHECK_FALSE(go(answered, event::Woken{}, start + 2h).applied);
}

TEST_CASE("An interrupted attempt is retried unless somebody had answered")
{
    const auto again = go(request_in(RequestState::dialling_first), event::Interrupted{AttemptId{7}});
    CHECK(again.after.state == RequestState::waiting);
    CHECK(again.after.wake_at == start);
    CHECK(again.attempt.interrupted);
    const auto over = go(request_in(RequestState::dialling_second), event::Interrupted{AttemptId{7}});
    CHECK(over.after.state == RequestState::failed);
    CHECK(over.after.cause == Cause::error);
    CHECK(over.result);
}

namespace
{
/// A FAX whose receiver has answered, of which an earlier call has brought one page.
Request fax_in_call()
{
    auto request = request_in(RequestState::dialling_second);
    request.medium = Medium::fax;
    request.pages = 1;
    return request;
}

Performance sent(int pages, Cause cause, bool retry = false)
{
    Performance how;
    how.pages = pages;
    how.cause = cause;
    how.retry = retry;
    how.why = cause == Cause::none ? "" : "why";
    return how;
}
} // namespace

TEST_CASE("A FAX of which every page is confirmed is finished")
{
    const auto done = go(fax_in_call(), event::Performed{AttemptId{7}, sent(3, Cause::none)});
    CHECK(done.after.state == RequestState::connected);
    CHECK(done.after.pages == 3);
    CHECK_FALSE(done.after.heard.has_value());
    CHECK(done.attempt.what == What::end);
    CHECK(done.attempt.cause == Cause::none);
    CHECK_FALSE(go(fax_in_call(), event::Performed{AttemptId{6}, sent(3, Cause::none)}).applied);
}

TEST_CASE("A FAX that broke is called again, and goes on behind the confirmed pages")
{
    const auto broken = go(fax_in_call(), event::Performed{AttemptId{7}, sent(2, Cause::congestion, true)});
    CHECK(broken.applied);
    CHECK(broken.after.state == RequestState::waiting);
    CHECK(broken.after.pages == 2);
    CHECK(broken.after.last_cause == Cause::congestion);
    CHECK(broken.after.wake_at == start + rules.unreachable_retry);
    CHECK(broken.attempt.what == What::end);
    CHECK(broken.attempt.cause == Cause::congestion);
    CHECK_FALSE(broken.result);

    auto late = fax_in_call();
    late.expires_at = start - 1s;
    const auto again = go(late, event::Performed{AttemptId{7}, sent(2, Cause::congestion, true)}).after;
    const auto over = go(again, event::Woken{}).after;
    CHECK(over.state == RequestState::expired);
    CHECK(over.cause == Cause::congestion);
    CHECK(over.pages == 2);
}

TEST_CASE("A page counts when it is confirmed, and with the last one the FAX is finished")
{
    auto request = fax_in_call();
    request.fax_calls = 2;
    Progress progress{2, false, 9600, "+81 44", {}};
    const auto second = go(request, event::Progressed{AttemptId{7}, progress});
    REQUIRE(second.applied);
    CHECK(second.after.state == RequestState::dialling_second);
    CHECK((second.after.pages == 2 && second.after.bit_rate == 9600 && second.after.remote_id == "+81 44"));
    CHECK(second.after.fax_calls == 0);
    CHECK(second.attempt.what == What::none);
    // A call that is cut off now is gone on with behind them.
    CHECK(go(second.after, event::Interrupted{AttemptId{7}}).after.pages == 2);
    CHECK(go(second.after, event::Cancel{}).after.pages == 2);

    progress.whole = true;
    const auto last = go(second.after, event::Progressed{AttemptId{7}, progress});
    CHECK(last.after.state == RequestState::connected);
    CHECK(last.attempt.what == What::end);
    // What the end of the call brings comes too late, and so does a crash.
    CHECK_FALSE(go(last.after, event::Performed{AttemptId{7}, sent(2, Cause::congestion, true)}).applied);
    CHECK_FALSE(go(last.after, event::Interrupted{AttemptId{7}}).applied);
    CHECK_FALSE(go(request, event::Progressed{AttemptId{6}, progress}).applied);
}

TEST_CASE("A FAX that answers and confirms no further page is given up after some calls")
{
    auto request = fax_in_call();
    for (int call = 1; call <= rules.fax_calls; ++call)
    {
        request.state = RequestState::dialling_first;
        request = go(request, event::FirstAnswered{AttemptId{7}}).after;
        CHECK(request.fax_calls == call);
        request = go(request, event::Performed{AttemptId{7}, sent(1, Cause::congestion, true)}).after;
        CHECK(request.state == (call < rules.fax_calls ? RequestState::waiting : RequestState::failed));
    }
    // Calls that were cut off count too: an exchange that falls over again and again calls nobody for ever.
    request = fax_in_call();
    for (int call = 1; call <= rules.fax_calls; ++call)
    {
        request.state = RequestState::dialling_first;
        request = go(request, event::FirstAnswered{AttemptId{7}}).after;
        request = go(request, event::Interrupted{AttemptId{7}}).after;
        CHECK(request.state == (call < rules.fax_calls ? RequestState::waiting : RequestState::failed));
    }
    CHECK(request.cause == Cause::error);
}

TEST_CASE("A FAX that nobody takes is not called again")
{
    const auto refused = go(fax_in_call(), event::Performed{AttemptId{7}, sent(1, Cause::rejected)});
    CHECK(refused.after.state == RequestState::failed);
    CHECK(refused.after.cause == Cause::rejected);
    CHECK(refused.why == "why");
    CHECK(refused.attempt.cause == Cause::rejected);
    CHECK(refused.result);
}

TEST_CASE("A FAX call that a crash has interrupted is made again")
{
    const auto again = go(fax_in_call(), event::Interrupted{AttemptId{7}});
    CHECK(again.after.state == RequestState::waiting);
    CHECK(again.after.pages == 1);
    CHECK(again.after.wake_at == start + rules.unreachable_retry);
    CHECK(again.attempt.interrupted);
}

TEST_CASE("A voice counts as heard when it has begun, and not when it only was to begin over a call")
{
    auto part = request_in(RequestState::held);
    part.part_of = RequestId{2};
    part.medium = Medium::voice;
    part.wake_at = std::nullopt;
    const auto begun = go(part, event::Begin{AttemptId{7}, ""});
    REQUIRE(begun.after.state == RequestState::dialling_second);
    const auto again = go(begun.after, event::Interrupted{AttemptId{7}});
    CHECK(again.after.state == RequestState::waiting);
    CHECK(again.after.wake_at == start);
    const auto plays = go(begun.after, event::FirstAnswered{AttemptId{7}});
    REQUIRE(plays.applied);
    CHECK(plays.attempt.what == What::none); // answered long ago
    CHECK_FALSE(go(plays.after, event::FirstAnswered{AttemptId{7}}).applied);
    CHECK(go(plays.after, event::Interrupted{AttemptId{7}}).after.state == RequestState::connected);
}

TEST_CASE("Who waits for a port is tried when one is free, and ends with the monitor time as one that was never tried")
{
    const auto waits = go(request_in(RequestState::waiting), event::NoPort{});
    REQUIRE(waits.applied);
    CHECK(waits.after.wait == store::Wait::port);
    CHECK(waits.after.wake_at == start + 1h);
    CHECK(waits.after.attempts == 0);
    CHECK(go(waits.after, event::PortFree{}).after.wait == store::Wait::none);
    CHECK(go(waits.after, event::PortFree{}).after.wake_at == start);
    CHECK_FALSE(go(request_in(RequestState::waiting), event::PortFree{}).applied);
    CHECK(go(waits.after, event::Woken{}, start + 1h).after.cause == Cause::expired);
}

TEST_CASE("The monitor time may end before anything rings")
{
    auto request = request_in(RequestState::dialling_first);
    request.attempts = 1;
    request.wake_at = request.expires_at;
    const auto over = go(request, event::Woken{false}, start + 1h);
    CHECK(over.after.cause == Cause::expired);
    CHECK(over.after.attempts == 0);
    CHECK(over.attempt.what == What::end);
    CHECK(go(request, event::Woken{true}, start + 1h).after.cause == Cause::no_answer);
}

TEST_CASE("A voice that was played is finished, however much was heard")
{
    auto request = request_in(RequestState::dialling_second);
    request.medium = Medium::voice;
    Performance how;
    how.heard = 3s;
    const auto done = go(request, event::Performed{AttemptId{7}, how});
    CHECK(done.after.state == RequestState::connected);
    CHECK(done.after.heard == 3s);
    CHECK_FALSE(done.after.pages.has_value());
}

TEST_CASE("Who wants no result is told a refusal nevertheless, and system-recognition is delivered when it fails")
{
    auto request = request_in(RequestState::waiting);
    request.result_notification = false;
    request.trigger = Trigger::system_recognition;
    const auto cancelled = go(request, event::Cancel{});
    CHECK_FALSE(cancelled.result);
    CHECK(cancelled.deliver);
    CHECK(go(request, event::Refused{"kill-switch"}).result);
    CHECK(go(request, event::Refused{"kill-switch"}).why == "kill-switch");
    auto second = request_in(RequestState::dialling_second);
    second.trigger = Trigger::system_recognition;
    CHECK_FALSE(go(second, event::Connected{AttemptId{7}}).deliver);
}
