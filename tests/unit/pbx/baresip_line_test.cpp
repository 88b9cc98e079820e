// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/line.h"

#include <catch2/catch.hpp>

#include <sstream>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::baresip;

namespace
{
const std::string registered =
    "\n--- User Agents (1) ---\n> sip:2000@192.0.2.1     \x1b[32mOK \x1b[;m PBX Expires 59s\n\n";
const std::string no_account = "\n--- User Agents (0) ---\n\n";

/// A telephone 2000, and a baresip that is played step by step: it takes commands before it replies to those before.
/// A step is a line:
///   `up`, `lost`, `dial N`, `answer`, `hangup`, `press K`, `act`, `plug`, `unplug`   the owner and the person
///   `reply ok [data]`, `reply no`                  to the command that was sent first of those not replied to
///   `TYPE in|out ID N`, `TYPE`                     an event; `-` stands for an id that is not there
struct Rig
{
    Line line{"2000"};
    std::deque<Command> unanswered;
    Result<> last;

    void up()
    {
        line.link_up();
        reply(true, "\n--- Active calls (0) ---\n\n");
        reply(true, registered);
    }

    std::string sent()
    {
        std::string names;
        while (auto command = line.take_command())
        {
            names += (names.empty() ? "" : ", ") + command->name;
            names += command->parameters.empty() ? "" : " " + command->parameters;
            unanswered.push_back(std::move(*command));
        }
        return names;
    }

    void reply(bool ok, const std::string& data = {})
    {
        sent();
        const Command command = unanswered.at(0);
        unanswered.pop_front();
        line.on_reply(command, {ok, data, {}});
    }

    void step(const std::string& text)
    {
        std::istringstream in(text);
        std::string word;
        std::string second;
        std::string id;
        std::string number;
        in >> word >> second >> id >> number;
        if (word == "reply")
        {
            reply(second == "ok", id == "none" ? no_account : id == "registered" ? registered : "");
        }
        else if (word.find('_') != word.npos || word == "UNREGISTERING")
        {
            const Direction direction = second == "in"    ? Direction::incoming
                                        : second == "out" ? Direction::outgoing
                                                          : Direction::unknown;
            line.on_event({word, direction, id == "-" ? "" : id, number});
        }
        else
        {
            person(word, second);
        }
    }

    void person(const std::string& word, const std::string& number)
    {
        if (word == "up")
        {
            up();
        }
        else if (word == "lost")
        {
            line.link_lost();
            unanswered.clear();
        }
        else if (word == "hangup" || word == "act")
        {
            word == "act" ? line.act() : line.hang_up();
        }
        else
        {
            last = word == "dial"     ? line.dial(number)
                   : word == "answer" ? line.answer()
                   : word == "press"  ? line.press(number)
                                      : line.set_registered(word == "plug");
        }
    }

    void steps(const std::vector<std::string>& all)
    {
        for (const std::string& each : all)
        {
            step(each);
        }
    }

    [[nodiscard]] std::string shown() const
    {
        const auto state = line.state();
        const char* const word = state == DeviceState::idle          ? "idle"
                                 : state == DeviceState::ringing     ? "ringing"
                                 : state == DeviceState::talking     ? "talking"
                                 : state == DeviceState::unreachable ? "unreachable"
                                                                     : "?";
        return line.with() ? std::string(word) + " " + *line.with() : word;
    }
};

using Steps = std::vector<std::string>;
} // namespace

TEST_CASE("A telephone shows what its baresip tells of")
{
    struct Row
    {
        Steps steps;
        std::string shown;
    };
    const auto row = GENERATE(values<Row>({
        {{}, "unreachable"},
        {{"up"}, "idle"},
        {{"up", "lost"}, "unreachable"},
        {{"up", "lost", "up"}, "idle"},
        // Registration
        {{"up", "UNREGISTERING"}, "unreachable"},
        {{"up", "REGISTER_FAIL"}, "unreachable"},
        {{"up", "REGISTER_FAIL", "REGISTER_OK"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "REGISTER_FAIL"}, "ringing 2001"},
        {{"up", "CALL_INCOMING in a 2001", "REGISTER_FAIL", "CALL_CLOSED in a 2001"}, "unreachable"},
        {{"up", "CALL_INCOMING in a 2001", "UNREGISTERING"}, "unreachable"},
        {{"REGISTER_OK"}, "unreachable"},
        // Called
        {{"up", "CALL_INCOMING in a 2001"}, "ringing 2001"},
        {{"up", "CALL_INCOMING in a 2001", "CALL_CLOSED in a 2001"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "answer"}, "talking 2001"},
        {{"up", "CALL_INCOMING in a 2001", "answer", "CALL_CLOSED in a 2001"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "answer", "reply ok", "CALL_ESTABLISHED in a 2001"}, "talking 2001"},
        {{"up", "CALL_INCOMING in a 2001", "CALL_ESTABLISHED in a 2001", "CALL_CLOSED in a 2001"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "CALL_CLOSED in other 2001"}, "ringing 2001"},
        {{"up", "CALL_INCOMING in a 2001", "hangup"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "hangup", "CALL_INCOMING in b 2002"}, "ringing 2002"},
        {{"up", "CALL_INCOMING in a 2001", "hangup", "CALL_ESTABLISHED in a 2001"}, "idle"},
        {{"up", "CALL_INCOMING in a 2001", "lost"}, "unreachable"},
        {{"up", "CALL_LOCAL_SDP in a 2001"}, "idle"},
        {{"up", "CALL_ESTABLISHED in a 2001"}, "talking 2001"},
        {{"up", "CALL_RTPESTAB in a 2001"}, "idle"},
        {{"up", "CALL_CLOSED in a 2001"}, "idle"},
        // Calls
        {{"up", "dial 2001"}, "talking 2001"},
        {{"up", "dial 044-222-3333"}, "talking 0442223333"},
        {{"up", "dial 2001", "reply no"}, "idle"},
        {{"up", "dial 2001", "CALL_LOCAL_SDP out - 2001", "reply no"}, "idle"},
        {{"up", "dial 2001", "CALL_LOCAL_SDP out - 2001", "reply ok"}, "talking 2001"},
        {{"up", "dial 2001", "reply ok", "CALL_RINGING out a 2001", "CALL_ESTABLISHED out a 2001"}, "talking 2001"},
        {{"up", "dial 2001", "reply ok", "CALL_CLOSED out a 2001"}, "idle"},
        {{"up", "dial 2001", "CALL_CLOSED out a 2001", "reply ok"}, "idle"},
        {{"up", "dial 2001", "reply ok", "CALL_RINGING out a 2001", "CALL_CLOSED out b 2001"}, "talking 2001"},
        {{"up", "dial 2001", "lost"}, "unreachable"},
        {{"up", "dial 2001", "lost", "up"}, "idle"},
        {{"up", "CALL_LOCAL_SDP out - 2001"}, "talking 2001"},
        {{"up", "CALL_RINGING out a 2001", "CALL_CLOSED out a 2001"}, "idle"},
        // Hung up at once, before baresip has told of the call
        {{"up", "dial 2001", "hangup"}, "idle"},
        {{"up", "dial 2001", "hangup", "CALL_RINGING out a 2001"}, "idle"},
        {{"up", "dial 2001", "hangup", "dial 2002"}, "talking 2002"},
        {{"up", "dial 2001", "hangup", "dial 2002", "CALL_LOCAL_SDP out - 2001", "reply ok", "CALL_CLOSED out a 2001",
          "reply ok"},
         "talking 2002"},
        {{"up", "dial 2001", "hangup", "dial 2002", "reply ok", "CALL_CLOSED out a 2001", "reply ok",
          "CALL_CLOSED out b 2002"},
         "idle"},
        {{"up", "CALL_ESTABLISHED in x 2009", "hangup", "dial 2001", "hangup", "dial 2002", "CALL_CLOSED in x 2009",
          "reply ok", "CALL_LOCAL_SDP out - 2001", "reply ok", "CALL_CLOSED out a 2001"},
         "talking 2002"},
        {{"up", "CALL_INCOMING in a 2001", "hangup", "CALL_CLOSED in a 2001", "reply ok", "dial 2002"}, "talking 2002"},
        // Two calls: the one that was lifted first is the one that he is at
        {{"up", "CALL_ESTABLISHED in a 2001", "CALL_INCOMING in b 2002"}, "talking 2001"},
        {{"up", "CALL_ESTABLISHED in a 2001", "CALL_INCOMING in b 2002", "CALL_CLOSED in a 2001"}, "ringing 2002"},
        {{"up", "CALL_INCOMING in a 2001", "CALL_INCOMING in b 2002"}, "ringing 2001"},
        {{"up", "CALL_INCOMING in a 2001", "dial 2002"}, "ringing 2001"},
    }));
    Rig rig;
    rig.steps(row.steps);
    CAPTURE(row.steps);
    REQUIRE(rig.shown() == row.shown);
}

TEST_CASE("What a person does becomes a command, or is refused")
{
    struct Row
    {
        Steps steps;
        std::string act;
        std::string sent;
        std::optional<Errc> error;
    };
    const auto row = GENERATE(values<Row>({
        {{"up"}, "dial 2001", "dial 2001", {}},
        {{"up"}, "dial +81-44-222-3333", "dial +81442223333", {}},
        {{"up"}, "dial (044)222.33/33", "dial 0442223333", {}},
        {{"up"}, "dial *21", "dial *21", {}},
        {{"up"}, "dial", "", Errc::malformed},
        {{"up"}, "dial -", "", Errc::malformed},
        {{"up"}, "dial +", "", Errc::malformed},
        {{"up"}, "dial 20+01", "", Errc::malformed},
        {{"up"}, "dial sip:2001@evil.example", "", Errc::malformed},
        {{"up"}, "dial 2001;x", "", Errc::malformed},
        {{"up"}, "dial 123456789012345678901234567890123", "", Errc::malformed},
        {{}, "dial 2001", "", Errc::conflict},
        {{"up", "UNREGISTERING"}, "dial 2001", "", Errc::conflict},
        {{"up", "CALL_INCOMING in a 2001"}, "dial 2001", "", Errc::conflict},
        {{"up", "dial 2002", "reply ok"}, "dial 2001", "", Errc::conflict},
        {{"up", "CALL_INCOMING in a 2001"}, "answer", "accept", {}},
        {{"up"}, "answer", "", Errc::conflict},
        {{}, "answer", "", Errc::conflict},
        {{"up", "CALL_INCOMING in a 2001", "answer", "reply ok"}, "answer", "", Errc::conflict},
        {{"up", "dial 2002", "reply ok"}, "answer", "", Errc::conflict},
        {{"up", "CALL_ESTABLISHED in a 2001"}, "press 1a#", "sndcode 1, sndcode A, sndcode #", {}},
        {{"up", "CALL_ESTABLISHED in a 2001"}, "press x", "", Errc::malformed},
        {{"up", "CALL_INCOMING in a 2001"}, "press 1", "", Errc::conflict},
        {{"up", "CALL_INCOMING in a 2001", "answer", "reply ok"}, "press 1", "", Errc::conflict},
        {{"up"}, "press 1", "", Errc::conflict},
        {{"up", "CALL_INCOMING in a 2001"}, "hangup", "hangup", {}},
        {{"up", "CALL_ESTABLISHED in a 2001"}, "hangup", "hangup", {}},
        {{"up", "dial 2002", "reply ok"}, "hangup", "hangup", {}},
        {{"up", "dial 2002", "reply ok", "hangup", "reply ok"}, "hangup", "", {}},
        {{"up"}, "hangup", "", {}},
        {{}, "hangup", "", {}},
        {{}, "unplug", "", Errc::unavailable},
        {{}, "plug", "", Errc::unavailable},
        {{"up"}, "plug", "", {}},
        {{"up"}, "unplug", "uadel sip:2000@192.0.2.1, reginfo", {}},
        {{"up", "unplug", "UNREGISTERING", "reply ok", "reply ok none"}, "unplug", "", {}},
        {{"up", "unplug", "UNREGISTERING", "reply ok", "reply ok none"},
         "plug",
         "rmmod account, insmod account, reginfo",
         {}},
        {{"up", "unplug", "reply ok", "reply ok none", "plug", "reply ok", "reply ok", "reply ok registered"},
         "unplug",
         "uadel sip:2000@192.0.2.1, reginfo",
         {}},
        // The reply to the first reginfo must not make it load the accounts a second time.
        {{"up", "unplug", "plug", "reply ok", "reply ok none"}, "plug", "", {}},
    }));
    Rig rig;
    rig.steps(row.steps);
    rig.sent();
    rig.last = {};
    rig.step(row.act);
    CAPTURE(row.steps, row.act);
    REQUIRE(rig.sent() == row.sent);
    REQUIRE(rig.last.has_error() == row.error.has_value());
    if (row.error)
    {
        REQUIRE(rig.last.error().code() == *row.error);
        REQUIRE(rig.last.error().where() == "2000");
    }
}

TEST_CASE("A person intends what his habit says, when it rings and when he talks")
{
    using Act = Intention::Act;
    struct Row
    {
        Habit habit;
        Steps steps;
        Act act;
        Duration after;
    };
    const Habit answers{Habit::Answer::after, 3s, {}};
    const Habit talks{Habit::Answer::after, 3s, 7s};
    const Habit never{Habit::Answer::never, 3s, 7s};
    const Habit rejects{Habit::Answer::reject, 3s, 7s};
    const auto row = GENERATE_COPY(values<Row>({
        {answers, {"up"}, Act::none, 0s},
        {answers, {"up", "CALL_INCOMING in a 2001"}, Act::answer, 3s},
        {never, {"up", "CALL_INCOMING in a 2001"}, Act::none, 0s},
        {rejects, {"up", "CALL_INCOMING in a 2001"}, Act::hang_up, 3s},
        {answers, {"up", "CALL_INCOMING in a 2001", "CALL_CLOSED in a 2001"}, Act::none, 0s},
        {answers, {"up", "CALL_INCOMING in a 2001", "lost"}, Act::none, 0s},
        {talks, {"up", "CALL_INCOMING in a 2001", "answer"}, Act::none, 0s},
        {talks, {"up", "CALL_INCOMING in a 2001", "act", "reply ok", "CALL_ESTABLISHED in a 2001"}, Act::hang_up, 7s},
        {never,
         {"up", "CALL_INCOMING in a 2001", "answer", "reply ok", "CALL_ESTABLISHED in a 2001"},
         Act::hang_up,
         7s},
        {answers, {"up", "CALL_INCOMING in a 2001", "answer", "CALL_ESTABLISHED in a 2001"}, Act::none, 0s},
        {talks, {"up", "dial 2001"}, Act::none, 0s},
        {talks, {"up", "dial 2001", "reply ok", "CALL_RINGING out a 2001"}, Act::none, 0s},
        {talks, {"up", "dial 2001", "reply ok", "CALL_ESTABLISHED out a 2001"}, Act::hang_up, 7s},
        {talks, {"up", "dial 2001", "reply ok", "CALL_ESTABLISHED out a 2001", "hangup"}, Act::none, 0s},
        {talks, {"up", "CALL_ESTABLISHED in a 2001", "CALL_INCOMING in b 2002"}, Act::hang_up, 7s},
        {answers,
         {"up", "CALL_ESTABLISHED in a 2001", "CALL_INCOMING in b 2002", "CALL_CLOSED in a 2001"},
         Act::answer,
         3s},
    }));
    Rig rig;
    rig.line.habit = row.habit;
    rig.steps(row.steps);
    CAPTURE(row.steps);
    REQUIRE(rig.line.intention().act == row.act);
    REQUIRE(rig.line.intention().after == row.after);
}

TEST_CASE("A habit counts from the next ring on, and what is done is done once")
{
    Rig rig;
    rig.steps({"up", "CALL_INCOMING in a 2001"});
    const auto first = rig.line.intention().number;
    rig.line.habit.answer = Habit::Answer::reject;
    rig.steps({"CALL_LOCAL_SDP in a 2001", "CALL_RTPESTAB in a 2001"});
    REQUIRE(rig.line.intention().number == first);
    REQUIRE(rig.line.intention().act == Intention::Act::answer);
    rig.steps({"CALL_CLOSED in a 2001", "CALL_INCOMING in b 2001"});
    REQUIRE(rig.line.intention().number > first);
    rig.step("act");
    REQUIRE(rig.sent() == "hangup");
    rig.step("act");
    REQUIRE(rig.sent().empty());
}

TEST_CASE("After connecting a telephone asks how it stands, and takes over the calls that are there")
{
    Rig rig;
    rig.line.link_up();
    REQUIRE(rig.sent() == "listcalls, reginfo");
    rig.step("CALL_INCOMING in a 2001");
    rig.reply(true, "\n--- Active calls (2) ---\n"
                    "  [line 1]  0:00:00   INCOMING             sip:2001@192.0.2.1\n"
                    "> [line 2]  0:00:09  ESTABLISHED             sip:2002@192.0.2.1\n\n");
    rig.reply(true, registered);
    REQUIRE(rig.shown() == "talking 2002");
    rig.step("CALL_CLOSED out x 2002");
    REQUIRE(rig.shown() == "ringing 2001");
    rig.step("CALL_CLOSED in a 2001");
    REQUIRE(rig.shown() == "idle");
}

TEST_CASE("A call that was listed is ended by the event of its end")
{
    struct Row
    {
        std::string state;
        std::string shown;
        std::string end;
    };
    const auto row = GENERATE(values<Row>({{"INCOMING", "ringing 2001", "CALL_CLOSED in a 2001"},
                                           {"OUTGOING", "talking 2001", "CALL_CLOSED out a 2001"},
                                           {"RINGING", "talking 2001", "CALL_CLOSED out a 2001"},
                                           {"EARLY", "talking 2001", "CALL_CLOSED out a 2001"},
                                           {"ESTABLISHED", "talking 2001", "CALL_CLOSED in a 2001"},
                                           {"ESTABLISHED", "talking 2001", "CALL_CLOSED out a 2001"}}));
    Rig rig;
    rig.line.link_up();
    rig.reply(true, "\n--- Active calls (1) ---\n> [line 1]  0:00:00  " + row.state + "    sip:2001@192.0.2.1\n\n");
    REQUIRE(rig.shown() == row.shown);
    rig.reply(true, registered);
    rig.step(row.end);
    REQUIRE(rig.shown() == "idle");
}

TEST_CASE("A further call is not taken for the one that was listed")
{
    Rig rig;
    rig.line.link_up();
    rig.reply(true, "\n--- Active calls (1) ---\n> [line 1]  0:00:00   INCOMING             sip:2001@192.0.2.1\n\n");
    rig.steps({"CALL_INCOMING in b 2002", "CALL_CLOSED in b 2002"});
    REQUIRE(rig.shown() == "ringing 2001");
}

TEST_CASE("A telephone is not in service before its baresip has told that it is registered")
{
    Rig rig;
    rig.line.link_up();
    REQUIRE(rig.shown() == "unreachable");
    rig.step("REGISTER_OK");
    REQUIRE(rig.shown() == "unreachable");
    rig.reply(true, "");
    rig.reply(true, "\n--- User Agents (1) ---\n> sip:2000@192.0.2.1     \x1b[33mzzz\x1b[;m  Expires 0s\n\n");
    REQUIRE(rig.shown() == "unreachable");
    rig.step("REGISTER_OK");
    REQUIRE(rig.shown() == "idle");
}

TEST_CASE("A flood of calls is kept within bounds")
{
    Rig rig;
    rig.step("up");
    for (int i = 0; i < 1000; ++i)
    {
        rig.step("CALL_INCOMING in id" + std::to_string(i) + " 2001");
    }
    int ended = 0;
    while (rig.shown() != "idle")
    {
        rig.step("CALL_CLOSED in id" + std::to_string(ended) + " 2001");
        ++ended;
    }
    REQUIRE(ended == 8);
}

TEST_CASE("A telephone that answers no commands is not given ever more of them")
{
    Rig rig;
    rig.step("up");
    int dialled = 0;
    do
    {
        rig.step("dial 2001");
        rig.line.hang_up();
        ++dialled;
    } while (rig.last.has_value() && dialled < 1000);
    REQUIRE(dialled > 10);
    REQUIRE(dialled < 100);
    REQUIRE(rig.last.error().code() == Errc::unavailable);
}

TEST_CASE("An account that is removed as soon as it is registered is known by then")
{
    Line line{"2000"};
    const auto sent = [&line](const std::string& data = {}) {
        auto command = line.take_command().value();
        line.on_reply(command, {true, data, {}});
        return command;
    };
    line.link_up();
    sent("\n--- Active calls (0) ---\n\n");
    sent(no_account);
    REQUIRE(line.set_registered(true).has_value());
    REQUIRE(sent().name == "rmmod");
    REQUIRE(sent().name == "insmod");
    line.on_event({"REGISTER_OK", Direction::unknown, {}, {}});
    REQUIRE(line.state() == DeviceState::idle);
    REQUIRE(line.set_registered(false).has_value());
    REQUIRE(sent(registered).name == "reginfo");
    const Command removal = sent();
    CHECK(removal.name == "uadel");
    CHECK(removal.parameters == "sip:2000@192.0.2.1");
}
