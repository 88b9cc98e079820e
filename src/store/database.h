// SPDX-License-Identifier: Apache-2.0
// The one database of a gateway. All writes pass one writer thread that commits many units at once (group commit);
// reads run on a few reader threads. A write that has returned success is on stable storage.
#pragma once

#include "core/callback.h"
#include "store/sqlite.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ringpost::store
{
struct DatabaseOptions
{
    std::filesystem::path file;       ///< `:memory:` for tests: everything then runs inline on the caller's thread
    std::size_t queue_limit = 10'000; ///< units waiting for the writer; beyond it a write fails with unavailable
    std::size_t batch_limit = 256;    ///< units in one commit
    int readers = 2;
    std::size_t log_limit = 64 << 20; ///< octets of the write-ahead log, beyond which it is begun anew
    /// Of `:memory:`, where somebody takes every failure for a defect: false spares the journal, and a unit that fails
    /// cannot be undone; every later one fails as it did.
    bool undo = true;
};

class Database
{
public:
    /// Opens the file, applies missing migrations. Errc::unavailable: another process holds this database.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    /// Runs what is queued, then ends the threads.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs `unit` inside a transaction and returns after its commit. A unit that returns a Failure, or throws
    /// SqlError, is undone alone; a commit that fails fails every unit of its batch. `name` is that of the unit's fault
    /// points `commit:<name>:before` and `commit:<name>:after`. The unit owns what it captures; it runs on another
    /// thread.
    template <class T>
    boost::asio::awaitable<Result<T>> write(std::string name, std::function<Result<T>(Connection&)> unit)
    {
        return run<T>(&Database::submit_write, std::move(name), std::move(unit));
    }

    /// Runs `unit` on a consistent snapshot of what has been committed.
    template <class T>
    boost::asio::awaitable<Result<T>> read(std::function<Result<T>(Connection&)> unit)
    {
        return run<T>(&Database::submit_read, std::string{}, std::move(unit));
    }

    /// Runs `unit` on a connection and a thread of its own, outside of a transaction, so that it may take minutes:
    /// others read and write meanwhile, and the write-ahead log may grow beyond its limit. One after the other.
    template <class T>
    boost::asio::awaitable<Result<T>> read_long(std::function<Result<T>(Connection&)> unit)
    {
        return run<T>(&Database::submit_long, std::string{}, std::move(unit));
    }
    /// The database is being closed: a long unit should come to its end. From any thread.
    [[nodiscard]] bool closing() const;

    /// As write(), blocking the calling thread: for start-up and for tests.
    template <class T>
    Result<T> write_now(const std::string& name, std::function<Result<T>(Connection&)> unit)
    {
        std::optional<Result<T>> value;
        const Result<> ran = run_blocking(name, [&](Connection& connection) { return keep(value, unit, connection); });
        return outcome(value, ran);
    }

private:
    struct Job
    {
        std::string name;
        std::function<Result<>(Connection&)> unit;
        std::function<void(Result<>)> done;
    };
    class Threads;

    explicit Database(const DatabaseOptions& options);
    void submit_write(Job job);
    void submit_read(Job job);
    void submit_long(Job job);
    Result<> run_blocking(std::string name, std::function<Result<>(Connection&)> unit);

    template <class T>
    static Result<> keep(std::optional<Result<T>>& slot, const std::function<Result<T>(Connection&)>& unit,
                         Connection& connection)
    {
        slot.emplace(unit(connection));
        if (slot->has_error())
        {
            return slot->error();
        }
        return {};
    }

    template <class T>
    static Result<T> outcome(std::optional<Result<T>>& slot, const Result<>& ran)
    {
        if (ran.has_error())
        {
            return ran.error();
        }
        return std::move(*slot);
    }

    template <class T>
    boost::asio::awaitable<Result<T>> run(void (Database::*submit)(Job), std::string name,
                                          std::function<Result<T>(Connection&)> unit)
    {
        // The slot is shared: the unit may still run after a coroutine that waits for it was destroyed at shutdown.
        auto slot = std::make_shared<std::optional<Result<T>>>();
        Job job;
        job.name = std::move(name);
        job.unit = [slot, unit = std::move(unit)](Connection& connection) { return keep(*slot, unit, connection); };
        std::function<void(std::function<void(Result<>)>)> start = [this, submit,
                                                                    &job](std::function<void(Result<>)> done) {
            job.done = std::move(done);
            (this->*submit)(std::move(job));
        };
        const Result<> ran = co_await wait_for_callback<Result<>>(std::move(start));
        co_return outcome(*slot, ran);
    }

    std::unique_ptr<Threads> threads_;
};
} // namespace ringpost::store
