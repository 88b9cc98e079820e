// SPDX-License-Identifier: Apache-2.0
// Rows of `mailbox_entry`: mail link data of the addressees.
#pragma once

#include "store/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace ringpost::store
{
struct MailboxEntry
{
    MailboxEntryId id{};
    UserId user{};
    MailId mail{};
    std::string prefix;      ///< Return-Path and Delivered-To
    std::int64_t octets = 0; ///< prefix, trace and content together: what RETR sends
    Instant delivered_at{};
    std::optional<Instant> received_at;
    RequestId request{}; ///< 0: ordinary mail, fires nothing
};

/// What a POP3 session keeps of an entry.
struct MaildropRow
{
    MailboxEntryId id{};
    std::int64_t octets = 0;
    Instant delivered_at{};
    bool fires = false; ///< it has a request, and has not been received
};

class Mailboxes
{
public:
    explicit Mailboxes(Connection& connection) : connection_(connection) {}

    MailboxEntryId insert(const MailboxEntry& entry);
    [[nodiscard]] std::optional<MailboxEntry> find(MailboxEntryId id);
    /// Oldest first. Read from the index alone: a maildrop may have very many mails.
    [[nodiscard]] std::vector<MaildropRow> maildrop(UserId user, int limit);
    /// Of `among`, those that would fire if they were received now.
    [[nodiscard]] std::vector<MailboxEntryId> unfired(const std::vector<MailboxEntryId>& among);
    [[nodiscard]] std::vector<MailboxEntry> list(int limit);
    /// Stores the moment of reception; false: it was received before (or the entry is gone).
    bool mark_received(MailboxEntryId id, Instant at);
    void remove(MailboxEntryId id);

private:
    Connection& connection_;
};
} // namespace ringpost::store
