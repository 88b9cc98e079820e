// SPDX-License-Identifier: Apache-2.0
#include "media/tone_generator.h"
#include "media/wave.h"
#include "sound.h"

#include <catch2/catch.hpp>

#include <bit>
#include <cstdlib>
#include <limits>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;
using namespace std::string_literals;

namespace
{
/// What a sample between -1 and 1 is in a file.
std::string coded(double sample, const WavHeader& header)
{
    if (header.tag == 3)
    {
        return header.bits == 32 ? number(std::bit_cast<std::uint32_t>(static_cast<float>(sample)), 4)
                                 : number(std::bit_cast<std::uint64_t>(sample), 8);
    }
    if (header.bits == 8)
    {
        return number(static_cast<std::uint64_t>(std::lround(sample * 127) + 128), 1);
    }
    const double scale = std::ldexp(1.0, static_cast<int>(header.bits) - 1) - 1;
    return number(static_cast<std::uint64_t>(std::llround(sample * scale)), header.bits / 8);
}

std::string tone_file(const WavHeader& header, double seconds, double hertz = 1000.0)
{
    std::string data;
    for (const double sample : kilohertz(header.rate, seconds, hertz))
    {
        for (unsigned channel = 0; channel < header.channels; ++channel)
        {
            data += coded(sample, header);
        }
    }
    return wav(header, data);
}

std::string refusal(const std::string& octets, const VoiceLimits& limits = {})
{
    const auto pcm = octets.substr(0, 4) == ".snd" ? read_snd(octets, limits) : read_wav(octets, limits);
    return pcm ? "read" : pcm.error().text();
}

std::string snd(unsigned coding, unsigned rate, unsigned channels, const std::string& data,
                std::uint64_t size = 0xffffffff)
{
    return ".snd" + number(28, 4, true) + number(size, 4, true) + number(coding, 4, true) + number(rate, 4, true) +
           number(channels, 4, true) + "note" + data;
}
} // namespace

TEST_CASE("A WAV of any width, rate and number of channels becomes 8 kHz mono")
{
    for (const unsigned rate : {4000U, 8000U, 11025U, 16000U, 22050U, 44100U, 44101U, 48000U, 96000U, 192000U})
    {
        for (const auto& [tag, bits] : {std::pair(1U, 8U), {1U, 16U}, {1U, 24U}, {1U, 32U}, {3U, 32U}, {3U, 64U}})
        {
            const WavHeader header{tag, rate % 3 == 0 ? 2U : 1U, rate, bits};
            INFO(rate << " Hz, " << bits << " bits, kind " << tag);
            const auto pcm = read_wav(tone_file(header, 0.25), {});
            REQUIRE(pcm.has_value());
            CHECK(std::abs(static_cast<int>(pcm->samples.size()) - 2000) <= 2);
            CHECK(share_of(1000, pcm->samples) > 0.98);
            CHECK(std::abs(loudest(pcm->samples) - 16384) < 900);
        }
    }
}

TEST_CASE("Sixteen bits at 8 kHz are taken as they are")
{
    Pcm pcm{{0, 1, -1, 32767, -32768, 256, -257}};
    CHECK(read_wav(write_wav(pcm), {})->samples == pcm.samples);
}

TEST_CASE("What a telephone cannot carry is filtered out and not folded back")
{
    // 7 kHz would be heard as 1 kHz.
    const auto pcm = read_wav(tone_file({1, 1, 48000, 16}, 0.25, 7000), {});
    REQUIRE(pcm.has_value());
    CHECK(loudest(std::span(pcm->samples).subspan(200, 1600)) < 100);
    const auto high = read_wav(tone_file({1, 1, 48000, 16}, 0.25, 3000), {});
    CHECK(loudest(high->samples) > 15000);
}

TEST_CASE("Two channels are mixed, and no sum is too loud")
{
    const auto pcm = read_wav(wav({1, 2, 8000, 16}, number(100, 2) + number(300, 2) + number(0x8000, 2) +
                                                        number(0x8000, 2) + number(0x7fff, 2) + number(0x8001, 2)),
                              {});
    CHECK(pcm->samples == std::vector<std::int16_t>{200, -32768, 0});
}

TEST_CASE("Floating samples beyond full scale are clipped, and no number is silence")
{
    std::string data;
    for (const float sample : {2.0F, -2.0F, 0.5F, std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    {
        data += number(std::bit_cast<std::uint32_t>(sample), 4);
    }
    CHECK(read_wav(wav({3, 1, 8000, 32}, data), {})->samples ==
          std::vector<std::int16_t>{32767, -32768, 16384, 0, 32767, -32768});
}

TEST_CASE("WAV and Sun/NeXT files may be mu-law or A-law")
{
    CHECK(read_wav(wav({7, 1, 8000, 8}, "\x80\xff"), {})->samples == std::vector<std::int16_t>{32124, 0});
    CHECK(read_wav(wav({6, 1, 8000, 8}, "\xaa\xd5"), {})->samples == std::vector<std::int16_t>{32256, 8});
    CHECK(read_snd(snd(1, 8000, 1, "\x80\xff"), {})->samples == std::vector<std::int16_t>{32124, 0});
    CHECK(read_snd(snd(27, 8000, 1, "\xaa\xd5"), {})->samples == std::vector<std::int16_t>{32256, 8});
}

TEST_CASE("Sun/NeXT files are big-endian")
{
    CHECK(read_snd(snd(2, 8000, 1, "\x01\xff"), {})->samples == std::vector<std::int16_t>{256, -256});
    CHECK(read_snd(snd(3, 8000, 1, "\x01\x02\xff\xfe"), {})->samples == std::vector<std::int16_t>{0x102, -2});
    CHECK(read_snd(snd(4, 8000, 1, "\x01\x02\x03"), {})->samples == std::vector<std::int16_t>{0x102});
    CHECK(read_snd(snd(5, 8000, 2, "\x01\x02\x03\x04\x01\x02\x03\x04", 8), {})->samples ==
          std::vector<std::int16_t>{0x102});
    CHECK(read_snd(snd(6, 8000, 1, number(std::bit_cast<std::uint32_t>(0.5F), 4, true)), {})->samples ==
          std::vector<std::int16_t>{16384});
    CHECK(read_snd(snd(7, 8000, 1, number(std::bit_cast<std::uint64_t>(-0.5), 8, true)), {})->samples ==
          std::vector<std::int16_t>{-16384});
}

TEST_CASE("Chunks around the sound are passed over")
{
    const std::string sound = "data" + number(4, 4) + "\1\0\2\0"s;
    const std::string odd = "LIST" + number(3, 4) + "abc\0"s; // padded to an even place
    const std::string file = "RIFF" + number(0, 4) + "WAVE" + odd + format_chunk({}) + odd + sound + odd;
    CHECK(read_wav(file, {})->samples == std::vector<std::int16_t>{1, 2});
}

TEST_CASE("The extensible format names its coding in a GUID")
{
    std::string chunk = format_chunk({0xfffe, 1, 8000, 16});
    chunk.replace(4, 4, number(40, 4));
    chunk += number(22, 2) + number(16, 2) + number(4, 4) + number(1, 2) + std::string(14, 'g');
    const std::string file = "RIFF" + number(0, 4) + "WAVE" + chunk + "data" + number(2, 4) + "\x07\0"s;
    CHECK(read_wav(file, {})->samples == std::vector<std::int16_t>{7});
}

TEST_CASE("Writers that do not know the length leave the rest of the file")
{
    std::string file = wav({}, "\1\0\2\0"s);
    for (const std::uint64_t size : {0xffffffffU, 0x7fffffffU, 0x7ffff000U})
    {
        file.replace(40, 4, number(size, 4));
        CHECK(read_wav(file, {})->samples == std::vector<std::int16_t>{1, 2});
    }
}

TEST_CASE("RF64 has its length in a chunk of its own")
{
    const auto file = [](std::uint64_t size) {
        return "RF64" + number(0xffffffff, 4) + "WAVE" + "ds64" + number(28, 4) + number(0, 8) + number(size, 8) +
               number(0, 12) + format_chunk({}) + "data" + number(0xffffffff, 4) + "\1\0\2\0"s;
    };
    CHECK(read_wav(file(2), {})->samples == std::vector<std::int16_t>{1});
    CHECK(refusal(file(1ULL << 40)) == "the recording is damaged: it announces 1099511627776 octets of sound, and 4 "
                                       "are there");
}

TEST_CASE("A damaged recording is refused with a sentence")
{
    const std::string sound = "\1\0\2\0"s;
    std::string lying = wav({}, sound);
    lying.replace(40, 4, number(5, 4));
    std::string huge = "RIFF" + number(0, 4) + "WAVE" + "LIST" + number(0xfffffff0, 4) + "abc";
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "the recording is damaged: it does not begin like a WAV file"},
        {"RIFF", "the recording is damaged: it does not begin like a WAV file"},
        {"RIFF\0\0\0\0WAVE"s, "the recording is damaged: it has no sound in it"},
        {"RIFF\0\0\0\0WAVE"s + format_chunk({}), "the recording is damaged: it has no sound in it"},
        {"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd"s, "the recording is damaged: its sound comes before its format"},
        {"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd"s, "the recording is damaged: its format is cut off"},
        {lying, "the recording is damaged: it announces 5 octets of sound, and 4 are there"},
        {huge, "the recording is damaged: a part of it is larger than the file"},
        {wav({1, 0, 8000, 16, 2}, sound), "the recording is damaged: it has no channels"},
        {wav({1, 1, 0, 16}, sound), "the recording is damaged: it has no sampling rate"},
        {wav({1, 1, 8000, 16, 4}, sound),
         "the recording is damaged: 1 channels of 16 bits do not make blocks of 4 octets"},
        {wav({}, ""), "the recording is empty"},
        {wav({}, "x"), "the recording is empty"},
        {wav({1, 1, 3999, 16}, sound), "the recording has 3999 samples a second; 4000 to 192000 are read"},
        {wav({1, 1, 192001, 16}, sound), "the recording has 192001 samples a second; 4000 to 192000 are read"},
        {snd(3, 8000, 0, sound), "the recording is damaged: it has no channels"},
        {snd(3, 8000, 1, sound, 5), "the recording is damaged: it announces 5 octets of sound, and 4 are there"},
        {".snd" + number(999, 4, true) + std::string(20, '\1'), "the recording is a Sun/NeXT file of a coding (number "
                                                                "16843009) that is not read"},
        {".snd" + number(999, 4, true) + number(0, 4) + number(1, 4, true) + std::string(8, '\1'),
         "the recording is damaged: its sound begins outside of it"},
        {".snd", "the recording is damaged: it does not begin like a Sun/NeXT file"},
    };
    for (const auto& [octets, sentence] : table)
    {
        CHECK(refusal(octets) == sentence);
    }
}

TEST_CASE("Codings that a converter may know are unsupported and not damaged")
{
    for (const WavHeader& header : {WavHeader{2, 1, 8000, 4},
                                    {0x31, 1, 8000, 0},
                                    {0x55, 1, 8000, 0},
                                    {3, 1, 8000, 16},
                                    {1, 1, 8000, 40},
                                    {0xfffe, 1, 8000, 16}})
    {
        INFO(header.tag << " " << header.bits);
        CHECK(read_wav(wav(header, "abcd"), {}).error().code() == Errc::unsupported);
    }
    CHECK(read_wav(wav({1, 6, 8000, 16}, std::string(12, 'x')), {}).error().text() == "the recording has 6 channels");
    CHECK(read_wav("RIFX\0\0\0\0WAVE"s, {}).error().code() == Errc::unsupported);
    CHECK(read_snd(snd(23, 8000, 1, "abcd"), {}).error().code() == Errc::unsupported);
}

TEST_CASE("A recording beyond a limit is refused with the limit")
{
    const std::string second = wav({}, std::string(16000, 'x'));
    CHECK(refusal(second, {1s, 1 * MiB}) == "read");
    CHECK(refusal(wav({}, std::string(16002, 'x')), {1s, 1 * MiB}) == "the recording is longer than 1s");
    CHECK(refusal(second, {1s, 1000}) == "the recording has more than 1000 octets");
    CHECK(refusal(wav({7, 1, 44100, 8}, std::string(44101, 'x')), {1s, 1 * MiB}) == "the recording is longer than 1s");
    CHECK(refusal(second, {0s, 1 * MiB}) == "the recording is longer than 0s");
}
