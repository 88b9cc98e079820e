// SPDX-License-Identifier: Apache-2.0
#include "ringpost/key_commands.h"

#include "ringpost/new_key.h"

#include <fmt/format.h>

#include <memory>

namespace ringpost::command
{
void add_key_commands(CLI::App& app, Exit& outcome)
{
    auto* const confidential = app.add_subcommand("confidential", "Keys of confidential mail");
    confidential->require_subcommand(1);
    auto* const add = confidential->add_subcommand(
        "new-key",
        "Put a fresh key in front of a key file (confidential.key_file), which is made where it is not there");
    const auto file = std::make_shared<std::string>();
    add->add_option("file", *file, "The key file")->required();
    add->callback([&outcome, file] {
        const auto added = add_key(*file);
        if (added.has_error())
        {
            complain(added.error().message());
            outcome = Exit::refused;
            return;
        }
        const bool told =
            put(fmt::format("{} has a new key. Restart the gateway. Keep a copy apart from its backups: without "
                            "its key nobody can read a confidential mail.\n",
                            *file));
        outcome = told ? Exit::done : Exit::refused;
    });
}
} // namespace ringpost::command
