// SPDX-License-Identifier: Apache-2.0
// After a restore nobody is rung for a request that may have ended since the backup was made.
#include "rig.h"
#include "service/restored.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;

namespace
{
void mark_restored(Rig& rig)
{
    rig.execute("INSERT INTO setting (name, value) VALUES ('restored-from', '1')");
}

std::optional<std::int64_t> settle(Rig& rig)
{
    return settle_restored(rig.database(), rig.book(), rig.now()).value();
}
} // namespace

TEST_CASE("Requests that were open end with one result, once", "[service]")
{
    Rig rig;
    std::vector<RequestId> open;
    for (int i = 0; i < 450; ++i)
    {
        open.push_back(rig.store_due(rig.order("2000", "2001")));
    }
    CHECK_FALSE(settle(rig).has_value());
    mark_restored(rig);
    CHECK(settle(rig) == 450);
    for (const auto id : {open.front(), open.back()})
    {
        CHECK(rig.standing(id) == "failed error");
        CHECK(rig.results(id).size() == 1);
    }
    CHECK_FALSE(settle(rig).has_value());
    rig.run_for(1min);
    CHECK(rig.rings().empty());
}

TEST_CASE("A request whose time has not come, and one that another gateway performs, go on", "[service]")
{
    Rig rig;
    auto timed = rig.order("2000", "2001");
    timed.state = RequestState::held;
    auto relayed = rig.order("2002", "2001");
    relayed.state = RequestState::held;
    relayed.performer = "office-b.example";
    const auto ids = rig.with<std::pair<RequestId, RequestId>>([&](store::Connection& connection) {
        store::Requests requests(connection);
        const std::pair stored{requests.insert(timed), requests.insert(relayed)};
        store::Mail mail;
        mail.content = "Subject: later\r\n\r\n";
        mail.size = 18;
        store::QueueItem item;
        item.mail = store::Mails(connection).insert(mail);
        item.recipient = "taro@office.example";
        item.request = stored.first;
        item.due = rig.now() + 1h;
        item.expires = item.due + 24h;
        store::Queue(connection).insert(item);
        return stored;
    });
    mark_restored(rig);
    CHECK(settle(rig) == 0);
    CHECK(rig.request(ids.first).state == RequestState::held);
    CHECK(rig.request(ids.second).state == RequestState::held);
}
