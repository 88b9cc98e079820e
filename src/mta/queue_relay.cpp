// SPDX-License-Identifier: Apache-2.0
// The relaying half of the queue runner: connections to the next hops and what becomes of each mail sent there.
#include "core/fault_point.h"
#include "core/log.h"
#include "mta/queue_runner.h"
#include "mta/relay/retry.h"
#include "mta/server/address.h"
#include "mta/settlement.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
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

/// A connection belongs to the thread of its executor, its end too.
void drop(std::unique_ptr<RelayConnection>& connection)
{
    auto executor = connection->executor();
    std::shared_ptr<RelayConnection> last = std::move(connection);
    boost::asio::post(executor, [last = std::move(last)] {});
}

/// Why a confidential mail may not go this way (spec 2.3); codes of RFC 8689. Waiting would change nothing.
std::optional<Outcome> not_confidential(const RelayConnection& connection)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::permanent;
    if (!connection.tls())
    {
        outcome.enhanced = "5.7.10";
        outcome.text = "the mail is confidential, and the connection to the next server is not encrypted";
        return outcome;
    }
    if (!connection.offers().confidential)
    {
        outcome.enhanced = "5.7.30";
        outcome.text = "the mail is confidential, and the next server does not promise to keep it so";
        return outcome;
    }
    return std::nullopt;
}

Outcome outcome_from(const Failure& failure)
{
    Outcome outcome;
    outcome.text = failure.message();
    return outcome;
}
} // namespace

std::string QueueRunner::key_of(const directory::Destination& destination)
{
    return fmt::format("{}:{}:{}:{}:{}", destination.host, destination.port, destination.login, word(destination.tls),
                       destination.fingerprint);
}

void QueueRunner::relay(const directory::Destination& destination, store::QueueItem item)
{
    const std::string key = key_of(destination);
    auto& hop = hops_[key];
    hop.destination = destination;
    ++hop.in_hand;
    hop_of_[item.id] = key;
    // Express ones in front of all others, in their own order.
    const auto place = item.express ? std::find_if(hop.items.begin(), hop.items.end(),
                                                   [](const auto& other) { return !other.express; })
                                    : hop.items.end();
    hop.items.insert(place, std::move(item));
    if (!hop.idle.empty())
    {
        hop.idle.back()->notify();
        hop.idle.pop_back();
        return;
    }
    start_hops();
}

/// One connection serves what comes one by one; more are opened while a backlog grows.
void QueueRunner::start_hops()
{
    for (auto& [key, hop] : hops_)
    {
        const bool more = hop.items.size() > backlog_for_connection * hop.connections;
        if (stopping_ || !more || hop.connections >= config_.relay.connections_per_destination)
        {
            continue;
        }
        if (connections_ < config_.relay.connections)
        {
            ++hop.connections;
            ++connections_;
            tasks_.spawn(control_, "mta.relay", serve_hop(key));
        }
        else if (hop.connections == 0)
        {
            end_an_idle_connection();
        }
    }
}

/// Makes room for a hop that has none; the connection that ends starts it.
void QueueRunner::end_an_idle_connection()
{
    for (auto& [key, hop] : hops_)
    {
        if (!hop.idle.empty())
        {
            hop.idle.back()->notify();
            hop.idle.pop_back();
            return;
        }
    }
}

boost::asio::awaitable<void> QueueRunner::serve_hop(std::string key)
{
    std::unique_ptr<RelayConnection> connection;
    {
        Hop& hop = hops_[key];
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
        // Counted out before the farewell, which may take long: a mail that comes meanwhile gets a connection of its
        // own.
        --hop.connections;
        --connections_;
        if (hop.connections == 0 && hop.items.empty() && hop.in_hand == 0)
        {
            hops_.erase(key);
        }
    }
    start_hops();
    if (connection)
    {
        auto executor = connection->executor();
        co_await boost::asio::co_spawn(executor, connection->quit(), boost::asio::use_awaitable);
        drop(connection);
    }
}

boost::asio::awaitable<void> QueueRunner::work_off(Hop& hop, std::unique_ptr<RelayConnection>& connection)
{
    bool reused = static_cast<bool>(connection);
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
                    Outcome outcome = outcome_from(opened.error());
                    co_await settle(std::move(item), std::move(outcome), hop.destination.host, true);
                }
                co_return;
            }
            connection = std::move(*opened);
            reused = false;
        }
        if (hop.items.empty())
        {
            co_return;
        }
        store::QueueItem item = std::move(hop.items.front());
        hop.items.pop_front();
        co_await relay_one(hop, connection, std::move(item), reused);
        reused = true;
    }
}

boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
QueueRunner::connect(const directory::Destination& destination)
{
    ClientOptions options = options_for(destination, config_);
    boost::asio::any_io_executor executor = contexts_[next_context_++ % contexts_.size()]->get_executor();
    auto opening = RelayConnection::open(executor, destination, std::move(options), tls_, config_.relay);
    co_return co_await boost::asio::co_spawn(executor, std::move(opening), boost::asio::use_awaitable);
}

boost::asio::awaitable<void> QueueRunner::relay_one(Hop& hop, std::unique_ptr<RelayConnection>& connection,
                                                    store::QueueItem item, bool reused)
{
    Envelope envelope;
    const bool gateway = connection->offers().xringpost;
    auto body = co_await read_body(item, envelope, gateway);
    if (body.has_error())
    {
        Outcome failed = outcome_from(body.error());
        co_await settle(std::move(item), std::move(failed), hop.destination.host, true);
        co_return;
    }
    if (auto refused = body->confidential ? not_confidential(*connection) : std::nullopt)
    {
        co_await settle(std::move(item), std::move(*refused), hop.destination.host, gateway);
        co_return;
    }
    auto executor = connection->executor();
    auto sending = connection->send(std::move(envelope), std::move(*body));
    auto outcomes = co_await boost::asio::co_spawn(executor, std::move(sending), boost::asio::use_awaitable);
    static_cast<void>(fault_point("relay.answered"));
    Outcome outcome;
    if (!outcomes.empty())
    {
        outcome = std::move(outcomes.front());
    }
    if (!connection->usable())
    {
        drop(connection);
        if (reused && outcome.kind == Outcome::Kind::temporary && outcome.code == 0 && !stopping_)
        {
            // The other side ended the connection while it was idle: that says nothing about this mail.
            hop.items.push_front(std::move(item));
            co_return;
        }
    }
    co_await settle(std::move(item), std::move(outcome), hop.destination.host, gateway);
}

boost::asio::awaitable<Result<RelayBody>> QueueRunner::read_body(const store::QueueItem& item, Envelope& envelope,
                                                                 bool gateway)
{
    std::function<Result<std::optional<store::Mail>>(store::Connection&)> unit =
        [id = item.mail](store::Connection& connection) -> Result<std::optional<store::Mail>> {
        return store::Mails(connection).find(id);
    };
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
    const auto size = static_cast<std::uint64_t>(row.size);
    const bool confidential = row.confidential();
    std::string trace = std::move(row.trace);
    auto content = store::MailBody::open(std::move(row), spool_);
    if (content.has_error())
    {
        co_return content.error();
    }
    RelayBody body{{}, std::move(*content), 0, confidential};
    // In front of everything, trace fields too: only a first field is taken for the gateway's (spec 2.2). To anybody
    // else it would mean nothing.
    body.head = item.exchange.empty() || !gateway ? std::move(trace)
                                                  : fmt::format("Ringpost-Exchange: {}\r\n{}", item.exchange, trace);
    body.size = body.head.size() + size;
    co_return body;
}

boost::asio::awaitable<void> QueueRunner::settle(store::QueueItem item, Outcome outcome, std::string remote,
                                                 bool gateway)
{
    log::info("mta.relayed", {{"item", item.id},
                              {"to", item.recipient},
                              {"remote", remote},
                              {"code", outcome.code},
                              {"text", outcome.text}});
    std::function<Result<Fallback::Outcome>(store::Connection&)> unit =
        [this, item, outcome, remote, gateway](store::Connection& connection) -> Result<Fallback::Outcome> {
        Fallback::Outcome instead;
        if (outcome.kind == Outcome::Kind::delivered && !gateway)
        {
            instead = fallback_.take_over(connection, item);
        }
        const bool told =
            settle_relayed(connection, notices_, config_.relay, {item, outcome, remote, gateway}, clock_.now());
        instead.notice = instead.notice || told;
        return instead;
    };
    const auto settled = co_await database_.write<Fallback::Outcome>("mail.relayed", std::move(unit));
    if (settled.has_value())
    {
        fallback_.committed(*settled);
    }
    if (settled.has_error())
    {
        // Not stored: it will be sent again, and the other gateway drops the repeat.
        log::error("mta.not-settled", {{"item", item.id}, {"why", settled.error().message()}});
        co_await clock_.sleep_for(1s);
    }
    done(item);
}

boost::asio::awaitable<void> QueueRunner::postpone(store::QueueItem item, std::string why)
{
    if (clock_.now() >= item.expires)
    {
        Outcome outcome;
        outcome.kind = Outcome::Kind::permanent;
        outcome.text = std::move(why);
        co_await settle(std::move(item), std::move(outcome), "", true);
        co_return;
    }
    item.attempts += 1;
    item.due = clock_.now() + retry_delay(config_.relay, item.attempts);
    item.last_error = std::move(why);
    std::function<Result<>(store::Connection&)> unit = [item](store::Connection& connection) -> Result<> {
        store::Queue(connection).save(item);
        return {};
    };
    const auto stored = co_await database_.write<void>("mail.postpone", std::move(unit));
    if (stored.has_error())
    {
        co_await clock_.sleep_for(1s);
    }
    done(item);
}
} // namespace ringpost::mta
