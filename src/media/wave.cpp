// SPDX-License-Identifier: Apache-2.0
#include "media/wave.h"

#include "core/g711.h"
#include "media/octets.h"
#include "media/resampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ringpost::media
{
namespace
{
constexpr std::uint32_t slowest = 4000;
constexpr std::uint32_t fastest = 192000;
constexpr std::uint32_t most_channels = 2;
constexpr std::size_t frames_at_once = 4096; // frames
constexpr double full_scale = 32768.0;

std::int16_t clipped(double value)
{
    if (std::isnan(value))
    {
        return 0;
    }
    return static_cast<std::int16_t>(std::lround(std::clamp(value, -full_scale, full_scale - 1)));
}

std::int16_t floating_sample(std::uint64_t raw, std::size_t size)
{
    return size == 4 ? clipped(double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))} * full_scale)
                     : clipped(std::bit_cast<double>(raw) * full_scale);
}

/// The sample in 16 bit; `raw` as it lies in the file.
std::int16_t sample(const SoundLayout& layout, std::uint64_t raw)
{
    switch (layout.coding)
    {
    case SampleCoding::unsigned_integer:
        return static_cast<std::int16_t>((static_cast<int>(raw) - 128) * 256);
    case SampleCoding::signed_integer:
        // The upper 16 bits, sign included; 8 bits become the upper half.
        return static_cast<std::int16_t>(
            static_cast<std::uint16_t>(layout.sample_size == 1 ? raw << 8U : raw >> (8 * (layout.sample_size - 2))));
    case SampleCoding::floating:
        return floating_sample(raw, layout.sample_size);
    case SampleCoding::mu_law:
        return decode_sample(G711::mu, static_cast<std::uint8_t>(raw));
    case SampleCoding::a_law:
        return decode_sample(G711::a, static_cast<std::uint8_t>(raw));
    }
    return 0;
}

/// One frame, its channels mixed.
std::int16_t mixed(const SoundLayout& layout, std::string_view frame)
{
    int sum = 0;
    for (std::uint32_t channel = 0; channel < layout.channels; ++channel)
    {
        const std::size_t at = std::size_t{channel} * layout.sample_size;
        sum += sample(layout, layout.big_endian ? big_endian(frame, at, layout.sample_size)
                                                : little_endian(frame, at, layout.sample_size));
    }
    return static_cast<std::int16_t>(sum / static_cast<int>(layout.channels));
}

Result<> playable(const SoundLayout& layout, const VoiceLimits& limits)
{
    if (layout.channels > most_channels)
    {
        return fail(Errc::unsupported, "", fmt::format("the recording has {} channels", layout.channels));
    }
    if (layout.rate < slowest || layout.rate > fastest)
    {
        return fail(
            Errc::malformed, "",
            fmt::format("the recording has {} samples a second; {} to {} are read", layout.rate, slowest, fastest));
    }
    if (layout.frames() == 0)
    {
        return fail(Errc::malformed, "", "the recording is empty");
    }
    // Not more than the limit: what is left of a second would be rounded away.
    const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(limits.length.count(), 0)) * layout.rate;
    if (static_cast<std::uint64_t>(layout.frames()) > most / 1'000'000)
    {
        return too_long(limits);
    }
    return {};
}

Result<Pcm> read_file(std::string_view octets, const VoiceLimits& limits,
                      Result<SoundLayout> (*header)(std::string_view))
{
    if (const auto within = within_octets(octets, limits); within.has_error())
    {
        return within.error();
    }
    const auto layout = header(octets);
    if (layout.has_error())
    {
        return layout.error();
    }
    return read_samples(*layout, limits);
}

void append_number(std::string& text, std::uint64_t value, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i)
    {
        text.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
    }
}
} // namespace

Failure too_long(const VoiceLimits& limits)
{
    return fail(Errc::too_large, "", fmt::format("the recording is longer than {}", format_duration(limits.length)));
}

Result<> within_octets(std::string_view octets, const VoiceLimits& limits)
{
    if (octets.size() > limits.octets)
    {
        return fail(Errc::too_large, "", fmt::format("the recording has more than {} octets", limits.octets));
    }
    return {};
}

Result<Pcm> read_samples(const SoundLayout& layout, const VoiceLimits& limits)
{
    if (const auto can = playable(layout, limits); can.has_error())
    {
        return can.error();
    }
    Pcm pcm;
    Resampler resampler(layout.rate);
    std::array<std::int16_t, frames_at_once> buffer{};
    const std::size_t frames = layout.frames();
    for (std::size_t done = 0; done < frames; done += frames_at_once)
    {
        const std::size_t count = std::min(frames_at_once, frames - done);
        for (std::size_t i = 0; i < count; ++i)
        {
            buffer[i] = mixed(layout, layout.data.substr((done + i) * layout.frame_size(), layout.frame_size()));
        }
        resampler.feed(std::span(buffer).first(count), pcm);
    }
    resampler.finish(pcm);
    return pcm;
}

Result<Pcm> read_wav(std::string_view octets, const VoiceLimits& limits)
{
    return read_file(octets, limits, read_wav_header);
}

Result<Pcm> read_snd(std::string_view octets, const VoiceLimits& limits)
{
    return read_file(octets, limits, read_snd_header);
}

std::string write_wav(const Pcm& pcm)
{
    const std::uint64_t size = pcm.samples.size() * 2;
    std::string wav = "RIFF";
    append_number(wav, 36 + size, 4);
    wav += "WAVEfmt ";
    append_number(wav, 16, 4);
    append_number(wav, 1, 2); // PCM
    append_number(wav, 1, 2); // channel
    append_number(wav, telephone_rate, 4);
    append_number(wav, std::uint64_t{telephone_rate} * 2, 4);
    append_number(wav, 2, 2);
    append_number(wav, 16, 2);
    wav += "data";
    append_number(wav, size, 4);
    for (const std::int16_t value : pcm.samples)
    {
        append_number(wav, static_cast<std::uint16_t>(value), 2);
    }
    return wav;
}
} // namespace ringpost::media
