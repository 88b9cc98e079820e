// SPDX-License-Identifier: Apache-2.0
// Random scenarios in a random world, with restarts before and after any commit: whatever an event does is stored at
// once, or not at all.
#include "scenario/player.h"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace ringpost;
using namespace ringpost::scenario;

namespace
{
const Instant start{Duration{1'800'000'000'000'000}};
const Rules rules;

using Key = std::pair<std::size_t, Reference>;

/// What the world makes of a scenario; all of it decided before, so that a restart changes nothing.
struct Fate
{
    std::uint32_t seed = 0;

    [[nodiscard]] std::uint32_t draw(std::size_t step, int number) const
    {
        std::seed_seq mix{seed, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(number)};
        std::array<std::uint32_t, 1> out{};
        mix.generate(out.begin(), out.end());
        return out[0];
    }
    [[nodiscard]] Cause of(Key key) const
    {
        constexpr std::array causes{Cause::busy, Cause::no_answer, Cause::congestion};
        const auto number = draw(key.first, key.second.number);
        return number % 3 == 0 ? causes.at(number / 3 % 3) : Cause::none;
    }
    [[nodiscard]] bool says_ok(std::size_t step) const { return draw(step, -1) % 4 != 0; }
    [[nodiscard]] bool is_silent(std::size_t step) const { return draw(step, -2) % 5 == 0; }
};

Script random_script(std::mt19937& random)
{
    Script script;
    for (std::size_t steps = 1 + random() % 6, line = 1; line <= steps; ++line)
    {
        Step step{Wait{std::chrono::seconds{1 + random() % 100}}, random() % 2 == 0, line};
        switch (random() % 6)
        {
        case 0:
            step.what = Pause{{static_cast<int>(random() % 4)}};
            break;
        case 1:
            break;
        case 2:
            step.what = At{start + std::chrono::seconds{random() % 400} - 100s};
            break;
        default: {
            Play play;
            for (int first = static_cast<int>(random() % 3), n = 0; n <= static_cast<int>(random() % 3); ++n)
            {
                play.contents.push_back({first + n});
            }
            step.what = play;
        }
        }
        script.steps.push_back(step);
    }
    return script;
}

/// The end that a scenario without key and cancel has to come to: read off the script, step by step.
Cause expected_cause(const Script& script, const Fate& fate)
{
    bool any_finished = false;
    Cause last = Cause::none;
    for (std::size_t at = 0; at < script.steps.size(); ++at)
    {
        const Step& step = script.steps[at];
        if (std::holds_alternative<Pause>(step.what) && (fate.is_silent(at) || !fate.says_ok(at)))
        {
            return Cause::declined;
        }
        Cause first = Cause::none;
        for (const Reference reference : contents_of(step))
        {
            const Cause cause = fate.of({at, reference});
            any_finished = any_finished || cause == Cause::none;
            first = first == Cause::none ? cause : first;
            last = cause == Cause::none ? last : cause;
        }
        if (first != Cause::none && !step.or_continue)
        {
            return first;
        }
    }
    return any_finished ? Cause::none : last;
}

/// Holds what a gateway would have stored: the run as text, requests of contents, the open inquiry.
class World
{
public:
    World(Script script, Fate fate, std::uint32_t order, std::optional<std::uint32_t> restarts, bool interfere)
        : script_(std::move(script)), fate_(fate), order_(order), interfere_(interfere)
    {
        if (restarts)
        {
            restarts_.emplace(*restarts);
        }
    }

    Run play()
    {
        happens(event::Started{});
        for (int steps = 0; !is_end(run().state); ++steps)
        {
            REQUIRE(steps < 1000);
            // No draw depends on whether there are restarts.
            const auto number = order_();
            const auto disturbance = order_();
            nothing_changes_by_old_events();
            if (interfere_ && disturbance % 12 == 0)
            {
                interfere(disturbance / 12);
                continue;
            }
            next(number);
        }
        nothing_changes_by_old_events();
        CHECK(finishes_ == 1);
        CHECK(running_.empty());
        CHECK_FALSE(inquiry_);
        return run();
    }

private:
    [[nodiscard]] Run run() const { return parse_run(stored_, script_).value(); }

    void happens(const Event& event)
    {
        const Transition transition = step(script_, run(), event, now_, rules);
        REQUIRE(transition.applied);
        if (restarts_ && (*restarts_)() % 2 == 0)
        {
            // Killed before the commit: the event comes again, and finds everything as it was.
            happens(event);
            return;
        }
        stored_ = format_run(transition.after);
        old_.push_back(event);
        REQUIRE(finishes_ == 0);
        perform(transition.actions);
    }

    /// With the state, in one transaction.
    void perform(const std::vector<Action>& actions)
    {
        for (const Action& action : actions)
        {
            if (const auto* begin = std::get_if<action::Begin>(&action))
            {
                CHECK(begun_.insert({begin->step, begin->reference}).second);
                running_.insert({begin->step, begin->reference});
            }
            if (const auto* stop = std::get_if<action::Stop>(&action))
            {
                CHECK(running_.erase({stop->step, stop->reference}) == 1);
            }
            if (const auto* ask = std::get_if<action::Ask>(&action))
            {
                CHECK_FALSE(inquiry_);
                inquiry_ = ask->step;
            }
            if (const auto* close = std::get_if<action::CloseInquiry>(&action))
            {
                CHECK(inquiry_ == close->step);
                inquiry_.reset();
            }
            if (const auto* wake = std::get_if<action::Wake>(&action))
            {
                CHECK(run().due == wake->at);
            }
            finishes_ += std::holds_alternative<action::Finish>(action) ? 1 : 0;
        }
    }

    /// One of the things that can happen now.
    void next(std::uint32_t number)
    {
        now_ += std::chrono::seconds{number % 7};
        const Run now = run();
        if (now.due)
        {
            const bool answered = inquiry_ && !fate_.is_silent(*inquiry_);
            CHECK(inquiry_.has_value() == (now.state == State::asking));
            now_ = answered ? now_ : std::max(now_, *now.due);
            happens(answered ? Event(event::InquiryAnswered{*inquiry_, fate_.says_ok(*inquiry_)})
                             : Event(event::TimeReached{}));
            return;
        }
        REQUIRE_FALSE(running_.empty());
        const Key key = *std::next(running_.begin(), static_cast<std::ptrdiff_t>(number % running_.size()));
        running_.erase(key);
        const Cause cause = fate_.of(key);
        happens(event::ContentEnded{key.first, key.second, cause == Cause::none, cause, {number % 60, std::nullopt}});
    }

    void interfere(std::uint32_t number)
    {
        const bool key_is_possible = !running_.empty() && run().position < script_.steps.size();
        if (number % 4 == 0 || !key_is_possible)
        {
            happens(number % 8 == 0 ? Event(event::Cancelled{}) : Event(event::GivenUp{Cause::refused}));
            return;
        }
        const Key voice = *std::next(running_.begin(), static_cast<std::ptrdiff_t>(number % running_.size()));
        running_.erase(voice);
        happens(event::ConnectByKey{voice.first, voice.second, {0}, {}});
    }

    void nothing_changes_by_old_events() const
    {
        for (const Event& event : old_)
        {
            // A time that is reached again is a new one.
            if (!std::holds_alternative<event::TimeReached>(event))
            {
                REQUIRE_FALSE(step(script_, run(), event, now_, rules).applied);
            }
        }
    }

    Script script_;
    Fate fate_;
    std::mt19937 order_;
    std::optional<std::mt19937> restarts_;
    bool interfere_;
    std::string stored_ = format_run({});
    Instant now_ = start;
    std::set<Key> begun_;
    std::set<Key> running_;
    std::optional<std::size_t> inquiry_;
    std::vector<Event> old_;
    int finishes_ = 0;
};
} // namespace

TEST_CASE("Every scenario comes to the one end that its text and the world decide, in whatever order things happen")
{
    std::mt19937 random(42);
    std::map<Cause, int> ends;
    for (std::uint32_t round = 0; round < 300; ++round)
    {
        const Script script = random_script(random);
        const Fate fate{round};
        INFO("round " << round << "\n" << canonical(script));
        const Run end = World(script, fate, random(), std::nullopt, false).play();
        CHECK(end.cause == expected_cause(script, fate));
        CHECK(end.state == (end.cause == Cause::none ? State::finished : State::failed));
        ends[end.cause] += 1;
    }
    CHECK(ends.size() == 5); // none, declined and the three causes of Fate
}

TEST_CASE("A restart at any point of a scenario changes nothing of its course")
{
    std::mt19937 random(43);
    std::map<State, int> ends;
    for (std::uint32_t round = 0; round < 300; ++round)
    {
        const Script script = random_script(random);
        const Fate fate{round};
        const std::uint32_t order = random();
        INFO("round " << round << "\n" << canonical(script));
        const Run without = World(script, fate, order, std::nullopt, true).play();
        const Run with = World(script, fate, order, random(), true).play();
        CHECK(format_run(with) == format_run(without));
        ends[with.state] += 1;
    }
    CHECK(ends.size() == 3);
}
