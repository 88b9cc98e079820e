// SPDX-License-Identifier: Apache-2.0
// ITU-T G.711, µ-law: a telephone sample of 8 kHz in eight bits, as exchanges and trunks carry it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost
{
/// Linear 16 bit; the loudest is ±32124.
[[nodiscard]] std::int16_t mulaw_decode(std::uint8_t code);
/// The code whose value is nearest; louder samples are clipped.
[[nodiscard]] std::uint8_t mulaw_encode(std::int16_t sample);

[[nodiscard]] std::vector<std::int16_t> mulaw_decode(std::string_view codes);
[[nodiscard]] std::string mulaw_encode(std::span<const std::int16_t> samples);
/// The code of silence.
inline constexpr std::uint8_t mulaw_silence = 0xff;
} // namespace ringpost
