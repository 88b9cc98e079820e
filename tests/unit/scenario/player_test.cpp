// SPDX-License-Identifier: Apache-2.0
// The pure step of a scenario: what each event makes of each state (spec 2.9, 2.10).
#include "scenario/player.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::scenario;
using namespace ringpost::scenario::action;

namespace
{
const Instant start{Duration{1'800'000'000'000'000}};
const Reference exchange{0};

Script script_of(std::string_view text)
{
    return parse(text, {}).value();
}

/// One scenario in its course.
struct Scene
{
    Script script;
    Rules rules{};
    Run run{};
    Instant now = start;

    explicit Scene(std::string_view text) : script(script_of(text)) {}

    /// The actions of an event that has to concern the state.
    std::vector<Action> on(const Event& event)
    {
        const Transition transition = step(script, run, event, now, rules);
        REQUIRE(transition.applied);
        run = transition.after;
        const auto stored = parse_run(format_run(run), script);
        REQUIRE(stored.has_value());
        REQUIRE(*stored == run);
        return transition.actions;
    }
    [[nodiscard]] bool applies(const Event& event) const
    {
        const Transition transition = step(script, run, event, now, rules);
        CHECK((transition.applied || (transition.after == run && transition.actions.empty())));
        return transition.applied;
    }
    std::vector<Action> started() { return on(event::Started{}); }
    std::vector<Action> finished(std::size_t step, int number)
    {
        return on(event::ContentEnded{step, {number}, true, Cause::none, {}});
    }
    std::vector<Action> failed(std::size_t step, int number, Cause cause)
    {
        return on(event::ContentEnded{step, {number}, false, cause, {}});
    }
};

using Actions = std::vector<Action>;

Begin begin(std::size_t step, int number)
{
    return {step, {number}, Call::none};
}

const std::vector<Event> all_events{event::Started{},
                                    event::ContentEnded{0, {1}, true, Cause::none, {}},
                                    event::TimeReached{},
                                    event::InquiryAnswered{0, true},
                                    event::InquiryAnswered{0, false},
                                    event::ConnectByKey{0, {1}, exchange, {}},
                                    event::Cancelled{},
                                    event::GivenUp{Cause::refused}};

std::string columns(const Scene& scene)
{
    std::string out;
    for (const Event& event : all_events)
    {
        out += scene.applies(event) ? 'x' : '.';
    }
    return out;
}
} // namespace

TEST_CASE("Each event concerns the states of a scenario that it belongs to, and no other")
{
    // One row for each state, one column for each event in the order of all_events.
    Scene scene("play = message 1");
    CHECK(columns(scene) == "x.....xx");
    scene.started();
    CHECK(columns(scene) == ".x...xxx"); // running

    Scene done = scene;
    done.finished(0, 1);
    CHECK(done.run.state == State::finished);
    CHECK(columns(done) == "........");
    done = scene;
    done.failed(0, 1, Cause::busy);
    CHECK(done.run.state == State::failed);
    CHECK(columns(done) == "........");
    done = scene;
    done.on(event::Cancelled{});
    CHECK(done.run.state == State::cancelled);
    CHECK(columns(done) == "........");
    done = scene;
    done.on(event::ConnectByKey{0, {1}, exchange, {}});
    CHECK(done.run.state == State::running);
    CHECK(columns(done) == "......xx");

    for (const std::string text : {"wait = 30s", "at = 2027-01-15T08:00:30Z"})
    {
        Scene waiting(text);
        waiting.started();
        CHECK(waiting.run.state == State::waiting);
        CHECK(columns(waiting) == "......xx");
        waiting.now += 30s;
        CHECK(columns(waiting) == "..x...xx");
    }
    Scene asking("pause = message 1");
    asking.started();
    CHECK(asking.run.state == State::asking);
    CHECK(columns(asking) == "...xx.xx");
    asking.now += 1h;
    CHECK(columns(asking) == "..x...xx");
}

TEST_CASE("Steps are done in order, each after the one before")
{
    Scene scene("play = message 2\nwait = 30s\nat = 2027-01-15T09:00:00Z\nplay = message 2\nplay = message exchange");
    CHECK(scene.started() == Actions{begin(0, 2)});
    CHECK(scene.finished(0, 2) == Actions{Wake{start + 30s}});
    CHECK(scene.run.due == start + 30s);
    scene.now += 30s;
    CHECK(scene.on(event::TimeReached{}) == Actions{Wake{start + 1h}});
    scene.now = start + 1h + 5s;
    CHECK(scene.on(event::TimeReached{}) == Actions{begin(3, 2)});
    // The end of the same content in an earlier step is an old one.
    CHECK_FALSE(scene.applies(event::ContentEnded{0, {2}, true, Cause::none, {}}));
    CHECK(scene.finished(3, 2) == Actions{begin(4, 0)});
    CHECK(scene.finished(4, 0) == Actions{Finish{true, Cause::none}});
    CHECK(scene.run.position == 5);
}

TEST_CASE("A time in the past does not stop a scenario")
{
    Scene scene("at = 2027-01-15T08:00:00Z\nat = 2020-01-01T00:00:00Z\nplay = message 1\nat = 2020-01-01T00:00:00Z");
    CHECK(scene.started() == Actions{begin(2, 1)});
    CHECK(scene.finished(2, 1) == Actions{Finish{true, Cause::none}});
}

TEST_CASE("Contents of one step begin together and are all brought to their end")
{
    Scene scene("play = message 2, message 3, message exchange\nplay = message 4");
    CHECK(scene.started() == Actions{begin(0, 2), begin(0, 3), begin(0, 0)});
    CHECK(scene.failed(0, 3, Cause::busy).empty());
    CHECK(scene.finished(0, 0).empty());
    CHECK(scene.on(event::ContentEnded{0, {2}, true, Cause::none, {12, std::nullopt}}) ==
          Actions{Finish{false, Cause::busy}});
    CHECK(scene.run.state == State::failed);
    CHECK(scene.run.cause == Cause::busy);
    CHECK(scene.run.position == 0);
    CHECK(scene.run.items == std::vector<Item>{{0, {2}, Status::finished, Cause::none, {12, std::nullopt}},
                                               {0, {3}, Status::failed, Cause::busy, {}},
                                               {0, {0}, Status::finished, Cause::none, {}}});
}

TEST_CASE("The cause of a step is the first in its order, whatever ended first")
{
    Scene scene("play = message 2, message 3");
    scene.started();
    scene.failed(0, 3, Cause::congestion);
    CHECK(scene.failed(0, 2, Cause::no_answer) == Actions{Finish{false, Cause::no_answer}});
}

TEST_CASE("A failure without a cause is told as error")
{
    Scene scene("play = message 2");
    scene.started();
    CHECK(scene.failed(0, 2, Cause::none) == Actions{Finish{false, Cause::error}});
}

TEST_CASE("A step with `or continue` lets the scenario go on when it fails")
{
    Scene scene("play = message 2, message 3 or continue\nplay = message exchange");
    scene.started();
    scene.failed(0, 2, Cause::no_answer);
    CHECK(scene.finished(0, 3) == Actions{begin(1, 0)});
    CHECK(scene.finished(1, 0) == Actions{Finish{true, Cause::none}});
}

TEST_CASE("A scenario of which nothing succeeded is a failure, though every step was `or continue`")
{
    Scene scene("play = message 2 or continue\nplay = message 3 or continue");
    scene.started();
    scene.failed(0, 2, Cause::no_answer);
    CHECK(scene.failed(1, 3, Cause::busy) == Actions{Finish{false, Cause::busy}});
    CHECK(scene.run.position == 2);

    Scene some("play = message 2 or continue\nplay = message 3 or continue");
    some.started();
    some.finished(0, 2);
    CHECK(some.failed(1, 3, Cause::busy) == Actions{Finish{true, Cause::none}});
}

TEST_CASE("A scenario that only waits is a success, and one without steps too")
{
    Scene scene("wait = 1s");
    scene.started();
    scene.now += 1s;
    CHECK(scene.on(event::TimeReached{}) == Actions{Finish{true, Cause::none}});
    scene.script = {};
    scene.run = {};
    CHECK(scene.started() == Actions{Finish{true, Cause::none}});
}

TEST_CASE("The addressee is asked before a pause goes on; on OK its content is processed")
{
    Scene scene("play = message 2\npause = message exchange\nplay = message 3");
    CHECK(scene.started() == Actions{begin(0, 2)});
    CHECK(scene.finished(0, 2) == Actions{Ask{1, exchange, start + 1h}, Wake{start + 1h}});
    CHECK_FALSE(scene.applies(event::InquiryAnswered{0, true}));
    scene.now += 59min;
    CHECK(scene.on(event::InquiryAnswered{1, true}) == Actions{CloseInquiry{1}, Begin{1, exchange, Call::of_inquiry}});
    CHECK(scene.run.due == std::nullopt);
    CHECK_FALSE(scene.applies(event::InquiryAnswered{1, false}));
    CHECK(scene.finished(1, 0) == Actions{begin(2, 3)});
}

TEST_CASE("Who wants to be asked first is asked before the first step, and what follows goes on in that call")
{
    Scene scene("play = message 2, message 3\npause = message exchange");
    scene.rules.ask_first = true;
    CHECK(scene.started() == Actions{Ask{0, {2}, start + 1h}, Wake{start + 1h}});
    Scene no = scene;
    CHECK(no.on(event::InquiryAnswered{0, false}) == Actions{CloseInquiry{0}, Finish{false, Cause::declined}});
    CHECK(scene.on(event::InquiryAnswered{0, true}) ==
          Actions{CloseInquiry{0}, Begin{0, {2}, Call::of_inquiry}, Begin{0, {3}, Call::of_inquiry}});
    CHECK_FALSE(scene.applies(event::InquiryAnswered{0, true}));
    scene.finished(0, 2);
    CHECK(scene.finished(0, 3) == Actions{Ask{1, exchange, start + 1h}, Wake{start + 1h}});
}

TEST_CASE("Who wants to be asked first is asked once where the scenario asks itself, and not where nothing is done")
{
    Scene asks("pause = message 2");
    asks.rules.ask_first = true;
    CHECK(asks.started() == Actions{Ask{0, {2}, start + 1h}, Wake{start + 1h}});
    CHECK(asks.on(event::InquiryAnswered{0, true}) == Actions{CloseInquiry{0}, Begin{0, {2}, Call::of_inquiry}});
    Scene waits("wait = 1s");
    waits.rules.ask_first = true;
    CHECK(waits.started() == Actions{Wake{start + 1s}});
    Scene later("wait = 1s\nplay = message 2");
    later.rules.ask_first = true;
    CHECK(later.started() == Actions{Ask{0, {2}, start + 1h}, Wake{start + 1h}});
    CHECK(later.on(event::InquiryAnswered{0, true}) == Actions{CloseInquiry{0}, Wake{start + 1s}});
    later.now += 1s;
    CHECK(later.on(event::TimeReached{}) == Actions{begin(1, 2)});
}

TEST_CASE("A no, or no answer in time, ends the scenario as declined, also with `or continue`")
{
    for (const std::string ending : {"", " or continue"})
    {
        Scene no("pause = message exchange" + ending + "\nplay = message 3");
        no.started();
        Scene silence = no;
        CHECK(no.on(event::InquiryAnswered{0, false}) == Actions{CloseInquiry{0}, Finish{false, Cause::declined}});
        silence.now += 1h;
        CHECK_FALSE(silence.applies(event::InquiryAnswered{0, true}));
        CHECK(silence.on(event::TimeReached{}) == Actions{CloseInquiry{0}, Finish{false, Cause::declined}});
        CHECK(silence.run.cause == Cause::declined);
    }
    Scene failing("pause = message exchange or continue\nplay = message 3");
    failing.started();
    failing.on(event::InquiryAnswered{0, true});
    CHECK(failing.failed(0, 0, Cause::source_busy) == Actions{begin(1, 3)});
}

TEST_CASE("An inquiry lasts as long as the monitor time, at most its own, and not in hours not to be rung")
{
    Scene scene("pause = message 2");
    scene.rules.monitor_time = 10min;
    CHECK(scene.started().back() == Action{Wake{start + 10min}});
    scene.run = {};
    scene.rules.monitor_time = 2h;
    CHECK(scene.started().back() == Action{Wake{start + 1h}});
    scene.run = {};
    // start is 08:00 UTC
    scene.rules.quiet = directory::parse_hours("07:00-08:30", "Etc/UTC").value();
    CHECK(scene.started().back() == Action{Wake{start + 90min}});
}

TEST_CASE("Key 9 during a voice connects, leaves out the steps that follow, and ends the scenario")
{
    Scene scene("play = message 2\nplay = message exchange");
    scene.started();
    CHECK_FALSE(scene.applies(event::ConnectByKey{0, {3}, exchange, {}}));
    CHECK_FALSE(scene.applies(event::ConnectByKey{1, {2}, exchange, {}}));
    CHECK(scene.on(event::ConnectByKey{0, {2}, exchange, {7, std::nullopt}}) ==
          Actions{Begin{2, exchange, Call::of_voice}});
    CHECK_FALSE(scene.applies(event::ContentEnded{0, {2}, true, Cause::none, {9, std::nullopt}}));
    Scene busy = scene;
    CHECK(scene.finished(2, 0) == Actions{Finish{true, Cause::none}});
    CHECK(scene.run.items == std::vector<Item>{{0, {2}, Status::finished, Cause::none, {7, std::nullopt}},
                                               {2, exchange, Status::finished, Cause::none, {}}});
    CHECK(busy.failed(2, 0, Cause::source_busy) == Actions{Finish{false, Cause::source_busy}});
}

TEST_CASE("After key 9 what else the step plays is brought to its end, but for the same connection")
{
    Scene scene("play = message 2, message 3, message 4, message 5\nplay = message 6");
    scene.started();
    const Reference part{5};
    CHECK(scene.on(event::ConnectByKey{0, {2}, part, {}}) == Actions{Stop{0, part}, Begin{2, part, Call::of_voice}});
    CHECK_FALSE(scene.applies(event::ContentEnded{0, part, true, Cause::none, {}}));
    CHECK_FALSE(scene.applies(event::ConnectByKey{0, {3}, part, {}}));
    CHECK(scene.finished(2, 5).empty());
    CHECK(scene.failed(0, 3, Cause::no_answer).empty());
    Scene cancelled = scene;
    CHECK(scene.finished(0, 4) == Actions{Finish{false, Cause::no_answer}});
    CHECK(cancelled.on(event::Cancelled{}) == Actions{Stop{0, {4}}, Finish{false, Cause::cancelled}});
}

TEST_CASE("Whoever cancels a scenario stops what runs, and the inquiry")
{
    Scene scene("play = message 2, message 3\npause = message exchange");
    Scene unstarted = scene;
    CHECK(unstarted.on(event::GivenUp{Cause::declined}) == Actions{Finish{false, Cause::declined}});
    CHECK(unstarted.run.state == State::failed);
    scene.started();
    scene.finished(0, 2);
    Scene asking = scene;
    CHECK(scene.on(event::Cancelled{}) == Actions{Stop{0, {3}}, Finish{false, Cause::cancelled}});
    CHECK(scene.run.items.back().status == Status::stopped);
    CHECK_FALSE(scene.applies(event::ContentEnded{0, {3}, true, Cause::none, {}}));
    asking.finished(0, 3);
    CHECK(asking.on(event::GivenUp{Cause::refused}) == Actions{CloseInquiry{1}, Finish{false, Cause::refused}});
}
