// SPDX-License-Identifier: Apache-2.0
// What octets really are, by their content: mail clients name media types by file name, wrongly or not at all. Looks at
// the first few KiB only.
#pragma once

#include "core/result.h"

#include <string_view>

namespace ringpost::media
{
enum class OctetKind
{
    unknown,
    wav,        ///< RIFF, RIFX or RF64 with WAVE
    snd,        ///< Sun/NeXT audio (`.snd`, `.au`)
    flac,       ///< native FLAC
    ogg_vorbis, ///< RFC 5334
    ogg_opus,   ///< RFC 7845
    ogg_other,  ///< Speex, FLAC, video … in Ogg
    mp3,        ///< MPEG audio layer III (or II), also after ID3
    amr,        ///< RFC 4867 5; not read: sox's decoder runs for ever on damaged ones
    amr_wb,     ///< the same, wide band
    mp4,        ///< MP4, M4A, 3GP: known so that it can be named
    tiff,       ///< either byte order
    pdf,
    text ///< UTF-8 or UTF-16 with its mark, no control characters
};

/// `wav`, `ogg-opus` …: for logs.
[[nodiscard]] std::string_view to_string(OctetKind kind);
/// `a WAV recording`, `a PDF document` …: for sentences.
[[nodiscard]] std::string_view describe(OctetKind kind);

[[nodiscard]] OctetKind sniff(std::string_view octets);

/// How a recording is read.
enum class VoiceFormat
{
    wav,
    snd,
    mu_law,  ///< 8 kHz without a header (RFC 2046 4.3)
    a_law,   ///< the same
    g726_32, ///< VPIM's audio/32KADPCM (RFC 3802), no header
    flac,
    vorbis,
    opus,
    mp3
};

[[nodiscard]] std::string_view to_string(VoiceFormat format);

/// What the content says wins; the declared type (any case, parameters ignored) decides where it says nothing:
/// audio/basic, audio/PCMU, audio/PCMA and audio/32KADPCM have no header. Such octets are only taken for something else
/// where these begin with a magic of four octets (any sound may begin like an MP3). Errc::malformed: there are none;
/// Errc::unsupported with a sentence: not a recording, or of a kind that is not read.
[[nodiscard]] Result<VoiceFormat> voice_format(std::string_view declared_type, std::string_view octets);
} // namespace ringpost::media
