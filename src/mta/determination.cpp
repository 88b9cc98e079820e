// SPDX-License-Identifier: Apache-2.0
#include "mta/determination.h"

#include "core/log.h"
#include "media/fax_address.h"
#include "service/cancel_mail.h"
#include "service/delivery.h"
#include "service/order.h"

namespace ringpost::mta
{
using store::QueueItem;

boost::asio::awaitable<Result<>> Determination::determine(QueueItem item)
{
    if (!item.exchange.empty())
    {
        const auto field = service::parse_exchange_field(item.exchange);
        if (field.has_value() && service::cancels(*field))
        {
            co_return co_await cancel(std::move(item), field->order->reference);
        }
        if (field.has_value() && field->reply)
        {
            co_return co_await reply(std::move(item), *field->reply);
        }
    }
    std::function<Result<Outcome>(store::Connection&)> unit = [this, item](store::Connection& connection) {
        return store(connection, item);
    };
    const auto outcome = co_await database_.write<Outcome>("mail.determine", std::move(unit));
    if (outcome.has_error())
    {
        co_return outcome.error();
    }
    committed(*outcome);
    co_return Result<>{};
}

bool Determination::at_once(const std::string& exchange)
{
    if (exchange.empty())
    {
        return true;
    }
    const auto field = service::parse_exchange_field(exchange);
    return field.has_error() || !(service::cancels(*field) || field->reply);
}

void Determination::committed(const Outcome& outcome)
{
    if (outcome.determined)
    {
        const auto& request = outcome.determined->after;
        log::info("mta.determined",
                  {{"request", request.number}, {"trigger", word(request.trigger)}, {"state", word(request.state)}});
        book_.changed(request);
        scheduler_.handed_over(request);
        book_.followed(*outcome.determined);
    }
    if (outcome.notice)
    {
        book_.notice_queued();
    }
}

Result<Determination::Outcome> Determination::store(store::Connection& connection, const QueueItem& item) const
{
    const auto mail = store::Mails(connection).find(item.mail);
    if (!mail || !store::Queue(connection).find(item.id))
    {
        store::Queue(connection).remove(item.id);
        return Outcome{}; // called back, or determined already
    }
    store::Queue(connection).remove(item.id);
    const auto request = item.request ? store::Requests(connection).find(item.request) : std::nullopt;
    auto outcome = determine_in(connection, item, *mail, request ? &*request : nullptr);
    store::Mails(connection).release(item.mail);
    return outcome;
}

Determination::Outcome Determination::determine_in(store::Connection& connection, const QueueItem& item,
                                                   const store::Mail& mail, const store::Request* request) const
{
    const auto directory = directory_.current();
    Outcome outcome;
    const auto* user = directory->user_by_address(item.recipient);
    if (user == nullptr && request != nullptr && media::fax_machine_at(item.recipient))
    {
        // A FAX machine has no mailbox: what became of the request is told by its result.
        outcome = is_end(request->state) ? Outcome{} : go_on(connection, mail, item, nullptr, *request);
    }
    else if (user == nullptr)
    {
        outcome.notice = notices_.queue_undelivered(
            connection, {item, mail, false, "5.1.1", "the mailbox is no longer in the directory", ""}, clock_.now());
    }
    else if (request == nullptr || is_end(request->state))
    {
        service::deliver(connection, *user, mail, item.recipient, RequestId{}, clock_.now(), item.refused);
        outcome.delivered = true;
        outcome.notice = notices_.queue_delivered(connection, {item, mail, false, "", ""}, clock_.now());
    }
    else
    {
        outcome = go_on(connection, mail, item, user, *request);
        outcome.notice |= notices_.queue_delivered(connection, {item, mail, false, "", ""}, clock_.now());
    }
    return outcome;
}

Determination::Outcome Determination::go_on(store::Connection& connection, const store::Mail& mail,
                                            const QueueItem& item, const directory::User* user,
                                            const store::Request& request) const
{
    const Instant now = clock_.now();
    const auto transition = book_.apply_in(connection, request, service::event::Determined{}, now);
    Outcome outcome;
    outcome.determined = transition;
    if (request.trigger == Trigger::user_reception && user != nullptr)
    {
        service::deliver(connection, *user, mail, item.recipient, request.id, now);
        outcome.delivered = true;
    }
    // A scenario may have come to its end already, of which its result tells.
    const auto stands = request.scenario ? store::Requests(connection).find(request.id) : std::nullopt;
    const bool over = stands && is_end(stands->state);
    outcome.notice = over || notices_.queue_completed(connection, transition.after, now, &mail);
    return outcome;
}

// ---- answers to inquiries

/// It goes into no mailbox. Where it came too late, or from somebody else, the one who wrote it is told.
boost::asio::awaitable<Result<>> Determination::reply(QueueItem item, service::InquiryReply reply)
{
    std::function<Result<store::Mail>(store::Connection&)> unit =
        [item](store::Connection& connection) -> Result<store::Mail> {
        auto mail = store::Mails(connection).find(item.mail);
        if (!mail || !store::Queue(connection).find(item.id))
        {
            return fail(Errc::not_found, "mail", "the reply to an inquiry is gone");
        }
        return std::move(*mail);
    };
    const auto mail = co_await database_.read<store::Mail>(std::move(unit));
    if (mail.has_error())
    {
        co_return mail.error();
    }
    std::function<void(store::Connection&)> take_away = [item](store::Connection& connection) {
        store::Queue(connection).remove(item.id);
        store::Mails(connection).release(item.mail);
    };
    const Submitter from = mail->submitter;
    const auto answered = co_await inquiries_.reply(reply, from, take_away);
    const bool unwanted = answered.has_error() &&
                          (answered.error().code() == Errc::not_found || answered.error().code() == Errc::refused);
    if (!unwanted)
    {
        co_return answered;
    }
    const std::string why = answered.error().text();
    std::function<Result<>(store::Connection&)> tell = [this, item, why, take_away,
                                                        mail = *mail](store::Connection& connection) -> Result<> {
        notices_.queue_undelivered(connection, {item, mail, false, "5.7.0", why, ""}, clock_.now());
        take_away(connection);
        return {};
    };
    const auto told = co_await database_.write<void>("mail.reply", std::move(tell));
    if (told.has_value())
    {
        book_.notice_queued();
    }
    co_return told;
}

// ---- cancel

boost::asio::awaitable<Result<>> Determination::cancel(QueueItem item, std::string reference)
{
    struct Found
    {
        store::Mail mail;
        std::optional<store::Request> request;
    };
    std::function<Result<Found>(store::Connection&)> unit =
        [item, reference](store::Connection& connection) -> Result<Found> {
        auto mail = store::Mails(connection).find(item.mail);
        if (!mail || !store::Queue(connection).find(item.id))
        {
            return fail(Errc::not_found, "mail", "the mail of a cancel request is gone");
        }
        return Found{std::move(*mail), store::Requests(connection).find(reference)};
    };
    auto found = co_await database_.read<Found>(std::move(unit));
    if (found.has_error())
    {
        co_return found.error();
    }
    auto& mail = found->mail;
    if (!found->request)
    {
        co_return co_await finish_cancel(std::move(item), std::move(mail), Cause::bad_request,
                                         "there is no request " + reference);
    }
    auto& request = *found->request;
    const bool peer = mail.submitter.standing == Standing::peer;
    const bool allowed = request.submitter.standing == mail.submitter.standing &&
                         request.submitter.name == mail.submitter.name &&
                         (!peer || request.sender == mail.reverse_path);
    if (!allowed)
    {
        co_return co_await finish_cancel(std::move(item), std::move(mail), Cause::refused,
                                         "only the one who asked for " + reference + " can cancel it");
    }
    if (!request.performer.empty() && !is_end(request.state) && request.state != RequestState::held)
    {
        co_return co_await pass_on(std::move(item), std::move(request));
    }
    co_return co_await cancel_here(std::move(item), std::move(mail), std::move(request));
}

boost::asio::awaitable<Result<>> Determination::cancel_here(QueueItem item, store::Mail mail, store::Request request)
{
    if (request.state == RequestState::cancelled)
    {
        // By this very mail, before the gateway was restarted; or by somebody else: it is as wished.
        co_return co_await finish_cancel(std::move(item), std::move(mail), Cause::none, std::string{});
    }
    const auto order = service::read_cancel(item.exchange);
    const service::event::Cancel how{order && service::written_by_gateway(*order)};
    const auto cancelled = co_await scheduler_.cancel(std::move(request), how);
    if (cancelled.has_error() && cancelled.error().code() != Errc::conflict)
    {
        co_return cancelled.error();
    }
    // Named before the call: g++ 12 destroys temporaries of a conditional inside an awaited call twice.
    Cause cause = Cause::none;
    std::string why;
    if (cancelled.has_error())
    {
        cause = Cause::error;
        why = cancelled.error().message();
    }
    co_return co_await finish_cancel(std::move(item), std::move(mail), cause, std::move(why));
}

/// The request is performed by another office: its gateway gets the order, at the address that was asked.
boost::asio::awaitable<Result<>> Determination::pass_on(QueueItem item, store::Request request)
{
    std::function<Result<>(store::Connection&)> unit = [item, request](store::Connection& connection) -> Result<> {
        store::Queue queue(connection);
        if (!queue.find(item.id))
        {
            return {};
        }
        QueueItem onward = item;
        onward.recipient = request.addressee;
        queue.insert(onward);
        queue.remove(item.id);
        return {};
    };
    const auto stored = co_await database_.write<void>("mail.pass-on", std::move(unit));
    if (stored.has_value())
    {
        book_.notice_queued();
    }
    co_return stored;
}

boost::asio::awaitable<Result<>> Determination::finish_cancel(QueueItem item, store::Mail mail, Cause cause,
                                                              std::string why)
{
    std::function<Result<>(store::Connection&)> unit = [this, item, mail, cause,
                                                        why](store::Connection& connection) -> Result<> {
        if (!store::Queue(connection).find(item.id))
        {
            return {};
        }
        notices_.queue_cancel_result(connection, item, mail, cause, why, clock_.now());
        store::Queue(connection).remove(item.id);
        store::Mails(connection).release(item.mail);
        return {};
    };
    const auto stored = co_await database_.write<void>("mail.cancel", std::move(unit));
    if (stored.has_value())
    {
        book_.notice_queued();
    }
    co_return stored;
}
} // namespace ringpost::mta
