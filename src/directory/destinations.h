// SPDX-License-Identifier: Apache-2.0
// Destination database (spec 2.4): mail address or domain → the gateway that the mail goes to next.
#pragma once

#include "store/directory_rows.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ringpost::directory
{
using Destination = store::DestinationRow;

class Destinations
{
public:
    explicit Destinations(const std::vector<Destination>& rows);

    /// The full address first, then its domain, its parent domains, `*`; case does not matter. nullptr: none.
    [[nodiscard]] const Destination* find(std::string_view address) const;

private:
    [[nodiscard]] const Destination* named(std::string_view name) const;

    std::unordered_map<std::string, Destination> entries_;
};
} // namespace ringpost::directory
