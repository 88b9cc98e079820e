// SPDX-License-Identifier: Apache-2.0
// Secrets that are handed out as part of a link: whoever has one may use it, once.
#pragma once

#include <string>
#include <string_view>

namespace ringpost
{
/// 128 random bits, 32 lower-case hexadecimal digits.
[[nodiscard]] std::string new_token();
/// What is stored instead: nobody comes back from it to the token. 64 hexadecimal digits (BLAKE2b-256).
[[nodiscard]] std::string token_hash(std::string_view token);
} // namespace ringpost
