// SPDX-License-Identifier: Apache-2.0
// When a mail that could not be relayed is tried again, when its sender is told, and when it is given up.
#include "mta/settlement.h"
#include "service/cancel_mail.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
const Instant start = Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + 10h;

/// One mail in the queue, that can be settled again and again.
class Waiting
{
public:
    explicit Waiting(Duration held_for = {})
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        database = store::Database::open(options).value();
        directory = std::make_unique<directory::Directory>(*database, directory::OfficeOptions{});
        notices = std::make_unique<service::Notices>(service::NoticeOptions{.domain = "office.example"}, *directory);
        inside<bool>([&](store::Connection& connection) {
            store::Mail mail;
            mail.accepted_at = start;
            mail.reverse_path = "taro@office.example";
            mail.submitter = {Standing::own_user, "taro@office.example"};
            mail.content = "Subject: Hello\r\n\r\nHello\r\n";
            mail.size = 25;
            store::QueueItem item;
            item.mail = store::Mails(connection).insert(mail);
            item.recipient = "hanako@office-b.example";
            item.due = start + held_for;
            item.expires = item.due + config.expiry;
            id = store::Queue(connection).insert(item);
            return true;
        });
    }

    template <class T>
    T inside(std::function<T(store::Connection&)> unit)
    {
        return database
            ->write_now<T>("test", [&unit](store::Connection& connection) -> Result<T> { return unit(connection); })
            .value();
    }
    std::optional<store::QueueItem> item()
    {
        return inside<std::optional<store::QueueItem>>(
            [&](store::Connection& connection) { return store::Queue(connection).find(id); });
    }
    Settled settle_whole(Outcome outcome, Instant now)
    {
        return inside<Settled>([&](store::Connection& connection) {
            return settle_relayed(connection, *notices, config,
                                  {store::Queue(connection).find(id).value(), outcome, {"b.example"}}, now);
        });
    }
    /// True: a notice was queued.
    bool settle(Outcome outcome, Instant now) { return settle_whole(std::move(outcome), now).notice; }
    /// The mail has made a request, which waits for it.
    RequestId with_request()
    {
        return inside<RequestId>([](store::Connection& connection) {
            store::Request request;
            request.number = "1-2-3@office.example";
            request.sender = "taro@office.example";
            request.addressee = "hanako@office-b.example";
            request.performer = "office-b.example";
            request.state = RequestState::held;
            request.id = store::Requests(connection).insert(request);
            connection.prepare("UPDATE queue_item SET request_id = ?").bind(request.id).run();
            return request.id;
        });
    }
    std::string last_notice()
    {
        return inside<std::string>([this](store::Connection& connection) {
            auto items = store::Queue(connection).due(Instant::max(), 10);
            std::erase_if(items, [this](const auto& item) { return item.id == id; });
            return store::Mails(connection).find(items.back().mail).value().content;
        });
    }

    RelayConfig config;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<directory::Directory> directory;
    std::unique_ptr<service::Notices> notices;
    QueueItemId id;
};

Outcome nobody_answers()
{
    Outcome outcome;
    outcome.text = "nobody answers";
    return outcome;
}
} // namespace

TEST_CASE("Waits grow, and the last try is made when the time is over", "[mta]")
{
    Waiting waiting;
    Instant now = start;
    std::vector<Duration> waits;
    while (now < start + waiting.config.expiry)
    {
        waiting.settle(nobody_answers(), now);
        waits.push_back(waiting.item()->due - now);
        now = waiting.item()->due;
    }
    CHECK(std::vector<Duration>(waits.begin(), waits.begin() + 8) ==
          std::vector<Duration>{30s, 1min, 2min, 4min, 8min, 16min, 32min, 1h});
    CHECK(now == start + waiting.config.expiry);
    CHECK(waiting.settle(nobody_answers(), now));
    CHECK_FALSE(waiting.item());
    CHECK(waiting.last_notice().find("Action: failed") != std::string::npos);
    CHECK(waiting.last_notice().find("Status: 4.4.1") != std::string::npos);
}

TEST_CASE("A delay is told once, counted from the time at which the mail was to go", "[mta]")
{
    const Duration held_for = GENERATE(Duration{0}, Duration{72h});
    Waiting waiting(held_for);
    const Instant first = start + held_for;
    CHECK_FALSE(waiting.settle(nobody_answers(), first));
    CHECK_FALSE(waiting.settle(nobody_answers(), first + 3h));
    CHECK(waiting.settle(nobody_answers(), first + 4h));
    CHECK(waiting.last_notice().find("Action: delayed") != std::string::npos);
    CHECK_FALSE(waiting.settle(nobody_answers(), first + 5h));
}

TEST_CASE("What was held while it was being sent stays held", "[mta]")
{
    Waiting waiting;
    waiting.inside<bool>([&](store::Connection& connection) {
        store::Queue(connection).set_held(waiting.id, true);
        return true;
    });
    waiting.settle(nobody_answers(), start);
    CHECK(waiting.item()->held);
    CHECK(waiting.item()->attempts == 1);
}

TEST_CASE("Cancelled while it was being sent: the gateway that may have it is told", "[mta]")
{
    struct Case
    {
        Outcome::Kind kind;
        int code;
        bool gateway;
        bool told;
    };
    const auto [kind, code, gateway, told] =
        GENERATE(Case{Outcome::Kind::delivered, 250, true, true}, Case{Outcome::Kind::delivered, 250, false, false},
                 Case{Outcome::Kind::temporary, 0, true, true}, Case{Outcome::Kind::temporary, 450, true, false},
                 Case{Outcome::Kind::permanent, 550, true, false});
    CAPTURE(code, gateway);
    Waiting waiting;
    store::QueueItem item = waiting.item().value();
    item.request = waiting.with_request();
    waiting.inside<bool>([&](store::Connection& connection) {
        connection.prepare("UPDATE request SET state = 'cancelled'").run();
        store::Queue(connection).remove(item.id);
        return true;
    });
    const auto queued = waiting.inside<std::vector<store::QueueItem>>([&](store::Connection& connection) {
        Outcome outcome;
        outcome.kind = kind;
        outcome.code = code;
        const auto settled = settle_relayed(connection, *waiting.notices, waiting.config,
                                            {item, outcome, {"b.example", gateway}}, start);
        CHECK(settled.notice);
        return store::Queue(connection).due(Instant::max(), 10);
    });
    REQUIRE(queued.size() == (told ? 1 : 0));
    if (told)
    {
        CHECK(service::read_cancel(queued.front().exchange)->order->reference == "1-2-3@office.example");
    }
}

TEST_CASE("Only what another server has said is told as its word", "[mta]")
{
    Outcome refused;
    refused.kind = Outcome::Kind::permanent;
    refused.code = GENERATE(0, 550);
    refused.enhanced = "5.7.1";
    refused.text = "not here";
    Waiting waiting;
    CHECK(waiting.settle(refused, start));
    const std::string notice = waiting.last_notice();
    const bool said = refused.code != 0;
    CHECK((notice.find("Remote-MTA: dns; b.example") != std::string::npos) == said);
    CHECK((notice.find("The server b.example said: 550 5.7.1 not here") != std::string::npos) == said);
    CHECK((notice.find("Diagnostic-Code: smtp; 550 5.7.1 not here") != std::string::npos) == said);
    CHECK((notice.find("Diagnostic-Code: x-ringpost; not here") != std::string::npos) == !said);
}

TEST_CASE("The queue shows who has said what, and to what", "[mta]")
{
    Waiting waiting;
    CHECK_FALSE(waiting.settle(nobody_answers(), start));
    CHECK(waiting.item()->last_error == "nobody answers");
    Outcome later;
    later.code = 451;
    later.text = "later";
    CHECK_FALSE(waiting.settle(later, start));
    CHECK(waiting.item()->last_error == "b.example: 451 later");
    later.asked = "RCPT TO";
    later.enhanced = "4.3.0";
    CHECK_FALSE(waiting.settle(later, start));
    CHECK(waiting.item()->last_error == "b.example to RCPT TO: 451 4.3.0 later");
}

TEST_CASE("Who watches requests is told what became of one with its mail", "[mta]")
{
    const auto [kind, state] = GENERATE(std::pair{Outcome::Kind::delivered, RequestState::awaiting_reception},
                                        std::pair{Outcome::Kind::permanent, RequestState::failed});
    Outcome outcome;
    outcome.kind = kind;
    Waiting waiting;
    waiting.with_request();
    CHECK_FALSE(waiting.settle_whole(nobody_answers(), start).changed);
    const auto settled = waiting.settle_whole(outcome, start);
    REQUIRE(settled.changed);
    CHECK(settled.changed->state == state);
}

TEST_CASE("A request that expires before an answer has come is taken back", "[mta]")
{
    Waiting waiting;
    waiting.with_request();
    CHECK_FALSE(waiting.settle(nobody_answers(), start));
    const Instant end = waiting.item()->expires;
    const auto settled = waiting.settle_whole(nobody_answers(), end);
    REQUIRE(settled.changed);
    CHECK(settled.changed->cause == Cause::unreachable);
    const auto cancels = waiting.inside<int>([](store::Connection& connection) {
        const auto items = store::Queue(connection).due(Instant::max(), 10);
        return static_cast<int>(std::count_if(items.begin(), items.end(), [](const auto& item) {
            return service::read_cancel(item.exchange).has_value();
        }));
    });
    CHECK(cancels == 1);
}
