// SPDX-License-Identifier: Apache-2.0
#include "ringpost/store_commands.h"

#include "ringpost/json_flag.h"
#include "ringpost/print.h"
#include "store/backup.h"
#include "store/state_lock.h"

#include <fmt/format.h>

#include <memory>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

/// A large spool on a slow disk takes its time.
constexpr std::chrono::seconds backup_patience = std::chrono::hours(24);

std::string missing_text(const std::vector<std::string>& files)
{
    std::string text;
    for (const auto& file : files)
    {
        text += fmt::format("The file {} of a mail is missing or damaged; the rest is complete.\n", printable(file));
    }
    return text;
}

std::string made_text(const json& made)
{
    std::string text = fmt::format("{} mails ({} of them as files, {} octets in all) are in {}.\n",
                                   made.value("mails", std::int64_t{0}), made.value("files", std::int64_t{0}),
                                   made.value("octets", std::int64_t{0}), printable(made.value("folder", "")));
    return text + missing_text(made.value("missing", std::vector<std::string>{}));
}

void add_backup(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const backup = app.add_subcommand("backup", "Copy what the running gateway has stored into a new folder");
    const auto folder = std::make_shared<std::string>();
    backup->add_option("folder", *folder, "Folder that is created (or empty), on the gateway's machine")->required();
    add_json_flag(*backup, options);
    backup->footer(
        "Mails come and go meanwhile. The gateway itself writes the copy, as the user that it runs as. A\n"
        "gateway that is stopped is backed up by copying its state directory. Configuration and keys are not\n"
        "part of the backup.");
    backup->callback([&, folder] {
        options.patience = backup_patience;
        const std::string absolute = std::filesystem::absolute(*folder).lexically_normal().string();
        outcome = ask(options, "backup", {{"folder", absolute}}, "backup", made_text);
    });
}

Exit not_restored(const Failure& failure)
{
    complain(fmt::format("restore failed: {}", failure.message()));
    return Exit::refused;
}

Exit restore(const std::string& folder, const std::string& state, bool go_on)
{
    const auto lock = store::StateLock::take(state);
    if (lock.has_error())
    {
        return not_restored(lock.error());
    }
    const Instant now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    const auto open = go_on ? store::OpenRequests::go_on : store::OpenRequests::end;
    const auto restored = store::restore(folder, state, open, now);
    if (restored.has_error())
    {
        return not_restored(restored.error());
    }
    std::string text = fmt::format("{} mails ({} of them as files) are in {}, as they were at {}.\n", restored->mails,
                                   restored->files, state, format_rfc3339(restored->made_at));
    text += missing_text(restored->missing);
    if (!go_on)
    {
        text += "When ringpostd starts there, requests that were open are ended, and whoever asked is told.\n";
    }
    return put(text) ? Exit::done : Exit::refused;
}

void add_restore(CLI::App& app, Exit& outcome)
{
    auto* const command = app.add_subcommand("restore", "Put a backup into an empty state directory; no gateway runs");
    const auto folder = std::make_shared<std::string>();
    const auto state = std::make_shared<std::string>("./ringpost-state");
    const auto go_on = std::make_shared<bool>(false);
    command->add_option("folder", *folder, "Folder that `ringpost backup` has made")->required();
    command->add_option("state_dir", *state, "State directory of the gateway, new or empty")->capture_default_str();
    command->add_flag("--go-on", *go_on,
                      "Open requests go on: only where the gateway has not run since the backup was made");
    command->footer("Requests that were open when the backup was made may have been performed since: they end, and\n"
                    "whoever asked is told to ask again. Mails that were sent since may be sent once more; other\n"
                    "gateways drop such repeats.");
    command->callback([&outcome, folder, state, go_on] { outcome = restore(*folder, *state, *go_on); });
}
} // namespace

void add_store_commands(CLI::App& app, Options& options, Exit& outcome)
{
    add_backup(app, options, outcome);
    add_restore(app, outcome);
}
} // namespace ringpost::command
