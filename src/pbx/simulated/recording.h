// SPDX-License-Identifier: Apache-2.0
// A file of what a telephone hears: WAV (RIFF, 1991), 8 kHz, one channel, 16 bit linear. It can be read while it grows:
// its header tells the length in the end, and 0 until then. Silence takes no room on the disk.
#pragma once

#include "core/duration.h"
#include "core/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace ringpost::pbx::simulated
{
class Recording
{
public:
    /// Makes `<directory>/<name>-<n>.wav` (mode 0640), where n is the first free number from `number` on, which becomes
    /// the next one. Never longer than `limit`. Errc::io.
    [[nodiscard]] static Result<Recording> open(const std::filesystem::path& directory, const std::string& name,
                                                unsigned& number, Duration limit);
    Recording(Recording&& other) noexcept;
    Recording& operator=(Recording&& other) noexcept;
    /// Without finish() the header tells no length.
    ~Recording();

    /// Samples at a place, counted in samples from the beginning; what was never written is silence. A disk that takes
    /// no more is logged once.
    void write(std::uint64_t place, std::span<const std::int16_t> samples);
    /// Forgets what is behind so many samples.
    void cut(std::uint64_t samples);
    /// Ends the file after so many samples.
    void finish(std::uint64_t samples);

private:
    Recording(int descriptor, std::string path, std::uint64_t limit)
        : descriptor_(descriptor), path_(std::move(path)), limit_(limit)
    {}
    void put(std::uint64_t offset, std::span<const char> octets);
    void trouble();

    int descriptor_ = -1;
    std::string path_;
    std::uint64_t limit_ = 0; ///< in samples
};
} // namespace ringpost::pbx::simulated
