// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include "core/fault_point.h"
#include "core/log.h"
#include "store/migrations.h"

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

/// These run for every unit, so they are prepared once.
void run_sql(Connection& connection, std::string_view sql)
{
    connection.prepare(sql).run();
}

Result<> run_unit(Connection& connection, const std::function<Result<>(Connection&)>& unit)
{
    Result<> result;
    try
    {
        result = unit(connection);
    }
    catch (const SqlError& error)
    {
        result = failure_from(error);
    }
    if (!connection.in_transaction())
    {
        // SQLite itself rolled the whole transaction back (disk full, I/O error): the batch is lost.
        throw SqlError(10, "the transaction was rolled back");
    }
    return result;
}

/// Inside a savepoint, so that its failure undoes it alone.
Result<> run_in_savepoint(Connection& connection, const std::function<Result<>(Connection&)>& unit)
{
    run_sql(connection, "SAVEPOINT unit");
    auto result = run_unit(connection, unit);
    if (result.has_error())
    {
        run_sql(connection, "ROLLBACK TO unit");
    }
    run_sql(connection, "RELEASE unit");
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
        }
        writes_ready_.notify_all();
        reads_ready_.notify_all();
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
            if (auto migrated = migrate(writer_); migrated.has_error())
            {
                return migrated;
            }
            if (inline_)
            {
                return {};
            }
            writer_.checkpoint();
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
            std::vector<Job> batch;
            batch.push_back(std::move(job));
            commit(batch);
            return;
        }
        enqueue(writes_, writes_ready_, std::move(job));
    }

    void read(Job job)
    {
        if (inline_)
        {
            run_read(writer_, job);
            return;
        }
        enqueue(reads_, reads_ready_, std::move(job));
    }

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
        Connection connection(options_.file, Connection::Mode::read_write);
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
            connection.checkpoint();
            lock.lock();
        }
    }

    /// Half of its limit has not been copied yet.
    [[nodiscard]] bool log_grown() const
    {
        return static_cast<std::size_t>(log_pages_ - copied_pages_) * page_octets >= options_.log_limit / 2;
    }

    static void run_read(Connection& reader, Job& job)
    {
        Result<> result;
        try
        {
            const bool own = !reader.in_transaction();
            if (own)
            {
                run_sql(reader, "BEGIN");
            }
            result = job.unit(reader);
            if (own)
            {
                run_sql(reader, "COMMIT");
            }
        }
        catch (const SqlError& error)
        {
            result = failure_from(error);
            if (reader.in_transaction())
            {
                reader.execute("ROLLBACK");
            }
        }
        job.done(std::move(result));
    }

    /// Of a batch of one unit the transaction itself is what a failure undoes.
    void run_units(const std::vector<Job>& batch, std::vector<Result<>>& results)
    {
        if (batch.size() == 1)
        {
            results.front() = run_unit(writer_, batch.front().unit);
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
            run_sql(writer_, "BEGIN IMMEDIATE");
            run_units(batch, results);
            for (const auto& job : batch)
            {
                if (fault_point("commit:" + job.name + ":before"))
                {
                    throw SqlError(10, "fault point commit:" + job.name);
                }
            }
            run_sql(writer_, results.size() == 1 && results.front().has_error() ? "ROLLBACK" : "COMMIT");
            for (const auto& job : batch)
            {
                static_cast<void>(fault_point("commit:" + job.name + ":after"));
            }
        }
        catch (const SqlError& error)
        {
            const Failure failure = failure_from(error);
            log::error("store.commit-failed", {{"units", batch.size()}, {"why", failure.message()}});
            roll_back();
            results.assign(batch.size(), failure);
        }
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            batch[i].done(std::move(results[i]));
        }
        bound_log();
    }

    void bound_log()
    {
        if (static_cast<std::size_t>(writer_.log_pages()) * page_octets >= options_.log_limit)
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

    void roll_back()
    {
        try
        {
            if (writer_.in_transaction())
            {
                writer_.execute("ROLLBACK");
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
    std::vector<std::unique_ptr<Connection>> readers_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable writes_ready_;
    std::condition_variable reads_ready_;
    std::condition_variable checkpoint_due_;
    std::deque<Job> writes_;
    std::deque<Job> reads_;
    int log_pages_ = 0;    ///< written to the log since it was begun
    int copied_pages_ = 0; ///< of them, those that the last checkpoint saw
    bool stopping_ = false;
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

Result<> Database::run_blocking(std::string name, std::function<Result<>(Connection&)> unit)
{
    std::promise<Result<>> promise;
    auto future = promise.get_future();
    threads_->write(
        {std::move(name), std::move(unit), [&promise](Result<> result) { promise.set_value(std::move(result)); }});
    return future.get();
}
} // namespace ringpost::store
