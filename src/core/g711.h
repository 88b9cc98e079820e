// SPDX-License-Identifier: Apache-2.0
// ITU-T G.711: a telephone sample in eight bits, in µ-law or A-law. For recordings, and for
// what exchanges and trunks carry.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost
{
enum class G711
{
    mu, ///< North America, Japan
    a   ///< elsewhere
};

/// Linear 16 bit; µ-law reaches ±32124, A-law ±32256.
[[nodiscard]] std::int16_t decode_sample(G711 law, std::uint8_t code);
/// The code whose value is nearest; loud samples are clipped.
[[nodiscard]] std::uint8_t encode_sample(G711 law, std::int16_t sample);

[[nodiscard]] std::vector<std::int16_t> decode_g711(G711 law, std::string_view codes);
[[nodiscard]] std::string encode_g711(G711 law, std::span<const std::int16_t> samples);
/// The µ-law code of silence.
inline constexpr std::uint8_t mulaw_silence = 0xff;
} // namespace ringpost
