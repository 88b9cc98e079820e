// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"
#include "store/mails.h"
#include "store/queue.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::store;

TEST_CASE("A mail that nobody needs any more goes with its contents")
{
    DatabaseOptions options;
    options.file = ":memory:";
    const auto database = Database::open(options).value();
    const auto done = database->write_now<bool>("test", [](Connection& connection) -> Result<bool> {
        Mails mails(connection);
        const MailId id = mails.insert({});
        const MailId other = mails.insert({});
        mails.insert_contents(id, {{1, "text/plain", "", "", 0, 1}, {2, "audio/wav", "", "", 1, 1}});
        mails.insert_contents(other, {{1, "text/plain", "", "", 0, 1}});
        QueueItem item;
        item.mail = id;
        const QueueItemId queued = Queue(connection).insert(item);

        mails.release(id);
        CHECK(mails.find(id).has_value()); // it is still to be sent
        CHECK(mails.contents(id).size() == 2);

        Queue(connection).remove(queued);
        mails.release(id);
        CHECK_FALSE(mails.find(id).has_value());
        CHECK(mails.contents(id).empty());
        CHECK(mails.contents(other).size() == 1);
        return true;
    });
    REQUIRE(done.has_value());
}
