// SPDX-License-Identifier: Apache-2.0
// The mails themselves, and what is told of them; of the same class as notices.
#include "service/cancel_mail.h"

#include "service/notices.h"

#include <fmt/format.h>

namespace ringpost::service
{
namespace
{
/// Numbers of requests, which are the ids of what people write, begin with a digit.
constexpr std::string_view own_cancel = "cancel.";
} // namespace

bool cancels(const ExchangeField& field)
{
    return field.order && field.order->kind == RequestKind::cancel;
}

std::optional<ExchangeField> read_cancel(std::string_view exchange)
{
    if (exchange.empty())
    {
        return std::nullopt;
    }
    auto field = parse_exchange_field(exchange);
    return field.has_value() && cancels(*field) ? std::optional(std::move(*field)) : std::nullopt;
}

bool written_by_gateway(const ExchangeField& cancel)
{
    return cancel.id.starts_with(own_cancel);
}

void Notices::queue_cancel(store::Connection& connection, const store::Request& request, Instant now) const
{
    ExchangeField field;
    // Each has an id of its own: one that overtook the order would make the next one a repeat.
    field.id = fmt::format("{}{}.{}", own_cancel, to_micros(now), request.number);
    field.order.emplace();
    field.order->kind = RequestKind::cancel;
    field.order->reference = request.number;
    field.order->language = request.language;
    store::Mail mail;
    mail.accepted_at = now;
    mail.reverse_path = request.sender;
    mail.submitter = request.submitter;
    mail.content = fmt::format("From: <{}>\r\nTo: <{}>\r\nDate: {}\r\nMessage-ID: <{}>\r\nSubject: cancel\r\n\r\n",
                               request.sender, request.addressee, format_mail_date(now), field.id);
    mail.size = static_cast<std::int64_t>(mail.content.size());
    store::QueueItem item;
    item.mail = store::Mails(connection).insert(mail);
    item.recipient = request.addressee;
    item.exchange = format(field);
    item.notify = "NEVER"; // nobody wrote it
    item.due = now;
    item.expires = now + options_.expiry;
    store::Queue(connection).insert(item);
}

bool Notices::queue_cancel_result(store::Connection& connection, const store::QueueItem& item, const store::Mail& mail,
                                  Cause cause, const std::string& why, Instant now) const
{
    const auto field = read_cancel(item.exchange);
    if (!field || written_by_gateway(*field))
    {
        return false;
    }
    store::Request told;
    told.number = field->id;
    told.kind = RequestKind::cancel;
    told.state = cause == Cause::none ? RequestState::connected : RequestState::failed;
    told.cause = cause;
    told.mail = item.mail;
    told.addressee = item.recipient;
    told.asked = mail.accepted_at;
    told.sender = mail.submitter.standing == Standing::own_user ? mail.submitter.name : mail.reverse_path;
    told.language = field->order->language;
    return queue_result(connection, told, why, now);
}
} // namespace ringpost::service
