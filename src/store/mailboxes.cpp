// SPDX-License-Identifier: Apache-2.0
#include "store/mailboxes.h"

namespace ringpost::store
{
namespace
{
MailboxEntry read_entry(const Statement& row)
{
    MailboxEntry entry;
    entry.id = row.id<MailboxEntryId>(0);
    entry.user = row.id<UserId>(1);
    entry.mail = row.id<MailId>(2);
    entry.octets = row.integer(3);
    entry.delivered_at = row.instant(4);
    entry.received_at = row.optional_instant(5);
    entry.request = row.id<RequestId>(6);
    return entry;
}

std::vector<MailboxEntry> all(Statement query)
{
    std::vector<MailboxEntry> entries;
    while (query.step())
    {
        entries.push_back(read_entry(query));
    }
    return entries;
}
} // namespace

MailboxEntryId Mailboxes::insert(const MailboxEntry& entry)
{
    auto insert = connection_.prepare("INSERT INTO mailbox_entry (user_id, mail_id, octets, delivered_at, received_at, "
                                      "request_id, prefix) VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?)");
    insert.bind(entry.user, entry.mail, entry.octets, entry.delivered_at, entry.received_at, entry.request);
    insert.bind_blob(entry.prefix);
    insert.run();
    return {connection_.last_insert_id()};
}

std::optional<MailboxEntry> Mailboxes::find(MailboxEntryId id)
{
    auto query =
        connection_.prepare("SELECT id, user_id, mail_id, octets, delivered_at, received_at, request_id, prefix "
                            "FROM mailbox_entry WHERE id = ?");
    query.bind(id);
    if (!query.step())
    {
        return std::nullopt;
    }
    MailboxEntry entry = read_entry(query);
    entry.prefix = query.text(7);
    return entry;
}

std::vector<MaildropRow> Mailboxes::maildrop(UserId user, int limit)
{
    auto query = connection_.prepare("SELECT id, octets, delivered_at, request_id IS NOT NULL AND received_at IS NULL "
                                     "FROM mailbox_entry WHERE user_id = ? ORDER BY id LIMIT ?");
    query.bind(user, limit);
    std::vector<MaildropRow> rows;
    while (query.step())
    {
        rows.push_back({query.id<MailboxEntryId>(0), query.integer(1), query.instant(2), query.boolean(3)});
    }
    return rows;
}

std::vector<MailboxEntryId> Mailboxes::unfired(const std::vector<MailboxEntryId>& among)
{
    std::vector<MailboxEntryId> found;
    for (const auto id : among)
    {
        auto query = connection_.prepare("SELECT 1 FROM mailbox_entry WHERE id = ? AND request_id IS NOT NULL AND "
                                         "received_at IS NULL");
        query.bind(id);
        if (query.step())
        {
            found.push_back(id);
        }
    }
    return found;
}

std::vector<MailboxEntry> Mailboxes::list(int limit)
{
    auto query = connection_.prepare("SELECT id, user_id, mail_id, octets, delivered_at, received_at, request_id "
                                     "FROM mailbox_entry ORDER BY id LIMIT ?");
    query.bind(limit);
    return all(std::move(query));
}

bool Mailboxes::mark_received(MailboxEntryId id, Instant at)
{
    connection_.prepare("UPDATE mailbox_entry SET received_at = ? WHERE id = ? AND received_at IS NULL")
        .bind(at, id)
        .run();
    return connection_.changes() == 1;
}

void Mailboxes::remove(MailboxEntryId id)
{
    connection_.prepare("DELETE FROM mailbox_entry WHERE id = ?").bind(id).run();
}
} // namespace ringpost::store
