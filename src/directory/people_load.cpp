// SPDX-License-Identifier: Apache-2.0
#include "directory/people_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ringpost::directory
{
namespace
{
using store::DirectoryData;

/// What a row is known by.
std::string name_of(const store::UserRow& row)
{
    return std::to_string(row.id.value);
}
std::string name_of(const store::PeerRow& row)
{
    return row.name;
}
std::string name_of(const store::ConversionRow& row)
{
    return row.extensions;
}
std::string name_of(const store::CtiRow& row)
{
    return row.prefix;
}
std::string name_of(const store::DestinationRow& row)
{
    return row.name;
}
std::string name_of(const store::PermissionRow& row)
{
    return row.number_class + " of " + row.subject;
}

template <class Row>
Loaded compare(std::string_view table, const std::vector<Row>& before, const std::vector<Row>& after)
{
    std::unordered_map<std::string, const Row*> known;
    for (const auto& row : before)
    {
        known.emplace(name_of(row), &row);
    }
    Loaded loaded{table, after.size()};
    std::size_t found = 0;
    for (const auto& row : after)
    {
        const auto old = known.find(name_of(row));
        const bool there = old != known.end();
        found += there ? 1 : 0;
        loaded.added += there ? 0 : 1;
        loaded.changed += there && *old->second != row ? 1 : 0;
    }
    loaded.removed = before.size() - found;
    return loaded;
}

/// As they come from the database.
void sort_lists(DirectoryData& data)
{
    for (auto& user : data.users)
    {
        std::sort(user.aliases.begin(), user.aliases.end());
    }
    for (auto& peer : data.peers)
    {
        std::sort(peer.ranges.begin(), peer.ranges.end());
    }
}

/// Gives each user of the file the id of the one that it is: by its address, or else by an alias.
void recognise(DirectoryData& people, const DirectoryData& present)
{
    std::unordered_map<std::string, UserId> by_address;
    for (const auto& user : present.users)
    {
        by_address.emplace(user.address, user.id);
    }
    std::unordered_set<UserId> taken;
    for (auto& user : people.users)
    {
        const auto found = by_address.find(user.address);
        user.id = found == by_address.end() ? UserId{} : found->second;
        taken.insert(user.id);
    }
    for (auto& user : people.users)
    {
        for (const auto& alias : user.aliases)
        {
            const auto found = by_address.find(alias);
            if (!user.id && found != by_address.end() && taken.insert(found->second).second)
            {
                user.id = found->second;
            }
        }
    }
}

/// Users whom the file does not name; none of their addresses may be somebody's of the file.
Result<std::vector<std::string>> kept_users(const DirectoryData& people, const DirectoryData& present,
                                            const std::string& file)
{
    std::unordered_set<UserId> named;
    std::unordered_set<std::string> addresses;
    for (const auto& user : people.users)
    {
        named.insert(user.id);
        addresses.insert(user.address);
        addresses.insert(user.aliases.begin(), user.aliases.end());
    }
    std::vector<std::string> kept;
    for (const auto& user : present.users)
    {
        if (named.contains(user.id))
        {
            continue;
        }
        auto own = user.aliases;
        own.push_back(user.address);
        const auto clash =
            std::find_if(own.begin(), own.end(), [&](const auto& each) { return addresses.contains(each); });
        if (clash != own.end())
        {
            return fail(Errc::conflict, file,
                        fmt::format("{} belongs to the user {}, whom the file does not name", *clash, user.address));
        }
        kept.push_back(user.address);
    }
    std::sort(kept.begin(), kept.end());
    return kept;
}

Result<PeopleLoaded> replace(store::DirectoryRows& rows, DirectoryData people, const std::string& file)
{
    auto present = rows.load();
    sort_lists(present);
    sort_lists(people);
    recognise(people, present);
    auto kept = kept_users(people, present, file);
    if (kept.has_error())
    {
        return kept.error();
    }
    PeopleLoaded loaded{{compare("user", present.users, people.users), compare("peer", present.peers, people.peers),
                         compare("conversion", present.conversions, people.conversions),
                         compare("cti", present.cti, people.cti),
                         compare("destination", present.destinations, people.destinations),
                         compare("permission", present.permissions, people.permissions)},
                        std::move(*kept)};
    loaded.tables.front().removed = 0;
    rows.replace_all(people);
    return loaded;
}
} // namespace

boost::asio::awaitable<Result<PeopleLoaded>> load_people(store::Database& database, Directory& directory,
                                                         std::string file, SeedOptions options)
{
    std::function<Result<DirectoryData>(store::Connection&)> read =
        [file, options](store::Connection& connection) -> Result<DirectoryData> {
        const auto toml = people_text(file);
        if (toml.has_error())
        {
            return toml.error();
        }
        const auto present = store::DirectoryRows(connection).load();
        return read_people(*toml, file, present, options);
    };
    auto people = co_await database.read_long<DirectoryData>(std::move(read));
    if (people.has_error())
    {
        co_return people.error();
    }
    const auto loaded = std::make_shared<PeopleLoaded>();
    Directory::Edit edit = [loaded, file, people = std::move(*people)](store::DirectoryRows& rows) -> Result<> {
        auto replaced = replace(rows, people, file);
        if (replaced.has_error())
        {
            return replaced.error();
        }
        *loaded = std::move(*replaced);
        return {};
    };
    const auto changed = co_await directory.change(std::move(edit));
    if (changed.has_error())
    {
        co_return changed.error();
    }
    co_return std::move(*loaded);
}
} // namespace ringpost::directory
