// SPDX-License-Identifier: Apache-2.0
// User reception (spec 2.6): the addressee has received a mail, so what it asks for begins. Once for each mail, stored
// before it is acted on. On the control executor.
#pragma once

#include "directory/directory.h"
#include "service/scheduler.h"
#include "store/mailboxes.h"

#include <string>
#include <vector>

namespace ringpost::mailbox
{
class Reception
{
public:
    Reception(Clock& clock, store::Database& database, directory::Directory& directory, service::RequestBook& book,
              service::Scheduler& scheduler)
        : clock_(clock), database_(database), directory_(directory), book_(book), scheduler_(scheduler)
    {}

    enum class By
    {
        retr,   ///< RETR of it has reached the client whole
        dele,   ///< it was deleted
        command ///< the person said so at the gateway
    };

    /// Fires what the mail asks for, if the user's preferences count this as reception from this client address, and
    /// if it has not fired before.
    boost::asio::awaitable<Result<>> received(MailboxEntryId entry, By by, std::string client);

    /// UPDATE (RFC 1939 6): removes the entries, piece by piece; after a failure some are still there. One that was
    /// never received ends its request (`declined`, "deleted unread"), unless the user fires on DELE.
    boost::asio::awaitable<Result<>> remove(std::vector<MailboxEntryId> entries, std::string client);

private:
    struct Fired
    {
        store::MailboxEntry entry;
        store::Request request;
    };
    boost::asio::awaitable<Result<std::optional<Fired>>> to_fire(MailboxEntryId entry);
    boost::asio::awaitable<Result<>> remove_some(std::vector<MailboxEntryId> entries, std::string client);
    struct Removed
    {
        std::size_t entries = 0;
        std::int64_t octets = 0; ///< of mails that are gone
        bool told = false;       ///< a notice was queued
    };
    Removed remove_in(store::Connection& connection, const std::vector<MailboxEntryId>& entries, std::size_t from);
    void remove_in(store::Connection& connection, MailboxEntryId entry, Removed& removed);

    Clock& clock_;
    store::Database& database_;
    directory::Directory& directory_;
    service::RequestBook& book_;
    service::Scheduler& scheduler_;
};
} // namespace ringpost::mailbox
