// SPDX-License-Identifier: Apache-2.0
#include "directory/snapshot.h"

#include "directory/ascii.h"

#include <utility>

namespace ringpost::directory
{
std::unordered_map<std::string, std::size_t> Snapshot::index_addresses(const std::vector<User>& users)
{
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < users.size(); ++i)
    {
        if (!users[i].address.empty())
        {
            places.emplace(lower(users[i].address), i);
        }
        for (const auto& alias : users[i].aliases)
        {
            places.emplace(lower(alias), i);
        }
    }
    return places;
}

Snapshot::Snapshot(store::DirectoryData rows, OfficeOptions office)
    : rows_(std::move(rows)), office_(std::move(office)), by_address_(index_addresses(rows_.users)),
      extensions_(office_.extensions.begin(), office_.extensions.end()), conversions_(rows_.users, rows_.conversions),
      cti_(rows_.cti), destinations_(rows_.destinations),
      permissions_(rows_.permissions, [this](const std::string& address) { return primary_of(address); })
{
    for (auto& domain : office_.own_domains)
    {
        domain = lower(domain);
        domains_.insert(domain);
    }
    for (std::size_t i = 0; i < rows_.users.size(); ++i)
    {
        by_id_.emplace(rows_.users[i].id, i);
        if (!rows_.users[i].extension.empty())
        {
            extensions_.insert(rows_.users[i].extension);
        }
    }
    for (std::size_t i = 0; i < rows_.peers.size(); ++i)
    {
        by_peer_.emplace(lower(rows_.peers[i].name), i);
    }
}

const User* Snapshot::by_address(const std::string& address) const
{
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? nullptr : &rows_.users[found->second];
}

std::string Snapshot::primary_of(const std::string& address) const
{
    const User* user = by_address(address);
    return user == nullptr ? address : lower(user->address);
}

const User* Snapshot::user_by_address(std::string_view address) const
{
    const std::string text = lower(address);
    if (const User* user = by_address(text))
    {
        return user;
    }
    constexpr std::string_view postmaster = "postmaster@";
    if (text == "postmaster" || (text.starts_with(postmaster) && own_domain(text.substr(postmaster.size()))))
    {
        return representative();
    }
    return nullptr;
}

const User* Snapshot::user_by_id(UserId id) const
{
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &rows_.users[found->second];
}

const User* Snapshot::representative() const
{
    const User* named = named_representative();
    return named == nullptr && !rows_.users.empty() ? &rows_.users.front() : named;
}

const User* Snapshot::named_representative() const
{
    const std::string name = lower(office_.representative);
    if (const User* user = by_address(name))
    {
        return user;
    }
    for (const auto& domain : office_.own_domains)
    {
        if (const User* user = by_address(name + '@' + domain))
        {
            return user;
        }
    }
    return nullptr;
}

bool Snapshot::own_domain(std::string_view domain) const
{
    return domains_.contains(lower(domain));
}

bool Snapshot::own_address(std::string_view address) const
{
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos || own_domain(address.substr(at + 1));
}

bool Snapshot::own_extension(std::string_view digits) const
{
    return all_digits(digits) &&
           (extensions_.contains(std::string(digits)) || conversions_.external_of(digits).has_value());
}

const Peer* Snapshot::peer(std::string_view name) const
{
    const auto found = by_peer_.find(lower(name));
    return found == by_peer_.end() ? nullptr : &rows_.peers[found->second];
}

std::string Snapshot::setting(const std::string& name) const
{
    const auto found = rows_.settings.find(name);
    return found == rows_.settings.end() ? std::string{} : found->second;
}
} // namespace ringpost::directory
