// SPDX-License-Identifier: Apache-2.0
#include "control/queue_verbs.h"

#include "control/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ringpost::control
{
namespace
{
using nlohmann::json;
using Action = service::QueueDesk::Action;
using State = service::QueueDesk::State;

/// Items that were not changed, of which the answer tells one by one.
constexpr std::size_t left_limit = 100;

std::string age_of(Duration age)
{
    return format_duration(std::chrono::floor<std::chrono::seconds>(std::max(age, Duration{0})));
}

/// When something next happens to it by itself; null: at once, or never.
json next_time(const store::QueueItem& item, State state)
{
    const bool waits = state == State::timed || state == State::waiting;
    return waits ? json(format_rfc3339(item.due)) : json(nullptr);
}

json row_to_json(const store::QueueRow& row, State state, Instant now)
{
    return {{"item", row.item.id.value},
            {"state", word(state)},
            {"sender", row.reverse_path},
            {"recipient", row.item.recipient},
            {"octets", row.octets},
            {"age", age_of(now - row.accepted_at)},
            {"accepted", format_rfc3339(row.accepted_at)},
            {"next", next_time(row.item, state)},
            {"due", format_rfc3339(row.item.due)},
            {"expires", format_rfc3339(row.item.expires)},
            {"attempts", row.item.attempts},
            {"express", row.item.express},
            {"request", row.request_number},
            {"last_error", row.item.last_error}};
}

boost::asio::awaitable<Result<json>> list(store::Database& database, Clock& clock, service::QueueDesk& desk,
                                          json arguments)
{
    const auto known = Arguments::of(arguments, {"domain"});
    const auto domain =
        known.has_value() ? known->optional_text("domain") : Result<std::optional<std::string>>(known.error());
    if (domain.has_error())
    {
        co_return domain.error();
    }
    std::function<Result<std::vector<store::QueueRow>>(store::Connection&)> unit =
        [domain = domain->value_or("")](store::Connection& connection) -> Result<std::vector<store::QueueRow>> {
        return store::Queue(connection).rows(domain, list_limit);
    };
    const auto rows = co_await database.read<std::vector<store::QueueRow>>(std::move(unit));
    if (rows.has_error())
    {
        co_return rows.error();
    }
    json items = json::array();
    for (const auto& row : *rows)
    {
        items.push_back(row_to_json(row, desk.state(row.item), clock.now()));
    }
    co_return items;
}

boost::asio::awaitable<Result<json>> show(store::Database& database, Clock& clock, service::QueueDesk& desk,
                                          json arguments)
{
    const auto known = Arguments::of(arguments, {"items"});
    const auto items = known.has_value() ? known->numbers("items") : Result<std::vector<std::int64_t>>(known.error());
    if (items.has_error() || items->size() != 1)
    {
        co_return items.has_error() ? items.error() : fail(Errc::malformed, "items", "name one item");
    }
    const QueueItemId id{items->front()};
    std::function<Result<std::optional<store::QueueRow>>(store::Connection&)> unit =
        [id](store::Connection& connection) -> Result<std::optional<store::QueueRow>> {
        return store::Queue(connection).row(id);
    };
    const auto row = co_await database.read<std::optional<store::QueueRow>>(std::move(unit));
    if (row.has_error())
    {
        co_return row.error();
    }
    if (!*row)
    {
        co_return fail(Errc::not_found, fmt::format("item {}", id.value), "is not in the queue, or no longer");
    }
    const auto& found = **row;
    json shown = row_to_json(found, desk.state(found.item), clock.now());
    shown["message_id"] = found.message_id;
    shown["notify"] = found.item.notify;
    shown["delay_told"] = found.item.delay_told;
    co_return shown;
}

Result<service::QueueDesk::Selection> selection_from(const Arguments& known)
{
    const auto items = known.numbers("items");
    const auto domain = known.optional_text("domain");
    const auto all = known.flag("all");
    if (items.has_error() || domain.has_error() || all.has_error())
    {
        return items.has_error() ? items.error() : domain.has_error() ? domain.error() : all.error();
    }
    service::QueueDesk::Selection selection;
    std::transform(items->begin(), items->end(), std::back_inserter(selection.items),
                   [](std::int64_t id) { return QueueItemId{id}; });
    selection.domain = domain->value_or("");
    selection.all = *all;
    const int ways = (selection.items.empty() ? 0 : 1) + (selection.domain.empty() ? 0 : 1) + (selection.all ? 1 : 0);
    if (ways != 1)
    {
        return fail(Errc::malformed, "items", "name either items, or a domain, or all");
    }
    return selection;
}

json done_to_json(const service::QueueDesk::Done& done)
{
    json left = json::array();
    for (std::size_t i = 0; i < std::min(done.left.size(), left_limit); ++i)
    {
        left.push_back({{"item", done.left[i].item.value}, {"why", done.left[i].why}});
    }
    return {
        {"changed", done.changed}, {"told", done.told}, {"left", std::move(left)}, {"left_count", done.left.size()}};
}

boost::asio::awaitable<Result<json>> act(service::QueueDesk& desk, Action action, json arguments)
{
    const auto known = action == Action::remove ? Arguments::of(arguments, {"items", "domain", "all", "silently"})
                                                : Arguments::of(arguments, {"items", "domain", "all"});
    if (known.has_error())
    {
        co_return known.error();
    }
    auto selection = selection_from(*known);
    const auto silently = known->flag("silently");
    if (selection.has_error() || silently.has_error())
    {
        co_return selection.has_error() ? selection.error() : silently.error();
    }
    const Action wanted = *silently ? Action::remove_silently : action;
    const auto done = co_await desk.act(wanted, std::move(*selection));
    if (done.has_error())
    {
        co_return done.error();
    }
    co_return done_to_json(*done);
}
} // namespace

void register_queue_verbs(Verbs& verbs, store::Database& database, Clock& clock, service::QueueDesk& desk)
{
    verbs.add("queue.list",
              [&database, &clock, &desk](json arguments) { return list(database, clock, desk, std::move(arguments)); });
    verbs.add("queue.show",
              [&database, &clock, &desk](json arguments) { return show(database, clock, desk, std::move(arguments)); });
    for (const auto& [verb, action] : {std::pair{"queue.hold", Action::hold},
                                       {"queue.release", Action::release},
                                       {"queue.retry", Action::retry},
                                       {"queue.delete", Action::remove}})
    {
        verbs.add(verb, [&desk, action = action](json arguments) { return act(desk, action, std::move(arguments)); });
    }
}
} // namespace ringpost::control
