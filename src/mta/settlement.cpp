// SPDX-License-Identifier: Apache-2.0
#include "mta/settlement.h"

#include "mta/relay/retry.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
Settled end_request(store::Connection& connection, const service::Notices& notices, store::Request request, Cause cause,
                    const std::string& why, Instant now)
{
    request.state = RequestState::failed;
    request.cause = cause;
    request.ended_at = now;
    store::Requests(connection).save(request);
    const bool told = notices.queue_result(connection, request, why, now);
    return {told, std::move(request)};
}

/// From now on the other gateway has the request; what it tells comes as notices. nullopt: there is none.
std::optional<store::Request> hand_over(store::Connection& connection, const store::QueueItem& item)
{
    auto request = store::Requests(connection).find(item.request);
    if (!request || request->state != RequestState::held)
    {
        return std::nullopt;
    }
    request->state =
        request->trigger == Trigger::user_reception ? RequestState::awaiting_reception : RequestState::waiting;
    store::Requests(connection).save(*request);
    return request;
}

/// It was cancelled while its mail was on the way: where the other gateway has it now, it must be told.
bool cancelled_meanwhile(store::Connection& connection, const store::QueueItem& item)
{
    const auto request = item.request ? store::Requests(connection).find(item.request) : std::nullopt;
    return request && request->state == RequestState::cancelled && !request->performer.empty();
}

/// No answer came, or the one that it was taken.
bool may_have_arrived(const Outcome& outcome)
{
    return outcome.kind == Outcome::Kind::delivered || (outcome.kind == Outcome::Kind::temporary && outcome.code == 0);
}

Cause cause_of(const Outcome& outcome)
{
    return outcome.enhanced.starts_with("5.7") ? Cause::refused
           : outcome.enhanced == "5.1.2"       ? Cause::no_gateway
           : outcome.enhanced == "5.6.0"       ? Cause::bad_request
                                               : Cause::error;
}

/// Diagnostic-Code (RFC 3464 2.3.6): the whole reply, where there was one.
std::string diagnostic_of(const Outcome& outcome)
{
    if (outcome.code == 0)
    {
        return outcome.text;
    }
    return fmt::format("{} {}{}{}", outcome.code, outcome.enhanced, outcome.enhanced.empty() ? "" : " ", outcome.text);
}

/// The same for people who look after the gateway: who has said it, and to what.
std::string told_of(const Relayed& relayed)
{
    const Outcome& outcome = relayed.outcome;
    if (outcome.code == 0)
    {
        return outcome.text;
    }
    return fmt::format("{}{}{}: {}", relayed.remote.host, outcome.asked.empty() ? "" : " to ", outcome.asked,
                       diagnostic_of(outcome));
}

/// Remote-MTA (RFC 3464 2.3.5): who has said it. What was found here is nobody else's word.
std::string remote_of(const Relayed& relayed)
{
    return relayed.outcome.code == 0 ? std::string{} : relayed.remote.host;
}

/// RFC 3463 3.5 where the other server has not said it: nobody answered, or it did without a code.
std::string status_of(const Outcome& outcome)
{
    const bool permanent = outcome.kind == Outcome::Kind::permanent;
    return !outcome.enhanced.empty() ? outcome.enhanced : permanent ? "5.0.0" : outcome.code == 0 ? "4.4.1" : "4.0.0";
}

Settled give_up(store::Connection& connection, const service::Notices& notices, const Relayed& relayed, Cause cause,
                Instant now)
{
    const auto& item = relayed.item;
    const auto mail = store::Mails(connection).find(item.mail);
    const auto request = item.request ? store::Requests(connection).find(item.request) : std::nullopt;
    Settled settled;
    if (request && !is_end(request->state))
    {
        settled = end_request(connection, notices, *request, cause, told_of(relayed), now);
        if (relayed.outcome.kind == Outcome::Kind::temporary && !request->performer.empty())
        {
            // One of the tries may have got there, although no answer came back.
            notices.queue_cancel(connection, *request, now);
            settled.notice = true;
        }
    }
    else if (mail && item.notify != "NEVER")
    {
        const std::string status = status_of(relayed.outcome);
        settled.notice = notices.queue_undelivered(
            connection, {item, *mail, false, status, diagnostic_of(relayed.outcome), remote_of(relayed)}, now);
    }
    store::Queue(connection).remove(item.id);
    store::Mails(connection).release(item.mail);
    return settled;
}

bool try_again(store::Connection& connection, const service::Notices& notices, const RelayConfig& config,
               const Relayed& relayed, Instant now)
{
    auto item = relayed.item;
    item.attempts += 1;
    // The last try is made when the time is over, not later.
    item.due = std::min(now + retry_delay(config, item.attempts), std::max(item.expires, now));
    item.last_error = told_of(relayed);
    const auto mail = store::Mails(connection).find(item.mail);
    // Not the age of the mail: it may have waited for a time that its sender has named.
    const bool late = mail && now >= item.expires - config.expiry + config.delay_notice_after;
    bool told = false;
    if (late && !item.delay_told && item.notify != "NEVER")
    {
        item.delay_told = true;
        told = notices.queue_undelivered(
            connection,
            {item, *mail, true, status_of(relayed.outcome), diagnostic_of(relayed.outcome), remote_of(relayed)}, now);
    }
    store::Queue(connection).save(item);
    return told;
}
} // namespace

Settled settle_relayed(store::Connection& connection, const service::Notices& notices, const RelayConfig& config,
                       const Relayed& relayed, Instant now)
{
    const auto& item = relayed.item;
    if (relayed.remote.gateway && may_have_arrived(relayed.outcome) && cancelled_meanwhile(connection, item))
    {
        notices.queue_cancel(connection, *store::Requests(connection).find(item.request), now);
    }
    if (!store::Queue(connection).find(item.id))
    {
        return {true, std::nullopt}; // settled or called back already; look at the queue again
    }
    switch (relayed.outcome.kind)
    {
    case Outcome::Kind::delivered: {
        Settled settled;
        const auto mail = store::Mails(connection).find(item.mail);
        if (relayed.remote.gateway)
        {
            settled.changed = hand_over(connection, item);
        }
        else if (mail)
        {
            // Where it is a cancel request; to a person there it is an ordinary mail.
            settled.notice =
                notices.queue_cancel_result(connection, item, *mail, Cause::no_gateway,
                                            "the other office has no gateway that could have such a request", now);
        }
        if (mail && !relayed.remote.dsn)
        {
            settled.notice |= notices.queue_delivered(
                connection, {item, *mail, true, diagnostic_of(relayed.outcome), remote_of(relayed)}, now);
        }
        store::Queue(connection).remove(item.id);
        store::Mails(connection).release(item.mail);
        return settled;
    }
    case Outcome::Kind::permanent:
        return give_up(connection, notices, relayed, cause_of(relayed.outcome), now);
    case Outcome::Kind::temporary:
        break;
    }
    if (now >= item.expires)
    {
        return give_up(connection, notices, relayed, Cause::unreachable, now);
    }
    return {try_again(connection, notices, config, relayed, now), std::nullopt};
}
} // namespace ringpost::mta
