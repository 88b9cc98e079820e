// SPDX-License-Identifier: Apache-2.0
// A recording out of a mail, whatever its kind, as the telephone plays it.
#pragma once

#include "core/result.h"
#include "core/work_pool.h"
#include "media/sandbox.h"
#include "media/sniff.h"
#include "media/wave.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ringpost::media
{
/// WAV, Sun/NeXT, µ-law, A-law and G.726 are read here, on a thread of their own; FLAC, Vorbis, Opus, MP3, AMR and WAV
/// of other codings by a converter in the sandbox.
class VoiceReader
{
public:
    /// `limits`: of a conversion. Its output is bounded by the recording's length instead.
    explicit VoiceReader(Sandbox& sandbox, const SandboxLimits& limits = {});

    /// `declared_type`: the media type that the mail names (`audio/basic`). Errors, each with a sentence for the
    /// sender: Errc::malformed: empty or damaged; Errc::unsupported: not a recording, or none that is read here;
    /// Errc::too_large: the limit is named; Errc::timeout, Errc::unavailable: as of Sandbox. From any thread; goes on
    /// on the caller's executor.
    boost::asio::awaitable<Result<Pcm>> read(std::string octets, std::string declared_type, VoiceLimits limits);

private:
    Sandbox& sandbox_;
    SandboxLimits limits_;
    WorkPool pool_;
};

/// How a format is converted: the program, and the channels of what it writes (8 kHz, 16 bit, little-endian, no
/// header).
struct VoiceConversion
{
    SandboxCommand command;
    std::uint32_t channels = 1;
};
/// Errc::unsupported: there is none for this format.
[[nodiscard]] Result<VoiceConversion> voice_conversion(VoiceFormat format);

/// The formats that are read here. Errc::unsupported: it takes a converter.
[[nodiscard]] Result<Pcm> read_plain_voice(std::string_view octets, VoiceFormat format, const VoiceLimits& limits);
} // namespace ringpost::media
