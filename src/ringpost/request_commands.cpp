// SPDX-License-Identifier: Apache-2.0
#include "ringpost/request_commands.h"

#include "ringpost/json_flag.h"
#include "ringpost/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

std::string request_table(const json& rows)
{
    return table(rows,
                 {{"number", "Request"},
                  {"request", "Kind"},
                  {"state", "State"},
                  {"cause", "Cause"},
                  {"attempts", "Attempts"},
                  {"source_number", "Source"},
                  {"destination_number", "Destination"},
                  {"sender", "Sender"},
                  {"addressee", "Addressee"},
                  {"asked", "Asked"}},
                 "There are no requests.");
}

std::string request_sheet(const json& request)
{
    return sheet(request, {"number", "request", "state", "cause", "next", "sender", "addressee", "source_number",
                           "destination_number", "asked", "attempts"});
}

void add_request_list(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const list = app.add_subcommand("list", "Show the requests and their states");
    add_json_flag(*list, options);
    list->callback([&] { outcome = ask(options, "request.list", json::object(), "request list", request_table); });
}

void add_show(CLI::App& request, Options& options, Exit& outcome)
{
    auto* const show = request.add_subcommand("show", "Show a request, each attempt, and what comes next");
    const auto number = std::make_shared<std::string>();
    show->add_option("number", *number, "Request number")->required();
    add_json_flag(*show, options);
    show->callback([&, number] {
        outcome = ask(options, "request.show", {{"number", *number}}, "request show " + *number, request_sheet);
    });
}

void add_cancel(CLI::App& request, Options& options, Exit& outcome)
{
    auto* const cancel = request.add_subcommand("cancel", "Cancel a request; its sender is told");
    const auto number = std::make_shared<std::string>();
    cancel->add_option("number", *number, "Request number")->required();
    add_json_flag(*cancel, options);
    cancel->callback([&, number] {
        outcome = ask(options, "request.cancel", {{"number", *number}}, "request cancel " + *number,
                      [number](const json&) { return printable(*number) + " is cancelled.\n"; });
    });
}

/// A group with one sub-command that takes no arguments; the group, for more.
CLI::App* add_view(CLI::App& app, Options& options, Exit& outcome, const std::string& group, const std::string& name,
                   const std::string& help, const Printer& print)
{
    auto* const parent = app.add_subcommand(group, help);
    parent->require_subcommand(1);
    auto* const view = parent->add_subcommand(name, help);
    add_json_flag(*view, options);
    view->callback([&options, &outcome, group, name, print] {
        outcome = ask(options, group + "." + name, json::object(), group + " " + name, print);
    });
    return parent;
}

void add_receive(CLI::App& mailbox, Options& options, Exit& outcome)
{
    auto* const receive =
        mailbox.add_subcommand("receive", "The addressee is at the telephone now: do what a mail asks for");
    const auto entry = std::make_shared<std::string>();
    receive->add_option("entry", *entry, "Entry, as `mailbox list` numbers it")->required();
    add_json_flag(*receive, options);
    receive->callback([&, entry] {
        outcome = ask(options, "mailbox.receive", {{"entry", *entry}}, "mailbox receive " + *entry,
                      [entry](const json&) { return "Mail " + printable(*entry) + " is received.\n"; });
    });
}

bool well(const json& finding)
{
    return finding.is_object() && finding.value("ok", json(false)) == json(true);
}

void add_exchange_check(CLI::App& exchange, Options& options, Exit& outcome)
{
    auto* const check = exchange.add_subcommand("check", "Look whether the exchange is set up as the gateway needs it");
    add_json_flag(*check, options);
    const auto print = [](const json& findings) {
        std::string lines;
        for (const json& finding : findings)
        {
            lines += fmt::format("{:<8} {:<13} {}\n", well(finding) ? "ok" : "NOT OK",
                                 printable(finding.value("what", "")), printable(finding.value("text", "")));
        }
        return lines;
    };
    const auto all_well = [](const json& findings) {
        return std::all_of(findings.begin(), findings.end(), [](const json& finding) { return well(finding); });
    };
    check->callback([&, print, all_well] {
        outcome = ask_whether(options, "exchange.check", json::object(), "exchange check", print, all_well);
    });
}

void add_request_watch(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const watching = app.add_subcommand("watch", "Show what happens in the gateway, until interrupted");
    watching->add_flag("--json", options.json, "Print one JSON object a line");
    watching->callback([&] { outcome = watch(options, "watch", "watch"); });
}
} // namespace

void add_request_commands(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const request = app.add_subcommand("request", "Look at requests and cancel them");
    request->require_subcommand(1);
    add_request_list(*request, options, outcome);
    add_show(*request, options, outcome);
    add_cancel(*request, options, outcome);
    auto* const mailbox = add_view(app, options, outcome, "mailbox", "list", "Show what lies in the mailboxes",
                                   [](const json& rows) { return table(rows, "The mailboxes are empty."); });
    add_receive(*mailbox, options, outcome);
    auto* const exchange = add_view(app, options, outcome, "exchange", "status", "Show the exchange and its link",
                                    [](const json& status) { return sheet(status); });
    add_exchange_check(*exchange, options, outcome);
    add_request_watch(app, options, outcome);
}
} // namespace ringpost::command
