// SPDX-License-Identifier: Apache-2.0
// The relaying half of the queue runner: connections to the next hops and what becomes of each mail sent there.
#include "core/log.h"
#include "mta/queue_runner.h"
#include "mta/relay/retry.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::mta
{
namespace
{
/// Mails in hand for one more connection to a hop to be worth its opening.
constexpr std::size_t backlog_for_connection = 20;

Outcome outcome_from(const Failure& failure)
{
    Outcome outcome;
    outcome.text = failure.message();
    return outcome;
}
} // namespace

std::string QueueRunner::key_of(const directory::Destination& destination)
{
    if (destination.host.empty())
    {
        return "dns:" + destination.name;
    }
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
        co_await end(std::move(connection));
    }
}

boost::asio::awaitable<void> QueueRunner::end(std::unique_ptr<RelayConnection> connection)
{
    auto executor = connection->executor();
    co_await boost::asio::co_spawn(executor, connection->quit(), boost::asio::use_awaitable);
    drop(std::move(connection));
}

boost::asio::awaitable<void> QueueRunner::work_off(Hop& hop, std::unique_ptr<RelayConnection>& connection)
{
    bool reused = static_cast<bool>(connection);
    while (!stopping_ && !hop.items.empty())
    {
        if (!connection)
        {
            Outcome why;
            connection = co_await connect(hop.destination, why);
            if (!connection)
            {
                // What waits for this hop now would meet the same.
                std::vector<Relayed> failed;
                for (auto& item : std::exchange(hop.items, {}))
                {
                    failed.push_back({std::move(item), why, {hop.destination.host}});
                }
                co_await settle(std::move(failed));
                co_return;
            }
            reused = false;
        }
        if (hop.items.empty())
        {
            co_return;
        }
        std::vector<store::QueueItem> items = take_copy(hop);
        if (!items.empty())
        {
            co_await relay_copy(hop, connection, std::move(items), reused);
            reused = true;
        }
    }
}

/// nullptr: `why` tells what that means for the mails.
boost::asio::awaitable<std::unique_ptr<RelayConnection>> QueueRunner::connect(directory::Destination destination,
                                                                              Outcome& why)
{
    Route route{{{destination.host, ""}}, {}};
    if (destination.host.empty())
    {
        route = co_await dns_->find(destination.name);
    }
    why = std::move(route.refusal);
    for (const auto& target : route.targets)
    {
        destination.host = target.host;
        ClientOptions options = options_for(destination, config_);
        boost::asio::any_io_executor executor = contexts_[next_context_++ % contexts_.size()]->get_executor();
        auto opening =
            RelayConnection::open(executor, destination, target.address, std::move(options), tls_, config_.relay);
        auto opened = co_await boost::asio::co_spawn(executor, std::move(opening), boost::asio::use_awaitable);
        if (opened.has_value())
        {
            co_return std::move(*opened);
        }
        // RFC 5321 5.1: the next one, whatever was in the way.
        why = outcome_from(opened.error());
        log::info("mta.no-connection", {{"host", target.host}, {"address", target.address}, {"why", why.text}});
        if (stopping_)
        {
            break;
        }
    }
    co_return nullptr;
}

boost::asio::awaitable<void> QueueRunner::postpone(store::QueueItem item, std::string why)
{
    if (clock_.now() >= item.expires)
    {
        Outcome outcome;
        outcome.kind = Outcome::Kind::permanent;
        outcome.enhanced = "5.3.0";
        outcome.text = "the gateway could not store what becomes of the mail; its administrator finds more in the log";
        std::vector<Relayed> expired{{std::move(item), std::move(outcome), {}}};
        co_await settle(std::move(expired));
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
