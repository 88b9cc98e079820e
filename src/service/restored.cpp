// SPDX-License-Identifier: Apache-2.0
#include "service/restored.h"

#include "store/backup.h"

namespace ringpost::service
{
namespace
{
constexpr int ended_at_once = 200;

struct Settled
{
    std::int64_t ended = 0;
    std::optional<RequestId> reached; ///< nullopt: there is no more
};

Settled end_some(store::Connection& connection, RequestBook& book, RequestId after, Instant now)
{
    store::Requests requests(connection);
    Settled progress;
    for (const auto id : requests.open_here(now, after, ended_at_once))
    {
        const auto request = requests.find(id);
        if (request && !is_end(request->state))
        {
            book.apply_in(connection, *request, event::Refused{"restored", Cause::error}, now);
            ++progress.ended;
        }
        progress.reached = id;
    }
    if (!progress.reached)
    {
        store::forget_restored(connection);
    }
    return progress;
}
} // namespace

Result<std::optional<std::int64_t>> settle_restored(store::Database& database, RequestBook& book, Instant now)
{
    std::function<Result<bool>(store::Connection&)> look = [](store::Connection& connection) -> Result<bool> {
        return store::restored_from(connection).has_value();
    };
    const auto restored = database.write_now<bool>("service.restored", std::move(look));
    if (restored.has_error())
    {
        return restored.error();
    }
    if (!*restored)
    {
        return std::optional<std::int64_t>{};
    }
    std::int64_t ended = 0;
    std::optional<RequestId> after = RequestId{};
    while (after)
    {
        std::function<Result<Settled>(store::Connection&)> unit =
            [&book, now, from = *after](store::Connection& connection) -> Result<Settled> {
            return end_some(connection, book, from, now);
        };
        const auto progress = database.write_now<Settled>("service.restored", std::move(unit));
        if (progress.has_error())
        {
            return progress.error();
        }
        ended += progress->ended;
        after = progress->reached;
    }
    return std::optional(ended);
}
} // namespace ringpost::service
