// SPDX-License-Identifier: Apache-2.0
#include "mta/queue_runner.h"

#include "core/log.h"
#include "mta/server/ascii.h"
#include "service/cancel_mail.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr int batch = 256;
constexpr std::size_t determining_limit = 200;
/// Mails in hand for one hop, and for all. One that hangs must not hold up the others, nor local mail.
constexpr std::size_t hop_limit = 200;
constexpr std::size_t relaying_limit = 2000;
/// So long a mail is put aside whose hop has its share in hand.
constexpr Duration time_aside = 30s;
constexpr Duration breath = 5s;
constexpr std::string_view crowded = "waits for its turn: as many mails as are sent to this server at once are in hand";
} // namespace

QueueRunner::QueueRunner(boost::asio::any_io_executor control, std::vector<boost::asio::io_context*> contexts,
                         const Config& config, Clock& clock, store::Database& database, store::Spool& spool,
                         directory::Directory& directory, service::Notices& notices, Determination& determination,
                         const TlsClient& tls, service::QueueDesk& desk, const Fallback& fallback)
    : control_(control), contexts_(std::move(contexts)), config_(config), clock_(clock), database_(database),
      spool_(spool), directory_(directory), notices_(notices), determination_(determination), tls_(tls), desk_(desk),
      fallback_(fallback), due_(control, clock)
{}

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
        for (auto* connection : hop.idle)
        {
            connection->notify();
        }
    }
    for (auto* again : unsettled_)
    {
        again->notify();
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
        const auto taken = co_await take_due();
        if (!taken.more)
        {
            // What is due and was left is looked at again when something in hand is done.
            co_await due_.wait(taken.next);
        }
    }
}

/// Takes what is due and not in hand.
boost::asio::awaitable<QueueRunner::Taken> QueueRunner::take_due()
{
    struct Due
    {
        std::vector<store::QueueItem> items;
        std::optional<Instant> next;
    };
    // One reading of the clock for both questions: what falls due between two would be in neither answer.
    const Instant now = clock_.now();
    const int limit = batch + static_cast<int>(in_hand_.size());
    std::function<Result<Due>(store::Connection&)> unit = [now, limit](store::Connection& connection) -> Result<Due> {
        store::Queue queue(connection);
        return Due{queue.due(now, limit), queue.next_due(now)};
    };
    finished_.clear();
    desk_.reading();
    auto due = co_await database_.read<Due>(std::move(unit));
    if (due.has_error() || stopping_)
    {
        co_return Taken{false, clock_.now() + breath};
    }
    bool taken = false;
    std::vector<store::QueueItem> parked;
    const auto directory = directory_.current();
    for (auto& item : due->items)
    {
        if (in_hand_.contains(item.id) || finished_.contains(item.id))
        {
            continue;
        }
        if (has_room(item))
        {
            taken = true;
            in_hand_.insert(item.id);
            dispatch(std::move(item));
        }
        else if (!directory->own_address(item.recipient))
        {
            parked.push_back(std::move(item));
        }
    }
    const bool aside = !parked.empty();
    if (aside)
    {
        co_await park(std::move(parked));
    }
    // Behind what was put aside there may be more, and it falls due itself.
    co_return Taken{taken || aside, due->next};
}

bool QueueRunner::has_room(const store::QueueItem& item) const
{
    const auto directory = directory_.current();
    if (directory->own_address(item.recipient))
    {
        return determining_ < determining_limit;
    }
    const auto destination = next_hop(item.recipient);
    if (!destination)
    {
        return true;
    }
    const auto hop = hops_.find(key_of(*destination));
    return hop_of_.size() < relaying_limit && (hop == hops_.end() || hop->second.in_hand < hop_limit);
}

/// Puts mails aside whose hop has its share in hand, so that they do not stand in front of all others.
boost::asio::awaitable<void> QueueRunner::park(std::vector<store::QueueItem> items)
{
    std::function<Result<>(store::Connection&)> unit =
        [items = std::move(items), due = clock_.now() + time_aside](store::Connection& connection) -> Result<> {
        store::Queue queue(connection);
        for (auto item : items)
        {
            item.due = due;
            item.last_error = item.last_error.empty() ? std::string(crowded) : item.last_error;
            queue.save(item);
        }
        return {};
    };
    const auto parked = co_await database_.write<void>("mail.park", std::move(unit));
    if (parked.has_error())
    {
        co_await clock_.sleep_for(1s);
    }
}

void QueueRunner::dispatch(store::QueueItem item)
{
    const auto directory = directory_.current();
    if (directory->own_address(item.recipient))
    {
        ++determining_;
        tasks_.spawn(control_, "mta.determine", determine(std::move(item)));
        return;
    }
    if (const auto order = service::read_cancel(item.exchange))
    {
        tasks_.spawn(control_, "mta.cancel", cancel(std::move(item), order->order->reference));
        return;
    }
    send_on(std::move(item));
}

/// What this gateway performs, or has not handed on yet, is cancelled here, whoever the mail is addressed to.
boost::asio::awaitable<void> QueueRunner::cancel(store::QueueItem item, std::string reference)
{
    std::function<Result<std::optional<store::Request>>(store::Connection&)> unit =
        [reference](store::Connection& connection) -> Result<std::optional<store::Request>> {
        return store::Requests(connection).find(reference);
    };
    const auto found = co_await database_.read<std::optional<store::Request>>(std::move(unit));
    if (found.has_error())
    {
        co_await postpone(std::move(item), found.error().message());
        co_return;
    }
    const auto& request = *found;
    if (request && (request->performer.empty() || request->state == RequestState::held))
    {
        ++determining_;
        co_await determine(std::move(item));
        co_return;
    }
    send_on(std::move(item));
}

void QueueRunner::send_on(store::QueueItem item)
{
    if (const auto destination = next_hop(item.recipient))
    {
        if (item.request && !destination->gateway)
        {
            tasks_.spawn(control_, "mta.take-over", take_over(std::move(item)));
            return;
        }
        relay(*destination, std::move(item));
        return;
    }
    tasks_.spawn(control_, "mta.refuse", refuse(std::move(item)));
}

std::optional<directory::Destination> QueueRunner::next_hop(const std::string& recipient) const
{
    const auto directory = directory_.current();
    if (const auto* known = directory->destinations().find(recipient))
    {
        return *known;
    }
    if (dns_ == nullptr)
    {
        return std::nullopt;
    }
    directory::Destination destination;
    destination.name = ascii::lower(recipient.substr(recipient.rfind('@') + 1));
    destination.port = static_cast<std::uint16_t>(config_.relay.dns_port);
    return destination;
}

boost::asio::awaitable<void> QueueRunner::determine(store::QueueItem item)
{
    if (!desk_.begin(item.id))
    {
        --determining_;
        done(item);
        co_return;
    }
    const auto determined = co_await determination_.determine(item);
    --determining_;
    if (determined.has_error())
    {
        log::error("mta.not-determined", {{"item", item.id}, {"why", determined.error().message()}});
        co_await postpone(std::move(item), determined.error().message());
        co_return;
    }
    done(item);
}

/// The office is known to have no gateway: what the mail asks for need not wait until it has been delivered there.
boost::asio::awaitable<void> QueueRunner::take_over(store::QueueItem item)
{
    if (!desk_.begin(item.id))
    {
        done(item);
        co_return;
    }
    std::function<Result<Fallback::Outcome>(store::Connection&)> unit =
        [this, item](store::Connection& connection) -> Result<Fallback::Outcome> {
        return fallback_.take_over(connection, item);
    };
    const auto outcome = co_await database_.write<Fallback::Outcome>("mail.take-over", std::move(unit));
    if (outcome.has_error())
    {
        log::error("mta.not-taken-over", {{"item", item.id}, {"why", outcome.error().message()}});
        co_await postpone(std::move(item), outcome.error().message());
        co_return;
    }
    fallback_.committed(*outcome);
    // The item as it is now is read with what is due next.
    done(item);
}

boost::asio::awaitable<void> QueueRunner::refuse(store::QueueItem item)
{
    if (!desk_.begin(item.id))
    {
        done(item);
        co_return;
    }
    Outcome outcome;
    outcome.kind = Outcome::Kind::permanent;
    outcome.enhanced = "5.1.2";
    outcome.text = "the destination database of this gateway has no entry for this domain";
    std::vector<Relayed> refused{{std::move(item), std::move(outcome), {"", false}}};
    co_await settle(std::move(refused));
}

void QueueRunner::done(const store::QueueItem& item)
{
    in_hand_.erase(item.id);
    desk_.end(item.id);
    finished_.insert(item.id);
    if (const auto relayed = hop_of_.find(item.id); relayed != hop_of_.end())
    {
        if (const auto hop = hops_.find(relayed->second); hop != hops_.end())
        {
            --hop->second.in_hand;
        }
        hop_of_.erase(relayed);
    }
    // Where a limit was reached there may be room now; and a retry may be due.
    due_.notify();
}
} // namespace ringpost::mta
