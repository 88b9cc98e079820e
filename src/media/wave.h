// SPDX-License-Identifier: Apache-2.0
// Recordings without compression, read by ourselves: WAV, Sun/NeXT, and headerless µ-law and A-law (RFC 2046 4.3).
// Everything else goes through a converter (media/voice_file).
#pragma once

#include "core/config.h"
#include "core/result.h"
#include "media/pcm.h"
#include "media/sound_file.h"

#include <string_view>

namespace ringpost::media
{
/// How long and how large a recording may be.
struct VoiceLimits
{
    Duration length = 10min;
    std::size_t octets = 50 * MiB;
};

/// One or two channels (mixed), 4000 to 192000 samples a second. Errc::malformed: damaged, or empty; Errc::too_large:
/// beyond a limit, which the sentence names; Errc::unsupported: a coding, or channels, that a converter may know.
[[nodiscard]] Result<Pcm> read_wav(std::string_view octets, const VoiceLimits& limits);
[[nodiscard]] Result<Pcm> read_snd(std::string_view octets, const VoiceLimits& limits);
/// As above, of samples in any of the forms.
[[nodiscard]] Result<Pcm> read_samples(const SoundLayout& layout, const VoiceLimits& limits);

/// 16 bit, mono, 8 kHz: for recordings of conversations, and for tests.
[[nodiscard]] std::string write_wav(const Pcm& pcm);

/// Errc::too_large with the sentence that names the limit.
[[nodiscard]] Failure too_long(const VoiceLimits& limits);
[[nodiscard]] Result<> within_octets(std::string_view octets, const VoiceLimits& limits);
} // namespace ringpost::media
