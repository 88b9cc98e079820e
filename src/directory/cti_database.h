// SPDX-License-Identifier: Apache-2.0
// CTI database (spec 4): number prefix → network type and the gateway whose exchange has the number.
#pragma once

#include "store/directory_rows.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ringpost::directory
{
using CtiEntry = store::CtiRow;

class CtiDatabase
{
public:
    explicit CtiDatabase(const std::vector<CtiEntry>& rows);

    /// The entry with the longest prefix of `e164` (`+81442223333`); nullptr: none.
    [[nodiscard]] const CtiEntry* find(std::string_view e164) const;

private:
    std::unordered_map<std::string, CtiEntry> entries_;
    std::size_t longest_ = 0;
};
} // namespace ringpost::directory
