// SPDX-License-Identifier: Apache-2.0
// Files whose mail is gone.
#include "store/database.h"
#include "store/dead_files.h"
#include "store/mails.h"
#include "store/spool.h"
#include "unit/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>

using namespace ringpost;
using namespace ringpost::store;

TEST_CASE("Of files that are to be removed those are told that cannot be", "[store]")
{
    const test::TemporaryDirectory directory;
    const Spool spool = Spool::open(directory / "spool").value();
    std::ofstream(spool.path("a")) << "mail";
    std::filesystem::create_directories(spool.path("b") / "in the way");
    std::ofstream(spool.path("d")) << "mail";
    const auto removed = spool.remove({"a", "b", "c", "d"}); // c is not there
    CHECK(removed.gone == std::vector<std::string>{"a", "c", "d"});
    REQUIRE(removed.left.size() == 1);
    CHECK(removed.left.front().file == "b");
    CHECK_FALSE(removed.left.front().why.empty());
    CHECK_FALSE(std::filesystem::exists(spool.path("d")));
    std::filesystem::remove(spool.path("b") / "in the way");
    CHECK(spool.remove({"b"}).gone == std::vector<std::string>{"b"});
}

TEST_CASE("Files of mails that are gone are named one after the other, those that stay too, until they are forgotten",
          "[store]")
{
    const test::TemporaryDirectory directory;
    DatabaseOptions options;
    options.file = directory / "ringpost.db";
    const auto database = Database::open(options).value();
    constexpr std::size_t files = 2'500;
    const auto each_file = [&database] {
        std::vector<std::string> all;
        for (std::string last;;)
        {
            const auto some = database->write_now<std::vector<std::string>>(
                "test", [&](Connection& connection) -> Result<std::vector<std::string>> {
                    return Mails(connection).dead_files(last);
                });
            if (some->empty())
            {
                return all;
            }
            last = some->back();
            all.insert(all.end(), some->begin(), some->end());
        }
    };
    const std::function<Result<bool>(Connection&)> fill = [](Connection& connection) -> Result<bool> {
        for (std::size_t i = 0; i < files; ++i)
        {
            Mail mail;
            mail.spool_file = fmt::format("{:04}", i);
            mail.size = 1;
            const MailId id = Mails(connection).insert(mail);
            Mails(connection).release(id);
        }
        return true;
    };
    REQUIRE(database->write_now<bool>("test", fill).has_value());
    CHECK(each_file().size() == files);
    const std::function<Result<bool>(Connection&)> forget = [](Connection& connection) -> Result<bool> {
        Mails(connection).forget_dead_file("1500");
        return true;
    };
    REQUIRE(database->write_now<bool>("test", forget).has_value());
    const auto left = each_file();
    CHECK(left.size() == files - 1);
    CHECK(std::count(left.begin(), left.end(), "1500") == 0);
}

TEST_CASE("A file that could not be removed is removed the next time that it is tried, in the same life", "[store]")
{
    const test::TemporaryDirectory directory;
    const Spool spool = Spool::open(directory / "spool").value();
    const auto database = Database::open({":memory:"}).value();
    const std::function<Result<bool>(Connection&)> fill = [](Connection& connection) -> Result<bool> {
        connection.execute("INSERT INTO dead_file (name) VALUES ('gone'), ('stuck')");
        return true;
    };
    REQUIRE(database->write_now<bool>("test", fill).has_value());
    const auto dead = [&database] {
        const std::function<Result<std::vector<std::string>>(Connection&)> read = [](Connection& connection) {
            return Result<std::vector<std::string>>(Mails(connection).dead_files(""));
        };
        return database->write_now<std::vector<std::string>>("test", read).value();
    };
    DeadFiles files(*database, spool);
    const auto remove = [&files](bool held) {
        boost::asio::io_context io;
        boost::asio::co_spawn(io, files.remove([held] { return held; }), boost::asio::detached);
        io.run();
    };
    std::filesystem::create_directories(spool.path("stuck") / "in the way");
    std::ofstream(spool.path("gone")) << "mail";
    remove(true);
    CHECK(std::filesystem::exists(spool.path("gone")));
    remove(false);
    CHECK(dead() == std::vector<std::string>{"stuck"});
    std::filesystem::remove(spool.path("stuck") / "in the way");
    remove(false);
    CHECK(dead().empty());
    CHECK_FALSE(std::filesystem::exists(spool.path("stuck")));
}

TEST_CASE("The sweep tells of what it cannot remove, and of a folder that it cannot read", "[store]")
{
    const test::TemporaryDirectory directory;
    const Spool spool = Spool::open(directory / "spool").value();
    std::filesystem::create_directories(spool.path("stuck") / "in the way");
    std::ofstream(spool.path("unnamed")) << "mail";
    const auto swept = spool.sweep({}).value();
    CHECK(swept.removed.gone == std::vector<std::string>{"unnamed"});
    REQUIRE(swept.removed.left.size() == 1);
    CHECK(swept.removed.left.front().file == "stuck");
    std::filesystem::remove_all(directory / "spool");
    CHECK(spool.sweep({}).error().code() == Errc::io);
}
