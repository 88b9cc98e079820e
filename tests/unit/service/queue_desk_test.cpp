// SPDX-License-Identifier: Apache-2.0
// What an administrator does with the queue, and what the queue runner must not do meanwhile.
#include "rig.h"
#include "service/cancel_mail.h"
#include "service/queue_desk.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Action = QueueDesk::Action;
using State = QueueDesk::State;

namespace
{
constexpr Duration expiry = 5 * 24h;

class Desk
{
public:
    QueueItemId queue(Duration due = {}, int attempts = 0, RequestId request = {},
                      const std::string& content = "Subject: Hello\r\n\r\nHello\r\n")
    {
        store::Mail mail;
        mail.accepted_at = rig.now();
        mail.reverse_path = "taro@office.example";
        mail.content = content;
        mail.size = static_cast<std::int64_t>(content.size());
        store::QueueItem item;
        item.recipient = "jiro@Office-B.example";
        item.request = request;
        item.due = rig.now() + due;
        item.expires = rig.now() + expiry + (attempts == 0 ? due : Duration{});
        item.attempts = attempts;
        return rig.with<QueueItemId>([&](store::Connection& connection) {
            item.mail = store::Mails(connection).insert(mail);
            return store::Queue(connection).insert(item);
        });
    }
    QueueDesk::Done act(Action action, QueueDesk::Selection selection)
    {
        return rig.complete(desk.act(action, std::move(selection))).value();
    }
    QueueDesk::Done act(Action action, QueueItemId item) { return act(action, {{item}, "", false}); }
    std::optional<store::QueueItem> item(QueueItemId id)
    {
        return rig.with<std::optional<store::QueueItem>>(
            [id](store::Connection& connection) { return store::Queue(connection).find(id); });
    }
    bool due(QueueItemId id, Duration in = {})
    {
        return rig.with<bool>([&](store::Connection& connection) {
            const auto due = store::Queue(connection).due(rig.now() + in, 100);
            return std::any_of(due.begin(), due.end(), [id](const auto& found) { return found.id == id; });
        });
    }
    std::size_t items()
    {
        return rig.with<std::size_t>(
            [](store::Connection& connection) { return store::Queue(connection).ids({}).size(); });
    }
    /// Items for this recipient: notices.
    std::size_t notices_for(const std::string& recipient)
    {
        return rig.with<std::size_t>([&](store::Connection& connection) {
            const auto all = store::Queue(connection).due(Instant::max(), 100);
            return static_cast<std::size_t>(
                std::count_if(all.begin(), all.end(), [&](const auto& found) { return found.recipient == recipient; }));
        });
    }

    Rig rig;
    QueueDesk desk{rig.clock(), rig.database(), rig.book(), rig.notices(), expiry};
};
} // namespace

TEST_CASE("A held item is not due until it is released, and then when it was", "[service]")
{
    Desk desk;
    const auto item = desk.queue(10min, 2);
    CHECK(desk.desk.state(*desk.item(item)) == State::waiting);
    CHECK(desk.act(Action::hold, item).changed == 1);
    CHECK(desk.desk.state(*desk.item(item)) == State::held);
    CHECK_FALSE(desk.due(item, 24h));
    CHECK(desk.act(Action::retry, item).left.front().why == "it is held, and has to be released first");
    CHECK(desk.act(Action::release, item).changed == 1);
    CHECK_FALSE(desk.due(item));
    CHECK(desk.due(item, 10min));
    CHECK(desk.act(Action::release, item).left.front().why == "it is not held");
}

TEST_CASE("An item that is named twice is changed once, and nobody is told that it was not", "[service]")
{
    Desk desk;
    const auto item = desk.queue();
    const auto other = desk.queue();
    const auto done = desk.act(Action::hold, {{item, other, item}, "", false});
    CHECK(done.changed == 2);
    CHECK(done.left.empty());
}

TEST_CASE("Retry makes due what has been tried, and not what its sender has timed", "[service]")
{
    Desk desk;
    const auto tried = desk.queue(1h, 3);
    const auto timed = desk.queue(1h);
    CHECK(desk.desk.state(*desk.item(timed)) == State::timed);
    const auto done = desk.act(Action::retry, {{}, "office-b.example", false});
    CHECK(done.changed == 1);
    REQUIRE(done.left.size() == 1);
    CHECK(done.left.front().item == timed);
    CHECK(desk.due(tried));
    CHECK_FALSE(desk.due(timed));
    CHECK(desk.act(Action::retry, {{}, "other.example", false}).changed == 0);
}

TEST_CASE("A deleted item is told to its sender by a bounce, unless it is deleted silently", "[service]")
{
    Desk desk;
    CHECK(desk.act(Action::remove_silently, desk.queue()).told == 0);
    CHECK(desk.notices_for("taro@office.example") == 0);
    const auto item = desk.queue();
    CHECK(desk.act(Action::remove, item).told == 1);
    CHECK(desk.notices_for("taro@office.example") == 1);
    CHECK_FALSE(desk.item(item));
    CHECK(desk.act(Action::remove, item).left.size() == 1);
}

TEST_CASE("Large mails are deleted in several transactions, none left out", "[service]")
{
    const std::string large(static_cast<std::size_t>(store::Mails::released_at_once) / 2, 'x');
    Desk whole;
    Desk broken;
    for (int i = 0; i < 10; ++i)
    {
        whole.queue({}, 0, {}, large);
        broken.queue({}, 0, {}, large);
    }
    const auto all = QueueDesk::Selection{{}, "", true};
    CHECK(whole.act(Action::remove_silently, all).changed == 10);
    CHECK(whole.items() == 0);
    broken.rig.execute("CREATE TRIGGER last BEFORE DELETE ON queue_item WHEN old.id = 10 "
                       "BEGIN SELECT RAISE(ABORT, 'last'); END");
    CHECK(broken.rig.complete(broken.desk.act(Action::remove_silently, all, "admin")).has_error());
    CHECK(broken.items() == 2);
}

TEST_CASE("A deleted item ends its request with one result, even silently", "[service]")
{
    Desk desk;
    auto order = desk.rig.order("2001", "2000");
    order.state = RequestState::held;
    order.performer = "office-b.example";
    const auto request = desk.rig.with<RequestId>(
        [&](store::Connection& connection) { return store::Requests(connection).insert(order); });
    const auto item = desk.queue({}, 1, request);
    CHECK(desk.act(Action::remove_silently, item).told == 1);
    CHECK(desk.rig.standing(request) == "cancelled cancelled");
    CHECK(desk.rig.results(request).size() == 1);
    CHECK_FALSE(desk.item(item));
}

TEST_CASE("A request whose mail was tried is cancelled at the gateway that may have it", "[service]")
{
    Desk desk;
    auto order = desk.rig.order("2001", "2000");
    order.state = RequestState::held;
    const int attempts = GENERATE(0, 1);
    order.performer = GENERATE(as<std::string>{}, "", "office-b.example");
    const auto request = desk.rig.with<RequestId>(
        [&](store::Connection& connection) { return store::Requests(connection).insert(order); });
    const auto item = desk.queue({}, attempts, request);
    CHECK(desk.act(Action::remove, item).changed == 1);
    const auto cancels = desk.rig.with<std::vector<ExchangeField>>([&](store::Connection& connection) {
        std::vector<ExchangeField> fields;
        for (const auto& queued : store::Queue(connection).due(Instant::max(), 100))
        {
            if (const auto cancel = read_cancel(queued.exchange))
            {
                CHECK(queued.recipient == order.addressee);
                CHECK(queued.notify == "NEVER");
                fields.push_back(*cancel);
            }
        }
        return fields;
    });
    const bool elsewhere = attempts > 0 && !order.performer.empty();
    REQUIRE(cancels.size() == (elsewhere ? 1 : 0));
    if (elsewhere)
    {
        CHECK(cancels.front().order->reference == order.number);
        CHECK(written_by_gateway(cancels.front()));
    }
}

TEST_CASE("What is being sent is not deleted, and what is being changed is not begun", "[service]")
{
    Desk desk;
    const auto sending = desk.queue();
    const auto other = desk.queue();
    desk.desk.reading();
    REQUIRE(desk.desk.begin(sending));
    CHECK(desk.desk.state(*desk.item(sending)) == State::sending);
    const auto done = desk.act(Action::remove, {{}, "", true});
    CHECK(done.changed == 1);
    REQUIRE(done.left.size() == 1);
    CHECK(done.left.front().item == sending);
    // The runner may have read the queue before that change.
    CHECK_FALSE(desk.desk.begin(other));
    desk.desk.end(sending);
    CHECK(desk.desk.begin(sending));
    desk.desk.reading();
    CHECK(desk.desk.begin(other));
}
