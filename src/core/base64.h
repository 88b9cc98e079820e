// SPDX-License-Identifier: Apache-2.0
// Base64 of SASL exchanges (RFC 4648 4, RFC 4954 4): strict, because a lenient decoder gives one secret many spellings.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost
{
[[nodiscard]] std::string base64_encode(std::string_view octets);

/// Canonical Base64 with padding and nothing else. Errc::malformed otherwise. The empty text is no octets.
[[nodiscard]] Result<std::string> base64_decode(std::string_view text);
} // namespace ringpost
