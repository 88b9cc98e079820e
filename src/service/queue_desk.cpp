// SPDX-License-Identifier: Apache-2.0
#include "service/queue_desk.h"

#include "core/log.h"
#include "notice/bounce.h"

#include <algorithm>

namespace ringpost::service
{
namespace
{
/// In one transaction: the queue may be long, and everybody else's commits wait meanwhile.
constexpr std::size_t changed_at_once = 200;

std::string_view name_of(QueueDesk::Action action)
{
    switch (action)
    {
    case QueueDesk::Action::hold:
        return "hold";
    case QueueDesk::Action::release:
        return "release";
    case QueueDesk::Action::retry:
        return "retry";
    case QueueDesk::Action::remove:
        return "delete";
    case QueueDesk::Action::remove_silently:
        break;
    }
    return "delete-silently";
}
} // namespace

bool QueueDesk::begin(QueueItemId item)
{
    return !changing_.contains(item) && !changed_.contains(item) && under_way_.insert(item).second;
}

bool QueueDesk::timed(const store::QueueItem& item) const
{
    return item.attempts == 0 && clock_.now() < item.expires - expiry_;
}

QueueDesk::State QueueDesk::state(const store::QueueItem& item) const
{
    if (under_way(item.id))
    {
        return State::sending;
    }
    if (item.held)
    {
        return State::held;
    }
    if (item.due <= clock_.now())
    {
        return State::due;
    }
    return timed(item) ? State::timed : State::waiting;
}

boost::asio::awaitable<Result<std::vector<QueueItemId>>> QueueDesk::chosen(Selection selection)
{
    if (!selection.items.empty())
    {
        // Who names one twice wants one change.
        std::sort(selection.items.begin(), selection.items.end());
        selection.items.erase(std::unique(selection.items.begin(), selection.items.end()), selection.items.end());
        co_return std::move(selection.items);
    }
    if (!selection.all && selection.domain.empty())
    {
        co_return fail(Errc::malformed, "items", "name items, a domain, or all");
    }
    std::function<Result<std::vector<QueueItemId>>(store::Connection&)> unit =
        [domain = selection.all ? std::string{}
                                : selection.domain](store::Connection& connection) -> Result<std::vector<QueueItemId>> {
        return store::Queue(connection).ids(domain);
    };
    co_return co_await database_.read<std::vector<QueueItemId>>(std::move(unit));
}

boost::asio::awaitable<Result<QueueDesk::Done>> QueueDesk::act(Action action, Selection selection, std::string by)
{
    const auto items = co_await chosen(std::move(selection));
    if (items.has_error())
    {
        co_return items.error();
    }
    Done done;
    for (std::size_t at = 0; at < items->size(); at += changed_at_once)
    {
        const auto first = items->begin() + static_cast<std::ptrdiff_t>(at);
        std::vector<QueueItemId> some(
            first, first + static_cast<std::ptrdiff_t>(std::min(changed_at_once, items->size() - at)));
        const auto acted = co_await act_on(action, std::move(some), done);
        if (acted.has_error())
        {
            co_return acted.error();
        }
    }
    log::info("queue.changed", {{"by", by},
                                {"action", name_of(action)},
                                {"items", done.changed},
                                {"told", done.told},
                                {"left", done.left.size()}});
    co_return done;
}

boost::asio::awaitable<Result<>> QueueDesk::act_on(Action action, std::vector<QueueItemId> items, Done& done)
{
    // What is being sent stays until it is known what became of it. Holding it, or trying it now, does no harm.
    const bool removes = action == Action::remove || action == Action::remove_silently;
    std::vector<QueueItemId> free;
    for (const auto item : items)
    {
        if (removes && under_way(item))
        {
            done.left.push_back({item, "its mail is being sent at this moment"});
            continue;
        }
        if (!changing_.insert(item).second)
        {
            done.left.push_back({item, "another command is changing it at this moment"});
            continue;
        }
        free.push_back(item);
    }
    const RequestBook::UnderWay changing(book_);
    Result<> changed;
    for (std::size_t at = 0; at < free.size();)
    {
        std::function<Result<std::vector<Change>>(store::Connection&)> unit = [this, action, free,
                                                                               at](store::Connection& connection) {
            return Result<std::vector<Change>>(change_some(connection, action, free, at));
        };
        const auto changes = co_await database_.write<std::vector<Change>>("queue.change", std::move(unit));
        if (changes.has_error())
        {
            changed = changes.error();
            break;
        }
        for (const auto& change : *changes)
        {
            settle(change, free[at++], done);
        }
    }
    for (const auto item : free)
    {
        changing_.erase(item);
        changed_.insert(item);
    }
    if (poke_)
    {
        poke_();
    }
    co_return changed;
}

void QueueDesk::settle(const Change& change, QueueItemId item, Done& done)
{
    done.changed += change.changed ? 1 : 0;
    done.told += change.told ? 1 : 0;
    if (!change.changed)
    {
        done.left.push_back({item, change.why_not});
    }
    if (change.ended)
    {
        log::info("service.cancelled", {{"request", change.ended->after.number}, {"item", item}});
        book_.changed(change.ended->after);
        book_.followed(*change.ended);
    }
}

/// Inside a unit of the store: at least one of `items`, from `at` on.
std::vector<QueueDesk::Change> QueueDesk::change_some(store::Connection& connection, Action action,
                                                      const std::vector<QueueItemId>& items, std::size_t at) const
{
    std::vector<Change> changes;
    for (std::int64_t octets = 0; at < items.size() && octets < store::Mails::released_at_once; ++at)
    {
        changes.push_back(change(connection, action, items[at]));
        octets += changes.back().octets;
    }
    return changes;
}

QueueDesk::Change QueueDesk::change(store::Connection& connection, Action action, QueueItemId id) const
{
    store::Queue queue(connection);
    auto item = queue.find(id);
    if (!item)
    {
        Change none;
        none.why_not = "it is not in the queue, or no longer";
        return none;
    }
    const Instant now = clock_.now();
    Change change;
    change.changed = true;
    switch (action)
    {
    case Action::hold:
        queue.set_held(id, true);
        break;
    case Action::release:
        change.changed = item->held;
        change.why_not = "it is not held";
        queue.set_held(id, false);
        break;
    case Action::retry:
        change.changed = !item->held && !timed(*item);
        change.why_not =
            item->held ? "it is held, and has to be released first" : "it waits for the time that its sender has named";
        if (change.changed)
        {
            item->due = std::min(item->due, now);
            queue.save(*item);
        }
        break;
    case Action::remove:
    case Action::remove_silently:
        return remove(connection, *item, action == Action::remove);
    }
    return change;
}

QueueDesk::Change QueueDesk::remove(store::Connection& connection, const store::QueueItem& item, bool tell) const
{
    Change change;
    change.changed = true;
    const auto request = item.request ? store::Requests(connection).find(item.request) : std::nullopt;
    if (request && !is_end(request->state))
    {
        change.ended = book_.apply_in(connection, *request, event::Cancel{}, clock_.now());
        change.told = change.ended->result;
    }
    else if (const auto mail = store::Mails(connection).find(item.mail); mail && tell)
    {
        change.told = notices_.queue_undelivered(
            connection, {item, *mail, false, "5.0.0", std::string(notice::deleted_from_queue), ""}, clock_.now());
    }
    store::Queue(connection).remove(item.id);
    change.octets = store::Mails(connection).release(item.mail);
    return change;
}
} // namespace ringpost::service
