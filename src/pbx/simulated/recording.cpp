// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/recording.h"

#include "core/log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ringpost::pbx::simulated
{
namespace
{
constexpr std::uint32_t rate = 8000;
constexpr std::uint32_t sample_octets = 2;
constexpr std::uint32_t header_octets = 44;
constexpr unsigned most_files = 1'000'000;

void append(std::vector<char>& octets, std::uint32_t value, int count)
{
    for (int i = 0; i < count; ++i)
    {
        octets.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
    }
}

void append(std::vector<char>& octets, const char* tag)
{
    octets.insert(octets.end(), tag, tag + 4);
}

std::vector<char> header(std::uint32_t samples)
{
    const std::uint32_t data = samples * sample_octets;
    std::vector<char> octets;
    append(octets, "RIFF");
    append(octets, header_octets - 8 + data, 4);
    append(octets, "WAVE");
    append(octets, "fmt ");
    append(octets, 16, 4);
    append(octets, 1, 2); // PCM
    append(octets, 1, 2); // channels
    append(octets, rate, 4);
    append(octets, rate * sample_octets, 4);
    append(octets, sample_octets, 2);
    append(octets, 8 * sample_octets, 2);
    append(octets, "data");
    append(octets, data, 4);
    return octets;
}
} // namespace

Result<Recording> Recording::open(const std::filesystem::path& directory, const std::string& name, unsigned& number,
                                  Duration limit)
{
    constexpr Duration longest = 24h; // the length in the header has 32 bit
    const Duration time = std::clamp(limit, Duration{0}, longest);
    const auto samples = static_cast<std::uint64_t>(time.count()) * rate / 1'000'000;
    for (; number < most_files; ++number)
    {
        std::string path = directory / (name + "-" + std::to_string(number) + ".wav");
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        if (descriptor >= 0)
        {
            ++number;
            Recording recording(descriptor, std::move(path), samples);
            recording.put(0, header(0));
            return recording;
        }
        if (errno != EEXIST)
        {
            return fail(Errc::io, path, std::strerror(errno));
        }
    }
    return fail(Errc::io, directory.string(), "there are too many recordings");
}

Recording::Recording(Recording&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), limit_(other.limit_)
{}

Recording& Recording::operator=(Recording&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    std::swap(limit_, other.limit_);
    return *this;
}

Recording::~Recording()
{
    if (descriptor_ >= 0)
    {
        ::close(descriptor_);
    }
}

void Recording::write(std::uint64_t place, std::span<const std::int16_t> samples)
{
    if (place >= limit_)
    {
        return;
    }
    std::vector<char> octets;
    for (const std::int16_t sample : samples.first(std::min<std::uint64_t>(samples.size(), limit_ - place)))
    {
        append(octets, static_cast<std::uint16_t>(sample), sample_octets);
    }
    put(header_octets + place * sample_octets, octets);
}

void Recording::cut(std::uint64_t samples)
{
    const auto octets = static_cast<off_t>(header_octets + std::min(samples, limit_) * sample_octets);
    if (descriptor_ >= 0 && ::ftruncate(descriptor_, octets) != 0)
    {
        trouble();
    }
}

void Recording::finish(std::uint64_t samples)
{
    cut(samples);
    put(0, header(static_cast<std::uint32_t>(std::min(samples, limit_))));
}

void Recording::put(std::uint64_t offset, std::span<const char> octets)
{
    while (descriptor_ >= 0 && !octets.empty())
    {
        const auto written = ::pwrite(descriptor_, octets.data(), octets.size(), static_cast<off_t>(offset));
        if (written < 0 && errno != EINTR)
        {
            trouble();
        }
        else if (written > 0)
        {
            octets = octets.subspan(static_cast<std::size_t>(written));
            offset += static_cast<std::uint64_t>(written);
        }
    }
}

void Recording::trouble()
{
    log::warning("pbx.recording", {{"file", path_}, {"why", std::strerror(errno)}});
    ::close(std::exchange(descriptor_, -1));
}
} // namespace ringpost::pbx::simulated
