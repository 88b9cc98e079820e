// SPDX-License-Identifier: Apache-2.0
// A people file loaded into a directory that people are in already: `ringpost directory load`.
#pragma once

#include "core/result.h"
#include "directory/directory.h"
#include "directory/seed.h"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::directory
{
/// What became of the rows of one table.
struct Loaded
{
    std::string_view table; ///< as the file calls it: `user`
    std::size_t rows = 0;   ///< that the file has
    std::size_t added = 0;
    std::size_t changed = 0;
    std::size_t removed = 0;
};

struct PeopleLoaded
{
    std::array<Loaded, 6> tables;
    /// Addresses of users whom the file does not name, in order: they stay, with their mailboxes and secrets.
    std::vector<std::string> kept;
};

/// Makes the directory like the file, in one transaction. A user of the file is whoever has its address, or else one
/// of its aliases, and keeps mailbox and requests; the others are added. All other tables are replaced. Errors are
/// those of people_text() and read_people(), and Errc::conflict: an address belongs to a user whom the file does not
/// name. On the caller's executor; nothing blocks there.
[[nodiscard]] boost::asio::awaitable<Result<PeopleLoaded>> load_people(store::Database& database, Directory& directory,
                                                                       std::string file, SeedOptions options);
} // namespace ringpost::directory
