// SPDX-License-Identifier: Apache-2.0
// SQLite behind RAII: one Connection for one thread, statements prepared once and kept. SQL lives in this folder and in
// schema/ only. Errors of SQLite are thrown as SqlError inside the store; Database turns them into a Failure.
#pragma once

#include "core/duration.h"
#include "core/ids.h"
#include "core/result.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace ringpost::store
{
class SqlError : public std::runtime_error
{
public:
    SqlError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    [[nodiscard]] int code() const { return code_; }

private:
    int code_;
};

/// full → Errc::full, busy or locked → unavailable, constraint → conflict, I/O → io, others → internal.
[[nodiscard]] Failure failure_from(const SqlError& error);

/// One run of a prepared statement. Parameters are bound in order of their `?`.
class Statement
{
public:
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    /// Texts are not copied, but for temporary std::strings: they must stay as they are as long as the statement is
    /// used.
    template <class... Values>
    Statement& bind(Values&&... values)
    {
        (bind_next(std::forward<Values>(values)), ...);
        return *this;
    }
    /// Binds an octet string as BLOB (bind() of a string binds TEXT). It is not copied.
    Statement& bind_blob(std::string_view octets);

    /// Goes to the next row; false at the end.
    bool step();
    /// Runs a statement that returns no rows.
    void run();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    [[nodiscard]] std::string text(int column) const { return std::string(view(column)); } ///< TEXT or BLOB
    /// The same, until the next step().
    [[nodiscard]] std::string_view view(int column) const;
    [[nodiscard]] Instant instant(int column) const { return from_micros(integer(column)); }
    [[nodiscard]] bool null(int column) const;
    [[nodiscard]] std::optional<Instant> optional_instant(int column) const;
    [[nodiscard]] std::optional<Duration> optional_duration(int column) const;
    template <class AnyId>
    [[nodiscard]] AnyId id(int column) const
    {
        return AnyId{integer(column)};
    }

private:
    void bind_next(std::int64_t value);
    void bind_next(int value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(std::uint64_t value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(bool value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(std::string_view value);
    void bind_next(const std::string& value) { bind_next(std::string_view{value}); }
    void bind_next(std::string&& value);
    void bind_next(const char* value) { bind_next(std::string_view{value}); }
    void bind_next(std::nullopt_t value);
    void bind_next(Instant value) { bind_next(to_micros(value)); }
    void bind_next(Duration value) { bind_next(static_cast<std::int64_t>(value.count())); }
    template <class Tag>
    void bind_next(Id<Tag> value)
    {
        bind_next(value.value);
    }
    template <class Value>
    void bind_next(const std::optional<Value>& value)
    {
        value ? bind_next(*value) : bind_next(std::nullopt);
    }
    template <class Value>
    void bind_next(std::optional<Value>&& value)
    {
        value ? bind_next(std::move(*value)) : bind_next(std::nullopt);
    }
    void check(int code) const;

    sqlite3_stmt* statement_;
    int bound_ = 0;
};

class Connection
{
public:
    enum class Mode
    {
        read_write,
        read_only
    };

    /// Opens (and creates, when read_write) the database; `:memory:` is a database of this connection alone.
    Connection(const std::filesystem::path& file, Mode mode);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The statement for `sql`, prepared at its first use and kept. One run of one text at a time.
    [[nodiscard]] Statement prepare(std::string_view sql);
    /// Runs a text of several statements (migrations, BEGIN, COMMIT).
    void execute(const std::string& sql);
    [[nodiscard]] std::int64_t last_insert_id() const;
    [[nodiscard]] int changes() const;
    [[nodiscard]] bool in_transaction() const;
    /// Pages in the write-ahead log after the last commit of this connection.
    [[nodiscard]] int log_pages() const { return log_pages_; }
    /// Copies the write-ahead log into the database as far as readers allow; waits for nobody.
    void checkpoint();
    /// Ends the statement that runs on this connection with an error. From any thread, while the connection lives.
    void interrupt();
    /// As checkpoint(), waits for readers, and the next commit writes the log from its beginning. To be called by the
    /// writer: while commits go on there is never a moment in which nothing is left to copy, and the log grows without
    /// end.
    void restart_log();

private:
    struct Close
    {
        void operator()(sqlite3* handle) const;
    };
    struct Finalize
    {
        void operator()(sqlite3_stmt* statement) const;
    };
    /// A statement is found by its text without a copy of that. Most texts differ near their end, so that the long
    /// lists of columns in front of it need not be hashed each time.
    struct HashText
    {
        using is_transparent = void;
        static constexpr std::size_t enough = 48;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>{}(text.substr(text.size() - std::min(text.size(), enough)));
        }
    };
    static int on_commit(void* self, sqlite3* handle, const char* database, int pages);
    int log_pages_ = 0;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, HashText, std::equal_to<>> statements_;
};
} // namespace ringpost::store
