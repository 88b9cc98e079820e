// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include "core/embedded_text.h"

#include <fmt/format.h>

#include <charconv>

namespace ringpost::store
{
std::span<const EmbeddedText> migration_texts();

namespace
{
int number_of(std::string_view name)
{
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return number;
}

int applied(Connection& connection)
{
    auto query = connection.prepare("PRAGMA user_version");
    query.step();
    return static_cast<int>(query.integer(0));
}
} // namespace

Result<> migrate(Connection& connection)
{
    const auto texts = migration_texts();
    const int newest = texts.empty() ? 0 : number_of(texts.back().name);
    const int current = applied(connection);
    if (current > newest)
    {
        return fail(
            Errc::unsupported, "database",
            fmt::format("its schema is version {}, this program knows {}: start the newer program", current, newest));
    }
    for (const auto& migration : texts)
    {
        const int number = number_of(migration.name);
        if (number > current)
        {
            connection.execute(
                fmt::format("BEGIN IMMEDIATE;{}\nPRAGMA user_version = {};COMMIT;", migration.text, number));
        }
    }
    return {};
}
} // namespace ringpost::store
