// SPDX-License-Identifier: Apache-2.0
#include "mailbox/reception.h"

#include "core/log.h"
#include "directory/client_networks.h"
#include "scenario/director.h"
#include "store/mails.h"

#include <algorithm>

namespace ringpost::mailbox
{
namespace
{
constexpr std::size_t removed_at_once = 200;

bool counts(const directory::User& user, Reception::By by, const std::string& client)
{
    switch (by)
    {
    case Reception::By::retr:
        return user.fire_on == "retr" && directory::client_counts(user.client_networks, client);
    case Reception::By::dele:
        return user.fire_on == "dele" && directory::client_counts(user.client_networks, client);
    case Reception::By::command:
        break;
    }
    return true;
}
} // namespace

boost::asio::awaitable<Result<std::optional<Reception::Fired>>> Reception::to_fire(MailboxEntryId id)
{
    std::function<Result<std::optional<Fired>>(store::Connection&)> unit =
        [id](store::Connection& connection) -> Result<std::optional<Fired>> {
        const auto entry = store::Mailboxes(connection).find(id);
        if (!entry)
        {
            return fail(Errc::not_found, "mailbox entry", "is not there");
        }
        if (entry->received_at || !entry->request)
        {
            return std::optional<Fired>{};
        }
        const auto request = store::Requests(connection).find(entry->request);
        if (!request)
        {
            return std::optional<Fired>{};
        }
        return std::optional(Fired{*entry, *request});
    };
    co_return co_await database_.read<std::optional<Fired>>(std::move(unit));
}

boost::asio::awaitable<Result<>> Reception::received(MailboxEntryId id, By by, std::string client)
{
    const auto found = co_await to_fire(id);
    if (found.has_error())
    {
        co_return found.error();
    }
    if (!*found)
    {
        co_return Result<>{};
    }
    const Fired& fired = **found;
    const auto directory = directory_.current();
    const auto* user = directory->user_by_id(fired.entry.user);
    if (user == nullptr || !counts(*user, by, client))
    {
        co_return Result<>{};
    }
    log::info("mailbox.received", {{"request", fired.request.number}, {"entry", id}, {"client", client}});
    store::Request request = fired.request;
    const bool with_question = user->ask_first && !request.scenario;
    request.scenario = request.scenario || with_question;
    // Of several sessions or retrievals the one that stores this first fires; for the others it is over.
    service::RequestBook::Also mark = [id, with_question, asked = request.id,
                                       now = clock_.now()](store::Connection& connection) -> Result<bool> {
        const bool first = store::Mailboxes(connection).mark_received(id, now);
        if (first && with_question)
        {
            scenario::Director::store_connection(connection, asked);
        }
        return first;
    };
    co_return co_await scheduler_.receive(std::move(request), std::move(mark));
}

boost::asio::awaitable<Result<>> Reception::remove(std::vector<MailboxEntryId> entries, std::string client)
{
    // In pieces: thousands of deletions in one unit would make every other commit of the gateway wait for them.
    for (std::size_t done = 0; done < entries.size(); done += removed_at_once)
    {
        const auto first = entries.begin() + static_cast<std::ptrdiff_t>(done);
        const auto count = static_cast<std::ptrdiff_t>(std::min(removed_at_once, entries.size() - done));
        std::vector<MailboxEntryId> some(first, first + count);
        const auto removed = co_await remove_some(std::move(some), client);
        if (removed.has_error())
        {
            co_return removed.error();
        }
    }
    co_return Result<>{};
}

boost::asio::awaitable<Result<>> Reception::remove_some(std::vector<MailboxEntryId> entries, std::string client)
{
    std::function<Result<std::vector<MailboxEntryId>>(store::Connection&)> look =
        [entries](store::Connection& connection) -> Result<std::vector<MailboxEntryId>> {
        return store::Mailboxes(connection).unfired(entries);
    };
    const auto unfired = co_await database_.read<std::vector<MailboxEntryId>>(std::move(look));
    if (unfired.has_error())
    {
        co_return unfired.error();
    }
    for (const auto id : *unfired)
    {
        const auto fired = co_await received(id, By::dele, client);
        if (fired.has_error())
        {
            co_return fired.error();
        }
    }
    for (std::size_t done = 0; done < entries.size();)
    {
        std::function<Result<Removed>(store::Connection&)> unit = [this, entries, done](store::Connection& connection) {
            return Result<Removed>(remove_in(connection, entries, done));
        };
        const auto removed = co_await database_.write<Removed>("mailbox.update", std::move(unit));
        if (removed.has_error())
        {
            co_return removed.error();
        }
        done += removed->entries;
        if (removed->told)
        {
            book_.notice_queued();
        }
    }
    co_return Result<>{};
}

/// At least one.
Reception::Removed Reception::remove_in(store::Connection& connection, const std::vector<MailboxEntryId>& entries,
                                        std::size_t from)
{
    Removed removed;
    while (from + removed.entries < entries.size() && removed.octets < store::Mails::released_at_once)
    {
        remove_in(connection, entries[from + removed.entries], removed);
        ++removed.entries;
    }
    return removed;
}

void Reception::remove_in(store::Connection& connection, MailboxEntryId id, Removed& removed)
{
    store::Mailboxes mailboxes(connection);
    const auto entry = mailboxes.find(id);
    if (!entry)
    {
        return;
    }
    const auto request = entry->request ? store::Requests(connection).find(entry->request) : std::nullopt;
    mailboxes.remove(id);
    if (request && !entry->received_at)
    {
        const auto ended = book_.apply_in(connection, *request, service::event::DeletedUnread{}, clock_.now());
        removed.told = removed.told || ended.result;
    }
    removed.octets += store::Mails(connection).release(entry->mail);
}
} // namespace ringpost::mailbox
