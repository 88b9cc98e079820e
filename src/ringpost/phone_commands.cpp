// SPDX-License-Identifier: Apache-2.0
#include "ringpost/phone_commands.h"

#include "ringpost/json_flag.h"
#include "ringpost/print.h"

#include <fmt/format.h>

#include <memory>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

struct Given
{
    std::string number;
    std::string to;
    std::string answer_after;
    std::string talk;
    std::string digits;
};

Printer sentence(std::string text)
{
    return [text = std::move(text)](const json&) { return text + "\n"; };
}

void add_list(CLI::App& phone, Options& options, Exit& outcome)
{
    auto* const list = phone.add_subcommand("list", "Show every telephone, its state and who it is connected with");
    add_json_flag(*list, options);
    list->callback([&] {
        outcome = ask(options, "phone.list", json::object(), "phone list", [](const json& rows) {
            return table(rows, {{"number", "Telephone"}, {"state", "State"}, {"with", "With"}},
                         "This exchange has no telephones.");
        });
    });
}

void add_call(CLI::App& phone, const Options& options, Exit& outcome)
{
    auto* const call = phone.add_subcommand("call", "Lift telephone FROM and dial TO");
    const auto given = std::make_shared<Given>();
    call->add_option("from", given->number, "Extension of the caller")->required();
    call->add_option("to", given->to, "Extension or external number to dial")->required();
    call->callback([&, given] {
        outcome = ask(options, "phone.call", {{"from", given->number}, {"to", given->to}},
                      fmt::format("phone call {} {}", given->number, given->to),
                      sentence(fmt::format("{} is calling {}.", given->number, given->to)));
    });
}

void add_action(CLI::App& phone, const Options& options, Exit& outcome, const std::string& name,
                const std::string& help, const std::string& done)
{
    auto* const action = phone.add_subcommand(name, help);
    const auto given = std::make_shared<Given>();
    action->add_option("number", given->number, "Extension of the telephone")->required();
    action->callback([&options, &outcome, name, done, given] {
        outcome =
            ask(options, "phone." + name, {{"number", given->number}}, fmt::format("phone {} {}", name, given->number),
                sentence(fmt::format("{} {}.", given->number, done)));
    });
}

void add_press(CLI::App& phone, const Options& options, Exit& outcome)
{
    auto* const press = phone.add_subcommand("press", "Press keys at a telephone that is in a call");
    const auto given = std::make_shared<Given>();
    press->add_option("number", given->number, "Extension of the telephone")->required();
    press->add_option("digits", given->digits, "Keys, one after the other: 0-9 * # A-D")->required();
    press->callback([&, given] {
        outcome = ask(options, "phone.press", {{"number", given->number}, {"digits", given->digits}},
                      fmt::format("phone press {} {}", given->number, given->digits),
                      sentence(fmt::format("{} has pressed {}.", given->number, given->digits)));
    });
}

json set_arguments(const Given& given)
{
    json arguments = {{"number", given.number}};
    if (!given.answer_after.empty())
    {
        arguments["answer_after"] = given.answer_after;
    }
    if (!given.talk.empty())
    {
        arguments["talk"] = given.talk;
    }
    return arguments;
}

void add_set(CLI::App& phone, const Options& options, Exit& outcome)
{
    auto* const set = phone.add_subcommand("set", "Say how the person at a telephone behaves from the next ring on");
    const auto given = std::make_shared<Given>();
    set->add_option("number", given->number, "Extension of the telephone")->required();
    auto* const parts = set->add_option_group("habits");
    parts->add_option("--answer-after", given->answer_after, "Duration such as 3s or 250ms, or never, or reject");
    parts->add_option("--talk", given->talk, "Duration after which this person hangs up, or until-hangup");
    parts->require_option(1, 2);
    set->callback([&, given] {
        outcome = ask(options, "phone.set", set_arguments(*given), fmt::format("phone set {}", given->number),
                      sentence(fmt::format("{} is set.", given->number)));
    });
}

void add_watch(CLI::App& phone, Options& options, Exit& outcome)
{
    auto* const watching = phone.add_subcommand("watch", "Show what happens at the telephones, until interrupted");
    watching->add_flag("--json", options.json, "Print one JSON object a line");
    watching->callback([&] { outcome = watch(options, "phone.watch", "phone watch"); });
}
} // namespace

void add_phone_commands(CLI::App& app, Options& options, Exit& outcome)
{
    auto* const phone = app.add_subcommand("phone", "Use the telephones of the simulated exchange");
    phone->require_subcommand(1);
    add_list(*phone, options, outcome);
    add_call(*phone, options, outcome);
    add_action(*phone, options, outcome, "answer", "Answer a telephone that rings", "has answered");
    add_action(*phone, options, outcome, "hangup", "End the call of a telephone, or refuse the one that rings",
               "has hung up");
    add_press(*phone, options, outcome);
    add_set(*phone, options, outcome);
    add_watch(*phone, options, outcome);
}
} // namespace ringpost::command
