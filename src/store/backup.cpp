// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"

#include "core/fault_point.h"
#include "core/sync_path.h"
#include "store/mails.h"
#include "store/migrations.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace ringpost::store
{
namespace
{
namespace fs = std::filesystem;

constexpr const char* database_name = "ringpost.db";
constexpr const char* partial_name = "ringpost.db.partial";
constexpr const char* spool_name = "spool";
constexpr std::string_view made_key = "backup-made";
constexpr std::string_view restored_key = "restored-from";

/// So many ids are left out by a restore, for each second since the backup and besides: more than any gateway gives.
constexpr std::int64_t ids_each_second = 1'000;
constexpr std::int64_t ids_besides = 1'000'000;

Failure io_failure(const fs::path& path, const std::error_code& error)
{
    return {error == std::errc::no_space_on_device ? Errc::full : Errc::io, path.string(), error.message()};
}

Result<> sync(const fs::path& path)
{
    return fault_point("backup.sync") ? fail(Errc::io, path.string(), std::strerror(EIO)) : sync_path(path);
}

Result<> copy_synced(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    fs::copy_file(from, to, error);
    return error ? Result<>{io_failure(to, error)} : sync(to);
}

/// An empty folder of ours; true: it was created.
Result<bool> claim(const fs::path& folder)
{
    std::error_code error;
    const bool created = fs::create_directories(folder, error);
    if (error)
    {
        return io_failure(folder, error);
    }
    const bool empty = created || fs::is_empty(folder, error);
    if (error)
    {
        return io_failure(folder, error);
    }
    if (!empty)
    {
        return fail(Errc::conflict, folder.string(), "there is something in it: name a new folder, or an empty one");
    }
    // Mails and hashes of secrets: for the gateway's own user alone.
    fs::permissions(folder, fs::perms::owner_all, error);
    if (fault_point("backup.claim"))
    {
        error = std::make_error_code(std::errc::io_error);
    }
    if (error)
    {
        const std::string why = error.message();
        if (created)
        {
            fs::remove(folder, error);
        }
        return fail(Errc::io, folder.string(),
                    "cannot be closed to other users (" + why + "): name a folder that belongs to the gateway's user");
    }
    return created;
}

std::optional<Instant> setting(Connection& connection, std::string_view name)
{
    auto query = connection.prepare("SELECT value FROM setting WHERE name = ?");
    query.bind(name);
    std::int64_t micros = 0;
    if (!query.step())
    {
        return std::nullopt;
    }
    const std::string text = query.text(0);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), micros);
    return read.ec == std::errc{} ? std::optional(from_micros(micros)) : std::nullopt;
}

void set(Connection& connection, std::string_view name, Instant value)
{
    connection.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)")
        .bind(name, fmt::format("{}", to_micros(value)))
        .run();
}

std::int64_t count(Connection& connection, std::string_view sql)
{
    auto query = connection.prepare(sql);
    return query.step() ? query.integer(0) : 0;
}

/// Copies the files from one spool folder to the other; those that are not there are told.
Result<std::int64_t> copy_files(const std::vector<SpoolName>& names, const fs::path& from, const fs::path& to,
                                std::vector<std::string>& missing, const std::function<bool()>& stopped)
{
    std::error_code error;
    fs::create_directories(to, error);
    if (error)
    {
        return io_failure(to, error);
    }
    fs::permissions(to, fs::perms::owner_all, error);
    std::int64_t copied = 0;
    for (const auto& name : names)
    {
        if (stopped())
        {
            return fail(Errc::unavailable, to.string(), "the gateway is being stopped");
        }
        const auto octets = fs::file_size(from / name.file, error);
        if (error || octets != static_cast<std::uintmax_t>(name.octets))
        {
            missing.push_back(name.file);
            continue;
        }
        if (auto done = copy_synced(from / name.file, to / name.file); done.has_error())
        {
            return done.error();
        }
        ++copied;
    }
    auto synced = sync(to);
    return synced.has_error() ? Result<std::int64_t>(synced.error()) : Result<std::int64_t>(copied);
}

/// The copy of the database gets the time at which it was made, and forgets the files that are not copied.
std::vector<SpoolName> finish_snapshot(const fs::path& file, Instant now, BackupReport& report)
{
    Connection copy(file, Connection::Mode::read_write);
    set(copy, made_key, now);
    copy.execute("DELETE FROM dead_file");
    report.mails = count(copy, "SELECT count(*) FROM mail");
    return Mails(copy).spool_files();
}

Result<BackupReport> fill(Connection& source, const Spool& spool, const fs::path& folder, Instant now,
                          const std::function<bool()>& stopped)
{
    BackupReport report;
    const fs::path partial = folder / partial_name;
    source.prepare("VACUUM INTO ?").bind(partial.string()).run();
    const auto names = finish_snapshot(partial, now, report);
    const auto copied = copy_files(names, spool.path(""), folder / spool_name, report.missing, stopped);
    if (copied.has_error())
    {
        return copied.error();
    }
    report.files = *copied;
    std::error_code error;
    report.octets = static_cast<std::int64_t>(fs::file_size(partial, error));
    for (const auto& name : names)
    {
        report.octets += name.octets;
    }
    if (auto synced = sync(partial); synced.has_error())
    {
        return synced.error();
    }
    fs::rename(partial, folder / database_name, error);
    auto synced = error ? Result<>{io_failure(folder, error)} : sync(folder);
    return synced.has_error() ? Result<BackupReport>(synced.error()) : Result<BackupReport>(report);
}

/// What an unfinished backup or restore has put into a folder that was empty.
void take_away(const fs::path& folder, bool folder_too)
{
    std::error_code ignored;
    for (const char* name : {partial_name, database_name, "ringpost.db.partial-journal"})
    {
        fs::remove(folder / name, ignored);
    }
    fs::remove_all(folder / spool_name, ignored);
    if (folder_too)
    {
        fs::remove(folder, ignored);
    }
}

// ---- restore

Result<> check(Connection& connection)
{
    auto integrity = connection.prepare("PRAGMA integrity_check(1)");
    if (!integrity.step() || integrity.text(0) != "ok")
    {
        return fail(Errc::malformed, "ringpost.db", "is damaged: " + integrity.text(0));
    }
    auto references = connection.prepare("PRAGMA foreign_key_check");
    if (references.step())
    {
        return fail(Errc::malformed, "ringpost.db", "is damaged: rows refer to missing ones in " + references.text(2));
    }
    return {};
}

void leave_ids_out(Connection& connection, Instant made_at, Instant now)
{
    const auto seconds = std::max<std::int64_t>((to_micros(now) - to_micros(made_at)) / 1'000'000, 0);
    connection.execute("INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_schema WHERE type = 'table' "
                       "AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)");
    connection.prepare("UPDATE sqlite_sequence SET seq = seq + ?").bind(ids_besides + seconds * ids_each_second).run();
}

/// Checks the copy of the database and makes it one that can go on.
Result<std::vector<SpoolName>> prepare(const fs::path& file, OpenRequests open, Instant now, RestoreReport& report)
{
    try
    {
        Connection connection(file, Connection::Mode::read_write);
        if (auto checked = check(connection); checked.has_error())
        {
            return checked.error();
        }
        if (auto migrated = migrate(connection); migrated.has_error())
        {
            return migrated.error();
        }
        const auto made = setting(connection, made_key);
        if (!made)
        {
            return fail(Errc::malformed, "ringpost.db", "was not made by `ringpost backup`");
        }
        report.made_at = *made;
        connection.execute("BEGIN");
        leave_ids_out(connection, *made, now);
        connection.prepare("DELETE FROM setting WHERE name = ?").bind(made_key).run();
        if (open == OpenRequests::end)
        {
            set(connection, restored_key, *made);
        }
        connection.execute("COMMIT");
        report.mails = count(connection, "SELECT count(*) FROM mail");
        return Mails(connection).spool_files();
    }
    catch (const SqlError& error)
    {
        return fail(Errc::malformed, "ringpost.db", std::string("cannot be read: ") + error.what());
    }
}

Result<RestoreReport> put_back(const fs::path& backup, const fs::path& state, OpenRequests open, Instant now)
{
    RestoreReport report;
    const fs::path partial = state / partial_name;
    if (auto copied = copy_synced(backup / database_name, partial); copied.has_error())
    {
        return copied.error();
    }
    const auto names = prepare(partial, open, now, report);
    if (names.has_error())
    {
        return names.error();
    }
    const auto files =
        copy_files(*names, backup / spool_name, state / spool_name, report.missing, [] { return false; });
    if (files.has_error())
    {
        return files.error();
    }
    report.files = *files;
    if (auto synced = sync(partial); synced.has_error())
    {
        return synced.error();
    }
    std::error_code error;
    fs::rename(partial, state / database_name, error);
    auto synced = error ? Result<>{io_failure(state, error)} : sync(state);
    return synced.has_error() ? Result<RestoreReport>(synced.error()) : Result<RestoreReport>(report);
}
} // namespace

Result<BackupReport> back_up(Connection& source, const Spool& spool, const fs::path& folder, Instant now,
                             const std::function<bool()>& stopped)
{
    if (!folder.is_absolute())
    {
        return fail(Errc::malformed, folder.string(), "the folder of a backup has an absolute path");
    }
    const auto created = claim(folder);
    if (created.has_error())
    {
        return created.error();
    }
    Result<BackupReport> report;
    try
    {
        report = fill(source, spool, folder, now, stopped);
    }
    catch (const SqlError& error)
    {
        report = failure_from(error);
    }
    if (report.has_error())
    {
        take_away(folder, *created);
    }
    return report;
}

Result<RestoreReport> restore(const fs::path& backup, const fs::path& state, OpenRequests open, Instant now)
{
    std::error_code error;
    if (!fs::exists(backup / database_name, error))
    {
        return fail(Errc::not_found, backup.string(), "is no backup: there is no finished ringpost.db in it");
    }
    for (const auto& entry : fs::directory_iterator(state, error))
    {
        if (entry.path().filename() != "lock")
        {
            return fail(
                Errc::conflict, state.string(),
                fmt::format("is not empty ({}): restore into a new state directory", entry.path().filename().string()));
        }
    }
    auto report = put_back(backup, state, open, now);
    if (report.has_error())
    {
        take_away(state, false);
    }
    return report;
}

std::optional<Instant> restored_from(Connection& connection)
{
    return setting(connection, restored_key);
}

void forget_restored(Connection& connection)
{
    connection.prepare("DELETE FROM setting WHERE name = ?").bind(restored_key).run();
}
} // namespace ringpost::store
