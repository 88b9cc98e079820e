// SPDX-License-Identifier: Apache-2.0
// The current snapshot of the directory. Changes are committed to the database together with reading the whole anew,
// so each takes effect at once and without a restart.
#pragma once

#include "core/result.h"
#include "directory/snapshot.h"
#include "store/database.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace ringpost::directory
{
/// current() may be called on any thread; coroutines resume on their caller's executor. Must outlive them.
class Directory
{
public:
    using Edit = std::function<Result<>(store::DirectoryRows&)>;

    /// Empty until load_now().
    Directory(store::Database& database, OfficeOptions office);

    [[nodiscard]] std::shared_ptr<const Snapshot> current() const;

    /// Reads the directory, blocking: for start-up and tests. Errors are those of the database.
    Result<> load_now();
    boost::asio::awaitable<Result<>> reload();

    /// Runs `edit` in a transaction; after its commit current() shows it. `edit` runs on the writer's thread and owns
    /// what it captures; what it returns as Failure, or a key that exists (Errc::conflict), undoes it.
    boost::asio::awaitable<Result<>> change(Edit edit);

private:
    struct Loaded
    {
        std::uint64_t turn = 0;
        std::shared_ptr<const Snapshot> snapshot;
    };
    [[nodiscard]] Result<Loaded> load(store::Connection& connection, const Edit& edit) const;
    void publish(Loaded loaded);

    store::Database& database_;
    OfficeOptions office_;
    mutable std::atomic<std::uint64_t> turns_ = 0; ///< counted by the writer thread: the order of the commits
    mutable std::mutex mutex_;
    Loaded current_;
};
} // namespace ringpost::directory
