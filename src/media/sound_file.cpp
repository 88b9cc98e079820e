// SPDX-License-Identifier: Apache-2.0
#include "media/sound_file.h"

#include "media/octets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace ringpost::media
{
namespace
{
constexpr std::uint64_t unknown_32 = 0xffffffff;
// Writers to a pipe leave 0x7ffff000 and the like behind. A mail never holds that much.
constexpr std::uint64_t surely_unknown = 0x7f000000;

Failure damaged(std::string_view what)
{
    return fail(Errc::malformed, "", fmt::format("the recording is damaged: {}", what));
}

/// Makes the data whole frames; refuses what later arithmetic could not bear.
Result<SoundLayout> checked(SoundLayout layout)
{
    if (layout.channels == 0)
    {
        return damaged("it has no channels");
    }
    if (layout.rate == 0)
    {
        return damaged("it has no sampling rate");
    }
    layout.data = layout.data.substr(0, layout.frames() * layout.frame_size());
    return layout;
}

/// The samples from `begin`, as many as announced; `size` nullopt: to the end.
Result<std::string_view> samples_at(std::string_view octets, std::size_t begin, std::optional<std::uint64_t> size)
{
    const auto there = octets.substr(std::min(begin, octets.size()));
    if (!size)
    {
        return there;
    }
    if (*size > there.size())
    {
        return damaged(fmt::format("it announces {} octets of sound, and {} are there", *size, there.size()));
    }
    return there.substr(0, static_cast<std::size_t>(*size));
}

struct Format
{
    std::uint32_t tag = 0;
    std::uint32_t bits = 0;
    std::uint32_t block = 0;
    SoundLayout layout;
};

constexpr std::uint32_t wav_pcm = 1;
constexpr std::uint32_t wav_float = 3;
constexpr std::uint32_t wav_a_law = 6;
constexpr std::uint32_t wav_mu_law = 7;
constexpr std::uint32_t wav_extensible = 0xfffe;

std::uint32_t field(std::string_view octets, std::size_t at, std::size_t size)
{
    return static_cast<std::uint32_t>(little_endian(octets, at, size));
}

std::optional<SampleCoding> wav_coding(const Format& format)
{
    const std::uint32_t size = format.layout.sample_size;
    switch (format.tag)
    {
    case wav_pcm:
        if (size < 1 || size > 4)
        {
            return std::nullopt;
        }
        return size == 1 ? SampleCoding::unsigned_integer : SampleCoding::signed_integer;
    case wav_float:
        return size == 4 || size == 8 ? std::optional(SampleCoding::floating) : std::nullopt;
    case wav_a_law:
        return size == 1 ? std::optional(SampleCoding::a_law) : std::nullopt;
    case wav_mu_law:
        return size == 1 ? std::optional(SampleCoding::mu_law) : std::nullopt;
    default:
        return std::nullopt;
    }
}

/// The chunk `fmt `.
Result<Format> wav_format(std::string_view chunk)
{
    constexpr std::size_t plain = 16;
    constexpr std::size_t extensible = 40;
    if (chunk.size() < plain)
    {
        return damaged("its format is cut off");
    }
    Format format{field(chunk, 0, 2), field(chunk, 14, 2), field(chunk, 12, 2), {}};
    if (format.tag == wav_extensible)
    {
        // The real tag begins the GUID of the sub-format.
        format.tag = chunk.size() < extensible ? 0 : field(chunk, 24, 2);
    }
    format.layout.channels = field(chunk, 2, 2);
    format.layout.rate = field(chunk, 4, 4);
    format.layout.sample_size = (format.bits + 7) / 8;
    const auto coding = wav_coding(format);
    if (!coding)
    {
        return fail(Errc::unsupported, "",
                    fmt::format("the recording is a WAV file of a coding (number {}, {} bits) that is not read",
                                format.tag, format.bits));
    }
    if (format.layout.channels != 0 && format.block != format.layout.frame_size())
    {
        return damaged(fmt::format("{} channels of {} bits do not make blocks of {} octets", format.layout.channels,
                                   format.bits, format.block));
    }
    format.layout.coding = *coding;
    return format;
}

/// Walks over the chunks of one file.
class WavReader
{
public:
    explicit WavReader(std::string_view octets) : octets_(octets), rf64_(octets.substr(0, 4) == "RF64") {}

    Result<SoundLayout> read()
    {
        constexpr std::size_t riff_header = 12;
        constexpr std::size_t chunk_header = 8;
        std::size_t at = riff_header;
        while (octets_.size() >= at + chunk_header)
        {
            const auto name = octets_.substr(at, 4);
            const std::uint64_t size = field(octets_, at + 4, 4);
            at += chunk_header;
            if (name == "data")
            {
                return samples(at, size);
            }
            if (size > octets_.size() - at)
            {
                return damaged("a part of it is larger than the file");
            }
            const auto chunk = octets_.substr(at, static_cast<std::size_t>(size));
            if (const auto taken = take(name, chunk); taken.has_error())
            {
                return taken.error();
            }
            at += static_cast<std::size_t>(size) + (size & 1U); // chunks begin at even places
        }
        return damaged("it has no sound in it");
    }

private:
    Result<> take(std::string_view name, std::string_view chunk)
    {
        if (name == "fmt ")
        {
            auto format = wav_format(chunk);
            if (format.has_error())
            {
                return format.error();
            }
            layout_ = format->layout;
        }
        else if (name == "ds64" && rf64_)
        {
            data_size_ = little_endian(chunk, 8, 8);
        }
        return {};
    }

    Result<SoundLayout> samples(std::size_t begin, std::uint64_t size) const
    {
        if (!layout_)
        {
            return damaged("its sound comes before its format");
        }
        std::optional<std::uint64_t> announced = size;
        if (rf64_ && size == unknown_32)
        {
            announced = data_size_;
        }
        else if (size >= surely_unknown)
        {
            announced.reset();
        }
        const auto data = samples_at(octets_, begin, announced);
        if (data.has_error())
        {
            return data.error();
        }
        SoundLayout layout = *layout_;
        layout.data = *data;
        return checked(layout);
    }

    std::string_view octets_;
    bool rf64_;
    std::optional<SoundLayout> layout_;
    std::optional<std::uint64_t> data_size_; ///< of RF64
};

std::optional<SoundLayout> snd_coding(std::uint64_t number)
{
    SoundLayout layout;
    layout.big_endian = true;
    switch (number)
    {
    case 1:
        return layout;
    case 2:
    case 3:
    case 4:
    case 5:
        layout.coding = SampleCoding::signed_integer;
        layout.sample_size = static_cast<std::uint32_t>(number) - 1;
        return layout;
    case 6:
    case 7:
        layout.coding = SampleCoding::floating;
        layout.sample_size = number == 6 ? 4 : 8;
        return layout;
    case 27:
        layout.coding = SampleCoding::a_law;
        return layout;
    default:
        return std::nullopt;
    }
}
} // namespace

Result<SoundLayout> read_wav_header(std::string_view octets)
{
    const auto riff = octets.substr(0, 4);
    if (riff == "RIFX")
    {
        return fail(Errc::unsupported, "", "the recording is a WAV file in big-endian order");
    }
    if ((riff != "RIFF" && riff != "RF64") || octets.size() < 12 || octets.substr(8, 4) != "WAVE")
    {
        return damaged("it does not begin like a WAV file");
    }
    return WavReader(octets).read();
}

Result<SoundLayout> read_snd_header(std::string_view octets)
{
    constexpr std::size_t header = 24;
    if (octets.substr(0, 4) != ".snd" || octets.size() < header)
    {
        return damaged("it does not begin like a Sun/NeXT file");
    }
    const std::uint64_t begin = big_endian(octets, 4, 4);
    const std::uint64_t size = big_endian(octets, 8, 4);
    auto layout = snd_coding(big_endian(octets, 12, 4));
    if (!layout)
    {
        return fail(Errc::unsupported, "",
                    fmt::format("the recording is a Sun/NeXT file of a coding (number {}) that is not read",
                                big_endian(octets, 12, 4)));
    }
    if (begin < header || begin > octets.size())
    {
        return damaged("its sound begins outside of it");
    }
    const auto data =
        samples_at(octets, static_cast<std::size_t>(begin), size == unknown_32 ? std::nullopt : std::optional(size));
    if (data.has_error())
    {
        return data.error();
    }
    layout->rate = static_cast<std::uint32_t>(big_endian(octets, 16, 4));
    layout->channels = static_cast<std::uint32_t>(big_endian(octets, 20, 4));
    layout->data = *data;
    return checked(*layout);
}
} // namespace ringpost::media
