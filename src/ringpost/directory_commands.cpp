// SPDX-License-Identifier: Apache-2.0
#include "ringpost/directory_commands.h"

#include "ringpost/json_flag.h"
#include "ringpost/print.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

/// The secrets of many people take minutes to be hashed.
constexpr std::chrono::seconds load_patience = std::chrono::hours(1);

std::string loaded_text(const json& loaded)
{
    std::string text =
        table(loaded.value("tables", json::array()),
              {{"table", "Table"}, {"rows", "Rows"}, {"new", "New"}, {"changed", "Changed"}, {"removed", "Removed"}},
              "Nothing was loaded.");
    const auto kept = loaded.value("kept", std::vector<std::string>{});
    if (!kept.empty())
    {
        text += "Users whom the file does not name stay, and can still log in:\n";
    }
    for (const auto& address : kept)
    {
        text += fmt::format("  {}\n", printable(address));
    }
    return text;
}
} // namespace

void add_directory_commands(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const directory = app.add_subcommand("directory", "People, numbers, neighbours and permissions");
    directory->require_subcommand(1);
    auto* const load = directory->add_subcommand("load", "Make the directory like a people file, all or nothing");
    const auto file = std::make_shared<std::string>();
    load->add_option("file", *file, "People file (TOML), on the gateway's machine, which the gateway can read")
        ->required();
    add_json_flag(*load, options);
    load->footer("Users are known by their address, or by an alias that was their address: they keep mailbox and\n"
                 "requests. All other tables become what the file says. It counts at once, without a restart.");
    load->callback([&, file] {
        options.patience = load_patience;
        const std::string absolute = std::filesystem::absolute(*file).lexically_normal().string();
        outcome = ask(options, "directory.load", {{"file", absolute}}, "directory load", loaded_text);
    });
}
} // namespace ringpost::command
