// SPDX-License-Identifier: Apache-2.0
// Mails with contents, in virtual time: the scenario and its parts, what a content that cannot be performed leads to,
// key 9, and the death of the gateway at every point of that.
#include "mail_contents.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ringpost;
using namespace ringpost::service;
using namespace ringpost::service::test;
using Lines = std::vector<std::string>;
using Times = std::vector<double>;

TEST_CASE("A scenario performs one content after the other, and waits between them")
{
    MailOffice office;
    const auto id = office.ask("play = message 3\nwait = 30s\nplay = message exchange\n");
    office.rig.run_for(2min);
    CHECK(office.voices.played == std::vector<int>{3});
    CHECK(office.rig.ring_times("2000") == Times{0, 41});
    CHECK(office.rig.ring_times("2001") == Times{42});
    CHECK(office.parts(id) == Lines{"voice 3 connected 10s", "exchange 0 connected"});
    CHECK(office.rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("Contents that are to be performed together wait for the one telephone, and all end before the next step")
{
    MailOffice office;
    const auto id = office.ask("play = message 2, message 3\nplay = message exchange\n");
    office.rig.run_for(3min);
    CHECK(office.voices.played == std::vector<int>{2, 3});
    CHECK(office.rig.ring_times("2000").size() == 3);
    CHECK(office.parts(id) == Lines{"voice 2 connected 10s", "voice 3 connected 10s", "exchange 0 connected"});
    // That the call of one was still being ended is no attempt of the next.
    CHECK(office.rig.results(id) == Lines{"connected  3"});
}

TEST_CASE("A content that cannot be performed rings nobody, is no attempt, and is told with the reason")
{
    MailOffice office;
    office.voices.damaged = {2};
    const auto id = office.ask("play = message 2\nplay = message exchange\n");
    office.rig.run_for(1min);
    CHECK(office.rig.rings().empty());
    CHECK(office.rig.results(id) == Lines{"failed bad-request 0"});
    CHECK(office.rig.with<std::string>([id](store::Connection& connection) {
        return store::Requests(connection).parts_of(id).at(0).why;
    }) == "content: is damaged");
    const auto goes_on = office.ask(voice_and_call);
    office.rig.run_for(1min);
    CHECK(office.parts(goes_on) == Lines{"voice 2 failed bad-request", "exchange 0 connected"});
    CHECK(office.rig.results(goes_on) == Lines{"connected  1"});
}

TEST_CASE("A content that cannot be read at this moment is tried again")
{
    MailOffice office;
    office.voices.too_many = 2;
    const auto id = office.ask("play = message 2\n");
    office.rig.run_for(59s);
    CHECK(office.rig.rings().empty());
    office.rig.run_for(1min);
    CHECK(office.voices.played == std::vector<int>{2});
    CHECK(office.rig.results(id).size() == 1);
}

TEST_CASE("Key 9 rings the source over the call that is open, and ends the scenario")
{
    MailOffice office;
    const auto id = office.ask("play = message 2\nplay = message 3\nplay = message exchange\n");
    office.rig.at(5s, [&office] { office.press("9"); });
    office.rig.run_for(30s);
    CHECK(office.rig.ring_times("2000") == Times{0});
    CHECK(office.rig.ring_times("2001") == Times{5});
    CHECK(office.rig.state("2000") == pbx::DeviceState::talking);
    CHECK(office.rig.state("2001") == pbx::DeviceState::talking);
    CHECK(office.parts(id) == Lines{"voice 2 connected 4s", "exchange 0 connected"});
    CHECK(office.rig.results(id) == Lines{"connected  1"});
    office.rig.run_for(5min);
    CHECK(office.rig.rings().size() == 2);
    CHECK(office.voices.played == std::vector<int>{2});
}

TEST_CASE("Key 9: a source that is busy, or silent, is told as if it had been asked for before")
{
    const bool busy = GENERATE(true, false);
    MailOffice office;
    if (busy)
    {
        office.rig.calls("2001", "2002");
    }
    else
    {
        office.rig.never_answers("2001");
    }
    const auto id = office.ask(voice_and_call);
    office.rig.at(5s, [&office] { office.press("9"); });
    office.rig.run_for(2min);
    const std::string cause = busy ? "source-busy" : "source-no-answer";
    CHECK(office.rig.ring_times("2001") == (busy ? Times{} : Times{5}));
    CHECK(office.rig.ring_times("2000") == Times{0});
    CHECK(office.rig.state("2000") == pbx::DeviceState::idle);
    CHECK(office.parts(id) == Lines{"voice 2 connected 4s", "exchange 0 failed " + cause});
    CHECK(office.rig.results(id) == Lines{"failed " + cause + " 1"});
}

TEST_CASE("Key 9 in hours in which nobody is to be rung: the addressee is on the telephone already")
{
    MailOffice office;
    const auto id = office.ask(voice_and_call);
    office.rig.run_for(3s);
    office.rig.not_to_be_rung("00:00-23:59");
    office.press("9");
    office.rig.run_for(3s);
    CHECK(office.rig.ring_times("2001") == Times{3});
    CHECK(office.rig.results(id) == Lines{"connected  1"});
}

TEST_CASE("Key 9 passes the gate, which may have been closed meanwhile")
{
    MailOffice office;
    const auto id = office.ask(voice_and_call);
    office.rig.run_for(3s);
    office.rig.change_directory([](store::DirectoryRows& rows) -> Result<> {
        return rows.erase_permission("*", "own") ? Result<>{} : fail(Errc::not_found, "permission", "is not there");
    });
    office.press("9");
    office.rig.run_for(1min);
    CHECK(office.rig.ring_times("2001").empty());
    CHECK(office.rig.state("2000") == pbx::DeviceState::idle);
    CHECK(office.parts(id) == Lines{"voice 2 connected 2s", "exchange 0 failed refused"});
    CHECK(office.rig.results(id) == Lines{"failed refused 1"});
}

TEST_CASE("A cancel ends the call that key 9 made, whatever of it rings")
{
    MailOffice office;
    office.rig.never_answers("2001");
    const auto id = office.ask(voice_and_call);
    office.rig.at(5s, [&office] { office.press("9"); });
    office.rig.run_for(10s);
    CHECK(office.rig.state("2001") == pbx::DeviceState::ringing);
    REQUIRE(office.rig.cancel(id).has_value());
    office.rig.run_for(1s);
    CHECK(office.rig.state("2001") == pbx::DeviceState::idle);
    CHECK(office.rig.state("2000") == pbx::DeviceState::idle);
    CHECK(office.rig.results(id) == Lines{"cancelled cancelled 1"});
}

TEST_CASE("Of a voice that is heard when the gateway is stopped, and when the exchange is lost, so much is told")
{
    const bool stopped = GENERATE(true, false);
    MailOffice office;
    const auto id = office.ask(voice_and_call);
    office.rig.run_for(4s);
    if (stopped)
    {
        office.rig.stop();
        office.rig.start();
    }
    else
    {
        office.rig.exchange().set_link(false);
        office.rig.run_for(20s);
        office.rig.exchange().set_link(true);
    }
    office.rig.run_for(2min);
    CHECK(office.voices.played == std::vector<int>{2});
    CHECK(office.parts(id) == Lines{"voice 2 connected 3s", "exchange 0 connected"});
    CHECK(office.rig.results(id) == Lines{"connected  2"});
}

TEST_CASE("A yes by mail while the question is heard connects in that same call")
{
    const bool key_too = GENERATE(false, true);
    MailOffice office;
    const auto id = office.ask("pause = message exchange\n");
    office.rig.at(5s, [&] {
        if (key_too)
        {
            office.press("1");
        }
        CHECK(office.answer(id, true));
    });
    office.rig.run_for(30s);
    CHECK_FALSE(office.answer(id, true));
    CHECK(office.rig.ring_times("2000") == Times{0});
    CHECK(office.rig.ring_times("2001") == Times{5});
    CHECK(office.rig.state("2000") == pbx::DeviceState::talking);
    CHECK(office.rig.state("2001") == pbx::DeviceState::talking);
    CHECK(office.parts(id) == Lines{"inquiry 0 connected", "exchange 0 connected"});
    CHECK(office.rig.results(id) == Lines{"connected  1"});
    office.rig.run_for(5min);
    CHECK(office.rig.rings().size() == 2);
    CHECK(office.rig.scheduler().attempts() == 0);
}

TEST_CASE("A yes by mail while the question is heard plays the voice in that same call")
{
    MailOffice office;
    const auto id = office.ask("pause = message 2\nplay = message exchange\n");
    office.rig.at(5s, [&] { CHECK(office.answer(id, true)); });
    office.rig.run_for(2min);
    CHECK(office.rig.ring_times("2000") == Times{0, 17}); // the connection calls anew
    CHECK(office.parts(id) == Lines{"inquiry 0 connected", "voice 2 connected 10s", "exchange 0 connected"});
}

TEST_CASE("A no by mail while the question is heard ends the call")
{
    MailOffice office;
    const auto id = office.ask("pause = message exchange\n");
    office.rig.at(5s, [&] { CHECK(office.answer(id, false)); });
    office.rig.run_for(6s);
    CHECK(office.rig.state("2000") == pbx::DeviceState::idle);
    CHECK(office.rig.ring_times("2001").empty());
    CHECK(office.rig.results(id) == Lines{"failed declined 1"});
}

TEST_CASE("A yes by mail while the telephone rings for the question, or nobody can be asked, calls anew")
{
    const bool lost = GENERATE(false, true);
    MailOffice office;
    office.rig.answers("2000", 10s, 60s);
    const auto id = office.ask("pause = message exchange\n");
    if (lost)
    {
        office.rig.run_for(15s);
        office.rig.exchange().set_link(false);
    }
    office.rig.run_for(5s);
    CHECK(office.answer(id, true));
    if (lost)
    {
        office.rig.run_for(5s);
        office.rig.exchange().set_link(true);
    }
    office.rig.run_for(2min);
    CHECK(office.rig.rings("2000").size() == 2);
    CHECK(office.rig.rings("2001").size() == 1);
    CHECK(office.rig.results(id).size() == 1);
    CHECK(office.rig.results(id).front().starts_with("connected"));
}

TEST_CASE("A gateway that is stopped in the middle of a question waits for the answer, and for what it leads to")
{
    const std::string key = GENERATE("1", "2", "");
    MailOffice office;
    const auto id = office.ask("pause = message exchange\n");
    office.rig.at(5s, [&] {
        if (!key.empty())
        {
            office.press(key);
        }
    });
    office.rig.run_for(4s);
    office.rig.stop();
    CHECK(office.rig.ring_times("2001") == (key == "1" ? Times{5} : Times{}));
    office.rig.start();
    office.rig.run_for(3s);
    CHECK(office.rig.rings("2000").size() == 1);
    const Lines results = office.rig.results(id);
    CHECK(results == (key == "1" ? Lines{"connected  1"} : key == "2" ? Lines{"failed declined 1"} : Lines{}));
    if (key.empty())
    {
        // It has heard the question to its end; mail and page still ask.
        CHECK(office.answer(id, true));
        office.rig.run_for(1min);
        CHECK(office.rig.results(id) == Lines{"connected  2"});
    }
}

namespace
{
struct Course
{
    std::string script;
    std::string key; ///< pressed four seconds after the first answer, where anybody listens
    int points;      ///< there are more to die at
};

int die_everywhere(const Course& course, bool exchange_too)
{
    for (int point = 1; point < 200; ++point)
    {
        CAPTURE(course.script, course.key, point, exchange_too);
        MailOffice office;
        Rig& rig = office.rig;
        const auto id = office.ask(course.script);
        if (!course.key.empty())
        {
            rig.at(5s, [&rig, &course] {
                static_cast<void>(rig.exchange().press("2000", course.key)); // nobody may be there
            });
        }
        rig.line().die_at(point);
        for (Duration ran{}; ran < 4min && !rig.line().dead(); ran += 100ms)
        {
            rig.run_for(100ms);
        }
        if (!rig.line().dead())
        {
            return point - 1;
        }
        const auto parts = rig.with<std::vector<store::Request>>(
            [id](store::Connection& connection) { return store::Requests(connection).parts_of(id); });
        const bool ended = is_end(rig.request(id).state);
        const bool call_answered = std::any_of(parts.begin(), parts.end(), [](const store::Request& part) {
            return part.medium == Medium::exchange && part.first_answered;
        });
        const auto played = office.voices.played;
        rig.crash(exchange_too);
        const auto rings = rig.rings("2000").size();
        rig.run_for(3s);
        rig.answers("2000", 1s, 60s);
        rig.answers("2001", 1s, 60s);
        rig.start();
        rig.run_for(10min);
        CHECK(rig.line().faults() == Lines{});
        if (!is_end(rig.request(id).state))
        {
            CHECK(office.answer(id, true)); // whose call was cut may still say so by mail
            rig.run_for(10min);
        }
        CHECK(is_end(rig.request(id).state));
        CHECK(rig.results(id).size() == 1);
        CHECK(rig.scheduler().attempts() == 0);
        for (const auto& part : parts)
        {
            const bool heard = part.medium == Medium::voice && part.first_answered;
            const auto times = [&](const std::vector<int>& of) {
                return std::count(of.begin(), of.end(), part.content);
            };
            if (heard)
            {
                CHECK(times(office.voices.played) == times(played));
            }
            else if (part.medium == Medium::voice && part.state == RequestState::dialling_second)
            {
                CHECK(times(office.voices.played) == 1); // was to begin over a call, and is played in another
            }
            for (const auto& attempt : rig.attempts(part.id))
            {
                CHECK(attempt.ended.has_value());
            }
        }
        if (ended || call_answered)
        {
            CHECK(rig.rings("2000").size() == rings);
        }
    }
    FAIL("the request does not end");
    return 0;
}
} // namespace

TEST_CASE("The gateway dies at every point of every kind of step")
{
    const bool exchange_too = GENERATE(false, true);
    const auto course = GENERATE(values<Course>({
        {voice_and_call, "", 15},
        {voice_and_call, "9", 10},
        {"play = message 2, message 3\nplay = message exchange\n", "", 20},
        {"play = message 2\npause = message exchange\n", "", 10},
        {"pause = message exchange\n", "1", 10},
        {"pause = message 2\nplay = message 3 or continue\n", "1", 15},
        {"pause = message exchange\n", "2", 5},
        {"play = message 2\nwait = 30s\nplay = message exchange\n", "", 15},
        {"at = 2027-01-15T08:01:00Z\nplay = message 3\n", "", 5},
    }));
    CHECK(die_everywhere(course, exchange_too) > course.points);
}
