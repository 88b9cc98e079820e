// SPDX-License-Identifier: Apache-2.0
// The relaying half of the queue runner: connections to the next hops and what becomes of each mail sent there.
#include "core/fault_point.h"
#include "core/log.h"
#include "mta/queue_runner.h"
#include "mta/relay/retry.h"
#include "mta/server/address.h"
#include "mta/settlement.h"

#include <boost/asio/co_spawn.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
/// Mails in hand for one more connection to a hop to be worth its opening.
constexpr std::size_t backlog_for_connection = 20;

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

Outcome outcome_from(const Failure& failure)
{
    Outcome outcome;
    outcome.text = failure.message();
    return outcome;
}
} // namespace

void QueueRunner::relay(const directory::Destination& destination, store::QueueItem item)
{
    const std::string key = fmt::format("{}:{}:{}", destination.host, destination.port, destination.login);
    auto& hop = hops_[key];
    hop.destination = destination;
    item.express ? hop.items.push_front(std::move(item)) : hop.items.push_back(std::move(item));
    if (!hop.idle.empty())
    {
        hop.idle.back()->notify();
        hop.idle.pop_back();
        return;
    }
    // One connection serves what comes one by one; more are opened while a backlog grows.
    const bool more = hop.items.size() > backlog_for_connection * hop.connections;
    if (more && hop.connections < config_.relay.connections_per_destination && connections_ < config_.relay.connections)
    {
        ++hop.connections;
        ++connections_;
        tasks_.spawn(control_, "mta.relay", serve_hop(key));
    }
}

boost::asio::awaitable<void> QueueRunner::serve_hop(std::string key)
{
    Hop& hop = hops_[key];
    std::unique_ptr<RelayConnection> connection;
    Signal more(control_, clock_);
    while (!stopping_ && !hop.items.empty())
    {
        co_await work_off(hop, connection);
        if (connection && !stopping_)
        {
            // Kept for a while: the next mail, a notice most likely, needs no new connection.
            hop.idle.push_back(&more);
            co_await more.wait(clock_.now() + config_.relay.idle_timeout);
            std::erase(hop.idle, &more);
        }
    }
    if (connection)
    {
        auto executor = connection->executor();
        co_await boost::asio::co_spawn(executor, connection->quit(), boost::asio::use_awaitable);
        connection.reset();
    }
    --hop.connections;
    --connections_;
    if (hop.connections == 0 && hop.items.empty())
    {
        hops_.erase(key);
    }
}

boost::asio::awaitable<void> QueueRunner::work_off(Hop& hop, std::unique_ptr<RelayConnection>& connection)
{
    while (!stopping_ && !hop.items.empty())
    {
        if (!connection)
        {
            auto opened = co_await connect(hop.destination);
            if (opened.has_error())
            {
                // What waits for this hop now would meet the same.
                std::deque<store::QueueItem> items = std::exchange(hop.items, {});
                for (auto& item : items)
                {
                    co_await settle(std::move(item), outcome_from(opened.error()), hop.destination.host, true);
                }
                co_return;
            }
            connection = std::move(*opened);
        }
        store::QueueItem item = std::move(hop.items.front());
        hop.items.pop_front();
        co_await relay_one(hop, connection, std::move(item));
    }
}

boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
QueueRunner::connect(const directory::Destination& destination)
{
    ClientOptions options = options_for(destination, config_.gateway.domain);
    boost::asio::any_io_executor executor = contexts_[next_context_++ % contexts_.size()]->get_executor();
    auto opening = RelayConnection::open(executor, destination.host, static_cast<std::uint16_t>(destination.port),
                                         std::move(options), config_.relay);
    co_return co_await boost::asio::co_spawn(executor, std::move(opening), boost::asio::use_awaitable);
}

boost::asio::awaitable<void> QueueRunner::relay_one(Hop& hop, std::unique_ptr<RelayConnection>& connection,
                                                    store::QueueItem item)
{
    Envelope envelope;
    auto body = co_await read_body(item, envelope);
    if (body.has_error())
    {
        co_await settle(std::move(item), outcome_from(body.error()), hop.destination.host, true);
        co_return;
    }
    auto executor = connection->executor();
    auto sending = connection->send(std::move(envelope), std::move(*body));
    auto outcomes = co_await boost::asio::co_spawn(executor, std::move(sending), boost::asio::use_awaitable);
    static_cast<void>(fault_point("relay.answered"));
    const bool gateway = connection->offers().xringpost;
    if (!connection->usable())
    {
        connection.reset();
    }
    Outcome outcome = outcomes.empty() ? Outcome{} : std::move(outcomes.front());
    co_await settle(std::move(item), std::move(outcome), hop.destination.host, gateway);
}

boost::asio::awaitable<Result<RelayBody>> QueueRunner::read_body(const store::QueueItem& item, Envelope& envelope)
{
    std::function<Result<std::optional<store::Mail>>(store::Connection&)> unit =
        [id = item.mail](store::Connection& connection) -> Result<std::optional<store::Mail>>
    { return store::Mails(connection).find(id); };
    auto mail = co_await database_.read<std::optional<store::Mail>>(std::move(unit));
    if (mail.has_error())
    {
        co_return mail.error();
    }
    const auto recipient = parse_mailbox(item.recipient);
    if (!*mail || recipient.has_error())
    {
        co_return fail(Errc::internal, item.recipient, "the mail or its address can no longer be read");
    }
    store::Mail& row = **mail;
    if (!row.reverse_path.empty())
    {
        const auto reverse = parse_mailbox(row.reverse_path);
        envelope.reverse_path = reverse.has_value() ? std::optional(*reverse) : std::nullopt;
    }
    envelope.envid = row.envid;
    envelope.body8bit = true;
    envelope.recipients.push_back({*recipient, parse_notify(item.notify), item.orcpt});
    RelayBody body;
    // In front of everything, trace fields too: only a first field is taken for the gateway's (spec 2.2).
    body.head = item.exchange.empty() ? row.trace : fmt::format("Ringpost-Exchange: {}\r\n{}", item.exchange, row.trace);
    body.size = body.head.size() + static_cast<std::uint64_t>(row.size);
    body.content = std::move(row.content);
    if (!row.spool_file.empty())
    {
        body.file = spool_.path(row.spool_file);
    }
    co_return body;
}

boost::asio::awaitable<void> QueueRunner::settle(store::QueueItem item, Outcome outcome, std::string remote, bool gateway)
{
    log::info("mta.relayed", {{"item", item.id},
                              {"to", item.recipient},
                              {"remote", remote},
                              {"code", outcome.code},
                              {"text", outcome.text}});
    const QueueItemId id = item.id;
    std::function<Result<bool>(store::Connection&)> unit =
        [this, item, outcome, remote, gateway](store::Connection& connection) -> Result<bool>
    { return settle_relayed(connection, notices_, config_.relay, {item, outcome, remote, gateway}, clock_.now()); };
    const auto settled = co_await database_.write<bool>("mail.relayed", std::move(unit));
    if (settled.has_error())
    {
        // Not stored: it will be sent again, and the other gateway drops the repeat.
        log::error("mta.not-settled", {{"item", id}, {"why", settled.error().message()}});
        co_await clock_.sleep_for(1s);
    }
    done(id);
    due_.notify();
}

boost::asio::awaitable<void> QueueRunner::postpone(store::QueueItem item, std::string why)
{
    const QueueItemId id = item.id;
    item.attempts += 1;
    item.due = clock_.now() + retry_delay(config_.relay, item.attempts);
    item.last_error = std::move(why);
    std::function<Result<>(store::Connection&)> unit = [item](store::Connection& connection) -> Result<>
    {
        store::Queue(connection).save(item);
        return {};
    };
    const auto stored = co_await database_.write<void>("mail.postpone", std::move(unit));
    if (stored.has_error())
    {
        co_await clock_.sleep_for(1s);
    }
    done(id);
}
} // namespace ringpost::mta
