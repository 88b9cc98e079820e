// SPDX-License-Identifier: Apache-2.0
// What a person can ask for in the text of a mail: exchange information as its first paragraph, after a line
// `Exchange:`, and one-word answers (CANCEL, OK, NG) to notices.
#pragma once

#include "core/result.h"
#include "media/exchange_information.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::media
{
/// The order in the first paragraph of a text; nullopt where that paragraph is none: it is one only if it begins with
/// a line `Exchange:`, every further line has the form `Field: value`, and the first of them is a known field. The
/// failure of an order with an error names line (of the text) and field. Blanks at the ends of lines do not matter
/// (RFC 3676 adds them); a line that begins with `>` or a blank is no field.
[[nodiscard]] std::optional<Result<ExchangeInformation>> order_in_text(std::string_view utf8_text);

/// The first word of a text in ASCII upper case, without what follows it (`Ok, thanks` → `OK`); at most 64 octets.
/// Empty where the first line that is not empty is quoted (`>`) or begins with anything but a letter.
[[nodiscard]] std::string first_word(std::string_view utf8_text);
} // namespace ringpost::media
