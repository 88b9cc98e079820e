// SPDX-License-Identifier: Apache-2.0
#include "core/g711.h"
#include "media/tone_detector.h"
#include "media/tone_generator.h"
#include "sound.h"

#include <catch2/catch.hpp>

#include <random>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// In frames of 20 ms, as a call brings them.
std::string heard(const Pcm& pcm)
{
    ToneDetector detector;
    std::string keys;
    for (std::size_t at = 0; at < pcm.samples.size(); at += 160)
    {
        const auto frame = std::span(pcm.samples).subspan(at, std::min<std::size_t>(160, pcm.samples.size() - at));
        keys += detector.feed(frame);
    }
    return keys;
}
} // namespace

TEST_CASE("Every key is heard in the sound of a call")
{
    const std::string all = "1234567890*#ABCD";
    CHECK(heard(key_tones(all)) == all);
    CHECK(heard(key_tones("1199**")) == "1199**");
    CHECK(heard(key_tones("159", 50ms, 50ms)) == "159");
}

TEST_CASE("Keys are heard in any pieces, and at once")
{
    const Pcm pcm = key_tones("20*9");
    CHECK(ToneDetector().feed(pcm.samples) == "20*9");
    ToneDetector detector;
    std::string keys;
    for (const std::int16_t sample : pcm.samples)
    {
        keys += detector.feed({&sample, 1});
    }
    CHECK(keys == "20*9");
}

TEST_CASE("Many keys at once are all heard")
{
    std::string many;
    for (int i = 0; i < 300; ++i)
    {
        many += static_cast<char>('0' + i % 10);
    }
    CHECK(ToneDetector().feed(key_tones(many, 60ms, 60ms).samples) == many);
}

TEST_CASE("A key that is held is told once")
{
    CHECK(heard(key_tones("5", 3s)) == "5");
}

TEST_CASE("Keys are heard through mu-law and some noise")
{
    Pcm pcm = key_tones("1*9");
    std::mt19937 random(1);
    for (auto& sample : pcm.samples)
    {
        sample = static_cast<std::int16_t>(sample + static_cast<int>(random() % 400) - 200);
        sample = decode_sample(G711::mu, encode_sample(G711::mu, sample));
    }
    CHECK(heard(pcm) == "1*9");
}

TEST_CASE("Other sounds are no keys")
{
    CHECK(heard(tone(697, 1s)).empty());
    CHECK(heard(tone(1000, 1s)).empty());
    CHECK(heard(key_tones("1", 15ms)).empty());
    Pcm noise;
    std::mt19937 random(2);
    for (int i = 0; i < 80000; ++i)
    {
        noise.samples.push_back(static_cast<std::int16_t>(static_cast<int>(random() % 20000) - 10000));
    }
    CHECK(heard(noise).empty());
}

TEST_CASE("Tones have their frequency, length and soft ends")
{
    const Pcm beep = tone(440, 500ms);
    CHECK(beep.samples.size() == 4000);
    CHECK(beep.length() == 500ms);
    CHECK(test::share_of(440, beep.samples) > 0.95);
    CHECK(std::abs(int{beep.samples.front()}) < 100);
    CHECK(std::abs(int{beep.samples.back()}) < 400);
    CHECK(tone(440, 0s).samples.empty());
    CHECK(key_tones("x y").samples.empty());
}
