// SPDX-License-Identifier: Apache-2.0
// The headers of WAV (RIFF, RF64; Microsoft's mmreg.h, EBU Tech 3306) and Sun/NeXT audio: where the samples are and in
// what form. Bounded by the octets that are there, whatever the headers say; linear.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string_view>

namespace ringpost::media
{
enum class SampleCoding
{
    unsigned_integer, ///< 8 bit
    signed_integer,   ///< 8, 16, 24 or 32 bit
    floating,         ///< 32 or 64 bit, ±1.0
    mu_law,
    a_law
};

/// Samples of a file, uncompressed, channels one after the other.
struct SoundLayout
{
    SampleCoding coding = SampleCoding::mu_law;
    bool big_endian = false;
    std::uint32_t rate = 8000;     ///< samples a second of a channel
    std::uint32_t channels = 1;    ///< at least 1
    std::uint32_t sample_size = 1; ///< octets of one sample of one channel
    std::string_view data;         ///< whole frames

    [[nodiscard]] std::size_t frame_size() const { return std::size_t{channels} * sample_size; }
    [[nodiscard]] std::size_t frames() const { return data.size() / frame_size(); }
};

/// Errc::malformed with a sentence: damaged, or a size that is not there. Errc::unsupported: a coding that is not named
/// above (a converter may know it). A size of "unknown" (all ones, or what programs write that cannot go back to fill
/// it in) means: to the end.
[[nodiscard]] Result<SoundLayout> read_wav_header(std::string_view octets);
[[nodiscard]] Result<SoundLayout> read_snd_header(std::string_view octets);
} // namespace ringpost::media
