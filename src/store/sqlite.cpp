// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

#include <sqlite3.h>

namespace ringpost::store
{
namespace
{
[[noreturn]] void raise(sqlite3* handle, int code)
{
    const char* text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    throw SqlError(code, text);
}

/// Before the first connection of the process: nobody asks SQLite how much memory it has in use, and counting takes a
/// lock at each allocation.
void count_no_memory()
{
    static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(configured);
}
} // namespace

Failure failure_from(const SqlError& error)
{
    // SQLite tells a full disk only where the system says ENOSPC, and forgets what it said else: beyond a quota, or a
    // limit of the process, there is as little space.
    if (error.code() == SQLITE_IOERR_WRITE)
    {
        return {Errc::full, "database", "cannot be written: " + std::string(error.what())};
    }
    switch (error.code() & 0xff)
    {
    case SQLITE_FULL:
        return {Errc::full, "database", "no space left: " + std::string(error.what())};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return {Errc::unavailable, "database", error.what()};
    case SQLITE_CONSTRAINT:
        return {Errc::conflict, "database", error.what()};
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return {Errc::io, "database", error.what()};
    default:
        return {Errc::internal, "database", error.what()};
    }
}

Statement::~Statement()
{
    if (statement_ != nullptr)
    {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
}

Statement::Statement(Statement&& other) noexcept : statement_(other.statement_), bound_(other.bound_)
{
    other.statement_ = nullptr;
}

void Statement::check(int code) const
{
    if (code != SQLITE_OK)
    {
        raise(sqlite3_db_handle(statement_), code);
    }
}

void Statement::bind_next(std::int64_t value)
{
    check(sqlite3_bind_int64(statement_, ++bound_, value));
}

void Statement::bind_next(std::string_view value)
{
    const char* octets = value.empty() ? "" : value.data();
    check(sqlite3_bind_text64(statement_, ++bound_, octets, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

// NOLINTNEXTLINE(cppcoreguidelines-rvalue-reference-param-not-moved): SQLite copies it
void Statement::bind_next(std::string&& value)
{
    check(sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_next(std::nullopt_t)
{
    check(sqlite3_bind_null(statement_, ++bound_));
}

Statement& Statement::bind_blob(std::string_view octets)
{
    const char* data = octets.empty() ? "" : octets.data();
    check(sqlite3_bind_blob64(statement_, ++bound_, data, octets.size(), SQLITE_STATIC));
    return *this;
}

bool Statement::step()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW)
    {
        return true;
    }
    if (code == SQLITE_DONE)
    {
        return false;
    }
    sqlite3* handle = sqlite3_db_handle(statement_);
    const SqlError error(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle));
    sqlite3_reset(statement_);
    throw error;
}

void Statement::run()
{
    while (step())
    {
    }
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::view(int column) const
{
    const void* octets = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return octets == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(octets), size);
}

bool Statement::null(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<Instant> Statement::optional_instant(int column) const
{
    return null(column) ? std::nullopt : std::optional(instant(column));
}

std::optional<Duration> Statement::optional_duration(int column) const
{
    return null(column) ? std::nullopt : std::optional(Duration{integer(column)});
}

void Connection::Close::operator()(sqlite3* handle) const
{
    sqlite3_close_v2(handle);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

Connection::Connection(const std::filesystem::path& file, Mode mode)
{
    count_no_memory();
    const int flags = mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK)
    {
        raise(handle, code);
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5000);
    sqlite3_wal_hook(handle, &Connection::on_commit, this);
    execute("PRAGMA foreign_keys = ON");
}

Connection::~Connection() = default;

Statement Connection::prepare(std::string_view sql)
{
    auto found = statements_.find(sql);
    if (found == statements_.end())
    {
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK)
        {
            raise(handle_.get(), code);
        }
        found = statements_.emplace(std::string(sql), statement).first;
    }
    return Statement(found->second.get());
}

void Connection::execute(const std::string& sql)
{
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
    {
        throw SqlError(sqlite3_extended_errcode(handle_.get()), sqlite3_errmsg(handle_.get()));
    }
}

std::int64_t Connection::last_insert_id() const
{
    return sqlite3_last_insert_rowid(handle_.get());
}

int Connection::changes() const
{
    return sqlite3_changes(handle_.get());
}

bool Connection::in_transaction() const
{
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

void Connection::checkpoint()
{
    sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

void Connection::interrupt()
{
    sqlite3_interrupt(handle_.get());
}

void Connection::restart_log()
{
    sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
}

int Connection::on_commit(void* self, sqlite3* /*handle*/, const char* /*database*/, int pages)
{
    static_cast<Connection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
}
} // namespace ringpost::store
