// SPDX-License-Identifier: Apache-2.0
// Encoded words of header fields (RFC 2047) as UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace ringpost::media
{
/// Decodes the encoded words of an unfolded value. Blanks between two of them go (RFC 2047 6.2); neighbours of one
/// charset are joined before conversion, because mail clients cut characters. Also read where RFC 2047 5 forbids them
/// (inside quotes, without blanks around), as mail clients write them there. A word that cannot be decoded stays as it
/// is; other octets are repaired to valid UTF-8. Linear; the result is valid UTF-8.
[[nodiscard]] std::string decode_encoded_words(std::string_view value);
} // namespace ringpost::media
