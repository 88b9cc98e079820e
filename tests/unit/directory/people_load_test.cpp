// SPDX-License-Identifier: Apache-2.0
#include "directory/people_load.h"
#include "unit/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <fstream>
#include <optional>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
const SeedOptions little_cost{{}, {1, 8192}};

const std::string two_people = R"toml(
[[user]]
address = "taro@office.example"
aliases = ["z@office.example", "sales@office.example"]
secret = "kasa"
pin = "4711"
[[user]]
address = "hanako@office.example"
aliases = ["support@office.example"]
[[peer]]
name = "b.example"
secret = "peer"
ranges = ["+8144", "+8133"]
[[destination]]
name = "b.example"
host = "127.0.0.1"
[[permission]]
subject = "taro@office.example"
classes = ["own"]
)toml";

struct LoadedOffice
{
    LoadedOffice()
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        database = store::Database::open(options).value();
        seed_if_empty(*database, two_people, "people.toml", little_cost).value();
        directory = std::make_unique<Directory>(*database, OfficeOptions{{"office.example"}, "", {}, {}});
        directory->load_now().value();
    }

    Result<PeopleLoaded> load(const std::string& toml)
    {
        std::ofstream(file) << toml;
        boost::asio::io_context context;
        std::optional<Result<PeopleLoaded>> result;
        auto work = load_people(*database, *directory, file, little_cost);
        boost::asio::co_spawn(
            context, std::move(work),
            [&result](const std::exception_ptr&, Result<PeopleLoaded> value) { result.emplace(std::move(value)); });
        context.run();
        return std::move(result.value());
    }

    [[nodiscard]] const User& user(const std::string& address) const
    {
        const auto* found = directory->current()->user_by_address(address);
        REQUIRE(found != nullptr);
        return *found;
    }

    test::TemporaryDirectory folder;
    std::string file = folder / "people.toml";
    std::unique_ptr<store::Database> database;
    std::unique_ptr<Directory> directory;
};

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    return text.replace(text.find(from), from.size(), to);
}

bool same(const Loaded& loaded, std::size_t added, std::size_t changed, std::size_t removed)
{
    return loaded.added == added && loaded.changed == changed && loaded.removed == removed;
}
} // namespace

TEST_CASE_METHOD(LoadedOffice, "A file that says what is there already changes nothing, and is known again")
{
    const auto before = directory->current()->rows();
    REQUIRE(is_loaded(*directory->current(), two_people));
    REQUIRE_FALSE(is_loaded(*directory->current(), two_people + "\n"));
    const auto loaded = load(two_people + "\n").value();
    for (const auto& table : loaded.tables)
    {
        INFO(table.table);
        REQUIRE(same(table, 0, 0, 0));
    }
    REQUIRE(loaded.kept.empty());
    const auto after = directory->current()->rows();
    REQUIRE(after.users == before.users); // with the same hashes
    REQUIRE(after.peers == before.peers);
    REQUIRE(is_loaded(*directory->current(), two_people + "\n"));
    // Neither the digest nor a secret can be read from what is stored.
    REQUIRE(after.settings.at("people-file").starts_with("$argon2id$"));
}

TEST_CASE_METHOD(LoadedOffice, "What a file changes, adds and leaves out is counted table by table")
{
    auto toml = replaced(two_people, "\"kasa\"", "\"new\"");
    toml = replaced(toml, "[[destination]]\nname = \"b.example\"\nhost = \"127.0.0.1\"\n", "");
    toml = replaced(toml, "ranges = [\"+8144\", \"+8133\"]", "ranges = [\"+8144\"]");
    toml += "[[user]]\naddress = 'jiro@office.example'\n[[user]]\naddress = 'ken@office.example'\n";
    const auto loaded = load(toml).value();
    REQUIRE(same(loaded.tables[0], 2, 1, 0)); // users
    REQUIRE(same(loaded.tables[1], 0, 1, 0)); // peers
    REQUIRE(same(loaded.tables[4], 0, 0, 1)); // destinations
    REQUIRE(same(loaded.tables[5], 0, 0, 0)); // permissions
    REQUIRE(verify_secret(user("taro@office.example").secret_hash, "new").value());
    REQUIRE(verify_secret(user("taro@office.example").pin_hash, "4711").value());
    REQUIRE(directory->current()->rows().destinations.empty());
}

TEST_CASE_METHOD(LoadedOffice, "Addresses may change hands between users of the file")
{
    const auto taro = user("taro@office.example").id;
    const auto hanako = user("hanako@office.example").id;
    auto toml = replaced(two_people, "\"support@office.example\"", "\"sales@office.example\"");
    toml = replaced(toml, ", \"sales@office.example\"]", ", \"support@office.example\"]");
    REQUIRE(load(toml).has_value());
    REQUIRE(user("sales@office.example").id == hanako);
    REQUIRE(user("support@office.example").id == taro);
    // A new address, and the old one as an alias, is the same person.
    toml = replaced(toml, "address = \"hanako@office.example\"\naliases = [",
                    "address = \"suzuki@office.example\"\naliases = [\"hanako@office.example\", ");
    REQUIRE(same(load(toml).value().tables[0], 0, 1, 0));
    REQUIRE(user("suzuki@office.example").id == hanako);
}

TEST_CASE_METHOD(LoadedOffice, "Users whom the file does not name stay, and so do their addresses")
{
    const auto second = two_people.find("[[user]]\naddress = \"hanako");
    const auto without = two_people.substr(0, second) + two_people.substr(two_people.find("[[peer]]"));
    REQUIRE(load(without).value().kept == std::vector<std::string>{"hanako@office.example"});
    const auto clash = load(replaced(without, "\"z@office.example\"", "\"support@office.example\""));
    REQUIRE(clash.error().code() == Errc::conflict);
    REQUIRE(clash.error().text() ==
            "support@office.example belongs to the user hanako@office.example, whom the file does not name");
    REQUIRE(user("support@office.example").address == "hanako@office.example");
    REQUIRE(user("z@office.example").address == "taro@office.example");
    REQUIRE(is_loaded(*directory->current(), without));
}

TEST_CASE_METHOD(LoadedOffice, "A file that cannot be read, or holds a mistake, changes nothing")
{
    REQUIRE(load("[[user]]\naddress = 'new@office.example'\n[[peer]]\n").error().where() == file + ":3");
    REQUIRE(directory->current()->users().size() == 2);
    file = "/dev/zero";
    REQUIRE(load("").error().code() == Errc::io);
    file = folder / "missing.toml";
    const auto work = people_text(file);
    REQUIRE(work.error().code() == Errc::io);
}
