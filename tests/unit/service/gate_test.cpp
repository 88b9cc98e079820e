// SPDX-License-Identifier: Apache-2.0
// What is asked of the gate before anything is dialled, and who is told what (spec 2.5, 2.7, 8).
#include "rig.h"
#include "store/mails.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using Lines = std::vector<std::string>;

namespace
{
std::int64_t count(Rig& rig, const std::string& sql)
{
    return rig.with<std::int64_t>([&](store::Connection& connection) {
        auto query = connection.prepare(sql);
        query.step();
        return query.integer(0);
    });
}

MailId store_mail(Rig& rig, bool automatic = false)
{
    return rig.with<MailId>([&](store::Connection& connection) {
        store::Mail mail;
        mail.accepted_at = rig.now();
        mail.reverse_path = "taro@office-a.example";
        mail.submitter = {Standing::own_user, "taro@office-a.example"};
        mail.automatic = automatic;
        mail.subject = "Call me";
        mail.content = "Subject: Call me\r\n\r\nPlease.\r\n";
        mail.size = static_cast<std::int64_t>(mail.content.size());
        return store::Mails(connection).insert(mail);
    });
}
} // namespace

TEST_CASE("The kill switch is obeyed when it is to be dialled, and a refusal is told to who wanted no result")
{
    Rig rig;
    rig.calls("2000", "2002");
    auto order = rig.order("2000", "2001");
    order.result_notification = false;
    const auto id = rig.ask(order);
    rig.run_for(10s);
    rig.change_directory([](store::DirectoryRows& rows) -> Result<> {
        rows.set("kill-switch", "on");
        return {};
    });
    rig.hangs_up("2000");
    rig.run_for(10s);
    CHECK(rig.rings("2000").empty());
    CHECK(rig.standing(id) == "failed refused");
    CHECK(rig.results(id) == Lines{"failed refused 1"});
    CHECK(count(rig, "SELECT count(*) FROM audit WHERE action = 'dial' AND allowed = 0 AND rule = 'kill-switch'") == 1);
}

TEST_CASE("Each attempt is judged anew and leaves an audit row; a look is no attempt to dial")
{
    Rig rig;
    rig.calls("2000", "2002");
    rig.ask("2000", "2001");
    rig.run_for(5s);
    CHECK(count(rig, "SELECT count(*) FROM audit") == 0);
    rig.hangs_up("2000");
    rig.run_for(5s);
    CHECK(count(rig, "SELECT count(*) FROM audit WHERE action = 'dial' AND allowed = 1") == 1);
}

TEST_CASE("Nobody but own users and peers has anything dialled, and a peer names sources of its own ranges only")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    SECTION("a stranger")
    {
        order.submitter = {Standing::stranger, ""};
    }
    SECTION("the gateway itself")
    {
        order.submitter = {Standing::own_gateway, ""};
    }
    SECTION("a peer that names an extension of this office")
    {
        order.submitter = {Standing::peer, "office-b.example"};
    }
    SECTION("an unknown peer")
    {
        order.submitter = {Standing::peer, "office-c.example"};
        order.source_device = Rig::far_prefix + "2000";
    }
    SECTION("a number that nobody may dial")
    {
        order.source_device = "+12125550100";
    }
    const auto id = rig.ask(order);
    rig.run_for(10s);
    CHECK(rig.rings().empty());
    CHECK(rig.standing(id) == "failed refused");
    CHECK(rig.results(id).size() == 1);
    CHECK(rig.attempts(id).empty());
}

TEST_CASE("Result-Notification no silences the result of what was performed")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.result_notification = false;
    const auto id = rig.ask(order);
    rig.run_for(10s);
    CHECK(rig.standing(id) == "connected");
    CHECK(rig.results(id).empty());
}

TEST_CASE("A failed system-recognition is delivered as ordinary mail that fires nothing")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.trigger = Trigger::system_recognition;
    order.mail = store_mail(rig);
    SECTION("rejected")
    {
        rig.rejects("2000");
        const auto id = rig.ask(order);
        rig.run_for(5s);
        CHECK(rig.results(id) == Lines{"failed rejected 1"});
        CHECK(count(rig, "SELECT count(*) FROM mailbox_entry WHERE request_id IS NULL") == 1);
    }
    SECTION("refused")
    {
        order.submitter = {Standing::stranger, ""};
        rig.ask(order);
        rig.run_for(5s);
        CHECK(count(rig, "SELECT count(*) FROM mailbox_entry WHERE request_id IS NULL") == 1);
    }
    SECTION("expired")
    {
        order.monitor_time = 60s;
        rig.never_answers("2000");
        rig.ask(order);
        rig.run_for(2min);
        CHECK(count(rig, "SELECT count(*) FROM mailbox_entry WHERE request_id IS NULL") == 1);
    }
    SECTION("a success is not delivered, and its mail is not kept")
    {
        rig.ask(order);
        rig.run_for(5s);
        CHECK(count(rig, "SELECT count(*) FROM mailbox_entry") == 0);
        CHECK(count(rig, "SELECT count(*) FROM mail WHERE subject = 'Call me'") == 0);
    }
}

TEST_CASE("A mail that is received once more dials nobody")
{
    Rig rig;
    rig.never_answers("2000");
    const auto id = rig.ask("2000", "2001");
    rig.run_for(60s);
    CHECK(rig.standing(id) == "waiting use");
    const auto again = rig.complete<Result<>>(rig.scheduler().receive(rig.request(id), {}));
    CHECK(again.has_value());
    rig.run_for(60s);
    CHECK(rig.ring_times("2000") == std::vector<double>{0});
}

TEST_CASE("What goes with a reception is stored with it, and can say that it was stored before")
{
    Rig rig;
    auto order = rig.order("2000", "2001");
    order.state = RequestState::awaiting_reception;
    order.id =
        rig.with<RequestId>([&](store::Connection& connection) { return store::Requests(connection).insert(order); });
    const RequestBook::Also before = [](store::Connection&) -> Result<bool> { return false; };
    CHECK(rig.complete<Result<>>(rig.scheduler().receive(order, before)).has_value());
    rig.run_for(10s);
    CHECK(rig.rings().empty());
    CHECK(rig.standing(order.id) == "awaiting-reception");
    CHECK(count(rig, "SELECT count(*) FROM audit") == 0);
    const RequestBook::Also fails = [](store::Connection&) -> Result<bool> { return fail(Errc::full, "", "no room"); };
    CHECK(rig.complete<Result<>>(rig.scheduler().receive(order, fails)).has_error());
    CHECK(rig.standing(order.id) == "awaiting-reception");
}
