// SPDX-License-Identifier: Apache-2.0
// When the queue runner looks at the queue.
#include "../service/rig.h"
#include "mta/queue_runner.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
/// Each look at it takes its time, as on a machine that is busy.
class SlowClock : public Clock
{
public:
    explicit SlowClock(VirtualClock& clock) : clock_(clock) {}
    [[nodiscard]] Instant now() const override { return clock_.now() + ++looks_ * 1ms; }
    [[nodiscard]] Duration steady() const override { return clock_.steady(); }
    [[nodiscard]] Timer at(Instant when, std::function<void()> action) override
    {
        return clock_.at(when, std::move(action));
    }
    [[nodiscard]] Timer after(Duration delay, std::function<void()> action) override
    {
        return clock_.after(delay, std::move(action));
    }

private:
    VirtualClock& clock_;
    mutable int looks_ = 0;
};

/// What is sent to another office stays in hand.
Config without_connections()
{
    Config config;
    config.relay.connections = 0;
    return config;
}

struct Runner
{
    Runner() : spool(store::Spool::open(folder.path()).value()) { runner.start(); }
    ~Runner()
    {
        runner.stop();
        rig.run_for(1s);
    }

    QueueItemId queue(const std::string& recipient, Duration in)
    {
        return rig.with<QueueItemId>([&](store::Connection& connection) {
            store::Mail mail;
            mail.content = "Subject: Hello\r\n\r\nHello\r\n";
            mail.size = 25;
            store::QueueItem item;
            item.mail = store::Mails(connection).insert(mail);
            item.recipient = recipient;
            item.due = rig.now() + in;
            item.expires = item.due + 24h;
            return store::Queue(connection).insert(item);
        });
    }
    bool queued(QueueItemId id)
    {
        return rig.with<bool>(
            [id](store::Connection& connection) { return store::Queue(connection).find(id).has_value(); });
    }

    service::test::Rig rig;
    SlowClock clock{rig.clock()};
    Config config = without_connections();
    ringpost::test::TemporaryDirectory folder;
    store::Spool spool;
    TlsClient tls;
    scenario::Director director{rig.book(), rig.notices(), rig.directory(), 1h};
    scenario::Inquiries inquiries{clock, rig.database(), rig.directory(), rig.book(), rig.scheduler(), director};
    Determination determination{clock,      rig.database(),  rig.directory(), rig.notices(),
                                rig.book(), rig.scheduler(), inquiries};
    service::QueueDesk desk{clock, rig.database(), rig.book(), rig.notices(), config.relay.expiry};
    Fallback fallback{config, clock, rig.directory(), rig.notices(), rig.book(), rig.scheduler()};
    QueueRunner runner{rig.context().get_executor(),
                       {&rig.context()},
                       config,
                       clock,
                       rig.database(),
                       spool,
                       rig.directory(),
                       rig.notices(),
                       determination,
                       tls,
                       desk,
                       fallback};
};
} // namespace

TEST_CASE("A mail that falls due while the queue is read is taken when its time comes", "[mta]")
{
    Runner office;
    // After the first look at the clock, before a second one.
    const auto id = office.queue("taro@office-a.example", 1500us);
    office.rig.run_for(1h);
    CHECK_FALSE(office.queued(id));
}

TEST_CASE("Mails for a crowded server stand in nobody's way", "[mta]")
{
    Runner office;
    office.rig.change_directory([](store::DirectoryRows& rows) -> Result<> {
        rows.insert({"office-b.example", "127.0.0.1", 25, "office-a.example", "s", HopTls::opportunistic, ""});
        return {};
    });
    // More than three readings of the queue: two find nothing but what is put aside.
    for (int i = 0; i < 1000; ++i)
    {
        office.queue("jiro@office-b.example", 10ms);
    }
    const auto local = office.queue("taro@office-a.example", 11ms);
    office.runner.poke();
    office.rig.run_for(1s);
    CHECK_FALSE(office.queued(local));
}
