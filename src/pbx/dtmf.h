// SPDX-License-Identifier: Apache-2.0
// The keys of a telephone: 0-9 * # and A-D (ITU-T Q.23).
#pragma once

#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::pbx
{
/// The digit, a small letter made large; nullopt: it is none.
[[nodiscard]] std::optional<char> dtmf_digit(char key);

/// What a person presses one after the other, 1 to 64 keys. Errc::malformed; `where` is the telephone.
[[nodiscard]] Result<std::string> dtmf_digits(const std::string& where, std::string_view keys);

/// What a person presses for a number that he reads somewhere, at most 32 keys: blanks and punctuation are left out.
/// Empty where it is none.
[[nodiscard]] std::string dialled_keys(std::string_view written);
} // namespace ringpost::pbx
