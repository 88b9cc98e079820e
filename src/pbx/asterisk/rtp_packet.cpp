// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/rtp_packet.h"

#include <cstddef>

namespace ringpost::pbx::asterisk
{
namespace
{
constexpr std::size_t fixed_octets = 12;
constexpr unsigned pcmu = 0;

unsigned octet(std::string_view packet, std::size_t place)
{
    return static_cast<unsigned char>(packet[place]);
}

std::uint32_t number(std::string_view packet, std::size_t place, std::size_t octets)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets; ++i)
    {
        value = value << 8U | octet(packet, place + i);
    }
    return value;
}

void append(std::string& packet, std::uint32_t value, int octets)
{
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    {
        packet += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
    }
}
} // namespace

std::string rtp_packet(const RtpHeader& header, std::string_view mulaw)
{
    std::string packet;
    append(packet, 0x80U, 1); // version 2
    append(packet, (header.marker ? 0x80U : 0U) | pcmu, 1);
    append(packet, header.sequence, 2);
    append(packet, header.timestamp, 4);
    append(packet, header.source, 4);
    packet += mulaw;
    return packet;
}

std::optional<RtpAudio> audio_of_rtp(std::string_view packet)
{
    if (packet.size() < fixed_octets || octet(packet, 0) >> 6U != 2U || (octet(packet, 1) & 0x7fU) != pcmu)
    {
        return std::nullopt;
    }
    const bool extended = (octet(packet, 0) & 0x10U) != 0;
    const bool padded = (octet(packet, 0) & 0x20U) != 0;
    std::size_t begin = fixed_octets + std::size_t{4} * (octet(packet, 0) & 0x0fU);
    if (extended && packet.size() >= begin + 4)
    {
        begin += 4 + std::size_t{4} * (octet(packet, begin + 2) << 8U | octet(packet, begin + 3));
    }
    else if (extended)
    {
        return std::nullopt;
    }
    const std::size_t padding = padded ? octet(packet, packet.size() - 1) : 0;
    if (begin + padding >= packet.size() || (padded && padding == 0))
    {
        return std::nullopt;
    }
    RtpAudio audio;
    audio.sequence = static_cast<std::uint16_t>(number(packet, 2, 2));
    audio.source = number(packet, 8, 4);
    audio.mulaw = packet.substr(begin, packet.size() - padding - begin);
    return audio;
}
} // namespace ringpost::pbx::asterisk
