// SPDX-License-Identifier: Apache-2.0
// Number conversion (spec 4, "internal/external line conversion"): extension ↔ external number, single or by ranges
// (`20xx` ↔ `+814422233xx`), and how a number that a person wrote is read at this exchange.
#pragma once

#include "core/result.h"
#include "directory/phone_number.h"
#include "store/directory_rows.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ringpost::directory
{
class Snapshot;

/// The rows and the users' own pairs. A user's pair wins over a row, a single number over a range, and of two ranges
/// the one with fewer x.
class NumberConversion
{
public:
    NumberConversion(const std::vector<store::UserRow>& users, const std::vector<store::ConversionRow>& rows);

    [[nodiscard]] std::optional<std::string> extension_of(std::string_view e164) const;
    [[nodiscard]] std::optional<std::string> external_of(std::string_view extension) const;

private:
    void add_pair(const std::string& extension, const std::string& external);

    std::unordered_map<std::string, std::string> extensions_; ///< by external number
    std::unordered_map<std::string, std::string> externals_;  ///< by extension
    std::vector<store::ConversionRow> ranges_;                ///< fewest x first
};

/// A row from what an administrator wrote (`20xx`, `044-222-33xx`). Errc::malformed: not numbers, or not as many x.
[[nodiscard]] Result<store::ConversionRow> make_conversion(const NumberPlan& plan, std::string_view extensions,
                                                           std::string_view external);

/// What the own exchange dials.
struct DialTarget
{
    std::string device; ///< extension (`2000`) or E.164 (`+81442223333`)
    NetworkType network = NetworkType::public_network;
};

/// Reads a number at the performing exchange: own extensions first, then E.164 form, which may belong to an own
/// extension; the network of any other is that of the CTI database, else public. Errc::not_found: neither.
[[nodiscard]] Result<DialTarget> read_number(const Snapshot& snapshot, std::string_view written);

/// A source as it travels to another office: E.164 form; an extension without an external number stays as it is, as
/// does what cannot be read at all.
[[nodiscard]] std::string external_form(const Snapshot& snapshot, std::string_view written);
} // namespace ringpost::directory
