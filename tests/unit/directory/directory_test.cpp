// SPDX-License-Identifier: Apache-2.0
// The rows of the directory and the snapshot that follows their changes.
#include "directory/directory.h"
#include "office.h"
#include "store/audit.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
std::unique_ptr<store::Database> open()
{
    store::DatabaseOptions options;
    options.file = ":memory:";
    return store::Database::open(options).value();
}

template <class T>
T run(boost::asio::awaitable<T> work)
{
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(work), [&result](const std::exception_ptr& error, T value) {
        if (error)
        {
            std::rethrow_exception(error);
        }
        result = std::move(value);
    });
    context.run();
    return std::move(result.value());
}

Result<> change(Directory& directory, Directory::Edit edit)
{
    return run(directory.change(std::move(edit)));
}
} // namespace

TEST_CASE("A change shows in the current snapshot, and an older snapshot stays as it was")
{
    const auto database = open();
    Directory directory(*database, test::office());
    REQUIRE(directory.load_now().has_value());
    const auto before = directory.current();
    const auto changed = change(directory, [](store::DirectoryRows& rows) -> Result<> {
        rows.insert_all(test::people());
        rows.set("kill-switch", "on");
        return {};
    });
    REQUIRE(changed.has_value());
    REQUIRE(before->users().empty());
    const auto after = directory.current();
    REQUIRE(after->users().size() == 3);
    REQUIRE(after->user_by_address("sales@office.example")->extension == "2000");
    REQUIRE(after->conversions().external_of("2077") == "+81442223377");
    REQUIRE(after->cti().find("+81442221111")->network == NetworkType::toll);
    REQUIRE(after->destinations().find("x@office-b.example")->port == 2525);
    REQUIRE(after->peer("office-b.example")->ranges == std::vector<std::string>{"+1212", "+8144222"});
    REQUIRE(after->kill_switch());

    Directory second(*database, test::office());
    REQUIRE(second.load_now().has_value());
    REQUIRE(second.current()->users().size() == 3);
    REQUIRE(run(second.reload()).has_value());
}

TEST_CASE("A change that fails leaves everything as it was")
{
    const auto database = open();
    Directory directory(*database, test::office());
    const auto refused = change(directory, [](store::DirectoryRows& rows) -> Result<> {
        rows.insert_all(test::people());
        return fail(Errc::refused, "", "no");
    });
    REQUIRE(refused.error().code() == Errc::refused);
    const auto conflict = change(directory, [](store::DirectoryRows& rows) -> Result<> {
        rows.insert(test::people().users[0]);
        rows.insert(test::people().users[0]);
        return {};
    });
    REQUIRE(conflict.error().code() == Errc::conflict);
    REQUIRE(run(directory.reload()).has_value());
    REQUIRE(directory.current()->users().empty());
}

TEST_CASE("Every kind of row is replaced and erased by its key")
{
    const auto database = open();
    Directory directory(*database, test::office());
    const auto changed = change(directory, [](store::DirectoryRows& rows) -> Result<> {
        rows.insert_all(test::people());
        rows.insert({"*", "own", ""});
        auto people = rows.load();
        auto taro = people.users.at(0);
        taro.name = "Taro";
        taro.aliases = {"t@office.example"};
        taro.completed_notice = false;
        const bool replaced =
            rows.replace(taro) && rows.replace(store::ConversionRow{"3000", "+81300000000"}) &&
            rows.replace(store::CtiRow{"+81", NetworkType::toll, "b"}) &&
            rows.replace(store::DestinationRow{"*", "other", 26, "l", "s", HopTls::opportunistic, ""}) &&
            rows.replace(store::PeerRow{"office-b.example", "h", {"+44"}}) &&
            rows.replace(store::PermissionRow{"*", "own", "08:00-20:00"});
        taro.id = UserId{99};
        const bool unknown = rows.replace(taro) || rows.replace(store::PeerRow{"x", "h", {"+44"}}) ||
                             rows.erase_user(UserId{99}) || rows.erase_cti("+999");
        const bool erased = rows.erase_user(UserId{2}) && rows.erase_conversion("20xx") && rows.erase_cti("+8144222") &&
                            rows.erase_destination("office-b.example") && rows.erase_peer("office-c.example");
        return replaced && erased && !unknown ? Result<>{} : fail(Errc::internal, "", "a row was not found");
    });
    REQUIRE(changed.has_value());
    const auto office = directory.current();
    REQUIRE(office->users().size() == 2);
    REQUIRE(office->user_by_address("t@office.example")->name == "Taro");
    REQUIRE_FALSE(office->users()[0].completed_notice);
    REQUIRE(office->user_by_address("sales@office.example") == nullptr);
    REQUIRE(office->user_by_address("hanako@office.example") == nullptr);
    REQUIRE(office->conversions().external_of("3000") == "+81300000000");
    REQUIRE(office->rows().conversions.size() == 2);
    REQUIRE(office->cti().find("+81442221111")->gateway == "b");
    REQUIRE(office->destinations().find("x@office-b.example")->host == "other");
    REQUIRE(office->peers().size() == 1);
    REQUIRE(office->peer("office-b.example")->ranges == std::vector<std::string>{"+44"});
    REQUIRE(office->rows().permissions.at(0).hours == "08:00-20:00");
}

TEST_CASE("A directory with settings only is empty, one with any other row is not")
{
    const auto database = open();
    const std::function<Result<bool>(store::Connection&)> unit = [](store::Connection& connection) -> Result<bool> {
        store::DirectoryRows rows(connection);
        rows.set("kill-switch", "on");
        const bool before = rows.empty();
        rows.insert({"*", "own", ""});
        return before && !rows.empty() && rows.erase_permission("*", "own") && rows.empty();
    };
    REQUIRE(database->write_now<bool>("test", unit).value());
}

TEST_CASE("An audit row keeps who, what, and the rule")
{
    const auto database = open();
    const std::function<Result<std::string>(store::Connection&)> unit = [](store::Connection& connection) {
        store::Audit(connection)
            .append(from_micros(7), "1@office.example", {Standing::peer, "office-b.example"}, "dial", "2000", false,
                    "kill-switch");
        auto row = connection.prepare("SELECT at || request || standing || who || action || number || allowed || rule "
                                      "FROM audit");
        row.step();
        return Result<std::string>(row.text(0));
    };
    REQUIRE(database->write_now<std::string>("test", unit).value() ==
            "71@office.examplepeeroffice-b.exampledial20000kill-switch");
}
