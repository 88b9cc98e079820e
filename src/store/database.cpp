// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include "core/fault_point.h"
#include "core/log.h"
#include "store/migrations.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace ringpost::store
{
namespace
{
constexpr std::size_t page_octets = 4096; // SQLite's default, which no migration changes

/// The transaction of a batch is gone, for the reason for which one of its units failed.
class RolledBack : public std::runtime_error
{
public:
    explicit RolledBack(Failure why) : std::runtime_error(why.message()), failure(std::move(why)) {}
    Failure failure;
};

/// What a unit throws ends this unit alone: neither its batch nor the thread.
Result<> run_unit(Connection& connection, const std::function<Result<>(Connection&)>& unit)
{
    try
    {
        return unit(connection);
    }
    catch (const SqlError& error)
    {
        return failure_from(error);
    }
    catch (const std::exception& error)
    {
        log::error("store.unit-failed", {{"why", error.what()}});
        return fail(Errc::internal, "database", error.what());
    }
}

/// As run_unit(), in the transaction of a batch.
Result<> run_in_transaction(Connection& connection, const std::function<Result<>(Connection&)>& unit)
{
    Result<> result = run_unit(connection, unit);
    if (!connection.in_transaction())
    {
        // SQLite itself rolled the whole transaction back (disk full, I/O error): the batch is lost.
        throw RolledBack(result.has_error() ? result.error() : fail(Errc::io, "database", "it was rolled back"));
    }
    return result;
}

/// Runs one unit inside a savepoint, so that its failure undoes it alone.
Result<> run_in_savepoint(Connection& connection, const std::function<Result<>(Connection&)>& unit)
{
    connection.prepare("SAVEPOINT unit").run();
    Result<> result = run_in_transaction(connection, unit);
    if (result.has_error())
    {
        connection.prepare("ROLLBACK TO unit").run();
    }
    connection.prepare("RELEASE unit").run();
    return result;
}
} // namespace

/// The queue, its writer thread and the reader threads; without threads (`:memory:`) everything runs inline.
class Database::Threads
{
public:
    explicit Threads(const DatabaseOptions& options)
        : options_(options), inline_(options.file == ":memory:"), writer_(options.file, Connection::Mode::read_write)
    {}

    ~Threads()
    {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            if (long_reader_ != nullptr)
            {
                long_reader_->interrupt();
            }
        }
        writes_ready_.notify_all();
        reads_ready_.notify_all();
        long_ready_.notify_all();
        checkpoint_due_.notify_all();
        for (auto& thread : threads_)
        {
            thread.join();
        }
    }

    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    Result<> start()
    {
        try
        {
            writer_.execute("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                            "PRAGMA cache_size = -16384;");
            if (inline_ && !options_.undo)
            {
                writer_.execute("PRAGMA journal_mode = OFF");
            }
            if (auto migrated = migrate(writer_); migrated.has_error())
            {
                return migrated;
            }
            // What undoes one unit of a batch: SQLite would make a file for it in each batch. Not before the
            // migrations, which may sort whole tables.
            writer_.execute("PRAGMA temp_store = MEMORY");
            if (inline_)
            {
                return {};
            }
            writer_.checkpoint();
            checkpointer_.emplace(options_.file, Connection::Mode::read_write);
            for (int i = 0; i < options_.readers; ++i)
            {
                readers_.push_back(std::make_unique<Connection>(options_.file, Connection::Mode::read_only));
            }
        }
        catch (const SqlError& error)
        {
            return failure_from(error);
        }
        threads_.emplace_back([this] { write_loop(); });
        threads_.emplace_back([this] { checkpoint_loop(); });
        threads_.emplace_back([this] { long_loop(); });
        for (auto& reader : readers_)
        {
            threads_.emplace_back([this, &reader] { read_loop(*reader); });
        }
        return {};
    }

    void write(Job job)
    {
        if (inline_)
        {
            write_inline(std::move(job));
            return;
        }
        enqueue(writes_, writes_ready_, std::move(job));
    }

    void read(Job job)
    {
        if (inline_)
        {
            // Nobody else writes meanwhile.
            job.done(run_unit(writer_, job.unit));
            return;
        }
        enqueue(reads_, reads_ready_, std::move(job));
    }

    void read_long(Job job)
    {
        if (inline_)
        {
            run_long(writer_, job);
            return;
        }
        enqueue(longs_, long_ready_, std::move(job));
    }

    [[nodiscard]] bool closing() const { return stopping_; }

private:
    void enqueue(std::deque<Job>& queue, std::condition_variable& ready, Job job)
    {
        std::unique_lock lock(mutex_);
        if (stopping_ || queue.size() >= options_.queue_limit)
        {
            lock.unlock();
            job.done(fail(Errc::unavailable, "database", "too much to write at this moment, try again later"));
            return;
        }
        queue.push_back(std::move(job));
        lock.unlock();
        ready.notify_one();
    }

    void write_inline(Job job)
    {
        if (spoilt_)
        {
            job.done(*spoilt_);
            return;
        }
        std::vector<Job> batch;
        batch.push_back(std::move(job));
        commit(batch);
    }

    void write_loop()
    {
        for (;;)
        {
            std::vector<Job> batch;
            {
                std::unique_lock lock(mutex_);
                writes_ready_.wait(lock, [this] { return stopping_ || !writes_.empty(); });
                if (writes_.empty())
                {
                    return;
                }
                while (!writes_.empty() && batch.size() < options_.batch_limit)
                {
                    batch.push_back(std::move(writes_.front()));
                    writes_.pop_front();
                }
            }
            commit(batch);
        }
    }

    void read_loop(Connection& reader)
    {
        for (;;)
        {
            Job job;
            {
                std::unique_lock lock(mutex_);
                reads_ready_.wait(lock, [this] { return stopping_ || !reads_.empty(); });
                if (reads_.empty())
                {
                    return;
                }
                job = std::move(reads_.front());
                reads_.pop_front();
            }
            run_read(reader, job);
        }
    }

    // Checkpoints run on a connection of their own: copying would stall the writer's batch. Only when the log has
    // reached its limit does the writer copy the rest itself.
    void checkpoint_loop()
    {
        std::unique_lock lock(mutex_);
        while (!stopping_)
        {
            const int before = log_pages_;
            const bool due =
                checkpoint_due_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_ || log_grown(); });
            // A quiet second is a good moment; a checkpoint between busy ones makes commits wait for the disk.
            if (stopping_ || log_pages_ == copied_pages_ || (!due && log_pages_ != before))
            {
                continue;
            }
            copied_pages_ = log_pages_;
            lock.unlock();
            checkpointer_->checkpoint();
            lock.lock();
        }
    }

    /// Half of its limit has not been copied yet.
    [[nodiscard]] bool log_grown() const
    {
        return static_cast<std::size_t>(log_pages_ - copied_pages_) * page_octets >= options_.log_limit / 2;
    }

    void long_loop()
    {
        for (;;)
        {
            Job job;
            {
                std::unique_lock lock(mutex_);
                long_ready_.wait(lock, [this] { return stopping_ || !longs_.empty(); });
                if (longs_.empty())
                {
                    return;
                }
                job = std::move(longs_.front());
                longs_.pop_front();
            }
            read_alone(job);
        }
    }

    void read_alone(Job& job)
    {
        std::optional<Connection> connection;
        try
        {
            connection.emplace(options_.file, Connection::Mode::read_only);
        }
        catch (const SqlError& error)
        {
            job.done(failure_from(error));
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            long_reader_ = &*connection;
        }
        if (stopping_)
        {
            connection->interrupt();
        }
        run_long(*connection, job);
        const std::lock_guard lock(mutex_);
        long_reader_ = nullptr;
    }

    static void run_long(Connection& connection, Job& job)
    {
        Result<> result;
        try
        {
            result = job.unit(connection);
        }
        catch (const SqlError& error)
        {
            result = failure_from(error);
        }
        job.done(std::move(result));
    }

    static void run_read(Connection& reader, Job& job)
    {
        Result<> result;
        try
        {
            reader.prepare("BEGIN").run();
            result = run_unit(reader, job.unit);
            reader.prepare("COMMIT").run();
        }
        catch (const SqlError& error)
        {
            result = failure_from(error);
            roll_back(reader);
        }
        job.done(std::move(result));
    }

    /// Of a batch of one unit the transaction itself is what a failure undoes.
    void run_units(const std::vector<Job>& batch, std::vector<Result<>>& results)
    {
        if (batch.size() == 1)
        {
            results.front() = run_in_transaction(writer_, batch.front().unit);
            return;
        }
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            results[i] = run_in_savepoint(writer_, batch[i].unit);
        }
    }

    void commit(std::vector<Job>& batch)
    {
        std::vector<Result<>> results(batch.size());
        try
        {
            writer_.prepare("BEGIN IMMEDIATE").run();
            run_units(batch, results);
            for (const auto& job : batch)
            {
                if (fault_point("commit:" + job.name + ":before"))
                {
                    throw SqlError(10, "fault point commit:" + job.name);
                }
            }
            writer_.prepare(results.size() == 1 && results.front().has_error() ? "ROLLBACK" : "COMMIT").run();
            for (const auto& job : batch)
            {
                crash_point("commit:" + job.name + ":after");
            }
        }
        catch (const RolledBack& lost)
        {
            give_up(batch, results, lost.failure);
        }
        catch (const SqlError& error)
        {
            give_up(batch, results, failure_from(error));
        }
        if (!options_.undo && results.front().has_error())
        {
            spoilt_ = results.front().error();
        }
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            batch[i].done(std::move(results[i]));
        }
        bound_log();
    }

    /// To begin the log anew would wait for its reader, and all commits with it: meanwhile the log grows.
    [[nodiscard]] bool long_unit_runs()
    {
        const std::lock_guard lock(mutex_);
        return long_reader_ != nullptr;
    }

    void bound_log()
    {
        const bool full = static_cast<std::size_t>(writer_.log_pages()) * page_octets >= options_.log_limit;
        if (full && !long_unit_runs())
        {
            writer_.restart_log();
        }
        const std::lock_guard lock(mutex_);
        if (writer_.log_pages() < log_pages_)
        {
            copied_pages_ = 0;
        }
        log_pages_ = writer_.log_pages();
        if (log_grown())
        {
            checkpoint_due_.notify_one();
        }
    }

    void give_up(const std::vector<Job>& batch, std::vector<Result<>>& results, const Failure& why)
    {
        log::error("store.commit-failed", {{"units", batch.size()}, {"why", why.message()}});
        roll_back(writer_);
        results.assign(batch.size(), why);
    }

    static void roll_back(Connection& connection)
    {
        try
        {
            if (connection.in_transaction())
            {
                connection.execute("ROLLBACK");
            }
        }
        catch (const SqlError& error)
        {
            log::error("store.rollback-failed", {{"why", error.what()}});
        }
    }

    DatabaseOptions options_;
    bool inline_;
    Connection writer_;
    std::optional<Connection> checkpointer_;
    std::vector<std::unique_ptr<Connection>> readers_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable writes_ready_;
    std::condition_variable reads_ready_;
    std::condition_variable checkpoint_due_;
    std::condition_variable long_ready_;
    std::deque<Job> writes_;
    std::deque<Job> reads_;
    std::deque<Job> longs_;
    Connection* long_reader_ = nullptr; ///< while a long unit runs
    std::optional<Failure> spoilt_;     ///< what could not be undone
    int log_pages_ = 0;                 ///< written to the log since it was begun
    int copied_pages_ = 0;              ///< of them, those that the last checkpoint saw
    std::atomic<bool> stopping_ = false;
};

Database::Database(const DatabaseOptions& options) : threads_(std::make_unique<Threads>(options)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options)
{
    try
    {
        std::unique_ptr<Database> database(new Database(options));
        if (auto started = database->threads_->start(); started.has_error())
        {
            return started.error();
        }
        return database;
    }
    catch (const SqlError& error)
    {
        return failure_from(error);
    }
}

void Database::submit_write(Job job)
{
    threads_->write(std::move(job));
}

void Database::submit_read(Job job)
{
    threads_->read(std::move(job));
}

void Database::submit_long(Job job)
{
    threads_->read_long(std::move(job));
}

bool Database::closing() const
{
    return threads_->closing();
}

Result<> Database::run_blocking(std::string name, std::function<Result<>(Connection&)> unit)
{
    std::promise<Result<>> promise;
    auto future = promise.get_future();
    threads_->write(
        {std::move(name), std::move(unit), [&promise](Result<> result) { promise.set_value(std::move(result)); }});
    return future.get();
}
} // namespace ringpost::store
