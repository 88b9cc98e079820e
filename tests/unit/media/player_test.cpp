// SPDX-License-Identifier: Apache-2.0
#include "media/player.h"

#include <catch2/catch.hpp>

#include <numeric>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
constexpr PlayerOptions bare{0s, 0s, false};

/// Samples 1, 2, 3 … so that each place can be told.
std::shared_ptr<const Pcm> counting(Duration length)
{
    auto pcm = std::make_shared<Pcm>();
    pcm->samples.resize(samples_in(length));
    for (std::size_t i = 0; i < pcm->samples.size(); ++i)
    {
        pcm->samples[i] = static_cast<std::int16_t>(i % 30000 + 1);
    }
    return pcm;
}

std::vector<std::int16_t> play(Player& player, int frames)
{
    std::vector<std::int16_t> all;
    for (int i = 0; i < frames; ++i)
    {
        const Frame frame = player.next_frame();
        all.insert(all.end(), frame.begin(), frame.end());
    }
    return all;
}

int frames_until_finished(Player& player)
{
    int frames = 0;
    while (!player.finished() && frames < 100000)
    {
        (void)player.next_frame();
        ++frames;
    }
    return frames;
}
} // namespace

TEST_CASE("A recording is played from the beginning to the end, then there is silence")
{
    const auto pcm = counting(100ms);
    Player player(pcm, bare);
    const auto all = play(player, 5);
    CHECK(all == pcm->samples);
    CHECK(player.finished());
    CHECK(player.state() == PlayerState::played);
    CHECK(play(player, 1) == std::vector<std::int16_t>(160, 0));
    CHECK(player.seconds_heard() == 1);
}

TEST_CASE("A last frame that is not full is filled with silence")
{
    auto pcm = std::make_shared<Pcm>();
    pcm->samples = {7, 8, 9};
    Player player(pcm, bare);
    const auto all = play(player, 1);
    CHECK(std::vector(all.begin(), all.begin() + 4) == std::vector<std::int16_t>{7, 8, 9, 0});
    CHECK(std::accumulate(all.begin(), all.end(), 0) == 24);
    CHECK(player.finished());
}

TEST_CASE("There is silence before and after, in which nothing is heard yet")
{
    Player player(counting(100ms), {400ms, 1s, false});
    CHECK(play(player, 20) == std::vector<std::int16_t>(3200, 0));
    CHECK(player.seconds_heard() == 0);
    CHECK(play(player, 1).front() == 1);
    CHECK(player.seconds_heard() == 1);
    CHECK(frames_until_finished(player) == 4 + 50);
}

TEST_CASE("1 plays again from the beginning")
{
    Player player(counting(1s), bare);
    CHECK(play(player, 10).back() == 1600);
    CHECK(player.on_digit('1') == KeyMeaning::again);
    CHECK(play(player, 1).front() == 1);
    CHECK(frames_until_finished(player) == 49);
}

TEST_CASE("1 is heard in the silence after the recording, and means nothing when all is over")
{
    Player player(counting(40ms), {0s, 40ms, false});
    (void)play(player, 3);
    CHECK(player.on_digit('1') == KeyMeaning::again);
    CHECK(play(player, 1).front() == 1);
    CHECK(frames_until_finished(player) == 3);
    CHECK(player.on_digit('1') == KeyMeaning::nothing);
    CHECK(player.finished());
}

TEST_CASE("* stops")
{
    Player player(counting(10s), bare);
    (void)play(player, 51);
    CHECK(player.on_digit('*') == KeyMeaning::stop);
    CHECK(player.finished());
    CHECK(player.state() == PlayerState::stopped);
    CHECK(play(player, 1) == std::vector<std::int16_t>(160, 0));
    CHECK(player.seconds_heard() == 2);
}

TEST_CASE("9 wishes a connection once, where that is allowed")
{
    Player player(counting(10s), {0s, 0s, true});
    (void)play(player, 1);
    CHECK(player.on_digit('9') == KeyMeaning::connect);
    CHECK(player.state() == PlayerState::connect);
    CHECK(player.finished());
    CHECK(player.on_digit('9') == KeyMeaning::nothing);
    CHECK(player.on_digit('1') == KeyMeaning::nothing);

    Player other(counting(10s), bare);
    CHECK(other.on_digit('9') == KeyMeaning::nothing);
    CHECK_FALSE(other.finished());
}

TEST_CASE("Other keys mean nothing")
{
    Player player(counting(1s), {0s, 0s, true});
    for (const char key : std::string("02345678#ABCDx"))
    {
        CHECK(player.on_digit(key) == KeyMeaning::nothing);
    }
    CHECK(frames_until_finished(player) == 50);
}

TEST_CASE("Seconds heard are those of the recording, however often it is played")
{
    Player player(counting(3s), bare);
    (void)play(player, 100);
    CHECK(player.seconds_heard() == 2);
    (void)player.on_digit('1');
    (void)play(player, 60);
    CHECK(player.seconds_heard() == 2);
    (void)player.on_digit('1');
    (void)frames_until_finished(player);
    CHECK(player.seconds_heard() == 3);
}

TEST_CASE("An empty recording ends")
{
    Player player(std::make_shared<Pcm>());
    CHECK(frames_until_finished(player) < 100);
    CHECK(player.seconds_heard() == 0);
}
