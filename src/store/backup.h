// SPDX-License-Identifier: Apache-2.0
// A backup is a folder: `ringpost.db`, one consistent snapshot of the database, and `spool/` with every file that a row
// of it names. While it is made mails come and go. `ringpost.db` gets its name last: a folder without it is no backup.
#pragma once

#include "store/spool.h"
#include "store/sqlite.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::store
{
struct BackupReport
{
    std::int64_t mails = 0;
    std::int64_t files = 0;           ///< of the spool
    std::int64_t octets = 0;          ///< of the database and the files
    std::vector<std::string> missing; ///< files that a mail names and that cannot be read: what there is goes on
};

/// Copies what `source` reads (outside of a transaction) into `folder`, which is created, or empty and ours. No spool
/// file may be removed meanwhile. After a failure nothing of it is left. Errc::conflict: there is something in the
/// folder; Errc::unavailable: `stopped` came true.
[[nodiscard]] Result<BackupReport> back_up(Connection& source, const Spool& spool, const std::filesystem::path& folder,
                                           Instant now, const std::function<bool()>& stopped);

/// What becomes of requests that had not ended when the backup was made.
enum class OpenRequests
{
    end,  ///< nobody knows what became of them since: nobody is rung again
    go_on ///< nothing has run since
};

struct RestoreReport
{
    Instant made_at{};
    std::int64_t mails = 0;
    std::int64_t files = 0;
    std::vector<std::string> missing;
};

/// Puts a backup into `state`, whose lock the caller holds and in which there is nothing else. The database is checked
/// first. Row ids go on far behind those that may have been given since: request numbers, attempts and the ids that
/// other gateways know are never given a second time. Errc::conflict: `state` is not empty; Errc::not_found: no backup;
/// Errc::malformed: a damaged one.
[[nodiscard]] Result<RestoreReport> restore(const std::filesystem::path& backup, const std::filesystem::path& state,
                                            OpenRequests open, Instant now);

/// When the backup was made from which this database was restored, as long as its open requests have not been settled.
[[nodiscard]] std::optional<Instant> restored_from(Connection& connection);
void forget_restored(Connection& connection);
} // namespace ringpost::store
