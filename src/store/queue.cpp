// SPDX-License-Identifier: Apache-2.0
#include "store/queue.h"

namespace ringpost::store
{
namespace
{
#define RINGPOST_QUEUE_COLUMNS                                                                                         \
    "id, mail_id, recipient, exchange, request_id, notify, orcpt, express, due, expires, attempts, delay_told, "       \
    "last_error"

QueueItem read_item(const Statement& row)
{
    return {row.id<QueueItemId>(0),
            row.id<MailId>(1),
            row.text(2),
            row.text(3),
            row.id<RequestId>(4),
            row.text(5),
            row.text(6),
            row.boolean(7),
            row.instant(8),
            row.instant(9),
            static_cast<int>(row.integer(10)),
            row.boolean(11),
            row.text(12)};
}

std::vector<QueueItem> all(Statement query)
{
    std::vector<QueueItem> items;
    while (query.step())
    {
        items.push_back(read_item(query));
    }
    return items;
}
} // namespace

QueueItemId Queue::insert(const QueueItem& item)
{
    connection_
        .prepare("INSERT INTO queue_item (" RINGPOST_QUEUE_COLUMNS
                 ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(item.mail, item.recipient, item.exchange, item.request, item.notify, item.orcpt, item.express, item.due,
              item.expires, item.attempts, item.delay_told, item.last_error)
        .run();
    return {connection_.last_insert_id()};
}

std::optional<QueueItem> Queue::find(QueueItemId id)
{
    auto query = connection_.prepare("SELECT " RINGPOST_QUEUE_COLUMNS " FROM queue_item WHERE id = ?");
    query.bind(id);
    return query.step() ? std::optional(read_item(query)) : std::nullopt;
}

std::vector<QueueItem> Queue::due(Instant now, int limit)
{
    auto query = connection_.prepare("SELECT " RINGPOST_QUEUE_COLUMNS
                                     " FROM queue_item WHERE due <= ? ORDER BY express DESC, due, id LIMIT ?");
    query.bind(now, limit);
    return all(std::move(query));
}

std::optional<Instant> Queue::next_due(Instant now)
{
    auto query = connection_.prepare("SELECT min(due) FROM queue_item WHERE due > ?");
    query.bind(now);
    return query.step() ? query.optional_instant(0) : std::nullopt;
}

std::vector<QueueItem> Queue::list(int limit)
{
    auto query = connection_.prepare("SELECT " RINGPOST_QUEUE_COLUMNS " FROM queue_item ORDER BY due, id LIMIT ?");
    query.bind(limit);
    return all(std::move(query));
}

void Queue::save(const QueueItem& item)
{
    connection_.prepare("UPDATE queue_item SET due = ?, attempts = ?, delay_told = ?, last_error = ? WHERE id = ?")
        .bind(item.due, item.attempts, item.delay_told, item.last_error, item.id)
        .run();
}

void Queue::remove(QueueItemId id)
{
    connection_.prepare("DELETE FROM queue_item WHERE id = ?").bind(id).run();
}

void Queue::detach(QueueItemId id, const std::string& exchange)
{
    connection_.prepare("UPDATE queue_item SET request_id = 0, exchange = ? WHERE id = ?").bind(exchange, id).run();
}

bool Queue::remove_of_request(RequestId request)
{
    connection_.prepare("DELETE FROM queue_item WHERE request_id = ? AND request_id <> 0").bind(request).run();
    return connection_.changes() > 0;
}
} // namespace ringpost::store
