// SPDX-License-Identifier: Apache-2.0
#include "store/dead_files.h"

#include "core/log.h"
#include "store/mails.h"

namespace ringpost::store
{
boost::asio::awaitable<void> DeadFiles::remove(std::function<bool()> held)
{
    for (std::string last;;)
    {
        std::function<Result<std::vector<std::string>>(Connection&)> list =
            [last](Connection& connection) -> Result<std::vector<std::string>> {
            return Mails(connection).dead_files(last);
        };
        const auto dead = co_await database_.read<std::vector<std::string>>(std::move(list));
        // Asked behind the reading: a backup that has begun meanwhile copies files of its snapshot, which these may be.
        if (dead.has_error() || dead->empty() || held())
        {
            co_return;
        }
        last = dead->back();
        auto removed = spool_.remove(*dead);
        tell(removed);
        std::function<Result<>(Connection&)> forget =
            [names = std::move(removed.gone)](Connection& connection) -> Result<> {
            for (const auto& name : names)
            {
                Mails(connection).forget_dead_file(name);
            }
            return {};
        };
        const auto forgotten = co_await database_.write<void>("store.dead-files", std::move(forget));
        if (forgotten.has_error())
        {
            log::warning("store.housekeeping-failed", {{"why", forgotten.error().message()}});
            co_return;
        }
    }
}

void DeadFiles::tell(const Spool::Removed& removed)
{
    for (const auto& each : removed.left)
    {
        if (stuck_.size() < told_at_most && stuck_.insert(each.file).second)
        {
            log::error("store.file-not-removed", {{"file", spool_.path(each.file).string()}, {"why", each.why}});
        }
    }
    for (const auto& name : removed.gone)
    {
        stuck_.erase(name);
    }
}
} // namespace ringpost::store
