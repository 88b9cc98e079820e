// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <stdexcept>

using namespace ringpost;
using namespace ringpost::store;

namespace
{
/// A unit that writes `octets` into a table of the test.
std::function<Result<bool>(Connection&)> fill(std::size_t octets)
{
    return [octets](Connection& connection) -> Result<bool> {
        connection.execute("CREATE TABLE IF NOT EXISTS filling (octets TEXT)");
        connection.prepare("INSERT INTO filling VALUES (?)").bind(std::string(octets, 'x')).run();
        return true;
    };
}
} // namespace

TEST_CASE("The write-ahead log stays near its limit while one write follows the other")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    options.file = directory / "ringpost.db";
    options.log_limit = 1 << 20;
    const auto database = Database::open(options).value();
    for (int i = 0; i < 200; ++i)
    {
        REQUIRE(database->write_now<bool>("test", fill(64 << 10)).has_value());
    }
    // 12 MiB were written. One more write fits behind the limit, and SQLite adds a header to every page.
    CHECK(std::filesystem::file_size(directory / "ringpost.db-wal") < std::size_t{1536} << 10);
    CHECK(std::filesystem::file_size(directory / "ringpost.db") > std::size_t{10} << 20);
}

TEST_CASE("What was written is there after the database has been closed and opened again")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    options.file = directory / "ringpost.db";
    {
        const auto database = Database::open(options).value();
        REQUIRE(database->write_now<bool>("test", fill(10)).has_value());
    }
    const auto database = Database::open(options).value();
    const auto rows = database->write_now<std::int64_t>("test", [](Connection& connection) -> Result<std::int64_t> {
        auto query = connection.prepare("SELECT count(*) FROM filling");
        return query.step() ? query.integer(0) : -1;
    });
    CHECK(rows.value() == 1);
}

TEST_CASE("A unit that throws ends alone, and what comes after it is served")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    options.file = directory / "ringpost.db";
    const auto database = Database::open(options).value();
    const auto thrown = database->write_now<bool>("test", [](Connection& connection) -> Result<bool> {
        connection.execute("CREATE TABLE half_done (id INTEGER)");
        throw std::runtime_error("a defect");
    });
    REQUIRE(thrown.has_error());
    CHECK(thrown.error().code() == Errc::internal);
    const auto rows = database->write_now<std::int64_t>("test", [](Connection& connection) -> Result<std::int64_t> {
        auto query = connection.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half_done'");
        return query.step() ? query.integer(0) : -1;
    });
    CHECK(rows.value() == 0);
}

TEST_CASE("No space is told as such, and the database goes on when there is some again")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    options.file = directory / "ringpost.db";
    const auto database = Database::open(options).value();
    const auto pages = [&](const std::string& text) {
        return database->write_now<bool>("test", [text](Connection& connection) -> Result<bool> {
            auto query = connection.prepare("PRAGMA max_page_count = " + text);
            return query.step();
        });
    };
    REQUIRE(pages("100").has_value());
    const auto full = database->write_now<bool>("test", fill(1 << 20));
    REQUIRE(full.has_error());
    CHECK(full.error().code() == Errc::full);
    REQUIRE(pages("1000000").has_value());
    CHECK(database->write_now<bool>("test", fill(1 << 20)).has_value());
}

TEST_CASE("A unit that fails is undone, and those before and after it stay")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    SECTION("in memory")
    {
        options.file = ":memory:";
    }
    SECTION("in a file")
    {
        options.file = directory / "ringpost.db";
    }
    const auto database = Database::open(options).value();
    const auto filled = [&database](const std::function<Result<bool>(Connection&)>& end) {
        return database->write_now<bool>("test", [&end](Connection& connection) -> Result<bool> {
            static_cast<void>(fill(10)(connection));
            return end(connection);
        });
    };
    REQUIRE(filled([](Connection&) -> Result<bool> { return true; }).has_value());
    const auto refused = filled([](Connection&) -> Result<bool> { return fail(Errc::refused, "test", "no"); });
    CHECK(refused.error().code() == Errc::refused);
    const auto wrong = filled([](Connection& connection) -> Result<bool> {
        connection.execute("INSERT INTO nowhere VALUES (1)");
        return true;
    });
    CHECK(wrong.has_error());
    REQUIRE(filled([](Connection&) -> Result<bool> { return true; }).has_value());
    const auto rows = database->write_now<std::int64_t>("test", [](Connection& connection) -> Result<std::int64_t> {
        auto query = connection.prepare("SELECT count(*) FROM filling");
        return query.step() ? query.integer(0) : -1;
    });
    CHECK(rows.value() == 2);
}

TEST_CASE("Where nothing is undone, a unit that fails ends all that come after it")
{
    DatabaseOptions options;
    options.file = ":memory:";
    options.undo = false;
    const auto database = Database::open(options).value();
    REQUIRE(database->write_now<bool>("test", fill(10)).has_value());
    const auto refused = database->write_now<bool>("test", [](Connection& connection) -> Result<bool> {
        static_cast<void>(fill(10)(connection));
        return fail(Errc::refused, "test", "no");
    });
    CHECK(refused.error().code() == Errc::refused);
    bool ran = false;
    const auto later = database->write_now<bool>("test", [&ran](Connection&) -> Result<bool> {
        ran = true;
        return true;
    });
    REQUIRE(later.has_error());
    CHECK(later.error().code() == Errc::refused);
    CHECK_FALSE(ran);
}
