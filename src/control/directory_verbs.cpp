// SPDX-License-Identifier: Apache-2.0
#include "control/directory_verbs.h"

#include "control/arguments.h"
#include "core/log.h"

namespace ringpost::control
{
namespace
{
using nlohmann::json;

constexpr std::size_t longest_path = 4000;

json loaded_to_json(const directory::PeopleLoaded& loaded)
{
    json tables = json::array();
    for (const auto& table : loaded.tables)
    {
        tables.push_back({{"table", table.table},
                          {"rows", table.rows},
                          {"new", table.added},
                          {"changed", table.changed},
                          {"removed", table.removed}});
    }
    return {{"tables", tables}, {"kept", loaded.kept}};
}

boost::asio::awaitable<Result<json>> load(store::Database& database, directory::Directory& directory,
                                          directory::SeedOptions options, json arguments)
{
    const auto known = Arguments::of(arguments, {"file"});
    const auto file = known.has_value() ? known->text("file", longest_path) : Result<std::string>(known.error());
    if (file.has_error())
    {
        co_return file.error();
    }
    const auto loaded = co_await directory::load_people(database, directory, *file, options);
    if (loaded.has_error())
    {
        co_return loaded.error();
    }
    log::info("directory.loaded", {{"from", *file}, {"kept_users", loaded->kept.size()}});
    co_return loaded_to_json(*loaded);
}
} // namespace

void register_directory_verbs(Verbs& verbs, store::Database& database, directory::Directory& directory,
                              const directory::SeedOptions& options)
{
    verbs.add("directory.load", [&database, &directory, options](json arguments) {
        return load(database, directory, options, std::move(arguments));
    });
}
} // namespace ringpost::control
