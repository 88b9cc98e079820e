// SPDX-License-Identifier: Apache-2.0
// Names of what sniff() finds.
#include "media/sniff.h"

namespace ringpost::media
{
std::string_view to_string(OctetKind kind)
{
    switch (kind)
    {
    case OctetKind::wav:
        return "wav";
    case OctetKind::snd:
        return "snd";
    case OctetKind::flac:
        return "flac";
    case OctetKind::ogg_vorbis:
        return "ogg-vorbis";
    case OctetKind::ogg_opus:
        return "ogg-opus";
    case OctetKind::ogg_other:
        return "ogg";
    case OctetKind::mp3:
        return "mp3";
    case OctetKind::amr:
        return "amr";
    case OctetKind::amr_wb:
        return "amr-wb";
    case OctetKind::mp4:
        return "mp4";
    case OctetKind::tiff:
        return "tiff";
    case OctetKind::pdf:
        return "pdf";
    case OctetKind::text:
        return "text";
    case OctetKind::unknown:
        break;
    }
    return "unknown";
}

std::string_view describe(OctetKind kind)
{
    switch (kind)
    {
    case OctetKind::wav:
        return "a WAV recording";
    case OctetKind::snd:
        return "a Sun/NeXT recording";
    case OctetKind::flac:
        return "a FLAC recording";
    case OctetKind::ogg_vorbis:
        return "an Ogg Vorbis recording";
    case OctetKind::ogg_opus:
        return "an Opus recording";
    case OctetKind::ogg_other:
        return "an Ogg file that is neither Vorbis nor Opus";
    case OctetKind::mp3:
        return "an MP3 recording";
    case OctetKind::amr:
    case OctetKind::amr_wb:
        return "an AMR recording";
    case OctetKind::mp4:
        return "an MP4 file";
    case OctetKind::tiff:
        return "a TIFF image";
    case OctetKind::pdf:
        return "a PDF document";
    case OctetKind::text:
        return "text";
    case OctetKind::unknown:
        break;
    }
    return "data of an unknown kind";
}

std::string_view to_string(VoiceFormat format)
{
    switch (format)
    {
    case VoiceFormat::wav:
        return "wav";
    case VoiceFormat::snd:
        return "snd";
    case VoiceFormat::mu_law:
        return "mu-law";
    case VoiceFormat::a_law:
        return "a-law";
    case VoiceFormat::g726_32:
        return "g726-32";
    case VoiceFormat::flac:
        return "flac";
    case VoiceFormat::vorbis:
        return "vorbis";
    case VoiceFormat::opus:
        return "opus";
    case VoiceFormat::mp3:
        return "mp3";
    }
    return "unknown";
}
} // namespace ringpost::media
