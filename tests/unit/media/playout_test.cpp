// SPDX-License-Identifier: Apache-2.0
#include "core/spawn.h"
#include "core/virtual_clock.h"
#include "media/playout.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <vector>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// Whose next timer fires late, as on a machine that is busy.
class LateClock : public Clock
{
public:
    explicit LateClock(VirtualClock& clock) : clock_(clock) {}
    void be_late(Duration once) { late_ = once; }

    [[nodiscard]] Instant now() const override { return clock_.now(); }
    [[nodiscard]] Timer at(Instant when, std::function<void()> action) override
    {
        return clock_.at(when + std::exchange(late_, Duration{0}), std::move(action));
    }
    [[nodiscard]] Timer after(Duration delay, std::function<void()> action) override
    {
        return clock_.after(delay + std::exchange(late_, Duration{0}), std::move(action));
    }

private:
    VirtualClock& clock_;
    Duration late_{0};
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
    Listener listener{clock};
    Pcm sound;
    SoundFrames frames{sound};
    std::function<std::optional<Frame>()> next = [this] { return frames.next(); };
    const bool closed = false;
    bool over = false;

    Playing()
    {
        for (std::size_t i = 0; i < samples_in(3s); ++i)
        {
            sound.samples.push_back(static_cast<std::int16_t>(i));
        }
        spawn(context.get_executor(), "test", play());
    }

    boost::asio::awaitable<void> play()
    {
        co_await play_out(clock, listener, next, closed);
        over = true;
    }
};
} // namespace

TEST_CASE("A wake-up that is 140 ms late leaves no gap")
{
    Playing playing;
    for (int i = 0; i < 3; ++i)
    {
        playing.virtual_clock.run_for(510ms);
        playing.clock.be_late(140ms);
    }
    playing.virtual_clock.run_for(3s);
    CHECK(playing.over);
    CHECK(playing.listener.said == playing.sound.samples);
    CHECK(playing.listener.waited == 0ms);
    CHECK(playing.listener.ahead <= 200ms);
}

TEST_CASE("After a longer time in which nothing ran the rest is heard, nothing is left out, and little comes at once")
{
    const auto [late, gap] = GENERATE(table<Duration, Duration>({{180ms, 20ms}, {300ms, 140ms}, {1s, 840ms}}));
    CAPTURE(late.count());
    Playing playing;
    playing.virtual_clock.run_for(510ms);
    playing.clock.be_late(late);
    playing.virtual_clock.run_for(5s);
    CHECK(playing.over);
    CHECK(playing.listener.said == playing.sound.samples);
    CHECK(playing.listener.waited >= gap);
    CHECK(playing.listener.waited <= gap + 20ms);
    CHECK(playing.listener.ahead <= 200ms);
}
