// SPDX-License-Identifier: Apache-2.0
// Mails of own users (SMTP AUTH): whatever is wrong with the order is the answer to DATA (spec 2.2).
#include "mta/fallback.h"
#include "mta/inquiry_reply.h"
#include "mta/planner.h"
#include "service/authorise.h"

#include <fmt/format.h>

namespace ringpost::mta
{
namespace
{
/// A failure that becomes the answer to DATA, with the way by which the order came in front.
Failure order_failure(const Failure& failure)
{
    return {failure.code(), "exchange information, " + failure.where(), failure.text()};
}
} // namespace

Result<MailPlan> Planner::own_user()
{
    sender_.user = directory_.user_by_address(mail_.submitter.name);
    if (sender_.user == nullptr)
    {
        return fail(Errc::refused, mail_.submitter.name, "is no longer in the directory");
    }
    sender_.address = sender_.user->address;
    sender_.language = sender_.user->language;
    if (sender_.name.empty())
    {
        sender_.name = sender_.user->name;
    }
    for (const auto check : {&Planner::check_sender, &Planner::check_submission})
    {
        if (auto checked = (this->*check)(); checked.has_error())
        {
            return checked.error();
        }
    }
    if (auto checked = starts_no_calls() ? check_no_calls() : check_order(); checked.has_error())
    {
        return checked.error();
    }
    if (auto served = apply_service(); served.has_error())
    {
        return served.error();
    }
    for (std::size_t i = 0; i < plan_.recipients.size(); ++i)
    {
        if (auto planned = plan_own(i); planned.has_error())
        {
            return planned.error();
        }
    }
    return std::move(plan_);
}

/// From: and MAIL FROM are addresses of the user; MAIL FROM may be null (spec 2.2).
Result<> Planner::check_sender() const
{
    const auto& analysis = mail_.analysis;
    if (mail_.envelope.reverse_path &&
        directory_.user_by_address(to_string(*mail_.envelope.reverse_path)) != sender_.user)
    {
        return fail(
            Errc::refused, "MAIL FROM",
            fmt::format("{} is not an address of {}", to_string(*mail_.envelope.reverse_path), sender_.user->address));
    }
    if (analysis.beyond_limits)
    {
        return fail(Errc::too_large, analysis.beyond_limits->where(), analysis.beyond_limits->text());
    }
    if (analysis.from_absent && !orders_anything())
    {
        return {}; // the empty mail, for example: ordinary, whoever reads it
    }
    if (analysis.from.empty())
    {
        return fail(Errc::refused, "From", "must be one of your own addresses, it is missing or cannot be read");
    }
    for (const auto& address : analysis.from)
    {
        if (directory_.user_by_address(address) != sender_.user)
        {
            return fail(Errc::refused, "From", fmt::format("{} is not an address of {}", address, sender_.address));
        }
    }
    return {};
}

Result<> Planner::check_submission() const
{
    const auto& analysis = mail_.analysis;
    if (analysis.flaw)
    {
        return *analysis.flaw;
    }
    if (analysis.service_error)
    {
        return *analysis.service_error;
    }
    return {};
}

/// An automatic mail or one with a null sender is ordinary mail, whatever is written in it; but an address that can
/// mean nothing else must not look as if it had been understood.
Result<> Planner::check_no_calls()
{
    if (by_address())
    {
        return fail(Errc::refused, "recipients",
                    "automatic mails and mails without sender start no calls: write without +call");
    }
    if (orders_anything())
    {
        note("", "", false, "automatic mails and mails without sender start no calls");
    }
    return {};
}

Result<> Planner::check_order() const
{
    const auto& analysis = mail_.analysis;
    if (analysis.order_error)
    {
        return order_failure(*analysis.order_error);
    }
    if (analysis.ambiguous && orders_anything())
    {
        return order_failure(*analysis.ambiguous);
    }
    for (const auto& recipient : plan_.recipients)
    {
        if (const auto read = scenario(recipient); orders_anything() && read.has_error())
        {
            return fail(Errc::malformed, (recipient.fax ? "FAX, " : "scenario, ") + read.error().where(),
                        read.error().text());
        }
    }
    if (calls_ordered() > config_.service.calls_per_mail)
    {
        return fail(Errc::refused, "recipients", too_many_calls());
    }
    return {};
}

Result<> Planner::apply_service()
{
    plan_.express = wants_express();
    const auto& service = mail_.analysis.service;
    std::optional<Instant> due;
    std::string_view where = "Ringpost-Service";
    if (service && (service->at || service->after))
    {
        due = service->at ? *service->at : mail_.now + *service->after;
    }
    else if (mail_.envelope.hold_until || mail_.envelope.hold_for)
    {
        due = mail_.envelope.hold_until ? *mail_.envelope.hold_until : mail_.now + *mail_.envelope.hold_for;
        where = "HOLDUNTIL";
    }
    else if (service && service->deferred_delivery)
    {
        due = service->deferred_delivery;
        where = "Deferred-Delivery";
    }
    if (due && *due > mail_.now + config_.mta.max_hold)
    {
        return fail(Errc::malformed, std::string(where),
                    fmt::format("the time is later than this gateway holds a mail ({})",
                                format_duration(config_.mta.max_hold)));
    }
    plan_.due = due && *due > mail_.now ? due : std::nullopt;
    return {};
}

Result<> Planner::plan_own(std::size_t index)
{
    auto& recipient = plan_.recipients[index];
    const auto* destination = recipient.own ? nullptr : directory_.destinations().find(recipient.recipient);
    if (confidential() && destination != nullptr && !destination->gateway)
    {
        return fail(Errc::refused, recipient.recipient,
                    "has no gateway there: confidential mail goes to gateways only that promise to keep it so");
    }
    if (const auto reply = inquiry_reply(mail_.analysis); recipient.own && !recipient.fax && reply)
    {
        // As with CANCEL: it is for the gateway, and goes into no mailbox.
        service::ExchangeField field;
        field.id = new_number_();
        field.reply = reply;
        recipient.exchange = format(field);
        return {};
    }
    const auto info = starts_no_calls() ? std::nullopt : ordered(index);
    if (!info)
    {
        // The same for all of them, so that one copy of the mail does for those at one gateway.
        plain_id_ = plain_id_.empty() ? new_number_() : plain_id_;
        recipient.exchange = exchange_field(plain_id_, std::nullopt);
        return {};
    }
    if (info->destination_number && recipient.fax)
    {
        return fail(Errc::malformed, "exchange information, Destination-Number",
                    "the number of a FAX is in its address: leave it out");
    }
    const std::string id = new_number_();
    if (info->destination_number && plan_.recipients.size() > 1)
    {
        return fail(Errc::malformed, "exchange information, Destination-Number",
                    "names one telephone, but the mail has several addressees: leave it out or write single mails");
    }
    auto order = complete(*info, sender_, !recipient.own, directory_, config_.service);
    if (order.has_error())
    {
        return order_failure(order.error());
    }
    order_fax(recipient, *order);
    order->express = plan_.express;
    order->notify_completed = recipient.notify != "NEVER" && sender_.user->completed_notice;
    recipient.exchange = exchange_field(id, *order);
    if (order->kind == RequestKind::cancel)
    {
        return {};
    }
    return recipient.own ? plan_here(recipient, *order, id) : plan_relay(recipient, *order, id);
}

Result<> Planner::plan_here(RecipientPlan& recipient, const service::Order& order, const std::string& id)
{
    const auto addressee = addressee_of(recipient);
    if (!addressee)
    {
        return fail(Errc::not_found, recipient.recipient, "no such mailbox here");
    }
    auto request = request_to_perform(order, id, sender_, *addressee, directory_, config_.service, mail_.now);
    if (request.has_error())
    {
        return order_failure(request.error());
    }
    // Judged for the time for which it is meant; the gate looks again when it is dialled.
    const auto verdict = service::authorise(directory_, *request, plan_.due.value_or(mail_.now));
    note(id, request->destination_device, verdict.allowed, verdict.rule);
    if (!verdict.allowed)
    {
        return fail(Errc::refused, request->destination_number, "may not be called: " + verdict.rule);
    }
    if (const auto released = check_pin(recipient); released.has_error())
    {
        return released.error();
    }
    const auto script = scenario(recipient);
    recipient.scenario = script.has_value() ? *script : std::string{};
    request->scenario = !recipient.scenario.empty();
    request->confidential = confidential();
    recipient.request = std::move(*request);
    return {};
}

Result<> Planner::plan_relay(RecipientPlan& recipient, const service::Order& order, const std::string& id)
{
    // An extension is one of the other office, whatever stands in our own directory under it (spec 4).
    const auto number = directory::to_e164(directory_.plan(), order.destination_number).value_or("");
    const auto verdict = service::authorise_relay(directory_, mail_.submitter, number, plan_.due.value_or(mail_.now));
    note(id, order.destination_number, verdict.allowed, verdict.rule);
    if (!verdict.allowed)
    {
        return fail(Errc::refused, order.destination_number, "may not be called: " + verdict.rule);
    }
    if (const auto released = recipient.fax ? check_pin(recipient) : Result<>{}; released.has_error())
    {
        return released.error();
    }
    const std::string domain = recipient.recipient.substr(recipient.recipient.rfind('@') + 1);
    recipient.request = request_to_follow(order, id, sender_, recipient.recipient, domain, mail_.now);
    recipient.request->confidential = confidential();
    // Kept for the case that the next hop turns out to be no gateway, and this one performs it.
    const auto script = scenario(recipient);
    recipient.scenario = script.has_value() ? *script : std::string{};
    const auto* destination = directory_.destinations().find(recipient.recipient);
    return destination == nullptr || destination->gateway || order.trigger == Trigger::user_reception
               ? Result<>{}
               : check_instead(*recipient.request);
}

/// The office is known to have no gateway: what its own one would be refused is told at once.
Result<> Planner::check_instead(const store::Request& followed)
{
    const auto request = performed_instead(followed, directory_, config_.service);
    if (request.has_error())
    {
        return order_failure(fail(Errc::malformed, request.error().where(), request.error().text()));
    }
    const auto verdict = service::authorise(directory_, *request, plan_.due.value_or(mail_.now));
    note(request->number, request->destination_device, verdict.allowed, verdict.rule);
    if (!verdict.allowed)
    {
        return fail(Errc::refused, request->destination_number, "may not be called: " + verdict.rule);
    }
    return {};
}
} // namespace ringpost::mta
