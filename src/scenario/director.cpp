// SPDX-License-Identifier: Apache-2.0
#include "scenario/director.h"

#include "core/log.h"
#include "store/mails.h"
#include "store/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace ringpost::scenario
{
namespace
{
struct Stored
{
    Script script;
    Run run;
};

Stored read(store::Connection& connection, RequestId request)
{
    const auto row = store::Scenarios(connection).find(request);
    auto script = row ? parse_stored(row->script) : Result<Script>(fail(Errc::not_found, "scenario", "is missing"));
    if (script.has_error())
    {
        throw store::SqlError(11, script.error().message());
    }
    auto run = parse_run(row->run, *script);
    if (run.has_error())
    {
        throw store::SqlError(11, run.error().message());
    }
    return {std::move(*script), std::move(*run)};
}

Medium medium_of(store::Connection& connection, const store::Request& request, Reference reference)
{
    if (reference.number == 0 || !request.mail)
    {
        return Medium::exchange;
    }
    for (const auto& row : store::Mails(connection).contents(*request.mail))
    {
        if (row.number == reference.number)
        {
            return row.media_type.starts_with("audio/") ? Medium::voice : Medium::exchange;
        }
    }
    return Medium::exchange;
}

event::ContentEnded ended(const store::Request& part)
{
    event::ContentEnded event;
    event.step = part.step;
    event.reference = {part.content};
    event.success = part.state == RequestState::connected;
    event.cause = part.cause;
    if (part.heard)
    {
        event.extent.seconds_heard =
            static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(*part.heard).count());
    }
    if (part.pages)
    {
        event.extent.pages = static_cast<std::uint32_t>(*part.pages);
    }
    return event;
}
} // namespace

Director::Director(service::RequestBook& book, Duration inquiry_time) : book_(book), inquiry_time_(inquiry_time)
{
    book_.follow_with([this](store::Connection& connection, const service::Transition& change, Instant now) {
        return follow(connection, change, now);
    });
}

void Director::store(store::Connection& connection, RequestId request, const std::string& script)
{
    store::Scenarios(connection).insert({request, script, format_run(Run{})});
}

Director::Changes Director::follow(store::Connection& connection, const service::Transition& change, Instant now)
{
    const auto& after = change.after;
    if (change.scenario)
    {
        const bool fresh = read(connection, after.id).run.state == State::not_started;
        return advance(connection, after.id, fresh ? Event(event::Started{}) : Event(event::TimeReached{}), now);
    }
    if (after.part_of && is_end(after.state))
    {
        return advance(connection, after.part_of, ended(after), now);
    }
    if (after.scenario && is_end(after.state))
    {
        const bool cancelled = after.state == RequestState::cancelled;
        return advance(connection, after.id, cancelled ? Event(event::Cancelled{}) : Event(event::GivenUp{after.cause}),
                       now);
    }
    return {};
}

Director::Changes Director::advance(store::Connection& connection, RequestId request, const Event& event, Instant now)
{
    const Stored stored = read(connection, request);
    const auto asked = store::Requests(connection).find(request);
    Rules rules;
    rules.monitor_time = asked ? asked->monitor_time : std::nullopt;
    rules.inquiry_time = inquiry_time_;
    const Transition transition = step(stored.script, stored.run, event, now, rules);
    Changes changes;
    if (!transition.applied)
    {
        return changes;
    }
    store::Scenarios(connection).save_run(request, format_run(transition.after));
    for (const auto& action : transition.actions)
    {
        perform(connection, request, action, now, changes);
    }
    return changes;
}

void Director::perform(store::Connection& connection, RequestId request, const Action& action, Instant now,
                       Changes& changes)
{
    // Read anew: an action before may have changed it.
    const auto stored = store::Requests(connection).find(request);
    if (!stored)
    {
        return;
    }
    if (const auto* begun = std::get_if<action::Begin>(&action))
    {
        begin(connection, *stored, *begun, now, changes);
    }
    else if (const auto* stopped = std::get_if<action::Stop>(&action))
    {
        stop(connection, *stored, *stopped, now, changes);
    }
    else if (const auto* wake = std::get_if<action::Wake>(&action))
    {
        changes.push_back(book_.apply_in(connection, *stored, service::event::ScenarioWaits{wake->at}, now));
    }
    else if (const auto* finish = std::get_if<action::Finish>(&action))
    {
        const auto parts = store::Requests(connection).parts_of(request);
        const int attempts = std::accumulate(parts.begin(), parts.end(), 0,
                                             [](int sum, const auto& part) { return sum + part.attempts; });
        service::event::ScenarioEnded end{finish->success ? Cause::none : finish->cause, attempts};
        end.cause = !finish->success && end.cause == Cause::none ? Cause::error : end.cause;
        changes.push_back(book_.apply_in(connection, *stored, end, now));
    }
}

void Director::begin(store::Connection& connection, const store::Request& request, const action::Begin& what,
                     Instant now, Changes& changes)
{
    store::Request part = request;
    part.id = {};
    part.number = fmt::format("{}/{}.{}", request.number, what.step + 1, what.reference.number);
    part.version = 0;
    part.state = RequestState::held;
    part.mail = std::nullopt; // that of the request, which lives as long
    part.scenario = false;
    part.part_of = request.id;
    part.medium = medium_of(connection, request, what.reference);
    part.content = what.reference.number;
    part.step = what.step;
    part.wake_at = std::nullopt;
    part.expires_at = std::nullopt;
    part.attempts = 0;
    if (part.medium != Medium::exchange)
    {
        part.call_order = CallOrder::destination_first;
        part.first_attempt = true;
    }
    log::info("scenario.begin", {{"request", part.number}, {"medium", word(part.medium)}});
    changes.push_back(book_.begin_part(connection, std::move(part), now));
}

void Director::stop(store::Connection& connection, const store::Request& request, const action::Stop& what, Instant now,
                    Changes& changes)
{
    for (const auto& part : store::Requests(connection).parts_of(request.id))
    {
        if (part.step == what.step && part.content == what.reference.number && !is_end(part.state))
        {
            changes.push_back(book_.apply_in(connection, part, service::event::Cancel{}, now));
        }
    }
}
} // namespace ringpost::scenario
