// SPDX-License-Identifier: Apache-2.0
// An RTP packet (RFC 3550 5.1) with µ-law (RFC 3551 4.5.14, payload type 0). No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::pbx::asterisk
{
struct RtpHeader
{
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t source = 0; ///< SSRC
    bool marker = false;      ///< the first after silence
};

[[nodiscard]] std::string rtp_packet(const RtpHeader& header, std::string_view mulaw);

/// What a packet with µ-law carries.
struct RtpAudio
{
    std::uint16_t sequence = 0;
    std::uint32_t source = 0; ///< SSRC
    std::string_view mulaw;   ///< a part of the packet
};

/// nullopt: it is none, or carries something else (comfort noise, events).
[[nodiscard]] std::optional<RtpAudio> audio_of_rtp(std::string_view packet);
} // namespace ringpost::pbx::asterisk
