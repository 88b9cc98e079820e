// SPDX-License-Identifier: Apache-2.0
#include "directory/destinations.h"

#include "directory/ascii.h"
#include "directory/lengths.h"

namespace ringpost::directory
{
Destinations::Destinations(const std::vector<Destination>& rows)
{
    for (const auto& row : rows)
    {
        entries_.emplace(lower(row.name), row);
    }
}

const Destination* Destinations::named(std::string_view name) const
{
    const auto found = entries_.find(std::string(name));
    return found == entries_.end() ? nullptr : &found->second;
}

const Destination* Destinations::find(std::string_view address) const
{
    const std::string text = lower(address);
    if (const auto* exact = named(text); exact != nullptr && text != "*")
    {
        return exact;
    }
    std::string_view domain(text);
    domain.remove_prefix(text.rfind('@') == std::string::npos ? 0 : text.rfind('@') + 1);
    // An address literal (`[192.0.2.1]`) has no parents.
    while (!domain.empty() && domain.size() <= longest_domain)
    {
        if (const auto* entry = named(domain); entry != nullptr && domain != "*")
        {
            return entry;
        }
        const auto dot = domain.front() == '[' ? std::string_view::npos : domain.find('.');
        domain = dot == std::string_view::npos ? std::string_view{} : domain.substr(dot + 1);
    }
    return named("*");
}
} // namespace ringpost::directory
