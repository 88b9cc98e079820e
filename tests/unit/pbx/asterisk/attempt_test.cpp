// SPDX-License-Identifier: Apache-2.0
// The life of an attempt at Asterisk, fed with events in every order in which they were seen to come.
#include "pbx/asterisk/attempt_book.h"

#include <catch2/catch.hpp>

#include <string>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::asterisk;
using Lines = std::vector<std::string>;
using Kind = AriEvent::Kind;

namespace
{
const char* word_of(Act::What what)
{
    switch (what)
    {
    case Act::What::dial:
        return "dial";
    case Act::What::await_ringing_end:
        return "await-ringing-end";
    case Act::What::ring_back:
        return "ring-back";
    case Act::What::connect:
        return "connect";
    case Act::What::play:
        return "play";
    case Act::What::await_announcement_end:
        return "await-announcement-end";
    case Act::What::hang_up:
        return "hang-up";
    case Act::What::end_bridge:
        break;
    }
    return "end-bridge";
}

const char* word_of(Event::Kind kind)
{
    switch (kind)
    {
    case Event::Kind::delivered:
        return "Delivered";
    case Event::Kind::established:
        return "Established";
    case Event::Kind::failed:
        return "Failed";
    case Event::Kind::connection_cleared:
        return "ConnectionCleared";
    case Event::Kind::announced:
        return "Announced";
    default:
        break;
    }
    return "other";
}

/// What is told, then what is to be done: `Failed 1 busy`, `hang-up 2`.
Lines lines(const Step& step)
{
    Lines written;
    for (const Event& event : step.events)
    {
        const std::string leg = event.leg == Leg::first ? " 1" : " 2";
        const std::string cause = event.cause == Cause::none ? "" : " " + std::string(word(event.cause));
        written.push_back(word_of(event.kind) + leg + cause);
    }
    for (const Act& act : step.acts)
    {
        written.push_back(word_of(act.what) + std::string(act.leg == Leg::first ? " 1" : " 2"));
    }
    return written;
}

constexpr AttemptId id{7};

struct Story
{
    AttemptBook book;

    explicit Story(const std::string& second = "2100")
    {
        MakeCall call;
        call.attempt = id;
        call.first = {"2000"};
        call.second = {second};
        REQUIRE(book.make_call(call).has_value());
    }

    Lines event(Leg leg, Kind kind, int cause = 0, int tech_cause = 0, ChannelState state = ChannelState::down)
    {
        AriEvent event;
        event.kind = kind;
        event.channel_name = leg == Leg::first ? "PJSIP/2000-1" : "PJSIP/2100-2";
        event.channel_state = state;
        event.cause = cause;
        event.tech_cause = tech_cause;
        return lines(book.on(id, leg, event));
    }
    /// A leg that is made and not dialled yet has come into our application.
    Lines made(Leg leg) { return event(leg, Kind::stasis_start, 0, 0, ChannelState::down); }
    Lines rings(Leg leg) { return event(leg, Kind::state_change, 0, 0, ChannelState::ringing); }
    Lines answers(Leg leg)
    {
        return event(leg, leg == Leg::first ? Kind::state_change : Kind::stasis_start, 0, 0, ChannelState::up);
    }
    Lines ends(Leg leg, int cause = 16, int tech_cause = 0) { return event(leg, Kind::destroyed, cause, tech_cause); }
    void place(Leg leg)
    {
        REQUIRE(book.looked(id, leg, Cause::none).place);
        REQUIRE(lines(book.placed(id, leg, Cause::none)).size() == 1);
    }
    /// The first is there and the second is dialled.
    Story& second_dialled()
    {
        place(Leg::first);
        answers(Leg::first);
        REQUIRE(book.alert_second(id).has_value());
        place(Leg::second);
        return *this;
    }
    Story& talking(Connection connection)
    {
        second_dialled();
        answers(Leg::second);
        REQUIRE(lines(book.connected(id, connection)) == Lines{"Established 2"});
        return *this;
    }
    [[nodiscard]] bool over() const { return book.find(id) == nullptr; }
};
} // namespace

TEST_CASE("Asterisk: two legs are dialled, answered and connected")
{
    Story story;
    CHECK(story.book.looked(id, Leg::first, Cause::none).place);
    CHECK(lines(story.book.placed(id, Leg::first, Cause::none)) == Lines{"await-ringing-end 1"});
    CHECK(story.made(Leg::first) == Lines{"dial 1"});
    CHECK(story.rings(Leg::first) == Lines{"Delivered 1"});
    CHECK(story.rings(Leg::first).empty());
    CHECK(story.event(Leg::first, Kind::dial).empty());
    CHECK(story.answers(Leg::first) == Lines{"Established 1", "ring-back 1"});
    CHECK(story.answers(Leg::first).empty());
    CHECK(story.book.alert_second(id).has_value());
    CHECK(story.book.alert_second(id).error().code() == Errc::conflict);
    story.place(Leg::second);
    CHECK(story.rings(Leg::second) == Lines{"Delivered 2"});
    // Only then is it in our application.
    CHECK(story.event(Leg::second, Kind::state_change, 0, 0, ChannelState::up).empty());
    CHECK(story.answers(Leg::second) == Lines{"connect 1"});
    CHECK(story.book.find(id)->channel_name(Leg::second) == "PJSIP/2100-2");
    CHECK(lines(story.book.connected(id, Connection::handed_over)) == Lines{"Established 2"});
    CHECK(lines(story.book.ring_time_over(id, Leg::second)).empty());
    CHECK(story.ends(Leg::second) == Lines{"ConnectionCleared 2"});
    CHECK_FALSE(story.over());
    CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1"});
    CHECK(story.over());
    CHECK(story.book.alert_second(id).error().code() == Errc::not_found);
}

TEST_CASE("Asterisk: an answer without ringing is told as both")
{
    Story story;
    CHECK(story.book.looked(id, Leg::first, Cause::none).place);
    CHECK(story.answers(Leg::first) == Lines{"Delivered 1", "Established 1", "ring-back 1"});
    CHECK(lines(story.book.placed(id, Leg::first, Cause::none)).empty());
}

TEST_CASE("Asterisk: a look that finds the device in use fails the leg without dialling")
{
    Story story;
    const Step step = story.book.looked(id, Leg::first, Cause::busy);
    CHECK_FALSE(step.place);
    CHECK(lines(step) == Lines{"Failed 1 busy"});
    CHECK(story.over());
    MakeCall again;
    again.attempt = id;
    CHECK(story.book.make_call(again).error().code() == Errc::conflict);
}

TEST_CASE("Asterisk: an attempt that was never asked for may be made again")
{
    Story story;
    story.book.forget(id);
    MakeCall again;
    again.attempt = id;
    CHECK(story.book.make_call(again).has_value());
}

TEST_CASE("Asterisk: a leg that is destroyed before the reply to its request has failed")
{
    Story story;
    CHECK(story.book.looked(id, Leg::first, Cause::none).place);
    CHECK(story.ends(Leg::first, 17, 486) == Lines{"Failed 1 busy"});
    CHECK(story.over());
    // Nothing can be left, but asking costs nothing.
    CHECK(lines(story.book.placed(id, Leg::first, Cause::none)) == Lines{"hang-up 1"});
    CHECK(story.ends(Leg::first, 17, 486).empty());
}

TEST_CASE("Asterisk: clear while the request is under way ends the leg when it appears")
{
    Story story;
    CHECK(story.book.looked(id, Leg::first, Cause::none).place);
    CHECK(lines(story.book.clear(id)) == Lines{"hang-up 1"});
    CHECK(story.over());
    SECTION("its reply comes after the end of the attempt")
    {
        CHECK(lines(story.book.placed(id, Leg::first, Cause::none)) == Lines{"hang-up 1"});
    }
    SECTION("it comes into our application before it is ended")
    {
        CHECK(story.made(Leg::first) == Lines{"hang-up 1"});
        CHECK(story.rings(Leg::first).empty());
    }
    SECTION("it was never dialled")
    {
        CHECK_FALSE(story.book.looked(id, Leg::first, Cause::none).place);
    }
    CHECK(story.ends(Leg::first).empty());
}

TEST_CASE("Asterisk: a leg that is there and cannot be rung is ended")
{
    Story story;
    story.place(Leg::first);
    CHECK(story.made(Leg::first) == Lines{"dial 1"});
    CHECK(lines(story.book.not_rung(id, Leg::first)) == Lines{"Failed 1 congestion", "hang-up 1"});
    CHECK(story.over());
    CHECK(story.ends(Leg::first).empty());
    CHECK(lines(story.book.not_rung(id, Leg::first)).empty());
}

TEST_CASE("Asterisk: a leg whose time is over before it could be rung is not rung any more")
{
    Story story;
    story.place(Leg::first);
    CHECK(lines(story.book.ring_time_over(id, Leg::first)) == Lines{"hang-up 1"});
    CHECK(story.made(Leg::first) == Lines{"hang-up 1"});
    CHECK(story.ends(Leg::first) == Lines{"Failed 1 unreachable"});
}

TEST_CASE("Asterisk: the ring time ends a leg, and its answer in that moment comes too late")
{
    Story story;
    story.place(Leg::first);
    SECTION("it rang")
    {
        story.rings(Leg::first);
        CHECK(lines(story.book.ring_time_over(id, Leg::first)) == Lines{"hang-up 1"});
        CHECK(story.ends(Leg::first, 127, 487) == Lines{"Failed 1 no-answer"});
    }
    SECTION("it was answered while it was ended")
    {
        story.rings(Leg::first);
        CHECK(lines(story.book.ring_time_over(id, Leg::first)) == Lines{"hang-up 1"});
        CHECK(story.answers(Leg::first) == Lines{"hang-up 1"});
        CHECK(story.ends(Leg::first, 16, 0) == Lines{"Failed 1 no-answer"});
    }
    SECTION("it never rang")
    {
        CHECK(lines(story.book.ring_time_over(id, Leg::first)) == Lines{"hang-up 1"});
        CHECK(story.ends(Leg::first, 127, 500) == Lines{"Failed 1 unreachable"});
    }
    SECTION("its end was not heard")
    {
        story.rings(Leg::first);
        CHECK(lines(story.book.ring_time_over(id, Leg::first)) == Lines{"hang-up 1"});
        CHECK(lines(story.book.gone(id, Leg::first)) == Lines{"Failed 1 no-answer"});
    }
    CHECK(story.over());
}

TEST_CASE("Asterisk: behind a trunk a silent leg was not answered")
{
    Story story("+81442223333");
    story.second_dialled();
    CHECK(lines(story.book.ring_time_over(id, Leg::second)) == Lines{"hang-up 2"});
    CHECK(story.ends(Leg::second, 127, 487) == Lines{"Failed 2 no-answer"});
}

TEST_CASE("Asterisk: the first hangs up")
{
    Story story;
    story.second_dialled();
    SECTION("while the second is dialled")
    {
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1", "hang-up 2"});
    }
    SECTION("while the second rings")
    {
        story.rings(Leg::second);
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1", "hang-up 2"});
    }
    SECTION("while they are being connected")
    {
        story.answers(Leg::second);
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1", "hang-up 2"});
        CHECK(lines(story.book.connected(id, Connection::bridged)) == Lines{"end-bridge 1"});
    }
    CHECK(story.over());
    CHECK(story.answers(Leg::second) == Lines{"hang-up 2"});
    CHECK(story.ends(Leg::second).empty());
}

TEST_CASE("Asterisk: the second answers and is away before they are connected")
{
    Story story;
    story.second_dialled();
    story.answers(Leg::second);
    CHECK(story.ends(Leg::second) == Lines{"Established 2", "ConnectionCleared 2", "end-bridge 1", "hang-up 1"});
    CHECK(lines(story.book.connected(id, Connection::failed)).empty());
    CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1"});
    CHECK(story.over());
}

TEST_CASE("Asterisk: the second fails and the first hears why")
{
    Story story;
    story.second_dialled();
    CHECK(story.book.announce(id, Announcement::source_busy).error().code() == Errc::conflict);
    CHECK(story.ends(Leg::second, 21, 603) == Lines{"Failed 2 rejected"});
    const auto step = story.book.announce(id, Announcement::source_busy);
    REQUIRE(step.has_value());
    CHECK(lines(*step) == Lines{"play 1", "await-announcement-end 1"});
    CHECK(story.book.announce(id, Announcement::source_busy).error().code() == Errc::conflict);
    CHECK(story.book.alert_second(id).error().code() == Errc::conflict);
    SECTION("to the end")
    {
        CHECK(lines(story.book.announcement_over(id)) == Lines{"hang-up 1"});
    }
    SECTION("not to the end") {}
    CHECK(story.ends(Leg::first) == Lines{"Announced 1"});
    CHECK(story.over());
    CHECK(lines(story.book.announcement_over(id)).empty());
}

TEST_CASE("Asterisk: the second could not be asked for")
{
    Story story;
    story.place(Leg::first);
    story.answers(Leg::first);
    REQUIRE(story.book.alert_second(id).has_value());
    SECTION("the look failed") {}
    SECTION("the request's reply was lost")
    {
        CHECK(story.book.looked(id, Leg::second, Cause::none).place);
    }
    CHECK(lines(story.book.not_placed(id, Leg::second)) == Lines{"hang-up 2"});
    CHECK(story.answers(Leg::second) == Lines{"hang-up 2"});
    CHECK(story.book.announce(id, Announcement::source_busy).has_value());
}

TEST_CASE("Asterisk: who hangs up in a bridge of ours frees the other")
{
    Story story;
    story.talking(Connection::bridged);
    CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1", "end-bridge 1"});
    CHECK(story.ends(Leg::second) == Lines{"ConnectionCleared 2"});
    CHECK(story.over());
}

TEST_CASE("Asterisk: who hung up is told first, in whatever order the ends come")
{
    Story story;
    story.talking(Connection::handed_over);
    CHECK(story.event(Leg::second, Kind::hangup_request).empty());
    SECTION("the other's end comes first")
    {
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 2", "ConnectionCleared 1"});
        CHECK(story.over());
    }
    SECTION("as one would expect")
    {
        CHECK(story.ends(Leg::second) == Lines{"ConnectionCleared 2"});
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1"});
    }
    CHECK(story.over());
    CHECK(story.ends(Leg::second).empty());
}

TEST_CASE("Asterisk: what cannot be connected ends the second leg")
{
    Story story;
    story.second_dialled();
    story.answers(Leg::second);
    CHECK(lines(story.book.connected(id, Connection::failed)) == Lines{"Failed 2 error", "hang-up 2"});
    CHECK(story.ends(Leg::second).empty());
    CHECK(story.book.announce(id, Announcement::source_busy).has_value());
}

TEST_CASE("Asterisk: clear ends every leg, whatever its state")
{
    Story story;
    SECTION("both talk, handed over")
    {
        story.talking(Connection::handed_over);
        CHECK(lines(story.book.clear(id)) == Lines{"hang-up 1", "hang-up 2"});
    }
    SECTION("both talk in a bridge")
    {
        story.talking(Connection::bridged);
        CHECK(lines(story.book.clear(id)) == Lines{"hang-up 1", "hang-up 2", "end-bridge 1"});
    }
    SECTION("the second has failed")
    {
        story.second_dialled();
        story.ends(Leg::second, 17, 486);
        CHECK(lines(story.book.clear(id)) == Lines{"hang-up 1"});
    }
    CHECK(story.over());
    CHECK(story.ends(Leg::first).empty());
    CHECK(story.ends(Leg::second).empty());
    CHECK(lines(story.book.clear(id)).empty());
}

TEST_CASE("Asterisk: what happened while the link was lost is found afterwards")
{
    Story story;
    SECTION("a ringing leg has gone")
    {
        story.place(Leg::first);
        story.rings(Leg::first);
        CHECK(lines(story.book.gone(id, Leg::first)) == Lines{"Failed 1 congestion"});
    }
    SECTION("a ringing leg has answered, and goes later")
    {
        story.place(Leg::first);
        CHECK(lines(story.book.found(id, Leg::first, ChannelState::up)).empty());
        CHECK(story.book.find(id)->answered(Leg::first));
        CHECK(story.ends(Leg::first) == Lines{"ConnectionCleared 1"});
    }
    SECTION("both have hung up")
    {
        story.talking(Connection::handed_over);
        CHECK(lines(story.book.gone(id, Leg::first)) == Lines{"ConnectionCleared 1"});
        CHECK(lines(story.book.gone(id, Leg::second)) == Lines{"ConnectionCleared 2"});
    }
    CHECK(story.over());
}

TEST_CASE("Asterisk: a device is in use as long as a leg of ours holds it")
{
    using Use = AttemptBook::Use;
    constexpr auto ours = AttemptBook::Calls::ours;
    Story story;
    CHECK(story.book.use_of("2000", ours) == Use::dialling);
    story.place(Leg::first);
    story.rings(Leg::first);
    CHECK(story.book.use_of("2000", ours) == Use::ringing);
    CHECK(story.book.use_of("2100", ours) == Use::none);
    story.answers(Leg::first);
    CHECK(story.book.use_of("2000", ours) == Use::answered);
    REQUIRE(story.book.alert_second(id).has_value());
    story.place(Leg::second);
    story.answers(Leg::second);
    CHECK(story.book.use_of("2100", ours) == Use::ringing);
    story.book.connected(id, Connection::handed_over);
    CHECK(story.book.use_of("2000", ours) == Use::none);
    CHECK(story.book.use_of("2000", AttemptBook::Calls::handed_over_too) == Use::answered);
}
