// SPDX-License-Identifier: Apache-2.0
#include "scenario/director.h"

#include "core/log.h"
#include "core/token.h"
#include "directory/number_conversion.h"
#include "media/contents.h"
#include "media/fax_address.h"
#include "store/inquiries.h"
#include "store/mails.h"
#include "store/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

/// Text is spoken, also that of a multipart/alternative, whose stored type is of no kind.
Medium medium_of(media::ContentKind kind)
{
    using Kind = media::ContentKind;
    const bool pages = kind == Kind::fax_image || kind == Kind::pdf;
    return pages ? Medium::fax : kind == Kind::exchange_information ? Medium::exchange : Medium::voice;
}

Medium medium_of(store::Connection& connection, const store::Request& request, Reference reference)
{
    if (media::fax_machine_at(request.addressee))
    {
        return Medium::fax; // texts too
    }
    if (reference.number == 0 || !request.mail)
    {
        return Medium::exchange;
    }
    for (const auto& row : store::Mails(connection).contents(*request.mail))
    {
        if (row.number == reference.number)
        {
            return medium_of(media::kind_of(row.media_type, row.file_name));
        }
    }
    return Medium::exchange;
}

Reference exchange_of(store::Connection& connection, RequestId request)
{
    const auto asked = store::Requests(connection).find(request);
    if (asked && asked->mail)
    {
        for (const auto& row : store::Mails(connection).contents(*asked->mail))
        {
            if (media::kind_of(row.media_type, row.file_name) == media::ContentKind::exchange_information)
            {
                return {row.number};
            }
        }
    }
    return {};
}

/// Telephones, in one of its steps.
bool connects(store::Connection& connection, const store::Request& request, const Script& script)
{
    return std::any_of(script.steps.begin(), script.steps.end(), [&](const Step& step) {
        const auto contents = contents_of(step);
        return std::any_of(contents.begin(), contents.end(), [&](Reference reference) {
            return medium_of(connection, request, reference) == Medium::exchange;
        });
    });
}

constexpr std::string_view pin_ending = ".pin";

/// The PIN was keyed in for an earlier content of this mail.
bool released(store::Connection& connection, RequestId request)
{
    const auto parts = store::Requests(connection).parts_of(request);
    return std::any_of(parts.begin(), parts.end(), [](const store::Request& part) {
        return (part.medium == Medium::voice || part.medium == Medium::pin) && part.state == RequestState::connected;
    });
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

Director::Director(service::RequestBook& book, const service::Notices& notices, const directory::Directory& directory,
                   Duration inquiry_time)
    : book_(book), notices_(notices), directory_(directory), inquiry_time_(inquiry_time)
{
    book_.follow_with([this](store::Connection& connection, const service::Transition& change, Instant now) {
        return follow(connection, change, now);
    });
}

void Director::store(store::Connection& connection, RequestId request, const std::string& script)
{
    const auto asked = store::Requests(connection).find(request);
    const auto steps = parse_stored(script);
    const bool calls = !asked || steps.has_error() || connects(connection, *asked, *steps);
    store::Scenarios(connection).insert({request, script, calls, format_run(Run{})});
}

void Director::store_connection(store::Connection& connection, RequestId request)
{
    auto stored = store::Requests(connection).find(request);
    if (!stored)
    {
        return;
    }
    stored->scenario = true;
    store::Requests(connection).save(*stored);
    Script script;
    script.steps.push_back({Play{{Reference{}}}, false, 1});
    store(connection, request, canonical(script));
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
        return part_ended(connection, change, now);
    }
    if (after.scenario && is_end(after.state))
    {
        const bool cancelled = after.state == RequestState::cancelled;
        return advance(connection, after.id, cancelled ? Event(event::Cancelled{}) : Event(event::GivenUp{after.cause}),
                       now);
    }
    return {};
}

Director::Changes Director::part_ended(store::Connection& connection, const service::Transition& change, Instant now)
{
    const auto& part = change.after;
    const AttemptId call = change.call_open ? part.attempt : AttemptId{};
    if (part.medium == Medium::inquiry)
    {
        // Without an answer the question stays open for the other ways.
        return change.answer
                   ? advance(connection, part.part_of, event::InquiryAnswered{part.step, *change.answer}, now, call)
                   : Changes{};
    }
    const auto asked = store::Requests(connection).find(part.part_of);
    if (part.medium == Medium::pin && part.state == RequestState::connected && asked && !is_end(asked->state))
    {
        store::Request fax;
        fax.number = part.number.substr(0, part.number.size() - pin_ending.size());
        fax.content = part.content;
        fax.step = part.step;
        Changes changes;
        AttemptId none;
        begin_fax(connection, *asked, std::move(fax), none, now, changes);
        return changes;
    }
    const event::ContentEnded content = ended(part);
    if (change.connect)
    {
        event::ConnectByKey key{content.step, content.reference, exchange_of(connection, part.part_of), content.extent};
        auto changes = advance(connection, part.part_of, key, now, call);
        if (!changes.empty())
        {
            return changes;
        }
        // They were connected before: it is a voice like any other.
    }
    return advance(connection, part.part_of, content, now, call);
}

service::Transition Director::answered(store::Connection& connection, RequestId request, int step, bool ok,
                                       const std::set<AttemptId>& running, Instant now)
{
    service::Transition transition;
    for (const auto& part : store::Requests(connection).parts_of(request))
    {
        const bool asked = part.medium == Medium::inquiry && part.step == static_cast<std::size_t>(step) &&
                           part.state == RequestState::dialling_second;
        if (asked && running.contains(part.attempt))
        {
            // As if a key had been pressed.
            service::Performance heard;
            heard.open = true;
            heard.answer = ok;
            transition.follow_ups.push_back(
                book_.apply_in(connection, part, service::event::Performed{part.attempt, std::move(heard)}, now));
            transition.applied = !transition.follow_ups.back().follow_ups.empty();
            return transition;
        }
    }
    transition.follow_ups =
        advance(connection, request, event::InquiryAnswered{static_cast<std::size_t>(step), ok}, now);
    transition.applied = !transition.follow_ups.empty();
    return transition;
}

/// The addressee's wish (spec 2.6); what is done at once, by system recognition, is no reception.
bool Director::asks_first(const store::Request& request) const
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    return user != nullptr && user->ask_first && request.trigger == Trigger::user_reception;
}

Director::Changes Director::advance(store::Connection& connection, RequestId request, const Event& event, Instant now,
                                    AttemptId call)
{
    const Stored stored = read(connection, request);
    const auto asked = store::Requests(connection).find(request);
    Rules rules;
    rules.monitor_time = asked ? asked->monitor_time : std::nullopt;
    rules.inquiry_time = inquiry_time_;
    rules.quiet = asked ? book_.quiet_hours(*asked) : std::nullopt;
    rules.ask_first = asked && asks_first(*asked);
    const Transition transition = step(stored.script, stored.run, event, now, rules);
    Changes changes;
    if (!transition.applied)
    {
        return changes;
    }
    store::Scenarios(connection).save_run(request, format_run(transition.after));
    for (const auto& action : transition.actions)
    {
        perform(connection, request, action, now, call, changes);
    }
    return changes;
}

void Director::perform(store::Connection& connection, RequestId request, const Action& action, Instant now,
                       AttemptId& call, Changes& changes)
{
    // Read anew: an action before may have changed it.
    const auto stored = store::Requests(connection).find(request);
    if (!stored)
    {
        return;
    }
    if (const auto* begun = std::get_if<action::Begin>(&action))
    {
        begin(connection, *stored, *begun, now, call, changes);
    }
    else if (const auto* asked = std::get_if<action::Ask>(&action))
    {
        ask(connection, *stored, *asked, now, call, changes);
    }
    else if (const auto* closed = std::get_if<action::CloseInquiry>(&action))
    {
        close(connection, *stored, *closed, now, changes);
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
        service::event::ScenarioEnded end{finish->success ? Cause::none : finish->cause};
        end.cause = !finish->success && end.cause == Cause::none ? Cause::error : end.cause;
        changes.push_back(book_.apply_in(connection, *stored, end, now));
    }
}

void Director::begin(store::Connection& connection, const store::Request& request, const action::Begin& what,
                     Instant now, AttemptId& call, Changes& changes)
{
    store::Request part;
    part.number = fmt::format("{}/{}.{}", request.number, what.step + 1, what.reference.number);
    part.medium = medium_of(connection, request, what.reference);
    part.content = what.reference.number;
    part.step = what.step;
    AttemptId none;
    AttemptId& usable = what.call == action::Call::none ? none : call;
    if (part.medium == Medium::fax)
    {
        begin_fax(connection, request, std::move(part), usable, now, changes);
        return;
    }
    service::event::Begin begin;
    begin.open_call = std::exchange(usable, {});
    begin_part(connection, request, std::move(part), begin, now, changes);
}

void Director::begin_fax(store::Connection& connection, const store::Request& request, store::Request part,
                         AttemptId& call, Instant now, Changes& changes)
{
    service::event::Begin begin;
    const std::string number = fax_number(request);
    begin.why_not = number.empty() ? "the addressee has no FAX number" : "";
    if (request.confidential && !number.empty() && !released(connection, request.id))
    {
        part.number += pin_ending;
        part.medium = Medium::pin;
        const auto directory = directory_.current();
        const auto* user = directory->user_by_address(request.addressee);
        if (number == request.destination_number)
        {
            part.destination_number = user == nullptr ? "" : user->extension; // nobody can key it in at the FAX itself
            begin.why_not = part.destination_number.empty() ? "the addressee has no telephone to key in the PIN" : "";
        }
        begin.open_call = std::exchange(call, {}); // whoever is on the telephone is asked there
        begin_part(connection, request, std::move(part), begin, now, changes);
        return;
    }
    // A machine takes it, not who is on the telephone.
    part.medium = Medium::fax;
    part.destination_number = number;
    begin_part(connection, request, std::move(part), begin, now, changes);
}

std::string Director::fax_number(const store::Request& request) const
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    if (user != nullptr && !user->fax_number.empty())
    {
        return user->fax_number;
    }
    // A telephone that nobody called a FAX is not to shriek at whoever answers it.
    const auto own = user == nullptr ? Result<directory::DialTarget>(fail(Errc::not_found, "", ""))
                                     : directory::read_number(*directory, user->extension);
    const bool asked_for = own.has_error() || own->device != request.destination_device;
    return asked_for ? request.destination_number : std::string{};
}

/// `what`: number, medium, content, step, monitor time, destination number; all else is that of the request.
void Director::begin_part(store::Connection& connection, const store::Request& request, store::Request what,
                          const service::event::Begin& begin, Instant now, Changes& changes)
{
    store::Request part = request;
    part.id = {};
    part.number = std::move(what.number);
    part.medium = what.medium;
    part.content = what.content;
    part.step = what.step;
    part.monitor_time = what.monitor_time ? what.monitor_time : request.monitor_time;
    part.version = 0;
    part.state = RequestState::held;
    part.mail = std::nullopt; // that of the request, which lives as long
    part.scenario = false;
    part.part_of = request.id;
    part.wake_at = std::nullopt;
    part.expires_at = std::nullopt;
    part.attempts = 0;
    if (!what.destination_number.empty())
    {
        part.destination_number = what.destination_number;
        const auto target = directory::read_number(*directory_.current(), what.destination_number);
        part.destination_device = target.has_value() ? target->device : directory::digits_of(what.destination_number);
    }
    if (part.medium != Medium::exchange || begin.open_call)
    {
        part.call_order = CallOrder::destination_first;
        part.first_attempt = true;
    }
    log::info("scenario.begin", {{"request", part.number}, {"medium", word(part.medium)}});
    changes.push_back(book_.begin_part(connection, std::move(part), begin, now));
}

void Director::ask(store::Connection& connection, const store::Request& request, const action::Ask& what, Instant now,
                   AttemptId call, Changes& changes)
{
    const std::string token = new_token();
    const int step = static_cast<int>(what.step);
    const Medium medium = medium_of(connection, request, what.reference);
    store::Inquiries(connection).insert({request.id, step, medium, token_hash(token), what.until});
    notices_.queue_inquiry(connection,
                           {request, step, medium, link_.empty() ? std::string{} : link_ + token, what.until}, now);
    changes.push_back({});
    changes.back().after = request;
    changes.back().notice = true;
    if (request.destination_device.empty())
    {
        return; // there is no telephone to ask at
    }
    store::Request part;
    part.number = fmt::format("{}/{}.ask", request.number, what.step + 1);
    part.medium = Medium::inquiry;
    part.step = what.step;
    part.monitor_time = what.until - now;
    service::event::Begin begin;
    begin.open_call = call;
    begin_part(connection, request, std::move(part), begin, now, changes);
}

/// Whoever has not answered by now need not any more.
void Director::close(store::Connection& connection, const store::Request& request, const action::CloseInquiry& what,
                     Instant now, Changes& changes)
{
    store::Inquiries(connection).remove(request.id, static_cast<int>(what.step));
    for (const auto& part : store::Requests(connection).parts_of(request.id))
    {
        if (part.step == what.step && part.medium == Medium::inquiry && !is_end(part.state))
        {
            changes.push_back(book_.apply_in(connection, part, service::event::Cancel{}, now));
        }
    }
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
