// SPDX-License-Identifier: Apache-2.0
#include "store/queue.h"

#include <algorithm>

namespace ringpost::store
{
namespace
{
#define RINGPOST_QUEUE_COLUMNS                                                                                         \
    "id, mail_id, recipient, exchange, request_id, notify, orcpt, express, due, expires, attempts, delay_told, "       \
    "last_error, held, refused"

/// Items whose recipient is in a domain, that is bound as `@domain` in lower case; all where it is empty.
#define RINGPOST_QUEUE_IN_DOMAIN "(?1 = '' OR substr(lower(recipient), -length(?1)) = ?1)"

#define RINGPOST_QUEUE_ROWS                                                                                            \
    "SELECT q.id, q.mail_id, q.recipient, q.exchange, q.request_id, q.notify, q.orcpt, q.express, q.due, q.expires, "  \
    "q.attempts, q.delay_told, q.last_error, q.held, q.refused, m.accepted_at, m.reverse_path, m.size, m.message_id, " \
    "coalesce(r.number, '') FROM queue_item q JOIN mail m ON m.id = q.mail_id LEFT JOIN request r ON r.id = "          \
    "q.request_id "

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
            row.text(12),
            row.boolean(13),
            row.text(14)};
}

QueueRow read_row(const Statement& row)
{
    return {read_item(row), row.instant(15), row.text(16), row.integer(17), row.text(18), row.text(19)};
}

std::string domain_key(std::string domain)
{
    std::transform(domain.begin(), domain.end(), domain.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return domain.empty() ? domain : "@" + domain;
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
                 ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(item.mail, item.recipient, item.exchange, item.request, item.notify, item.orcpt, item.express, item.due,
              item.expires, item.attempts, item.delay_told, item.last_error, item.held, item.refused)
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
    auto query =
        connection_.prepare("SELECT " RINGPOST_QUEUE_COLUMNS
                            " FROM queue_item WHERE held = 0 AND due <= ? ORDER BY express DESC, due, id LIMIT ?");
    query.bind(now, limit);
    return all(std::move(query));
}

std::optional<Instant> Queue::next_due(Instant now)
{
    auto query = connection_.prepare("SELECT min(due) FROM queue_item WHERE held = 0 AND due > ?");
    query.bind(now);
    return query.step() ? query.optional_instant(0) : std::nullopt;
}

std::optional<QueueRow> Queue::row(QueueItemId id)
{
    auto query = connection_.prepare(RINGPOST_QUEUE_ROWS "WHERE q.id = ?");
    query.bind(id);
    return query.step() ? std::optional(read_row(query)) : std::nullopt;
}

std::vector<QueueRow> Queue::rows(const std::string& domain, int limit)
{
    auto query =
        connection_.prepare(RINGPOST_QUEUE_ROWS "WHERE " RINGPOST_QUEUE_IN_DOMAIN " ORDER BY q.due, q.id LIMIT ?2");
    query.bind(domain_key(domain), limit);
    std::vector<QueueRow> rows;
    while (query.step())
    {
        rows.push_back(read_row(query));
    }
    return rows;
}

std::vector<QueueItemId> Queue::ids(const std::string& domain)
{
    auto query = connection_.prepare("SELECT id FROM queue_item WHERE " RINGPOST_QUEUE_IN_DOMAIN " ORDER BY id");
    query.bind(domain_key(domain));
    std::vector<QueueItemId> ids;
    while (query.step())
    {
        ids.push_back(query.id<QueueItemId>(0));
    }
    return ids;
}

void Queue::save(const QueueItem& item)
{
    connection_.prepare("UPDATE queue_item SET due = ?, attempts = ?, delay_told = ?, last_error = ? WHERE id = ?")
        .bind(item.due, item.attempts, item.delay_told, item.last_error, item.id)
        .run();
}

void Queue::set_held(QueueItemId id, bool held)
{
    connection_.prepare("UPDATE queue_item SET held = ? WHERE id = ?").bind(held, id).run();
}

void Queue::remove(QueueItemId id)
{
    connection_.prepare("DELETE FROM queue_item WHERE id = ?").bind(id).run();
}

void Queue::detach(QueueItemId id, const std::string& exchange)
{
    connection_.prepare("UPDATE queue_item SET request_id = 0, exchange = ? WHERE id = ?").bind(exchange, id).run();
}

std::vector<QueueItem> Queue::remove_of_request(RequestId request)
{
    auto query = connection_.prepare("SELECT " RINGPOST_QUEUE_COLUMNS
                                     " FROM queue_item WHERE request_id = ? AND request_id <> 0");
    query.bind(request);
    auto items = all(std::move(query));
    for (const auto& item : items)
    {
        remove(item.id);
    }
    return items;
}
} // namespace ringpost::store
