// SPDX-License-Identifier: Apache-2.0
// What the gateway does for its own files: the sweep at start, removing what is over, and backups.
#include "core/log.h"
#include "ringpostd/daemon.h"
#include "service/restored.h"
#include "store/audit.h"
#include "store/backup.h"

#include <nlohmann/json.hpp>

namespace ringpost
{
namespace
{
constexpr Duration housekeeping_interval = 1min;
/// Rows that are forgotten in one transaction: everybody else's commits wait meanwhile.
constexpr int forgotten_at_once = 1000;
constexpr Duration clock_look = 1s;
} // namespace

/// Files that no row names are left from mails that were never accepted. A row whose file is missing is told, and
/// stays: its mail is tried until it expires, and then its sender hears of it.
Result<> Daemon::sweep()
{
    std::map<std::string, std::int64_t> sealed;
    std::function<Result<std::vector<store::SpoolName>>(store::Connection&)> unit =
        [&sealed](store::Connection& connection) -> Result<std::vector<store::SpoolName>> {
        store::Mails mails(connection);
        sealed = mails.sealed_by_key();
        return mails.spool_files();
    };
    const auto named = database_->write_now<std::vector<store::SpoolName>>("store.sweep", std::move(unit));
    if (named.has_error())
    {
        return named.error();
    }
    const auto swept = spool_->sweep(*named);
    if (swept.has_error())
    {
        return swept.error();
    }
    if (!swept->removed.gone.empty())
    {
        log::warning("store.swept", {{"files", swept->removed.gone.size()}, {"why", "no mail names them"}});
    }
    dead_files_->tell(swept->removed);
    tell_of_damaged(*swept);
    tell_of_missing_keys(sealed);
    return {};
}

/// Confidential mails that cannot be read before their key is back: whoever fetches or waits for one learns only that.
void Daemon::tell_of_missing_keys(const std::map<std::string, std::int64_t>& sealed) const
{
    for (const auto& [key, mails] : sealed)
    {
        if (spool_->vault().open(key).has_error())
        {
            log::warning(
                "store.key-missing",
                {{"key", key}, {"mails", mails}, {"why", "it is not in the key file (confidential.key_file)"}});
        }
    }
}

void Daemon::tell_of_damaged(const store::Spool::Swept& swept) const
{
    for (std::size_t i = 0; i < std::min(swept.damaged.size(), store::DeadFiles::told_at_most); ++i)
    {
        const auto& damaged = swept.damaged[i];
        log::error(
            "store.mail-damaged",
            {{"mail", damaged.name.mail}, {"file", spool_->path(damaged.name.file).string()}, {"why", damaged.why}});
    }
    if (swept.damaged.size() > store::DeadFiles::told_at_most)
    {
        log::error("store.mails-damaged", {{"mails", swept.damaged.size()}});
    }
}

/// After `ringpost restore`.
Result<> Daemon::settle_restored()
{
    const auto settled = service::settle_restored(*database_, *book_, clock_->now());
    if (settled.has_value() && *settled)
    {
        log::warning("ringpostd.restored", {{"requests", **settled}, {"why", "what became of them is not known"}});
    }
    return settled.has_value() ? Result<>{} : Result<>{settled.error()};
}

boost::asio::awaitable<Result<nlohmann::json>> Daemon::back_up(std::string folder)
{
    if (backing_up_)
    {
        co_return fail(Errc::conflict, folder, "another backup is being made at this moment");
    }
    backing_up_ = true;
    log::info("store.backup", {{"to", folder}});
    std::function<Result<store::BackupReport>(store::Connection&)> unit = [this,
                                                                           folder](store::Connection& connection) {
        return store::back_up(connection, *spool_, folder, clock_->now(), [this] { return database_->closing(); });
    };
    const auto made = co_await database_->read_long<store::BackupReport>(std::move(unit));
    backing_up_ = false;
    if (made.has_error())
    {
        log::error("store.backup-failed", {{"to", folder}, {"why", made.error().message()}});
        co_return made.error();
    }
    log::info("store.backup-made", {{"to", folder}, {"mails", made->mails}, {"files", made->files}});
    co_return nlohmann::json{{"folder", folder},
                             {"mails", made->mails},
                             {"files", made->files},
                             {"octets", made->octets},
                             {"missing", made->missing}};
}

boost::asio::awaitable<void> Daemon::housekeeping()
{
    while (!stopping_)
    {
        const auto done = co_await forget_old();
        if (done.has_error())
        {
            log::warning("store.housekeeping-failed", {{"why", done.error().message()}});
        }
        co_await dead_files_->remove([this] { return stopping_ || backing_up_; });
        co_await clock_->sleep_for(housekeeping_interval);
    }
}

boost::asio::awaitable<Result<>> Daemon::forget_old()
{
    const Instant now = clock_->now();
    for (bool more = true; more && !stopping_;)
    {
        std::function<Result<bool>(store::Connection&)> unit = [this, now](store::Connection& connection) {
            const int seen = store::Mails(connection).forget_seen(now - config_.store.seen_keep, forgotten_at_once);
            const int audited = store::Audit(connection).forget(now - config_.service.audit_keep, forgotten_at_once);
            return Result<bool>(std::max(seen, audited) == forgotten_at_once);
        };
        const auto done = co_await database_->write<bool>("store.housekeeping", std::move(unit));
        if (done.has_error())
        {
            co_return done.error();
        }
        more = *done;
    }
    co_return Result<>{};
}

/// The next try of a mail has its time by the wall clock: where that has been set back, by more than the moment between
/// two looks, the mail would wait for its time to come once more.
boost::asio::awaitable<void> Daemon::watch_clock()
{
    for (Instant last = clock_->now(); !stopping_;)
    {
        co_await clock_->sleep_for(clock_look);
        const Instant now = clock_->now();
        const bool back = now < last;
        last = now;
        if (!back)
        {
            continue;
        }
        log::warning("ringpostd.clock-set-back", {{"now", format_rfc3339(now)}});
        service::QueueDesk::Selection selection;
        selection.all = true;
        const auto tried = co_await desk_->act(service::QueueDesk::Action::retry, std::move(selection), "clock");
        if (tried.has_error())
        {
            log::warning("ringpostd.not-retried", {{"why", tried.error().message()}});
        }
    }
}
} // namespace ringpost
