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

struct Runner
{
    Runner() : spool(store::Spool::open(folder.path()).value()) { runner.start(); }
    ~Runner()
    {
        runner.stop();
        rig.run_for(1s);
    }

    service::test::Rig rig;
    SlowClock clock{rig.clock()};
    Config config;
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
    const auto id = office.rig.with<QueueItemId>([&](store::Connection& connection) {
        store::Mail mail;
        mail.content = "Subject: Hello\r\n\r\nHello\r\n";
        mail.size = 25;
        store::QueueItem item;
        item.mail = store::Mails(connection).insert(mail);
        item.recipient = "taro@office-a.example";
        item.due = office.rig.now() + 1500us; // after the first look at the clock, before a second one
        item.expires = item.due + 24h;
        return store::Queue(connection).insert(item);
    });
    office.rig.run_for(1h);
    CHECK(office.rig.with<bool>(
        [id](store::Connection& connection) { return !store::Queue(connection).find(id).has_value(); }));
}
