// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"
#include "store/database.h"
#include "store/mails.h"
#include "store/queue.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace ringpost;
using namespace ringpost::store;

namespace
{
const auto never = [] { return false; };
const Instant made_at{20'000 * 24h};
const Instant now = made_at + 1h;

/// A state directory with one small mail and one in the spool.
class State
{
public:
    State() : database(open(directory.path())), spool(Spool::open(directory / "spool").value())
    {
        auto file = SpoolFile::create(spool).value();
        file.append(std::string(1000, 'x')).value();
        file.sync().value();
        file.keep();
        name = file.name();
        small = insert(database, "", 5);
        large = insert(database, name, 1000);
    }

    static std::unique_ptr<Database> open(const std::filesystem::path& folder)
    {
        DatabaseOptions options;
        options.file = folder / "ringpost.db";
        return Database::open(options).value();
    }
    static MailId insert(const std::unique_ptr<Database>& into, const std::string& file, std::int64_t size)
    {
        return into
            ->write_now<MailId>("test",
                                [&](Connection& connection) -> Result<MailId> {
                                    Mail mail;
                                    mail.spool_file = file;
                                    mail.content = file.empty() ? "hello" : "";
                                    mail.size = size;
                                    return Mails(connection).insert(mail);
                                })
            .value();
    }
    Result<BackupReport> back_up(const std::filesystem::path& folder) const
    {
        Connection reader(directory / "ringpost.db", Connection::Mode::read_only);
        return store::back_up(reader, spool, folder, made_at, never);
    }

    test::TemporaryDirectory directory;
    std::unique_ptr<Database> database;
    Spool spool;
    std::string name;
    MailId small;
    MailId large;
};

void write(const std::filesystem::path& path, const std::string& octets)
{
    std::ofstream(path, std::ios::binary) << octets;
}
} // namespace

TEST_CASE("What was stored is there after backup and restore, and ids go on far behind it", "[store]")
{
    const State state;
    const test::TemporaryDirectory place;
    const auto made = state.back_up(place / "backup").value();
    CHECK(made.mails == 2);
    CHECK(made.files == 1);
    CHECK(made.missing.empty());
    // Accepted afterwards: its id must not be given a second time.
    const MailId later = State::insert(state.database, "", 5);
    std::filesystem::create_directory(place / "state");
    const auto restored = restore(place / "backup", place / "state", OpenRequests::end, now).value();
    CHECK(restored.made_at == made_at);
    CHECK(restored.mails == 2);
    CHECK(restored.files == 1);
    const auto database = State::open(place / "state");
    const auto mail =
        database->write_now<std::optional<Mail>>("test", [&](Connection& connection) -> Result<std::optional<Mail>> {
            return Mails(connection).find(state.large);
        });
    REQUIRE(mail.value());
    CHECK(std::filesystem::file_size(place.path() / "state" / "spool" / mail.value()->spool_file) == 1000);
    CHECK(State::insert(database, "", 5).value > later.value + 100'000);
    const auto queued = database->write_now<QueueItemId>("test", [&](Connection& connection) -> Result<QueueItemId> {
        QueueItem item;
        item.mail = state.small;
        return Queue(connection).insert(item);
    });
    CHECK(queued.value().value > 100'000);
    const auto from = database->write_now<bool>(
        "test", [](Connection& connection) -> Result<bool> { return restored_from(connection).has_value(); });
    CHECK(from.value());
}

TEST_CASE("A backup mixes with nothing, and what fails leaves nothing", "[store]")
{
    const State state;
    const test::TemporaryDirectory place;
    write(place / "something", "x");
    CHECK(state.back_up(place.path()).error().code() == Errc::conflict);
    CHECK(std::filesystem::exists(place / "something"));
    Connection reader(state.directory / "ringpost.db", Connection::Mode::read_only);
    const auto stopped = [] { return true; };
    CHECK(back_up(reader, state.spool, place / "stopped", now, stopped).error().code() == Errc::unavailable);
    CHECK_FALSE(std::filesystem::exists(place / "stopped"));
    CHECK(back_up(reader, state.spool, "relative", now, never).error().code() == Errc::malformed);
}

TEST_CASE("A file that is missing is told by sweep, backup and restore, and the rest goes on", "[store]")
{
    const State state;
    const test::TemporaryDirectory place;
    write(state.directory / "spool" / "left", "of a mail that was never accepted");
    const auto names = std::vector<SpoolName>{{state.large, state.name, 1000}};
    auto swept = state.spool.sweep(names).value();
    CHECK(swept.removed.gone.size() == 1);
    CHECK(swept.damaged.empty());
    write(state.directory / "spool" / state.name, "too short");
    swept = state.spool.sweep(names).value();
    CHECK(swept.removed.gone.empty());
    REQUIRE(swept.damaged.size() == 1);
    CHECK(swept.damaged.front().name.mail == state.large);
    const auto made = state.back_up(place / "backup").value();
    CHECK(made.missing == std::vector<std::string>{state.name});
    std::filesystem::create_directory(place / "state");
    CHECK(restore(place / "backup", place / "state", OpenRequests::go_on, now).value().missing.size() == 1);
}

TEST_CASE("A restore refuses what is no backup, a damaged one, and a directory in use", "[store]")
{
    const State state;
    const test::TemporaryDirectory place;
    std::filesystem::create_directory(place / "state");
    CHECK(restore(place / "none", place / "state", OpenRequests::end, now).error().code() == Errc::not_found);
    CHECK(restore(state.directory.path(), state.directory.path(), OpenRequests::end, now).error().code() ==
          Errc::conflict);
    REQUIRE(state.back_up(place / "backup").has_value());
    write(place / "backup" / "ringpost.db", "no database");
    CHECK(restore(place / "backup", place / "state", OpenRequests::end, now).error().code() == Errc::malformed);
    CHECK(std::filesystem::is_empty(place / "state"));
}
