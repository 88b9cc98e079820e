// SPDX-License-Identifier: Apache-2.0
#include "media/mpeg_frame.h"
#include "media/sniff.h"
#include "media/tone_generator.h"
#include "media/wave.h"
#include "sound.h"

#include <catch2/catch.hpp>

#include <map>

using namespace ringpost;
using namespace ringpost::media;
using namespace std::string_literals;

namespace
{
std::string ogg(const std::string& packet)
{
    return "OggS\0\x02"s + std::string(20, '\0') + "\x01" + static_cast<char>(packet.size()) + packet;
}

/// MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 octets.
std::string frame()
{
    return "\xff\xfb\x90\x64"s + std::string(413, 'x');
}

std::string format_of(std::string_view type, std::string_view octets)
{
    const auto format = voice_format(type, octets);
    return format ? std::string(to_string(*format)) : format.error().text();
}
} // namespace

TEST_CASE("What octets are is seen by their content")
{
    const std::map<std::string, std::string> kinds{
        {"", "unknown"},
        {"\0\1\2\3"s, "unknown"},
        {"RIFF\x10\0\0\0WAVEfmt "s, "wav"},
        {"RF64\xff\xff\xff\xffWAVEds64"s, "wav"},
        {"RIFF\x10\0\0\0AVI LIST\0\0\0\0"s, "unknown"},
        {".snd\0\0\0\x18"s, "snd"},
        {"fLaC\0\0\0\x22"s, "flac"},
        {ogg("OpusHead\1"), "ogg-opus"},
        {ogg("\1vorbis"), "ogg-vorbis"},
        {ogg("Speex   "), "ogg"},
        {"OggS\0"s, "ogg"},
        {"OggS\0"s + std::string(21, '\xff') + "\xff", "ogg"},
        {"ID3\4\0\0\0\0\1\0"s, "mp3"},
        {"ID3\4\0\0\0\xff\1\0"s, "unknown"},
        {frame() + frame(), "mp3"},
        {frame(), "mp3"},
        {frame() + "no frame here\0"s, "unknown"},
        {"\xff\xfb\x90\x64\0"s, "unknown"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "unknown"},
        {"#!AMR\n\x3c"s, "amr"},
        {"#!AMR-WB\n\x04"s, "amr-wb"},
        {"\0\0\0\x20"s + "ftypM4A ", "mp4"},
        {"II*\0\x08\0\0\0"s, "tiff"},
        {"MM\0*\0\0\0\x08"s, "tiff"},
        {"%PDF-1.4\n", "pdf"},
        {"\n\n junk %PDF-1.7", "pdf"},
        {"hello\r\n\tworld", "text"},
        {"caf\xc3\xa9", "text"},
        {"caf\xe9", "unknown"},
        {"\xc3", "unknown"},
        {"\xc0\x80", "unknown"},
        {"\x1b$B$3\x1b(B", "text"},
        {"\xff\xfeh\0i\0"s, "text"},
        {"bell\a", "unknown"},
        {std::string(4095, 'a') + "\xc3\xa9", "text"},
        {std::string(4096, 'a') + "\0"s, "text"},
    };
    for (const auto& [octets, kind] : kinds)
    {
        INFO(octets.substr(0, 20));
        CHECK(to_string(sniff(octets)) == kind);
    }
}

TEST_CASE("No beginning of a file is read past its end")
{
    for (const auto* name : {"tone.flac", "tone.ogg", "tone.opus", "tone.mp3", "tone-gsm.wav"})
    {
        const std::string whole = test::sample_file(name);
        REQUIRE(whole.size() > 100);
        for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), 600); ++size)
        {
            // On the heap, so that the sanitizer sees a read behind it.
            const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            (void)sniff({part.data(), part.size()});
        }
        CHECK(sniff(whole) != OctetKind::unknown);
    }
}

TEST_CASE("The size of an MPEG frame follows its header")
{
    const std::map<std::string, std::size_t> sizes{
        {"\xff\xfb\x90\x64", 417}, // MPEG 1 layer III, 128 kbit/s, 44.1 kHz
        {"\xff\xfb\x92\x64", 418}, // with padding
        {"\xff\xfd\x90\x64", 522}, // layer II, 160 kbit/s
        {"\xff\xe3\x28\xc4", 144}, // MPEG 2.5 layer III, 16 kbit/s, 8 kHz
        {"\xff\xf3\x28\xc4", 72},  // MPEG 2 layer III, 16 kbit/s, 16 kHz
        {"\xff\xfb\xf0\x64", 0},   // no such bit rate
        {"\xff\xfb\x9c\x64", 0},   // no such sampling rate
        {"\xff\xeb\x90\x64", 0},   // no such version
        {"\xff\xf9\x90\x64", 0},   // layer reserved
        {"\xff\xff\x90\x64", 0},   // layer I is nobody's mail
        {"\xff\xfb\x90", 0},       {"\x7f\xfb\x90\x64", 0},
    };
    for (const auto& [octets, size] : sizes)
    {
        INFO(int{static_cast<unsigned char>(octets[1])} << " " << int{static_cast<unsigned char>(octets[2])});
        CHECK(mpeg_frame_size(octets).value_or(0) == size);
    }
}

TEST_CASE("The content of a recording wins over its declared type")
{
    const std::string wav = write_wav(tone(1000, 100ms));
    CHECK(format_of("audio/x-wav", wav) == "wav");
    CHECK(format_of("audio/mpeg", wav) == "wav");
    CHECK(format_of("audio/basic", wav) == "wav");
    CHECK(format_of("application/octet-stream", wav) == "wav");
    CHECK(format_of("audio/ogg", test::sample_file("tone.opus")) == "opus");
    CHECK(format_of("audio/ogg", test::sample_file("tone.ogg")) == "vorbis");
    CHECK(format_of("audio/mpeg", test::sample_file("tone.mp3")) == "mp3");
    CHECK(format_of("audio/wav", test::sample_file("tone.flac")) == "flac");
    CHECK(format_of("audio/basic", ".snd\0\0\0\x18"s) == "snd");
}

TEST_CASE("Types without a header are what they are declared to be")
{
    CHECK(format_of("audio/basic", "\xff\xff\xff") == "mu-law");
    CHECK(format_of("AUDIO/Basic; rate=8000", "hello") == "mu-law");
    CHECK(format_of("audio/PCMA", "\xd5\xd5") == "a-law");
    CHECK(format_of("audio/pcmu", "\xd5\xd5") == "mu-law");
    CHECK(format_of("audio/32KADPCM", "\x11\x22") == "g726-32");
    // Sound may begin like an MP3.
    CHECK(format_of("audio/32kadpcm", frame() + frame()) == "g726-32");
}

TEST_CASE("What is not a recording is named")
{
    CHECK(format_of("audio/wav", "") == "the recording is empty");
    CHECK(format_of("audio/wav", "%PDF-1.4") == "a PDF document is not a recording that can be played");
    CHECK(format_of("audio/mp4", "\0\0\0\x20"s + "ftypM4A ") == "an MP4 file is not a recording that can be played");
    CHECK(format_of("audio/amr", "#!AMR\n\x3c") == "an AMR recording is not a recording that can be played");
    CHECK(format_of("audio/mpeg", "\1\2\3") == "data of an unknown kind is not a recording that can be played");
    CHECK(voice_format("audio/wav", "hello").error().code() == Errc::unsupported);
    CHECK(voice_format("audio/wav", "").error().code() == Errc::malformed);
}
