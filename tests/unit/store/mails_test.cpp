// SPDX-License-Identifier: Apache-2.0
#include "store/audit.h"
#include "store/database.h"
#include "store/mails.h"
#include "store/queue.h"

#include <catch2/catch.hpp>

#include <functional>

using namespace ringpost;
using namespace ringpost::store;

namespace
{
void in_store(const std::function<void(Connection&)>& unit)
{
    DatabaseOptions options;
    options.file = ":memory:";
    const auto database = Database::open(options).value();
    const auto done = database->write_now<bool>("test", [&unit](Connection& connection) -> Result<bool> {
        unit(connection);
        return true;
    });
    REQUIRE(done.has_value());
}
} // namespace

TEST_CASE("A mail that nobody needs any more goes with its contents")
{
    in_store([](Connection& connection) {
        Mails mails(connection);
        const MailId id = mails.insert({});
        const MailId other = mails.insert({});
        mails.insert_contents(id, {{1, "text/plain", "", "", 0, 1}, {2, "audio/wav", "", "", 1, 1}});
        mails.insert_contents(other, {{1, "text/plain", "", "", 0, 1}});
        QueueItem item;
        item.mail = id;
        const QueueItemId queued = Queue(connection).insert(item);

        CHECK(mails.release(id) == 0);
        CHECK(mails.find(id).has_value()); // it is still to be sent
        CHECK(mails.contents(id).size() == 2);

        Queue(connection).remove(queued);
        mails.release(id);
        CHECK_FALSE(mails.find(id).has_value());
        CHECK(mails.contents(id).empty());
        CHECK(mails.contents(other).size() == 1);
    });
}

TEST_CASE("What a mail leaves behind is told when it goes")
{
    in_store([](Connection& connection) {
        Mails mails(connection);
        Mail mail;
        mail.content = std::string(10'000, 'x');
        CHECK(mails.release(mails.insert(mail)) == 10'000);
        mail.spool_file = "large";
        CHECK(mails.release(mails.insert(mail)) == 0);
        CHECK(mails.dead_files("") == std::vector<std::string>{"large"});
        CHECK(mails.release(MailId{99}) == 0);
    });
}

TEST_CASE("Old rows are forgotten piece by piece, the oldest first")
{
    in_store([](Connection& connection) {
        Mails mails(connection);
        Audit audit(connection);
        for (int i = 5; i > 0; --i)
        {
            const Instant at = from_micros(i);
            mails.note_seen("office-b.example", std::to_string(i), "taro@office.example", at);
            audit.append(at, "", {}, "dial", "2001", true, "");
        }
        for (const int expected : {3, 1, 0})
        {
            CHECK(mails.forget_seen(from_micros(5), 3) == expected);
            CHECK(audit.forget(from_micros(5), 3) == expected);
        }
        CHECK_FALSE(mails.note_seen("office-b.example", "5", "taro@office.example", from_micros(6)));
        CHECK(mails.note_seen("office-b.example", "4", "taro@office.example", from_micros(6)));
    });
}
