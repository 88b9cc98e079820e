// SPDX-License-Identifier: Apache-2.0
#include "control/office_verbs.h"

#include "control/arguments.h"
#include "store/mailboxes.h"

#include <charconv>

namespace ringpost::control
{
namespace
{
using nlohmann::json;

boost::asio::awaitable<Result<json>> list_mailboxes(store::Database& database, directory::Directory& directory)
{
    auto snapshot = directory.current();
    std::function<Result<json>(store::Connection&)> unit = [snapshot](store::Connection& connection) -> Result<json> {
        json rows = json::array();
        for (const auto& entry : store::Mailboxes(connection).list(list_limit))
        {
            const auto* user = snapshot->user_by_id(entry.user);
            rows.push_back({{"entry", entry.id.value},
                            {"user", user == nullptr ? "" : user->address},
                            {"octets", entry.octets},
                            {"delivered", format_rfc3339(entry.delivered_at)},
                            {"received", entry.received_at ? json(format_rfc3339(*entry.received_at)) : json(nullptr)},
                            {"fires", bool(entry.request) && !entry.received_at}});
        }
        return rows;
    };
    co_return co_await database.read<json>(std::move(unit));
}

boost::asio::awaitable<Result<json>> receive_entry(Receive receive, json arguments)
{
    const auto known = Arguments::of(arguments, {"entry"});
    const auto text = known.has_value() ? known->text("entry") : Result<std::string>(known.error());
    if (text.has_error())
    {
        co_return text.error();
    }
    MailboxEntryId entry;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), entry.value);
    if (error != std::errc{} || end != text->data() + text->size())
    {
        co_return fail(Errc::malformed, *text, "is no entry; `mailbox list` shows them");
    }
    const auto received = co_await receive(entry);
    if (received.has_error())
    {
        co_return received.error();
    }
    co_return json(nullptr);
}
boost::asio::awaitable<Result<json>> check_exchange(pbx::Exchange& exchange)
{
    const auto findings = co_await exchange.check();
    if (findings.has_error())
    {
        co_return findings.error();
    }
    json list = json::array();
    for (const auto& finding : *findings)
    {
        list.push_back({{"what", finding.what}, {"ok", finding.ok}, {"text", finding.text}});
    }
    co_return list;
}
} // namespace

void register_office_verbs(Verbs& verbs, store::Database& database, directory::Directory& directory,
                           service::Scheduler& scheduler, Receive receive)
{
    verbs.add("mailbox.list", [&database, &directory](json) { return list_mailboxes(database, directory); });
    verbs.add("mailbox.receive",
              [receive = std::move(receive)](json arguments) { return receive_entry(receive, std::move(arguments)); });
    verbs.add_immediate("exchange.status", [&scheduler](const json&) -> Result<json> {
        const auto& exchange = scheduler.exchange();
        json status{{"exchange", exchange.name()},
                    {"link", exchange.link_up() ? "up" : "down"},
                    {"attempts", scheduler.attempts()},
                    {"monitor", exchange.supports(pbx::Capability::monitor_device)},
                    {"announce", exchange.supports(pbx::Capability::announce)}};
        if (const auto trouble = exchange.link_trouble(); !trouble.empty())
        {
            status["trouble"] = trouble;
        }
        return status;
    });
    verbs.add("exchange.check", [&scheduler](json) { return check_exchange(scheduler.exchange()); });
}
} // namespace ringpost::control
