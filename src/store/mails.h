// SPDX-License-Identifier: Apache-2.0
// Rows of `mail` and `content`: accepted mails, octet for octet, and where their contents lie.
#pragma once

#include "core/submitter.h"
#include "store/spool.h"
#include "store/sqlite.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::store
{
struct Mail
{
    MailId id{};
    Instant accepted_at{};
    std::string reverse_path; ///< empty: null sender
    Submitter submitter;
    bool automatic = false; ///< answered by no notice but that of its failure (RFC 3834)
    std::string message_id;
    std::string subject;
    std::string envid;      ///< RFC 3461 ENVID, decoded, or empty
    std::string ret;        ///< RFC 3461 RET: `FULL`, `HDRS` or empty
    std::string trace;      ///< fields that this gateway put in front
    std::string content;    ///< empty where spool_file is named
    std::string spool_file; ///< name inside the spool folder, or empty
    std::int64_t size = 0;  ///< octets of the content
    std::string key_id;     ///< of a confidential mail: content and spool file are sealed with this key (vault.h)

    [[nodiscard]] bool confidential() const { return !key_id.empty(); }
};

/// A numbered content (spec 1) as an octet range of Mail::content.
struct ContentRow
{
    int number = 0;
    std::string media_type;
    std::string file_name;
    std::string transfer_encoding;
    std::int64_t first_octet = 0;
    std::int64_t octets = 0;
};

class Mails
{
public:
    explicit Mails(Connection& connection) : connection_(connection) {}

    MailId insert(const Mail& mail);
    void insert_contents(MailId mail, const std::vector<ContentRow>& contents);
    /// In the order of their numbers.
    [[nodiscard]] std::vector<ContentRow> contents(MailId mail);
    [[nodiscard]] std::optional<Mail> find(MailId id);
    /// As find(), with only the first octets of the content; `size` stays that of the whole.
    [[nodiscard]] std::optional<Mail> find_head(MailId id, std::int64_t octets);
    /// Deletes the mail if nothing refers to it any more (queue, mailboxes, requests that have not ended). The octets
    /// that the database has less of.
    std::int64_t release(MailId id);
    /// A unit that releases many mails ends behind so many octets: what would undo it is kept in memory.
    static constexpr std::int64_t released_at_once = std::int64_t{4} << 20;
    [[nodiscard]] std::vector<SpoolName> spool_files();
    /// How many mails each key has sealed.
    [[nodiscard]] std::map<std::string, std::int64_t> sealed_by_key();
    /// Some of the spool files whose mail release() has deleted, until forget_dead_file(): in the order of their names,
    /// those behind `last`.
    [[nodiscard]] std::vector<std::string> dead_files(const std::string& last);
    void forget_dead_file(const std::string& name);

    /// Notes that `origin` relayed mail `id` for `recipient`; false: it did so before.
    bool note_seen(const std::string& origin, const std::string& id, const std::string& recipient, Instant at);
    /// Forgets ids noted before `before`, at most `limit`; how many.
    int forget_seen(Instant before, int limit);

private:
    Connection& connection_;
};
} // namespace ringpost::store
