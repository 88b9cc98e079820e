// SPDX-License-Identifier: Apache-2.0
// Mails of authenticated peer gateways: whatever is wrong with the order makes it an ordinary mail that fires nothing,
// and its sender is told by a result (spec 2.2).
#include "mta/planner.h"
#include "service/authorise.h"

#include <utility>

namespace ringpost::mta
{
namespace
{
constexpr std::string_view no_calls = "automatic mails and mails without sender start no calls";
constexpr std::size_t longest_id = 512;

/// Ids go on into Message-IDs, header fields and lists.
bool good_id(std::string_view id)
{
    for (const char c : id)
    {
        if (c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"' || c == '\\')
        {
            return false;
        }
    }
    return id.size() <= longest_id;
}

Result<service::ExchangeField> read_field(std::string_view written)
{
    auto field = service::parse_exchange_field(written);
    if (field.has_error())
    {
        return field;
    }
    if (!good_id(field->id))
    {
        return fail(Errc::malformed, "Ringpost-Exchange, id", "is no identifier");
    }
    if (field->order)
    {
        if (auto checked = check_written(*field->order, field->id); checked.has_error())
        {
            return checked.error();
        }
    }
    return field;
}
} // namespace

MailPlan Planner::peer()
{
    plan_.express = wants_express();
    if (mail_.analysis.ringpost_exchange)
    {
        peer_with_field(*mail_.analysis.ringpost_exchange);
    }
    else
    {
        peer_without_field();
    }
    for (auto& recipient : plan_.recipients)
    {
        if (recipient.exchange.empty())
        {
            recipient.exchange = exchange_field(plan_.seen_id.empty() ? new_number_() : plan_.seen_id, std::nullopt);
        }
    }
    return std::move(plan_);
}

void Planner::peer_with_field(std::string_view written)
{
    auto field = read_field(written);
    if (field.has_error())
    {
        refuse_all(Cause::bad_request, field.error().message());
        return;
    }
    plan_.seen_id = field->id;
    if (!field->request.empty() && field->state)
    {
        plan_.progress = Progress{field->request, *field->state, field->cause, field->attempts};
    }
    if (field->order)
    {
        plan_.express = plan_.express || field->order->express;
        plan_peer(*field->order, field->id);
    }
}

/// The mail came through a gateway that put nothing in front: what is written in it counts (spec 2.2).
void Planner::peer_without_field()
{
    const auto& analysis = mail_.analysis;
    if (analysis.order_error)
    {
        refuse_all(Cause::bad_request, analysis.order_error->message());
        return;
    }
    if (!orders_anything())
    {
        return;
    }
    if (const auto why = unread())
    {
        refuse_all(Cause::bad_request, why->message());
        return;
    }
    if (starts_no_calls())
    {
        note("", "", false, std::string(no_calls));
        return;
    }
    if (analysis.order && analysis.order->info.destination_number && plan_.recipients.size() > 1)
    {
        refuse_all(Cause::bad_request, "Destination-Number: names one telephone, but the mail has several addressees");
        return;
    }
    if (calls_ordered() > config_.service.calls_per_mail)
    {
        refuse_all(Cause::refused, too_many_calls());
        return;
    }
    for (std::size_t i = 0; i < plan_.recipients.size(); ++i)
    {
        if (const auto info = ordered(i))
        {
            plan_written(i, *info);
        }
    }
}

/// Why the contents of the mail are not known.
std::optional<Failure> Planner::unread() const
{
    return mail_.analysis.beyond_limits ? mail_.analysis.beyond_limits : mail_.analysis.ambiguous;
}

void Planner::plan_written(std::size_t index, const Info& info)
{
    auto& recipient = plan_.recipients[index];
    // Not in external form: an extension that the peer's sender wrote is none of ours.
    auto order = complete(info, sender_, false, directory_, config_.service);
    if (order.has_error())
    {
        service::Order unread;
        unread.kind = info.request.value_or(RequestKind::camp_on);
        unread.destination_number = info.destination_number.value_or("");
        unread.source_number = info.source_number.value_or("");
        unread.language = sender_.language;
        const bool known = offered(unread.kind).has_value();
        refuse(recipient, unread, new_number_(), known ? Cause::bad_request : Cause::refused, order.error().message());
        return;
    }
    order->express = plan_.express;
    order->notify_completed = recipient.notify != "NEVER";
    plan_peer_recipient(recipient, *order, new_number_());
}

void Planner::plan_peer(const service::Order& order, const std::string& id)
{
    sender_.language = order.language;
    sender_.name = order.name;
    if (starts_no_calls())
    {
        note(id, order.destination_number, false, std::string(no_calls));
        return;
    }
    if (const auto why = unread(); why && !plan_.recipients.empty())
    {
        // A question before the call, for example, may be among what could not be read.
        refuse(plan_.recipients.front(), order, id, Cause::bad_request, why->message());
    }
    else if (plan_.recipients.size() == 1)
    {
        plan_peer_recipient(plan_.recipients.front(), order, id);
    }
    else if (!plan_.recipients.empty())
    {
        // The order is one request, with one number: it ends in one result.
        refuse(plan_.recipients.front(), order, id, Cause::bad_request,
               "a mail that was relayed with its order has one addressee");
    }
}

void Planner::plan_peer_recipient(RecipientPlan& recipient, service::Order order, const std::string& id)
{
    order_fax(recipient, order);
    const auto addressee = recipient.own ? addressee_of(recipient) : std::nullopt;
    if (!addressee)
    {
        refuse(recipient, order, id, Cause::refused, "this gateway does not perform requests for other offices");
        return;
    }
    if (order.kind == RequestKind::cancel)
    {
        recipient.exchange = exchange_field(id, order);
        return;
    }
    if (calls_to(recipient, order.trigger) > config_.service.calls_per_mail)
    {
        refuse(recipient, order, id, Cause::refused, too_many_calls());
        return;
    }
    const auto script = scenario(recipient);
    if (script.has_error())
    {
        const bool known = script.error().code() != Errc::unsupported;
        refuse(recipient, order, id, known ? Cause::bad_request : Cause::refused,
               (recipient.fax ? "FAX, " : "scenario, ") + script.error().message());
        return;
    }
    auto request = request_to_perform(order, id, sender_, *addressee, directory_, config_.service, mail_.now);
    if (request.has_error())
    {
        const bool known = offered(order.kind).has_value();
        refuse(recipient, order, id, known ? Cause::bad_request : Cause::refused, request.error().message());
        return;
    }
    const auto verdict = service::authorise(directory_, *request, mail_.now);
    if (!verdict.allowed)
    {
        refuse(recipient, order, id, Cause::refused, verdict.rule);
        return;
    }
    if (const auto released = check_pin(recipient); released.has_error())
    {
        refuse(recipient, order, id, Cause::refused, released.error().message());
        return;
    }
    note(id, request->destination_device, true, verdict.rule);
    recipient.exchange = exchange_field(id, order);
    recipient.scenario = *script;
    request->scenario = !script->empty();
    request->confidential = confidential();
    recipient.request = std::move(*request);
}

/// Everything that the mail orders; where it cannot be read, all its addressees.
void Planner::refuse_all(Cause cause, const std::string& why)
{
    if (starts_no_calls())
    {
        note("", "", false, why);
        return;
    }
    const bool unreadable = mail_.analysis.order_error || mail_.analysis.ringpost_exchange;
    service::Order order;
    order.language = sender_.language;
    for (std::size_t i = 0; i < plan_.recipients.size(); ++i)
    {
        if (unreadable || ordered(i))
        {
            refuse(plan_.recipients[i], order, new_number_(), cause, why);
        }
    }
}

/// The refused request is stored as one that has ended, so that it can be shown and its result is told. The order goes
/// no further: what remains is an ordinary mail.
void Planner::refuse(RecipientPlan& recipient, const service::Order& order, const std::string& id, Cause cause,
                     const std::string& told)
{
    // An error quotes what it is about.
    const std::string why = confidential() && cause == Cause::bad_request
                                ? "it holds an error, which is not told of a confidential mail"
                                : told;
    note(id, order.destination_number, false, why);
    auto request = request_to_follow(order, id, sender_, recipient.recipient, "", mail_.now);
    request.state = RequestState::failed;
    request.cause = cause;
    request.ended_at = mail_.now;
    recipient.exchange = exchange_field(id, std::nullopt);
    recipient.request = std::move(request);
    recipient.reason = why;
}
} // namespace ringpost::mta
