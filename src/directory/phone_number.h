// SPDX-License-Identifier: Apache-2.0
// Telephone numbers as people write them and in E.164 form (ITU-T E.164: at most 15 digits, written with a leading +).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::directory
{
/// How the office's country writes numbers.
struct NumberPlan
{
    std::string country_code = "81";
    std::string international_prefix = "010";
    std::string trunk_prefix = "0"; ///< may be empty: then seven digits and more are a national number
};

/// `044-222 (33.33)` → `0442223333`: blanks, tabs and - ( ) . are dropped, a + in front is kept. Empty where any other
/// character occurs or no digit does.
[[nodiscard]] std::string digits_of(std::string_view written);

/// `+81 44-222-3333`, `+81 (0)44…`, `044-222-3333`, `010 1 212…` → `+814422233333`-like form of 5 to 15 digits.
/// nullopt for anything else: extensions, short codes, text.
[[nodiscard]] std::optional<std::string> to_e164(const NumberPlan& plan, std::string_view written);

/// The same for a number whose digits may be written `x` (`044-222-33xx`); the x stay, in lower case.
[[nodiscard]] std::optional<std::string> to_e164_pattern(const NumberPlan& plan, std::string_view written);

/// The beginning of a number, 1 to 15 digits: `+8144222` or `044-222` → `+8144222`.
[[nodiscard]] std::optional<std::string> to_e164_prefix(const NumberPlan& plan, std::string_view written);

/// As dialled inside the country: `+81442223333` → `0442223333`, `+1212…` → `0101212…`; what is not E.164 unchanged.
[[nodiscard]] std::string to_national(const NumberPlan& plan, std::string_view e164);
} // namespace ringpost::directory
