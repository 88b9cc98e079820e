// SPDX-License-Identifier: Apache-2.0
// ITU-T G.711: a telephone sample in eight bits, in µ-law or A-law. For recordings, for what comes from and goes to a
// telephone, and for the FAX modem.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
enum class Law
{
    mu, ///< North America, Japan
    a   ///< elsewhere
};

/// Linear 16 bit; µ-law reaches ±32124, A-law ±32256.
[[nodiscard]] std::int16_t decode_sample(Law law, std::uint8_t code);
/// The code whose value is nearest; loud samples are clipped.
[[nodiscard]] std::uint8_t encode_sample(Law law, std::int16_t sample);

[[nodiscard]] std::vector<std::int16_t> decode_g711(Law law, std::string_view codes);
[[nodiscard]] std::string encode_g711(Law law, const std::vector<std::int16_t>& samples);
} // namespace ringpost::media
