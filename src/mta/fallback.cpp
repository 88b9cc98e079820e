// SPDX-License-Identifier: Apache-2.0
#include "mta/fallback.h"

#include "core/log.h"
#include "mta/planner.h"
#include "notice/values.h"
#include "store/audit.h"
#include "store/scenarios.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr std::string_view nobody_there = "the other office has no gateway";

/// The number as the own exchange dials it. An extension in the mail is one of the other office.
Result<std::string> number_to_dial(const store::Request& request, const directory::Snapshot& directory)
{
    std::string written = request.destination_number;
    if (written.empty())
    {
        const auto* user = directory.user_by_address(request.addressee);
        written = user == nullptr ? std::string{} : user->external_number;
    }
    const std::string said(nobody_there);
    if (written.empty())
    {
        return fail(Errc::not_found, "Destination-Number",
                    fmt::format("{}, and no telephone of {} is known here: write its external number", said,
                                request.addressee));
    }
    const auto e164 = directory::to_e164(directory.plan(), directory::digits_of(written));
    const auto target =
        e164 ? directory::read_number(directory, *e164) : Result<directory::DialTarget>(fail(Errc::not_found, "", ""));
    if (target.has_error())
    {
        return fail(Errc::not_found, "Destination-Number",
                    fmt::format("{}, and {} is not an external number, which your own exchange could call", said,
                                notice::clean_text(written)));
    }
    return target->device;
}

Cause cause_of(const Failure& failure)
{
    return failure.code() == Errc::malformed ? Cause::bad_request
           : failure.code() == Errc::refused ? Cause::refused
                                             : Cause::no_gateway;
}
} // namespace

Result<store::Request> performed_instead(const store::Request& followed, const directory::Snapshot& directory,
                                         const ServiceConfig& limits)
{
    if (followed.trigger == Trigger::user_reception)
    {
        return fail(
            Errc::unsupported, "Trigger",
            fmt::format("{} that could tell when the mail is fetched: write Trigger: system-recognition, and your "
                        "own gateway makes the connection at once",
                        nobody_there));
    }
    auto destination = number_to_dial(followed, directory);
    if (destination.has_error())
    {
        return destination.error();
    }
    const auto source = directory::read_number(directory, followed.source_number);
    store::Request request = followed;
    request.performer.clear();
    request.destination_device = std::move(*destination);
    request.source_device =
        source.has_value() ? source->device : std::string(directory::digits_of(followed.source_number));
    if (request.source_device.empty() || request.source_device == request.destination_device)
    {
        return fail(Errc::malformed, "Source-Number", "is not a number that could be connected with the destination");
    }
    // Written for the exchange of the other office: from here the way to the source is another one.
    request.network = std::nullopt;
    request.retry_every = followed.retry_every.value_or(limits.default_periodic);
    request.ring_time = followed.ring_time == Duration{} ? limits.default_ring_time : followed.ring_time;
    request.ring_time = std::min(request.ring_time, limits.max_ring_time);
    return request;
}

Fallback::Outcome Fallback::take_over(store::Connection& connection, const store::QueueItem& item) const
{
    Outcome outcome;
    store::Requests requests(connection);
    const auto followed = item.request ? requests.find(item.request) : std::nullopt;
    const bool waits = followed && followed->state == RequestState::held && !followed->performer.empty();
    if (!waits || !store::Queue(connection).find(item.id))
    {
        return outcome;
    }
    const Instant now = clock_.now();
    const auto directory = directory_.current();
    // From here on the mail and the request have nothing to do with each other: neither ends the other.
    store::Queue(connection).detach(item.id, exchange_field(followed->number, std::nullopt));
    auto request = followed->confidential
                       ? Result<store::Request>(fail(Errc::refused, "",
                                                     "the mail is confidential, and the other office "
                                                     "has no gateway that would keep it so"))
                       : performed_instead(*followed, *directory, config_.service);
    if (request.has_error())
    {
        end(connection, *followed, cause_of(request.error()), request.error().text(), outcome);
        return outcome;
    }
    const auto verdict = service::authorise(*directory, *request, now);
    store::Audit(connection)
        .append(now, request->number, request->submitter, "no-gateway", request->destination_device, verdict.allowed,
                verdict.rule);
    if (!verdict.allowed)
    {
        end(connection, *followed, Cause::refused, verdict.rule, outcome);
        return outcome;
    }
    request->scenario = store::Scenarios(connection).find(request->id).has_value();
    if (!requests.take_over(*request))
    {
        throw store::SqlError(11, "request " + request->number + " changed inside a transaction");
    }
    outcome.begun = book_.apply_in(connection, *request, service::event::Determined{}, now);
    const auto stands = requests.find(request->id);
    // A scenario may have come to its end already, of which its result tells.
    outcome.notice =
        (stands && is_end(stands->state)) || notices_.queue_completed(connection, outcome.begun->after, now);
    return outcome;
}

void Fallback::end(store::Connection& connection, store::Request request, Cause cause, const std::string& why,
                   Outcome& outcome) const
{
    request.performer.clear();
    request.state = RequestState::failed;
    request.cause = cause;
    request.ended_at = clock_.now();
    store::Requests(connection).save(request);
    outcome.notice = notices_.queue_result(connection, request, why, clock_.now());
    outcome.changed = std::move(request);
}

void Fallback::committed(const Outcome& outcome) const
{
    if (outcome.begun)
    {
        const auto& request = outcome.begun->after;
        log::info("mta.performed-here", {{"request", request.number}, {"state", word(request.state)}});
        book_.changed(request);
        scheduler_.handed_over(request);
        book_.followed(*outcome.begun);
    }
    if (outcome.changed)
    {
        book_.changed(*outcome.changed);
    }
    if (outcome.notice)
    {
        book_.notice_queued();
    }
}
} // namespace ringpost::mta
