// SPDX-License-Identifier: Apache-2.0
#include "mta/queue_runner.h"

#include "core/log.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr int batch = 256;
/// Mails in hand at once; more wait in the database.
constexpr std::size_t in_hand_limit = 2000;
constexpr std::size_t determining_limit = 200;
/// Rows are stored by several threads: one with an earlier due time may be seen after a later one.
constexpr Duration overlap = 10s;
constexpr Duration breath = 5s;
} // namespace

QueueRunner::QueueRunner(boost::asio::any_io_executor control, std::vector<boost::asio::io_context*> contexts,
                         const Config& config, Clock& clock, store::Database& database, store::Spool& spool,
                         directory::Directory& directory, service::Notices& notices, Determination& determination)
    : control_(control), contexts_(std::move(contexts)), config_(config), clock_(clock), database_(database),
      spool_(spool), directory_(directory), notices_(notices), determination_(determination), due_(control, clock)
{
}

void QueueRunner::start()
{
    tasks_.spawn(control_, "mta.queue", loop());
}

void QueueRunner::stop()
{
    stopping_ = true;
    for (auto& [key, hop] : hops_)
    {
        hop.items.clear();
    }
    due_.notify();
}

void QueueRunner::poke()
{
    boost::asio::post(control_, [this] { due_.notify(); });
}

boost::asio::awaitable<void> QueueRunner::loop()
{
    while (!stopping_)
    {
        const bool more = co_await take_due();
        if (more)
        {
            continue;
        }
        const bool idle = in_hand_.empty();
        std::function<Result<std::optional<Instant>>(store::Connection&)> unit =
            [after = cursor_](store::Connection& connection) -> Result<std::optional<Instant>>
        { return store::Queue(connection).next_due(after, QueueItemId{INT64_MAX}); };
        const auto next = co_await database_.read<std::optional<Instant>>(std::move(unit));
        if (idle)
        {
            cursor_ = Instant{};
        }
        const Instant now = clock_.now();
        std::optional<Instant> until = next.has_value() ? *next : now + breath;
        if (until && *until <= now)
        {
            until = now + 1s;
        }
        co_await due_.wait(until);
    }
}

/// Takes what is due and not in hand; false: nothing more at this moment.
boost::asio::awaitable<bool> QueueRunner::take_due()
{
    if (in_hand_.size() >= in_hand_limit || determining_ >= determining_limit)
    {
        co_return false;
    }
    const Instant now = clock_.now();
    const Instant from = cursor_ > Instant{} + overlap ? cursor_ - overlap : Instant{};
    const int limit = batch + static_cast<int>(in_hand_.size());
    std::function<Result<std::vector<store::QueueItem>>(store::Connection&)> unit =
        [now, from, limit](store::Connection& connection) -> Result<std::vector<store::QueueItem>>
    { return store::Queue(connection).due(now, from, QueueItemId{}, limit); };
    auto due = co_await database_.read<std::vector<store::QueueItem>>(std::move(unit));
    if (due.has_error() || stopping_)
    {
        co_return false;
    }
    std::stable_partition(due->begin(), due->end(), [](const auto& item) { return item.express; });
    bool taken = false;
    for (auto& item : *due)
    {
        cursor_ = std::max(cursor_, item.due);
        if (in_hand_.insert(item.id).second)
        {
            taken = true;
            dispatch(std::move(item));
        }
    }
    co_return taken;
}

void QueueRunner::dispatch(store::QueueItem item)
{
    const auto directory = directory_.current();
    const std::string domain = item.recipient.substr(item.recipient.rfind('@') + 1);
    if (item.recipient.find('@') == std::string::npos || directory->own_domain(domain))
    {
        ++determining_;
        tasks_.spawn(control_, "mta.determine", determine(std::move(item)));
        return;
    }
    if (const auto* destination = directory->destinations().find(item.recipient))
    {
        relay(*destination, std::move(item));
        return;
    }
    tasks_.spawn(control_, "mta.refuse", refuse(std::move(item)));
}

boost::asio::awaitable<void> QueueRunner::determine(store::QueueItem item)
{
    const auto determined = co_await determination_.determine(item);
    --determining_;
    if (determined.has_error())
    {
        log::error("mta.not-determined", {{"item", item.id}, {"why", determined.error().message()}});
        co_await postpone(std::move(item), determined.error().message());
        co_return;
    }
    done(item.id);
}

boost::asio::awaitable<void> QueueRunner::refuse(store::QueueItem item)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::permanent;
    outcome.enhanced = "5.1.2";
    outcome.text = "the destination database of this gateway has no entry for this domain";
    co_await settle(std::move(item), std::move(outcome), "", false);
}

void QueueRunner::done(QueueItemId item)
{
    in_hand_.erase(item);
    if (in_hand_.empty() || in_hand_.size() == in_hand_limit / 2 || determining_ == determining_limit - 1)
    {
        due_.notify();
    }
}
} // namespace ringpost::mta
