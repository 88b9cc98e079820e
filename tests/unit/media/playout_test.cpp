// SPDX-License-Identifier: Apache-2.0
#include "core/spawn.h"
#include "core/virtual_clock.h"
#include "media/playout.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// Whose next timer fires late, as on a machine that is busy, and whose time is set.
class LateClock : public Clock
{
public:
    explicit LateClock(VirtualClock& clock) : clock_(clock) {}
    void be_late(Duration once) { late_ = once; }
    void set(Duration change) { set_ += change; }

    [[nodiscard]] Instant now() const override { return clock_.now() + set_; }
    [[nodiscard]] Duration steady() const override { return clock_.steady(); }
    [[nodiscard]] Timer at(Instant when, std::function<void()> action) override
    {
        return clock_.at(when - set_ + std::exchange(late_, Duration{0}), std::move(action));
    }
    [[nodiscard]] Timer after(Duration delay, std::function<void()> action) override
    {
        return clock_.after(delay + std::exchange(late_, Duration{0}), std::move(action));
    }

private:
    VirtualClock& clock_;
    Duration late_{0};
    Duration set_{0};
};

/// Plays what it is sent without a pause as long as there is something; how long it has waited for more.
class Listener : public pbx::AudioPort
{
public:
    explicit Listener(const Clock& clock) : clock_(clock), heard_(clock.now()) {}

    void listen(Sinks /*sinks*/) override {}
    void send(std::span<const std::int16_t> samples) override
    {
        waited += std::max(clock_.now() - heard_, Duration{0});
        heard_ = std::max(heard_, clock_.now()) + frame_time;
        ahead = std::max(ahead, heard_ - clock_.now());
        said.insert(said.end(), samples.begin(), samples.end());
    }

    std::vector<std::int16_t> said;
    Duration waited{0};
    Duration ahead{0};

private:
    const Clock& clock_;
    Instant heard_; ///< all that was sent, by then
};

struct Playing
{
    boost::asio::io_context context;
    VirtualClock virtual_clock{context, Instant{}};
    LateClock clock{virtual_clock};
    Listener listener{virtual_clock};
    Playout playout{clock, listener};
    Pcm sound;
    const bool closed = false;
    Duration between{0};
    std::size_t over = 0; ///< sounds

    Playing()
    {
        for (std::size_t i = 0; i < samples_in(3s); ++i)
        {
            sound.samples.push_back(static_cast<std::int16_t>(i));
        }
    }

    /// Several sounds, one after the other.
    boost::asio::awaitable<void> play(std::size_t sounds)
    {
        for (std::size_t i = 0; i < sounds; ++i)
        {
            SoundFrames frames(sound);
            const std::function<std::optional<Frame>()> next = [&frames] { return frames.next(); };
            co_await playout.play(next, closed);
            ++over;
            co_await clock.sleep_for(between);
        }
    }

    void begin(std::size_t sounds) { spawn(context.get_executor(), "test", play(sounds)); }
};
} // namespace

TEST_CASE("A wake-up that is late by less than what was given out ahead leaves no gap")
{
    Playing playing;
    playing.begin(1);
    for (int i = 0; i < 3; ++i)
    {
        playing.virtual_clock.run_for(510ms);
        playing.clock.be_late(140ms);
    }
    playing.virtual_clock.run_for(3s);
    CHECK(playing.over == 1);
    CHECK(playing.listener.said == playing.sound.samples);
    CHECK(playing.listener.waited == 0ms);
    CHECK(playing.listener.ahead == 160ms);
}

TEST_CASE("After a longer time in which nothing ran the rest is heard, nothing is left out, and little comes at once")
{
    const Duration late = GENERATE(160ms, 180ms, 300ms, 1s);
    CAPTURE(late.count());
    Playing playing;
    playing.begin(1);
    playing.virtual_clock.run_for(510ms);
    playing.clock.be_late(late);
    playing.virtual_clock.run_for(5s);
    CHECK(playing.over == 1);
    CHECK(playing.listener.said == playing.sound.samples);
    CHECK(playing.listener.waited == late - 140ms);
    CHECK(playing.listener.ahead == 160ms);
}

TEST_CASE("A clock that is set leaves no gap, and nobody is served further ahead")
{
    Playing playing;
    playing.begin(1);
    playing.virtual_clock.run_for(510ms);
    const Duration change = GENERATE(10ms, 100ms, 400ms, 1h) * GENERATE(-1, 1);
    CAPTURE(change.count());
    playing.clock.set(change);
    playing.virtual_clock.run_for(5s);
    CHECK(playing.over == 1);
    CHECK(playing.listener.said == playing.sound.samples);
    CHECK(playing.listener.waited == 0ms);
    CHECK(playing.listener.ahead == 160ms);
}

TEST_CASE("Ten sounds in turn are given out no further ahead than one")
{
    Playing playing;
    SECTION("without a pause there is no gap")
    {
        playing.begin(10);
        playing.virtual_clock.run_for(40s);
        CHECK(playing.listener.waited == 0ms);
    }
    SECTION("a pause in which nothing was played is not caught up with")
    {
        playing.between = 500ms;
        playing.begin(10);
        playing.virtual_clock.run_for(40s);
        CHECK(playing.listener.waited > 9 * 320ms);
    }
    CHECK(playing.over == 10);
    CHECK(playing.listener.said.size() == 10 * playing.sound.samples.size());
    CHECK(playing.listener.ahead == 160ms);
}
