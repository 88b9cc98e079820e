// SPDX-License-Identifier: Apache-2.0
// Text of any charset that iconv of the C library knows, as UTF-8 (ISO-2022-JP of Japanese mail clients among them).
#pragma once

#include <string>
#include <string_view>

namespace ringpost::media
{
/// `octets` of `charset` (any case, empty = US-ASCII) as valid UTF-8. What the charset does not know becomes U+FFFD, a
/// charset that nobody knows is read as UTF-8. The result has at most 8 octets for each one given.
[[nodiscard]] std::string to_utf8(std::string_view charset, std::string_view octets);

/// RFC 3629: no overlong forms, surrogates, or values above U+10FFFF.
[[nodiscard]] bool valid_utf8(std::string_view text);

/// `text` with each octet that is not part of valid UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string repaired_utf8(std::string_view text);
} // namespace ringpost::media
