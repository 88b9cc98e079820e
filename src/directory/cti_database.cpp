// SPDX-License-Identifier: Apache-2.0
#include "directory/cti_database.h"

#include <algorithm>

namespace ringpost::directory
{
CtiDatabase::CtiDatabase(const std::vector<CtiEntry>& rows)
{
    for (const auto& row : rows)
    {
        longest_ = std::max(longest_, row.prefix.size());
        entries_.emplace(row.prefix, row);
    }
}

const CtiEntry* CtiDatabase::find(std::string_view e164) const
{
    for (std::size_t length = std::min(e164.size(), longest_); length > 0; --length)
    {
        const auto found = entries_.find(std::string(e164.substr(0, length)));
        if (found != entries_.end())
        {
            return &found->second;
        }
    }
    return nullptr;
}
} // namespace ringpost::directory
