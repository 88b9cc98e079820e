// SPDX-License-Identifier: Apache-2.0
#include "store/mails.h"

#include <fmt/format.h>

namespace ringpost::store
{
namespace
{
/// The columns that read_mail() reads, with `content` in the place of the content; ?1 is the id.
std::string select_mail(std::string_view content)
{
    return fmt::format("SELECT accepted_at, reverse_path, standing, submitter, automatic, message_id, subject, envid, "
                       "ret, size, spool_file, trace, {}, key_id FROM mail WHERE id = ?1",
                       content);
}

std::optional<Mail> read_mail(Statement row, MailId id)
{
    if (!row.step())
    {
        return std::nullopt;
    }
    Mail mail;
    mail.id = id;
    mail.accepted_at = row.instant(0);
    mail.reverse_path = row.text(1);
    mail.submitter = {from_word<Standing>(row.text(2)).value_or(Standing::stranger), row.text(3)};
    mail.automatic = row.boolean(4);
    mail.message_id = row.text(5);
    mail.subject = row.text(6);
    mail.envid = row.text(7);
    mail.ret = row.text(8);
    mail.size = row.integer(9);
    mail.spool_file = row.text(10);
    mail.trace = row.text(11);
    mail.content = row.text(12);
    mail.key_id = row.text(13);
    return mail;
}
} // namespace

MailId Mails::insert(const Mail& mail)
{
    const bool spooled = !mail.spool_file.empty();
    auto insert =
        connection_.prepare("INSERT INTO mail (accepted_at, reverse_path, standing, submitter, automatic, message_id, "
                            "subject, envid, ret, size, key_id, spool_file, trace, content) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(mail.accepted_at, mail.reverse_path, word(mail.submitter.standing), mail.submitter.name, mail.automatic,
                mail.message_id, mail.subject, mail.envid, mail.ret, mail.size, mail.key_id);
    spooled ? insert.bind(mail.spool_file) : insert.bind(std::nullopt);
    insert.bind_blob(mail.trace);
    spooled ? insert.bind(std::nullopt) : insert.bind_blob(mail.content);
    insert.run();
    return {connection_.last_insert_id()};
}

void Mails::insert_contents(MailId mail, const std::vector<ContentRow>& contents)
{
    for (const auto& content : contents)
    {
        connection_
            .prepare("INSERT OR IGNORE INTO content (mail_id, number, media_type, file_name, transfer_encoding, "
                     "first_octet, octets) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(mail, content.number, content.media_type, content.file_name, content.transfer_encoding,
                  content.first_octet, content.octets)
            .run();
    }
}

std::vector<ContentRow> Mails::contents(MailId mail)
{
    auto query = connection_.prepare("SELECT number, media_type, file_name, transfer_encoding, first_octet, octets "
                                     "FROM content WHERE mail_id = ? ORDER BY number");
    query.bind(mail);
    std::vector<ContentRow> rows;
    while (query.step())
    {
        rows.push_back({static_cast<int>(query.integer(0)), query.text(1), query.text(2), query.text(3),
                        query.integer(4), query.integer(5)});
    }
    return rows;
}

std::optional<Mail> Mails::find(MailId id)
{
    static const std::string sql = select_mail("content");
    auto row = connection_.prepare(sql);
    row.bind(id);
    return read_mail(std::move(row), id);
}

std::optional<Mail> Mails::find_head(MailId id, std::int64_t octets)
{
    static const std::string sql = select_mail("substr(content, 1, ?2)");
    auto row = connection_.prepare(sql);
    row.bind(id, octets);
    return read_mail(std::move(row), id);
}

std::int64_t Mails::release(MailId id)
{
    auto use = connection_.prepare(
        "SELECT EXISTS (SELECT 1 FROM queue_item WHERE mail_id = ?1) OR EXISTS (SELECT 1 FROM mailbox_entry WHERE "
        "mail_id = ?1) OR EXISTS (SELECT 1 FROM request WHERE mail_id = ?1 AND ended_at IS NULL), "
        "EXISTS (SELECT 1 FROM request WHERE mail_id = ?1), "
        "(SELECT length(content) FROM mail WHERE id = ?1), "
        "EXISTS (SELECT 1 FROM content WHERE mail_id = ?1)");
    use.bind(id);
    if (!use.step() || use.boolean(0))
    {
        return 0;
    }
    const std::int64_t octets = use.integer(2);
    // Most are notices, which have nothing of all this.
    if (use.boolean(1))
    {
        connection_.prepare("UPDATE request SET mail_id = NULL WHERE mail_id = ?").bind(id).run();
    }
    if (use.null(2)) // it is in a file
    {
        connection_.prepare("INSERT OR IGNORE INTO dead_file (name) SELECT spool_file FROM mail WHERE id = ?")
            .bind(id)
            .run();
    }
    if (use.boolean(3))
    {
        connection_.prepare("DELETE FROM content WHERE mail_id = ?").bind(id).run();
    }
    connection_.prepare("DELETE FROM mail WHERE id = ?").bind(id).run();
    return octets;
}

std::map<std::string, std::int64_t> Mails::sealed_by_key()
{
    auto query = connection_.prepare("SELECT key_id, count(*) FROM mail WHERE key_id <> '' GROUP BY key_id");
    std::map<std::string, std::int64_t> counts;
    while (query.step())
    {
        counts.emplace(query.text(0), query.integer(1));
    }
    return counts;
}

std::vector<SpoolName> Mails::spool_files()
{
    auto query = connection_.prepare("SELECT id, spool_file, size, key_id FROM mail WHERE spool_file IS NOT NULL");
    std::vector<SpoolName> files;
    while (query.step())
    {
        const bool sealed = !query.text(3).empty();
        files.push_back(
            {query.id<MailId>(0), query.text(1), sealed ? sealed_size(query.integer(2)) : query.integer(2)});
    }
    return files;
}

std::vector<std::string> Mails::dead_files(const std::string& last)
{
    auto query = connection_.prepare("SELECT name FROM dead_file WHERE name > ? ORDER BY name LIMIT 1000");
    query.bind(last);
    std::vector<std::string> files;
    while (query.step())
    {
        files.push_back(query.text(0));
    }
    return files;
}

void Mails::forget_dead_file(const std::string& name)
{
    connection_.prepare("DELETE FROM dead_file WHERE name = ?").bind(name).run();
}

bool Mails::note_seen(const std::string& origin, const std::string& id, const std::string& recipient, Instant at)
{
    connection_.prepare("INSERT OR IGNORE INTO seen_mail (origin, id, recipient, at) VALUES (?, ?, ?, ?)")
        .bind(origin, id, recipient, at)
        .run();
    return connection_.changes() == 1;
}

int Mails::forget_seen(Instant before, int limit)
{
    connection_
        .prepare("DELETE FROM seen_mail WHERE (origin, id, recipient) IN (SELECT origin, id, recipient FROM seen_mail "
                 "WHERE at < ? ORDER BY at LIMIT ?)")
        .bind(before, limit)
        .run();
    return connection_.changes();
}
} // namespace ringpost::store
