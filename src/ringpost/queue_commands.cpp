// SPDX-License-Identifier: Apache-2.0
#include "ringpost/queue_commands.h"

#include "ringpost/json_flag.h"
#include "ringpost/print.h"

#include <fmt/format.h>

#include <memory>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

/// What the gateway lists at most.
constexpr std::size_t list_limit = 10'000;

struct Chosen
{
    std::vector<std::int64_t> items;
    std::string domain;
    bool all = false;
    bool notify = false;
    bool silently = false;
};

std::string queue_table(const json& rows)
{
    std::string text = table(rows,
                             {{"item", "Item"},
                              {"state", "State"},
                              {"age", "Age"},
                              {"octets", "Octets"},
                              {"sender", "Sender"},
                              {"recipient", "Recipient"},
                              {"attempts", "Attempts"},
                              {"next", "Next"},
                              {"last_error", "Reason"}},
                             "No mail waits.");
    if (rows.size() >= list_limit)
    {
        text += fmt::format("These are the first {}; --domain shows those of one domain.\n", list_limit);
    }
    return text;
}

void add_queue_list(CLI::App& queue, Options& options, Exit& outcome)
{
    auto* const list = queue.add_subcommand("list", "Show the mails that wait, and why");
    const auto domain = std::make_shared<std::string>();
    list->add_option("--domain", *domain, "Only those for recipients in this domain");
    add_json_flag(*list, options);
    list->footer("States: sending; held (by an administrator, until released); timed (its sender has named a time);\n"
                 "waiting (to be tried again); due (its turn has not come yet).");
    list->callback([&, domain] {
        const json arguments = domain->empty() ? json::object() : json{{"domain", *domain}};
        outcome = ask(options, "queue.list", arguments, "queue list", queue_table);
    });
}

void add_queue_show(CLI::App& queue, Options& options, Exit& outcome)
{
    auto* const show = queue.add_subcommand("show", "Show everything about one item");
    const auto item = std::make_shared<std::int64_t>(0);
    show->add_option("item", *item, "Item, as `queue list` numbers it")->required();
    add_json_flag(*show, options);
    show->callback([&, item] {
        outcome = ask(options, "queue.show", {{"items", json::array({*item})}}, fmt::format("queue show {}", *item),
                      [](const json& row) {
                          return sheet(row, {"item", "state", "last_error", "next", "sender", "recipient", "octets",
                                             "age", "accepted", "expires", "attempts", "request"});
                      });
    });
}

json arguments_of(const Chosen& chosen)
{
    json arguments = json::object();
    if (!chosen.items.empty())
    {
        arguments["items"] = chosen.items;
    }
    if (!chosen.domain.empty())
    {
        arguments["domain"] = chosen.domain;
    }
    if (chosen.all)
    {
        arguments["all"] = true;
    }
    if (chosen.silently)
    {
        arguments["silently"] = true;
    }
    return arguments;
}

/// `2 items deleted, 1 sender told.` and a line for each that stayed as it was.
std::string done_text(const json& done, const std::string& what)
{
    const auto changed = done.value("changed", std::size_t{0});
    const auto told = done.value("told", std::size_t{0});
    const auto left = done.value("left_count", std::size_t{0});
    std::string text = fmt::format("{} {} {}", changed, changed == 1 ? "item" : "items", what);
    text += told == 0 ? ".\n" : fmt::format(", {} {} told.\n", told, told == 1 ? "sender" : "senders");
    const json rows = done.value("left", json::array());
    for (const auto& row : rows)
    {
        text += fmt::format("Item {} was not changed: {}.\n", row.value("item", std::int64_t{0}),
                            printable(row.value("why", "")));
    }
    if (left > rows.size())
    {
        text += fmt::format("{} more {} not changed.\n", left - rows.size(), left - rows.size() == 1 ? "was" : "were");
    }
    return text;
}

CLI::App* add_change(CLI::App& queue, Options& options, Exit& outcome, const std::string& name, const std::string& help,
                     const std::string& what, const std::shared_ptr<Chosen>& chosen)
{
    auto* const command = queue.add_subcommand(name, help);
    auto* const which = command->add_option_group("which", "One of");
    which->add_option("items", chosen->items, "Items, as `queue list` numbers them");
    which->add_option("--domain", chosen->domain, "All for recipients in this domain");
    which->add_flag("--all", chosen->all, "All");
    which->require_option(1);
    add_json_flag(*command, options);
    command->callback([&options, &outcome, name, what, chosen] {
        // Of many chosen by a rule some may be busy; who has named an item wanted that one.
        const auto good = [chosen](const json& done) {
            return chosen->items.empty() || done.value("left_count", std::size_t{0}) == 0;
        };
        outcome = ask_whether(
            options, "queue." + name, arguments_of(*chosen), "queue " + name,
            [what](const json& done) { return done_text(done, what); }, good);
    });
    return command;
}
} // namespace

void add_queue_commands(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const queue = app.add_subcommand("queue", "Look at the mails that wait, and hold, retry or delete them");
    queue->require_subcommand(1);
    add_queue_list(*queue, options, outcome);
    add_queue_show(*queue, options, outcome);
    add_change(*queue, options, outcome, "hold", "Hold mails back until they are released", "held",
               std::make_shared<Chosen>());
    add_change(*queue, options, outcome, "release", "Let mails go on that are held", "released",
               std::make_shared<Chosen>());
    add_change(*queue, options, outcome, "retry", "Try mails now that wait to be tried again", "will be tried now",
               std::make_shared<Chosen>());
    const auto chosen = std::make_shared<Chosen>();
    auto* const remove = add_change(*queue, options, outcome, "delete",
                                    "Delete mails; what they ask for is cancelled, of which its sender is always told",
                                    "deleted", chosen);
    auto* const silently = remove->add_flag("--silently", chosen->silently, "The senders of other mails are not told");
    remove->add_flag("--notify", chosen->notify, "They get a bounce (default)")->excludes(silently);
}
} // namespace ringpost::command
