// SPDX-License-Identifier: Apache-2.0
// samples/media holds one tone in every format.
#include "core/g711.h"
#include "media/g726.h"
#include "media/tone_generator.h"
#include "media/voice_file.h"
#include "sound.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <optional>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;
using namespace std::string_literals;

namespace
{
class Reading
{
public:
    explicit Reading(const SandboxLimits& limits = {}) : reader_(sandbox_, limits) {}

    Result<Pcm> operator()(const std::string& octets, const std::string& type, const VoiceLimits& limits = {})
    {
        std::optional<Result<Pcm>> answer;
        boost::asio::co_spawn(context_, reader_.read(octets, type, limits),
                              [&answer](const std::exception_ptr& error, Result<Pcm> result) {
                                  REQUIRE_FALSE(error);
                                  answer = std::move(result);
                              });
        context_.restart();
        context_.run();
        return answer.value_or(fail(Errc::internal, "", "never answered"));
    }

    std::string refusal(const std::string& octets, const std::string& type, const VoiceLimits& limits = {})
    {
        const auto pcm = (*this)(octets, type, limits);
        return pcm ? "read" : to_string(pcm.error().code()) + (": " + pcm.error().text());
    }

private:
    boost::asio::io_context context_;
    Sandbox sandbox_;
    VoiceReader reader_;
};

struct Sample
{
    std::string file;
    std::string type;
    double purity = 0.97; ///< how much of what comes out is the tone
};

const std::vector<Sample>& samples()
{
    static const std::vector<Sample> list{
        {"tone.flac", "audio/flac"}, {"tone.ogg", "audio/ogg"},           {"tone.opus", "audio/ogg; codecs=opus"},
        {"tone.mp3", "audio/mpeg"},  {"tone.32kadpcm", "audio/32KADPCM"}, {"tone-gsm.wav", "audio/x-wav", 0.9}};
    return list;
}
} // namespace

namespace
{
/// The middle of the tone: encoders put silence before it and swing at its ends.
std::span<const std::int16_t> middle(const Pcm& pcm)
{
    const auto& all = pcm.samples;
    const auto begin = std::find_if(all.begin(), all.end(), [](std::int16_t sample) { return sample > 8000; });
    const std::size_t at = static_cast<std::size_t>(begin - all.begin()) + 480;
    return at + 1200 > all.size() ? std::span<const std::int16_t>() : std::span(all).subspan(at, 1200);
}
} // namespace

TEST_CASE("The same tone comes out of every format")
{
    Reading read;
    for (const auto& [file, type, purity] : samples())
    {
        INFO(file);
        const std::string octets = sample_file(file);
        REQUIRE(octets.size() > 100);
        const auto pcm = read(octets, type);
        INFO((pcm ? "" : pcm.error().text()));
        REQUIRE(pcm.has_value());
        // Encoders add silence at both ends.
        CHECK(pcm->length() >= 290ms);
        CHECK(pcm->length() <= 450ms);
        CHECK(share_of(1000, middle(*pcm)) > purity);
        CHECK(std::abs(loudest(middle(*pcm)) - 16384) < 2500);
    }
}

TEST_CASE("A wrong declared type does not matter where the content tells")
{
    Reading read;
    for (const auto& [file, type, purity] : samples())
    {
        if (file != "tone.32kadpcm")
        {
            INFO(file);
            CHECK(read(sample_file(file), "application/octet-stream").has_value());
        }
    }
}

TEST_CASE("Uncompressed recordings need no converter")
{
    const Pcm beep = tone(1000, 200ms);
    CHECK(read_plain_voice(write_wav(beep), VoiceFormat::wav, {})->samples == beep.samples);
    Reading read;
    CHECK(read(write_wav(beep), "audio/wav")->samples == beep.samples);
    CHECK(read(encode_g711(G711::mu, beep.samples), "audio/basic")->samples ==
          decode_g711(G711::mu, encode_g711(G711::mu, beep.samples)));
    CHECK(read(encode_g711(G711::a, beep.samples), "audio/PCMA")->samples ==
          decode_g711(G711::a, encode_g711(G711::a, beep.samples)));
}

TEST_CASE("G.726 takes the earlier sample from the low half of an octet")
{
    const std::string octets = sample_file("tone.32kadpcm");
    std::string swapped = octets;
    for (char& octet : swapped)
    {
        const auto code = static_cast<unsigned char>(octet);
        octet = static_cast<char>(static_cast<unsigned char>(code << 4U | code >> 4U));
    }
    CHECK(decode_g726_32(octets).samples.size() == 2400);
    CHECK(share_of(1000, decode_g726_32(octets).samples) > 0.98);
    CHECK(share_of(1000, decode_g726_32(swapped).samples) < 0.9);
    CHECK(decode_g726_32("").samples.empty());
}

TEST_CASE("A recording that is too long or too large is refused with the limit")
{
    Reading read;
    for (const auto& [file, type, purity] : samples())
    {
        INFO(file);
        CHECK(read.refusal(sample_file(file), type, {200ms, 1 * MiB}) ==
              "too-large: the recording is longer than 200ms");
        CHECK(read.refusal(sample_file(file), type, {1s, 100}) == "too-large: the recording has more than 100 octets");
    }
    CHECK(read.refusal(std::string(8001, 'x'), "audio/basic", {1s, 1 * MiB}) ==
          "too-large: the recording is longer than 1s");
    CHECK(read.refusal(std::string(4001, 'x'), "audio/32kadpcm", {1s, 1 * MiB}) ==
          "too-large: the recording is longer than 1s");
}

TEST_CASE("A recording that is none is refused with a sentence")
{
    Reading read;
    CHECK(read.refusal("", "audio/wav") == "malformed: the recording is empty");
    CHECK(read.refusal("%PDF-1.4", "audio/mpeg") ==
          "unsupported: a PDF document is not a recording that can be played");
    CHECK(read.refusal("RIFF\0\0\0\0WAVE"s, "audio/wav") ==
          "malformed: the recording is damaged: it has no sound in it");
}

TEST_CASE("Damaged compressed recordings end in a failure or a shorter recording, never in anything else")
{
    Reading read;
    for (const auto& [file, type, purity] : samples())
    {
        const std::string whole = sample_file(file);
        std::string torn = whole;
        for (std::size_t i = 60; i < torn.size(); i += 7)
        {
            torn[i] = static_cast<char>(i);
        }
        for (const std::string& octets : {whole.substr(0, whole.size() / 2), whole.substr(0, 50), torn})
        {
            INFO(file << " " << octets.size());
            const auto pcm = read(octets, type);
            const bool damaged = pcm.has_error() && pcm.error().code() == Errc::malformed;
            const bool shorter = pcm.has_value() && !pcm->samples.empty() && pcm->length() < 1s;
            const bool unknown = pcm.has_error() && pcm.error().code() == Errc::unsupported;
            CHECK((damaged || shorter || unknown));
        }
    }
}

TEST_CASE("Every conversion names its format to the converter")
{
    for (const VoiceFormat format :
         {VoiceFormat::wav, VoiceFormat::snd, VoiceFormat::flac, VoiceFormat::vorbis, VoiceFormat::mp3})
    {
        const auto conversion = voice_conversion(format);
        REQUIRE(conversion.has_value());
        const auto& words = conversion->command.arguments;
        const auto input = std::find(words.begin(), words.end(), "-");
        REQUIRE(input - words.begin() >= 2);
        CHECK(*(input - 2) == "-t");
    }
    CHECK(voice_conversion(VoiceFormat::opus)->channels == 2);
    CHECK(voice_conversion(VoiceFormat::mu_law).error().code() == Errc::unsupported);
    CHECK(read_plain_voice("x", VoiceFormat::flac, {}).error().code() == Errc::unsupported);
}
