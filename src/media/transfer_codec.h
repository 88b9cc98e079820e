// SPDX-License-Identifier: Apache-2.0
// Content transfer encodings (RFC 2045 6), read strictly: what is not base64 or quoted-printable is an error, never
// guessed at. Line ends of the decoded text are those that were encoded.
#pragma once

#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::media
{
enum class TransferEncoding
{
    identity, ///< 7bit, 8bit, binary
    base64,
    quoted_printable
};

/// What happens at the output limit.
enum class AtLimit
{
    fail,
    cut ///< the beginning is enough: what follows is neither decoded nor checked
};

/// Reads the raw value of a Content-Transfer-Encoding field (any case, folded, comments); nullopt: an encoding that
/// nobody knows (RFC 2045 6.4: then nothing may be read into the octets). No field at all is identity.
[[nodiscard]] std::optional<TransferEncoding> transfer_encoding(std::string_view raw_value);

/// Octets decoded, at most `limit`. Errc::malformed: junk, wrong padding, `=` without two hexadecimal digits;
/// Errc::too_large: more than `limit`. where() is the encoding's name.
[[nodiscard]] Result<std::string> decode(TransferEncoding encoding, std::string_view octets, std::size_t limit,
                                         AtLimit at_limit = AtLimit::fail);
} // namespace ringpost::media
