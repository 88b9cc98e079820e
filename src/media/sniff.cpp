// SPDX-License-Identifier: Apache-2.0
#include "media/sniff.h"

#include "media/ascii.h"
#include "media/mpeg_frame.h"
#include "media/octets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace ringpost::media
{
namespace
{
constexpr std::size_t pdf_reach = 1024;  // ISO 32000-1 annex H.3.4.1: the mark is looked for there
constexpr std::size_t text_reach = 4096; // octets that are looked at

bool at(std::string_view octets, std::size_t where, std::string_view magic)
{
    return octets.size() >= where && octets.substr(where, magic.size()) == magic;
}

/// RFC 3533 6: the first packet of a stream alone on the first page tells the codec.
OctetKind ogg_kind(std::string_view octets)
{
    constexpr std::size_t header = 27;
    const std::size_t packet = header + static_cast<std::size_t>(big_endian(octets, header - 1, 1));
    if (at(octets, packet, "OpusHead"))
    {
        return OctetKind::ogg_opus;
    }
    return at(octets, packet, "\x01vorbis") ? OctetKind::ogg_vorbis : OctetKind::ogg_other;
}

/// Kinds that begin with a magic that nothing else begins with by accident.
OctetKind by_magic(std::string_view octets)
{
    const auto riff = octets.substr(0, 4);
    if ((riff == "RIFF" || riff == "RIFX" || riff == "RF64") && at(octets, 8, "WAVE"))
    {
        return OctetKind::wav;
    }
    if (at(octets, 0, std::string_view("OggS\0", 5)))
    {
        return ogg_kind(octets);
    }
    struct Magic
    {
        std::size_t where;
        std::string_view text;
        OctetKind kind;
    };
    static constexpr std::array magics{Magic{0, ".snd", OctetKind::snd},
                                       Magic{0, "fLaC", OctetKind::flac},
                                       Magic{0, "#!AMR\n", OctetKind::amr},
                                       Magic{0, "#!AMR-WB\n", OctetKind::amr_wb},
                                       Magic{4, "ftyp", OctetKind::mp4},
                                       Magic{0, std::string_view("II*\0", 4), OctetKind::tiff},
                                       Magic{0, std::string_view("MM\0*", 4), OctetKind::tiff}};
    const auto* const found = std::find_if(
        magics.begin(), magics.end(), [&octets](const Magic& magic) { return at(octets, magic.where, magic.text); });
    return found == magics.end() ? OctetKind::unknown : found->kind;
}

/// Octets that follow a lead octet of UTF-8; nullopt: it is none (RFC 3629 3).
std::optional<int> followers(unsigned char lead)
{
    if (lead < 0x80)
    {
        return 0;
    }
    if (lead < 0xc2 || lead > 0xf4)
    {
        return std::nullopt;
    }
    return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

bool text_control(unsigned char octet)
{
    // Tab, line feed, form feed, carriage return, and the escape of ISO-2022-JP.
    return octet == '\t' || octet == '\n' || octet == '\f' || octet == '\r' || octet == 0x1b;
}

bool is_text(std::string_view octets)
{
    if (at(octets, 0, "\xff\xfe") || at(octets, 0, "\xfe\xff"))
    {
        return octets.size() % 2 == 0;
    }
    int open = 0;
    for (const char c : octets.substr(0, text_reach))
    {
        const auto octet = static_cast<unsigned char>(c);
        if (open > 0)
        {
            if ((octet & 0xc0U) != 0x80)
            {
                return false;
            }
            --open;
            continue;
        }
        const auto more = followers(octet);
        if (!more || (octet < 0x20 && !text_control(octet)) || octet == 0x7f)
        {
            return false;
        }
        open = *more;
    }
    return !octets.empty() && (open == 0 || octets.size() > text_reach);
}

/// Declared types whose octets have no header.
std::optional<VoiceFormat> headerless(std::string_view type)
{
    if (type == "audio/basic" || type == "audio/pcmu")
    {
        return VoiceFormat::mu_law;
    }
    if (type == "audio/pcma")
    {
        return VoiceFormat::a_law;
    }
    return type == "audio/32kadpcm" ? std::optional(VoiceFormat::g726_32) : std::nullopt;
}

std::optional<VoiceFormat> voice_of(OctetKind kind)
{
    switch (kind)
    {
    case OctetKind::wav:
        return VoiceFormat::wav;
    case OctetKind::snd:
        return VoiceFormat::snd;
    case OctetKind::flac:
        return VoiceFormat::flac;
    case OctetKind::ogg_vorbis:
        return VoiceFormat::vorbis;
    case OctetKind::ogg_opus:
        return VoiceFormat::opus;
    case OctetKind::mp3:
        return VoiceFormat::mp3;
    default:
        return std::nullopt;
    }
}

std::string bare_type(std::string_view declared)
{
    std::string type(declared.substr(0, std::min(declared.find_first_of("; \t"), std::size_t{100})));
    std::transform(type.begin(), type.end(), type.begin(), [](char c) { return lower(c); });
    return type;
}
} // namespace

OctetKind sniff(std::string_view octets)
{
    const OctetKind kind = by_magic(octets);
    if (kind != OctetKind::unknown)
    {
        return kind;
    }
    if (begins_mpeg_audio(octets))
    {
        return OctetKind::mp3;
    }
    if (octets.substr(0, pdf_reach).find("%PDF-") != std::string_view::npos)
    {
        return OctetKind::pdf;
    }
    return is_text(octets) ? OctetKind::text : OctetKind::unknown;
}

Result<VoiceFormat> voice_format(std::string_view declared_type, std::string_view octets)
{
    if (octets.empty())
    {
        return fail(Errc::malformed, "", "the recording is empty");
    }
    const auto bare = headerless(bare_type(declared_type));
    const OctetKind kind = bare ? by_magic(octets) : sniff(octets);
    if (const auto format = voice_of(kind); format)
    {
        return *format;
    }
    if (bare)
    {
        return *bare;
    }
    return fail(Errc::unsupported, "", fmt::format("{} is not a recording that can be played", describe(kind)));
}
} // namespace ringpost::media
