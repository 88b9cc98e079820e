// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 4) of SASL exchanges and of mail bodies that the gateway writes. Reading is strict, because a
// lenient decoder gives one secret many spellings; what others have written in a mail is read by media/transfer_codec.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost
{
[[nodiscard]] std::string base64_encode(std::string_view octets);

/// As a body (RFC 2045 6.8): lines of 76 characters, each with CRLF.
[[nodiscard]] std::string base64_lines(std::string_view octets);

/// Canonical Base64 with padding and nothing else. Errc::malformed otherwise. The empty text is no octets.
[[nodiscard]] Result<std::string> base64_decode(std::string_view text);
} // namespace ringpost
