// SPDX-License-Identifier: Apache-2.0
// Contents for which there is no port, that throw, that are cancelled or whose exchange is lost in the wrong moment.
#include "mail_contents.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;
using namespace ringpost::service::test;
using Lines = std::vector<std::string>;
using Times = std::vector<double>;

TEST_CASE("While all ports are taken contents wait in turn, and hold up nobody else")
{
    test::RigOptions options;
    options.scheduler.ports = 1;
    options.scheduler.attempts_at_once = 2;
    MailOffice office(options);
    Rig& rig = office.rig;
    for (const char* telephone : {"2002", "2003", "2004", "2005"})
    {
        rig.answers(telephone, 1s, 60s);
    }
    const auto first = office.ask("play = message 2\n", "2002");
    const auto second = office.ask("play = message 2\n", "2003");
    const auto express = office.ask("play = message 3\n", "2004", [](store::Request& part) { part.express = true; });
    const auto call = rig.ask("2000", "2001");
    rig.run_for(3s);
    CHECK(rig.standing(call) == "connected");
    CHECK(office.parts(second) == Lines{"voice 2 waiting port"});
    CHECK(rig.scheduler().devices_reserved() == 1); // who waits for a port keeps no telephone
    rig.run_for(2min);
    CHECK(rig.ring_times("2002") == Times{0});
    CHECK(rig.ring_times("2004") == Times{11});
    CHECK(rig.ring_times("2003") == Times{22});
    CHECK(office.voices.played == std::vector<int>{2, 3, 2});
    for (const auto id : {first, second, express})
    {
        CHECK(rig.results(id) == Lines{"connected  1"});
    }
}

TEST_CASE("A busy telephone does not keep a port from the next who waits for one, nor does a restart")
{
    const bool restart = GENERATE(false, true);
    test::RigOptions options;
    options.scheduler.ports = 1;
    MailOffice office(options);
    Rig& rig = office.rig;
    office.ask("play = message 2\n", "2000");
    office.ask("play = message 2\n", "2002");
    const auto last = office.ask("play = message 3\n", "2003");
    rig.answers("2003", 1s, 60s);
    rig.run_for(2s);
    rig.calls("2002", "2004");
    if (restart)
    {
        rig.stop();
        rig.start();
    }
    rig.run_for(30s);
    CHECK(rig.rings("2003").size() == 1);
    CHECK(rig.results(last) == Lines{"connected  1"});
    rig.hangs_up("2002");
    rig.run_for(30s);
    CHECK(rig.rings("2002").size() == 1);
}

TEST_CASE("Who waits for a port is reached by a cancel and by the end of the monitor time at once")
{
    test::RigOptions options;
    options.scheduler.ports = 1;
    MailOffice office(options);
    Rig& rig = office.rig;
    rig.answers("2000", 1s, 5min);
    const auto first = office.ask("play = message 2\n");
    const auto cancelled = office.ask("play = message 2\n", "2002");
    const auto late =
        office.ask("play = message 2\n", "2003", [](store::Request& request) { request.monitor_time = 6s; });
    rig.run_for(2s);
    REQUIRE(rig.cancel(cancelled).has_value());
    CHECK(rig.results(cancelled) == Lines{"cancelled cancelled 0"});
    rig.run_for(5s);
    CHECK(office.parts(late) == Lines{"voice 2 expired expired"});
    CHECK(rig.results(late) == Lines{"failed expired 0"});
    CHECK(rig.scheduler().devices_reserved() == 1);
    rig.run_for(1min);
    CHECK(rig.rings("2002").empty());
    CHECK(rig.rings("2003").empty());
    CHECK(rig.results(first) == Lines{"connected  1"});
}

TEST_CASE("A content that throws ends its request, and nothing else")
{
    const bool before = GENERATE(false, true);
    MailOffice office;
    Rig& rig = office.rig;
    if (before)
    {
        office.voices.unread = {broken};
    }
    const auto id = office.ask("play = message 5 or continue\nplay = message 2\n");
    rig.run_for(1min);
    CHECK(office.parts(id) == Lines{"voice 5 failed error", "voice 2 connected 10s"});
    CHECK(rig.rings("2000").size() == (before ? 1 : 2));
    CHECK(rig.scheduler().attempts() == 0);
    CHECK(rig.scheduler().devices_reserved() == 0);
    CHECK(rig.results(id) == Lines{before ? "connected  1" : "connected  2"});
}

TEST_CASE("A cancel in the moment of key 9 rings nobody")
{
    MailOffice office;
    Rig& rig = office.rig;
    const auto id = office.ask(voice_and_call);
    bool cancelled = false;
    const auto listening = rig.book().on_change([&](const store::Request& changed) {
        // Stored: the call goes on for the connection. Not looked at yet: the gate before its source is rung.
        if (changed.medium == Medium::exchange && changed.part_of && changed.state == RequestState::dialling_second &&
            !std::exchange(cancelled, true))
        {
            static_cast<void>(rig.with<bool>([&](store::Connection& connection) {
                const auto whole = store::Requests(connection).find(id).value();
                return rig.book().apply_in(connection, whole, event::Cancel{}, rig.now()).applied;
            }));
        }
    });
    rig.at(5s, [&office] { office.press("9"); });
    rig.run_for(10s);
    CHECK(cancelled);
    CHECK(rig.line().alerted() == 0);
    CHECK(rig.rings("2001").empty());
    CHECK(rig.state("2000") == pbx::DeviceState::idle);
    CHECK(rig.results(id) == Lines{"cancelled cancelled 1"});
}

TEST_CASE("Of a FAX whose exchange is lost the confirmed pages are kept, and it is called again after a while")
{
    MailOffice office;
    Rig& rig = office.rig;
    const auto id = office.ask("play = message 4\n");
    rig.run_for(3s);
    rig.exchange().set_link(false);
    rig.run_for(1s);
    CHECK(office.voices.played == std::vector<int>{1}); // confirmed in that moment
    const auto part = rig.with<store::Request>(
        [id](store::Connection& connection) { return store::Requests(connection).parts_of(id).at(0); });
    CHECK(part.pages == 1);
    rig.exchange().set_link(true);
    rig.run_for(20s);
    CHECK(rig.rings("2000").size() == 1);
    rig.run_for(2min);
    CHECK(rig.rings("2000").size() == 2);
    CHECK(office.voices.played == std::vector<int>{1, 2});
    CHECK(rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("A gateway that is stopped while a PIN is asked for waits for it")
{
    MailOffice office;
    Rig& rig = office.rig;
    rig.change_directory([](store::DirectoryRows& rows) -> Result<> {
        for (auto user : rows.load().users)
        {
            user.fax_number = user.address == "hanako@office-a.example" ? "2005" : "";
            user.extension = user.address == "hanako@office-a.example" ? "2000" : "2001";
            rows.replace(user);
        }
        return {};
    });
    rig.answers("2005", 1s, 60s);
    const auto id =
        office.ask("play = message 4\n", "2000", [](store::Request& request) { request.confidential = true; });
    rig.at(5s, [&office] { office.press("1"); });
    rig.run_for(4s);
    CHECK(rig.ring_times("2000") == Times{0});
    rig.stop();
    rig.start();
    rig.run_for(1min);
    CHECK(rig.ring_times("2000") == Times{0});
    CHECK(rig.rings("2005").size() == 1);
    CHECK(rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("No FAX machine is asked for a PIN")
{
    MailOffice office;
    Rig& rig = office.rig;
    rig.change_directory([](store::DirectoryRows& rows) -> Result<> {
        for (auto user : rows.load().users)
        {
            user.extension = user.address == "hanako@office-a.example" ? "" : "2001";
            rows.replace(user);
        }
        return {};
    });
    const auto id =
        office.ask("play = message 4\n", "2005", [](store::Request& request) { request.confidential = true; });
    rig.run_for(1min);
    CHECK(rig.rings().empty());
    CHECK(office.parts(id) == Lines{"pin 4 failed no-such-number"});
    CHECK(rig.results(id) == Lines{"failed no-such-number 0"});
}
