// SPDX-License-Identifier: Apache-2.0
// Files whose mail is gone.
#include "store/database.h"
#include "store/mails.h"
#include "store/spool.h"
#include "unit/temporary_directory.h"

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
