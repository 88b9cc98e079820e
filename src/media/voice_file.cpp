// SPDX-License-Identifier: Apache-2.0
#include "media/voice_file.h"

#include "core/on_pool.h"
#include "media/g726.h"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace ringpost::media
{
namespace
{
constexpr std::size_t native_threads = 1; // a reading takes milliseconds
constexpr std::size_t native_waiting = 100;

SoundLayout without_header(SampleCoding coding, std::string_view octets)
{
    SoundLayout layout;
    layout.coding = coding;
    layout.data = octets;
    return layout;
}

Result<Pcm> read_g726(std::string_view octets, const VoiceLimits& limits)
{
    if (octets.size() > samples_in(limits.length) / 2)
    {
        return too_long(limits);
    }
    return decode_g726_32(octets);
}

/// sox by the name of the format: it must not guess, for it would take the octets for a list of file names, too.
VoiceConversion by_sox(std::string format)
{
    VoiceConversion conversion;
    conversion.command.program = "/usr/bin/sox";
    // A FLAC that breaks off is told there alone: the exit code is that of success, and half of it would be played.
    conversion.command.complaint = "sox FAIL";
    conversion.command.arguments = {"-V1", "-D", "-t", std::move(format), "-",  "-t", "raw", "-r", "8000",
                                    "-c",  "1",  "-e", "signed-integer",  "-b", "16", "-L",  "-"};
    return conversion;
}

VoiceConversion by_opusdec()
{
    VoiceConversion conversion;
    conversion.command.program = "/usr/bin/opusdec";
    // Two channels always: otherwise it writes as many as there are, and does not say how many.
    conversion.command.arguments = {"--quiet", "--no-dither", "--rate", "8000", "--force-stereo", "-", "-"};
    conversion.channels = 2;
    return conversion;
}

/// Octets that a converter writes for the longest recording, and one frame more, which tells that it is too long.
std::size_t longest_output(const VoiceLimits& limits, std::uint32_t channels)
{
    return (samples_in(limits.length) + 1) * channels * 2;
}

Result<Pcm> converted(const Result<std::string>& output, std::uint32_t channels, const VoiceLimits& limits)
{
    if (output.has_error())
    {
        return output.error().code() == Errc::too_large ? too_long(limits) : output.error();
    }
    SoundLayout layout;
    layout.coding = SampleCoding::signed_integer;
    layout.sample_size = 2;
    layout.channels = channels;
    layout.data = *output;
    return read_samples(layout, limits);
}
} // namespace

Result<VoiceConversion> voice_conversion(VoiceFormat format)
{
    switch (format)
    {
    case VoiceFormat::wav:
        return by_sox("wav");
    case VoiceFormat::snd:
        return by_sox("au");
    case VoiceFormat::flac:
        return by_sox("flac");
    case VoiceFormat::vorbis:
        return by_sox("vorbis");
    case VoiceFormat::mp3:
        return by_sox("mp3");
    case VoiceFormat::opus:
        return by_opusdec();
    case VoiceFormat::mu_law:
    case VoiceFormat::a_law:
    case VoiceFormat::g726_32:
        break;
    }
    return fail(Errc::unsupported, "", fmt::format("no converter for {}", to_string(format)));
}

Result<Pcm> read_plain_voice(std::string_view octets, VoiceFormat format, const VoiceLimits& limits)
{
    switch (format)
    {
    case VoiceFormat::wav:
        return read_wav(octets, limits);
    case VoiceFormat::snd:
        return read_snd(octets, limits);
    case VoiceFormat::mu_law:
        return read_samples(without_header(SampleCoding::mu_law, octets), limits);
    case VoiceFormat::a_law:
        return read_samples(without_header(SampleCoding::a_law, octets), limits);
    case VoiceFormat::g726_32:
        return read_g726(octets, limits);
    default:
        return fail(Errc::unsupported, "", fmt::format("{} takes a converter", to_string(format)));
    }
}

VoiceReader::VoiceReader(Sandbox& sandbox, const SandboxLimits& limits)
    : sandbox_(sandbox), limits_(limits), pool_(native_threads, native_waiting)
{}

boost::asio::awaitable<Result<Pcm>> VoiceReader::read(std::string octets, std::string declared_type, VoiceLimits limits)
{
    if (const auto within = within_octets(octets, limits); within.has_error())
    {
        co_return within.error();
    }
    const auto format = voice_format(declared_type, octets);
    if (format.has_error())
    {
        co_return format.error();
    }
    // Shared: std::function copies its target, and recordings are large.
    const auto recording = std::make_shared<std::string>(std::move(octets));
    std::function<Result<Pcm>()> plain = [recording, kind = *format, limits] {
        return read_plain_voice(*recording, kind, limits);
    };
    Failure busy(Errc::unavailable, "", "too many recordings are read at this moment");
    Result<Pcm> pcm = co_await on_pool(pool_, std::move(plain), busy);
    if (pcm.has_value() || pcm.error().code() != Errc::unsupported)
    {
        co_return pcm;
    }
    const auto conversion = voice_conversion(*format);
    if (conversion.has_error())
    {
        co_return conversion.error();
    }
    SandboxLimits bounds = limits_;
    bounds.output = longest_output(limits, conversion->channels);
    const Result<std::string> output = co_await sandbox_.run(conversion->command, std::move(*recording), bounds);
    co_return converted(output, conversion->channels, limits);
}
} // namespace ringpost::media
