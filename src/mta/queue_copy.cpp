// SPDX-License-Identifier: Apache-2.0
// One copy of a mail on its way to a next hop, for all its recipients there, and what becomes of each; of the same
// class as queue_relay.
#include "core/fault_point.h"
#include "core/log.h"
#include "mta/queue_runner.h"
#include "mta/server/address.h"
#include "service/cancel_mail.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::mta
{
namespace
{
/// Until the writing of what became of a mail is repeated; doubled each time, up to relay.retry_first.
constexpr Duration first_wait = 1s;

Notify parse_notify(const std::string& text)
{
    Notify notify;
    notify.given = !text.empty();
    notify.never = text.find("NEVER") != std::string::npos;
    notify.success = text.find("SUCCESS") != std::string::npos;
    notify.failure = text.find("FAILURE") != std::string::npos;
    notify.delay = text.find("DELAY") != std::string::npos;
    return notify;
}

std::optional<ReturnContent> parse_ret(const std::string& text)
{
    return text.empty() ? std::nullopt : std::optional(text == "FULL" ? ReturnContent::full : ReturnContent::headers);
}

/// RFC 5321 4.5.3.1.10: too many for one copy.
bool one_too_many(const Outcome& outcome)
{
    return outcome.kind == Outcome::Kind::temporary && (outcome.code == 452 || outcome.code == 552);
}

/// Why a confidential mail may not go this way (spec 2.3); codes of RFC 8689. Waiting would change nothing, unless the
/// server offers TLS, and only the handshake has failed.
std::optional<Outcome> not_confidential(const RelayConnection& connection, HopTls wanted)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::permanent;
    if (!connection.tls() && wanted != HopTls::none && connection.offers().starttls)
    {
        outcome.kind = Outcome::Kind::temporary;
        outcome.enhanced = "4.7.10";
        outcome.text = "the mail is confidential, and the next server offers TLS, but none could be agreed on";
        return outcome;
    }
    if (!connection.tls())
    {
        outcome.enhanced = "5.7.10";
        outcome.text = "the mail is confidential, and the connection to the next server is not encrypted";
        return outcome;
    }
    if (!connection.keeps_confidential())
    {
        outcome.enhanced = "5.7.30";
        outcome.text = connection.offers().confidential
                           ? "the mail is confidential, and the next server promises to keep it so to gateways only "
                             "that log in, but the destination database of this gateway has no login for it"
                           : "the mail is confidential, and the next server does not promise to keep it so";
        return outcome;
    }
    return std::nullopt;
}

/// What becomes of a copy without its being sent: by what the server has announced, and by nothing that it said to it.
std::optional<Outcome> decided_here(const RelayConnection& connection, HopTls wanted, const std::string& exchange,
                                    bool confidential)
{
    const auto cancel = service::read_cancel(exchange);
    if (!connection.gateway() && cancel && service::written_by_gateway(*cancel))
    {
        Outcome needless;
        needless.kind = Outcome::Kind::delivered;
        needless.text = "not sent: there is no gateway that could have the request";
        return needless;
    }
    return confidential ? not_confidential(connection, wanted) : std::nullopt;
}
} // namespace

std::vector<store::QueueItem> QueueRunner::take_copy(Hop& hop)
{
    std::vector<store::QueueItem> items;
    const MailId mail = hop.items.front().mail;
    // An order differs for each recipient, and with it what stands in front of the mail.
    const std::string exchange = hop.items.front().exchange;
    for (auto at = hop.items.begin(); at != hop.items.end() && items.size() < config_.relay.recipients;)
    {
        if (at->mail != mail || at->exchange != exchange)
        {
            ++at;
            continue;
        }
        store::QueueItem item = std::move(*at);
        at = hop.items.erase(at);
        if (desk_.begin(item.id))
        {
            items.push_back(std::move(item));
        }
        else
        {
            done(item);
        }
    }
    return items;
}

void QueueRunner::put_back(Hop& hop, store::QueueItem item)
{
    desk_.end(item.id);
    hop.items.push_front(std::move(item));
}

void QueueRunner::start_afresh(Hop& hop, std::unique_ptr<RelayConnection>& connection,
                               std::vector<store::QueueItem> items)
{
    std::for_each(items.rbegin(), items.rend(), [&](auto& item) { put_back(hop, std::move(item)); });
    if (connection->usable())
    {
        tasks_.spawn(control_, "mta.relay", end(std::move(connection)));
        return;
    }
    drop(std::move(connection));
}

boost::asio::awaitable<void> QueueRunner::relay_copy(Hop& hop, std::unique_ptr<RelayConnection>& connection,
                                                     std::vector<store::QueueItem> items, bool reused)
{
    Envelope envelope;
    Remote remote{connection->host()};
    remote.gateway = connection->gateway();
    remote.dsn = connection->offers().dsn;
    auto body = co_await read_body(items, envelope, remote.gateway);
    if (body.has_error() || items.empty())
    {
        if (body.has_error())
        {
            log::error("mta.mail-unreadable", {{"item", items.front().id}, {"why", body.error().message()}});
        }
        std::vector<Outcome> all(items.size(), unreadable_mail());
        co_await settle_copy(hop, std::move(items), std::move(all), std::move(remote));
        co_return;
    }
    const auto decided = decided_here(*connection, hop.destination.tls, items.front().exchange, body->confidential);
    if (decided && reused)
    {
        start_afresh(hop, connection, std::move(items));
        co_return;
    }
    if (decided)
    {
        if (decided->kind == Outcome::Kind::temporary)
        {
            // The next try needs a handshake of its own.
            co_await end(std::move(connection));
        }
        std::vector<Outcome> all(items.size(), *decided);
        co_await settle_copy(hop, std::move(items), std::move(all), std::move(remote));
        co_return;
    }
    auto executor = connection->executor();
    auto sending = connection->send(std::move(envelope), std::move(*body));
    auto outcomes = co_await boost::asio::co_spawn(executor, std::move(sending), boost::asio::use_awaitable);
    crash_point("relay.answered");
    outcomes.resize(items.size());
    if (reused && !connection->answered())
    {
        // It ended while it was idle, or the mail was decided here. Behind an answer the mail may be there already,
        // and is not repeated at once (RFC 5321 4.5.3.2.6).
        start_afresh(hop, connection, std::move(items));
        co_return;
    }
    if (!connection->usable())
    {
        drop(std::move(connection));
    }
    co_await settle_copy(hop, std::move(items), std::move(outcomes), std::move(remote));
}

boost::asio::awaitable<void> QueueRunner::settle_copy(Hop& hop, std::vector<store::QueueItem> items,
                                                      std::vector<Outcome> outcomes, Remote remote)
{
    const bool some = std::any_of(outcomes.begin(), outcomes.end(),
                                  [](const Outcome& outcome) { return outcome.kind == Outcome::Kind::delivered; });
    std::vector<Relayed> settled;
    for (std::size_t i = 0; i < items.size(); ++i)
    {
        if (some && !stopping_ && one_too_many(outcomes[i]))
        {
            put_back(hop, std::move(items[i])); // for a copy of its own, at once
            continue;
        }
        settled.push_back({std::move(items[i]), std::move(outcomes[i]), remote});
    }
    co_await settle(std::move(settled));
}

boost::asio::awaitable<Result<RelayBody>> QueueRunner::read_body(std::vector<store::QueueItem>& items,
                                                                 Envelope& envelope, bool gateway)
{
    struct Rows
    {
        std::vector<bool> wanted;
        std::optional<store::Mail> mail;
    };
    std::function<Result<Rows>(store::Connection&)> unit = [items](store::Connection& connection) -> Result<Rows> {
        Rows rows;
        for (const auto& item : items)
        {
            const auto stands = store::Queue(connection).find(item.id);
            rows.wanted.push_back(stands && !stands->held);
        }
        rows.mail = items.empty() ? std::nullopt : store::Mails(connection).find(items.front().mail);
        return rows;
    };
    auto rows = co_await database_.read<Rows>(std::move(unit));
    if (rows.has_error())
    {
        co_return rows.error();
    }
    std::vector<store::QueueItem> kept;
    for (std::size_t i = 0; i < items.size(); ++i)
    {
        if (!rows->wanted[i])
        {
            done(items[i]);
            continue;
        }
        kept.push_back(std::move(items[i]));
    }
    items = std::move(kept);
    if (items.empty())
    {
        co_return RelayBody{{}, store::MailBody(std::string{})};
    }
    co_return body_of(items, std::move(rows->mail), envelope, gateway);
}

Result<RelayBody> QueueRunner::body_of(const std::vector<store::QueueItem>& items, std::optional<store::Mail> mail,
                                       Envelope& envelope, bool gateway) const
{
    const store::QueueItem& first = items.front();
    if (!mail)
    {
        return fail(Errc::internal, first.recipient, "the mail can no longer be read");
    }
    for (const auto& item : items)
    {
        const auto recipient = parse_mailbox(item.recipient);
        if (recipient.has_error())
        {
            return fail(Errc::internal, item.recipient, "the address can no longer be read");
        }
        envelope.recipients.push_back({*recipient, parse_notify(item.notify), item.orcpt});
    }
    if (!mail->reverse_path.empty())
    {
        const auto reverse = parse_mailbox(mail->reverse_path);
        envelope.reverse_path = reverse.has_value() ? std::optional(*reverse) : std::nullopt;
    }
    envelope.envid = mail->envid;
    envelope.ret = parse_ret(mail->ret);
    envelope.body8bit = true;
    std::string trace = std::move(mail->trace);
    const auto size = static_cast<std::uint64_t>(mail->size);
    const bool confidential = mail->confidential();
    auto content = store::MailBody::open(std::move(*mail), spool_);
    if (content.has_error())
    {
        return content.error();
    }
    RelayBody body{{}, std::move(*content), 0, confidential};
    // In front of everything, trace fields too: only a first field is taken for the gateway's (spec 2.2). To anybody
    // else it would mean nothing.
    body.head = first.exchange.empty() || !gateway ? std::move(trace)
                                                   : fmt::format("Ringpost-Exchange: {}\r\n{}", first.exchange, trace);
    body.size = body.head.size() + size;
    return body;
}

boost::asio::awaitable<void> QueueRunner::settle(std::vector<Relayed> relayed)
{
    if (relayed.empty())
    {
        co_return;
    }
    for (const auto& each : relayed)
    {
        const bool delivered = each.outcome.kind == Outcome::Kind::delivered;
        log::info(delivered ? "mta.relayed" : "mta.not-relayed", {{"item", each.item.id},
                                                                  {"to", each.item.recipient},
                                                                  {"remote", each.remote.host},
                                                                  {"asked", each.outcome.asked},
                                                                  {"code", each.outcome.code},
                                                                  {"text", each.outcome.text}});
    }
    // What was sent must not go out again because this cannot be written now: it stays in hand until it is.
    Duration wait = first_wait;
    Signal again(control_, clock_);
    for (;;)
    {
        const bool last = stopping_;
        const bool stored = co_await store_settlement(relayed);
        if (stored || last)
        {
            break;
        }
        if (stopping_)
        {
            continue;
        }
        unsettled_.push_back(&again);
        co_await again.wait(clock_.now() + wait);
        std::erase(unsettled_, &again);
        wait = std::min(wait * 2, std::max(first_wait, config_.relay.retry_first));
    }
    for (const auto& each : relayed)
    {
        done(each.item);
    }
}

boost::asio::awaitable<bool> QueueRunner::store_settlement(std::vector<Relayed> relayed)
{
    const QueueItemId first = relayed.front().item.id;
    std::function<Result<std::vector<Fallback::Outcome>>(store::Connection&)> unit =
        [this, relayed = std::move(relayed)](store::Connection& connection) -> Result<std::vector<Fallback::Outcome>> {
        std::vector<Fallback::Outcome> all;
        for (const auto& each : relayed)
        {
            Fallback::Outcome instead;
            if (each.outcome.kind == Outcome::Kind::delivered && !each.remote.gateway)
            {
                instead = fallback_.take_over(connection, each.item);
            }
            const Settled settled = settle_relayed(connection, notices_, config_.relay, each, clock_.now());
            instead.notice = instead.notice || settled.notice;
            instead.changed = settled.changed ? settled.changed : std::move(instead.changed);
            all.push_back(std::move(instead));
        }
        return all;
    };
    const auto settled = co_await database_.write<std::vector<Fallback::Outcome>>("mail.relayed", std::move(unit));
    if (settled.has_error())
    {
        log::error("mta.not-settled", {{"item", first}, {"why", settled.error().message()}});
        co_return false;
    }
    std::for_each(settled->begin(), settled->end(),
                  [this](const Fallback::Outcome& outcome) { fallback_.committed(outcome); });
    co_return true;
}
} // namespace ringpost::mta
