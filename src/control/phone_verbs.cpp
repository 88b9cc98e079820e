// SPDX-License-Identifier: Apache-2.0
#include "control/phone_verbs.h"

#include "control/arguments.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::control
{
namespace
{
using nlohmann::json;

constexpr std::size_t number_limit = 64;
constexpr std::size_t word_limit = 64;

json text_or_null(const std::optional<std::string>& text)
{
    return text ? json(*text) : json(nullptr);
}

json row(const pbx::Telephone& telephone)
{
    return {{"number", telephone.number},
            {"state", pbx::telephone_word(telephone.state)},
            {"with", text_or_null(telephone.with)}};
}

/// format_rfc3339() stops at seconds; who watches telephones wants to see which rang first.
std::string precise_time(Instant time)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    std::string text = format_rfc3339(second);
    text.pop_back();
    return fmt::format("{}.{:06}Z", text, (time - second).count());
}

json row(const pbx::TelephoneEvent& event)
{
    return {{"time", precise_time(event.time)},
            {"number", event.number},
            {"event", event.event},
            {"with", text_or_null(event.with)}};
}

Result<json> done(const Result<>& outcome)
{
    if (!outcome)
    {
        return outcome.error();
    }
    return json(nullptr);
}

Result<json> list(const pbx::Telephones& telephones, const json& arguments)
{
    const auto none = Arguments::of(arguments, {});
    if (!none)
    {
        return none.error();
    }
    auto all = telephones.list();
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    json rows = json::array();
    for (const auto& telephone : all)
    {
        rows.push_back(row(telephone));
    }
    return rows;
}

Result<json> call(pbx::Telephones& telephones, const json& arguments)
{
    const auto given = Arguments::of(arguments, {"from", "to"});
    if (!given)
    {
        return given.error();
    }
    const auto from = given->text("from", number_limit);
    if (!from)
    {
        return from.error();
    }
    const auto to = given->text("to", number_limit);
    if (!to)
    {
        return to.error();
    }
    return done(telephones.call(*from, *to));
}

Result<std::string> only_number(const json& arguments)
{
    const auto given = Arguments::of(arguments, {"number"});
    if (!given)
    {
        return given.error();
    }
    return given->text("number", number_limit);
}

Result<json> press(pbx::Telephones& telephones, const json& arguments)
{
    const auto given = Arguments::of(arguments, {"number", "digits"});
    if (!given)
    {
        return given.error();
    }
    const auto number = given->text("number", number_limit);
    if (!number)
    {
        return number.error();
    }
    const auto digits = given->text("digits", number_limit);
    if (!digits)
    {
        return digits.error();
    }
    return done(telephones.press(*number, *digits));
}

/// What phone.set changes, read whole before anything is changed.
struct Change
{
    std::optional<pbx::Habit::Answer> answer;
    std::optional<Duration> answer_after;
    std::optional<std::optional<Duration>> talk;

    void apply(pbx::Habit& habit) const
    {
        habit.answer = answer.value_or(habit.answer);
        habit.answer_after = answer_after.value_or(habit.answer_after);
        habit.talk = talk.value_or(habit.talk);
    }
};

Result<Duration> duration_argument(const std::string& name, const std::string& text, std::string_view words)
{
    auto duration = parse_duration(text, Smallest::milliseconds);
    if (!duration)
    {
        return fail(Errc::malformed, name, fmt::format("must be a duration such as 3s or 250ms, {}", words));
    }
    return duration;
}

Result<> read_answer(const std::string& text, Change& change)
{
    if (text == "never" || text == "reject")
    {
        change.answer = text == "never" ? pbx::Habit::Answer::never : pbx::Habit::Answer::reject;
        return {};
    }
    const auto after = duration_argument("answer_after", text, "or never, or reject");
    if (!after)
    {
        return after.error();
    }
    change.answer = pbx::Habit::Answer::after;
    change.answer_after = *after;
    return {};
}

Result<> read_talk(const std::string& text, Change& change)
{
    if (text == "until-hangup")
    {
        change.talk.emplace(std::nullopt);
        return {};
    }
    const auto talk = duration_argument("talk", text, "or until-hangup");
    if (!talk)
    {
        return talk.error();
    }
    change.talk.emplace(*talk);
    return {};
}

using Reader = Result<> (*)(const std::string&, Change&);

/// True where the argument was given.
Result<bool> read_part(const Arguments& given, std::string_view name, Reader reader, Change& change)
{
    const auto text = given.optional_text(name, word_limit);
    if (!text)
    {
        return text.error();
    }
    if (!*text)
    {
        return false;
    }
    const auto read = reader(**text, change);
    if (!read)
    {
        return read.error();
    }
    return true;
}

Result<Change> read_change(const Arguments& given)
{
    Change change;
    const auto answer = read_part(given, "answer_after", read_answer, change);
    if (!answer)
    {
        return answer.error();
    }
    const auto talk = read_part(given, "talk", read_talk, change);
    if (!talk)
    {
        return talk.error();
    }
    if (!*answer && !*talk)
    {
        return fail(Errc::malformed, "arguments", "name what to set: answer_after, talk or both");
    }
    return change;
}

Result<json> set(pbx::Telephones& telephones, const json& arguments)
{
    const auto given = Arguments::of(arguments, {"number", "answer_after", "talk"});
    if (!given)
    {
        return given.error();
    }
    const auto number = given->text("number", number_limit);
    if (!number)
    {
        return number.error();
    }
    const auto change = read_change(*given);
    if (!change)
    {
        return change.error();
    }
    return done(telephones.set(*number, [&change](pbx::Habit& habit) { change->apply(habit); }));
}

class PhoneSubscription : public Subscription
{
public:
    explicit PhoneSubscription(std::unique_ptr<pbx::Watch> watch) : watch_(std::move(watch)) {}

private:
    std::unique_ptr<pbx::Watch> watch_;
};

Result<std::unique_ptr<Subscription>> watch(pbx::Telephones& telephones, const json& arguments, Sink sink)
{
    const auto none = Arguments::of(arguments, {});
    if (!none)
    {
        return none.error();
    }
    auto watching = telephones.watch([sink = std::move(sink)](const pbx::TelephoneEvent& event) { sink(row(event)); });
    return std::unique_ptr<Subscription>(std::make_unique<PhoneSubscription>(std::move(watching)));
}
} // namespace

void register_phone_verbs(Verbs& verbs, pbx::Telephones& telephones)
{
    using Action = Result<> (pbx::Telephones::*)(const std::string&);
    const auto at_number = [&telephones](Action action) -> ImmediateHandler {
        return [&telephones, action](const json& arguments) -> Result<json> {
            const auto number = only_number(arguments);
            if (!number)
            {
                return number.error();
            }
            return done((telephones.*action)(*number));
        };
    };
    verbs.add_immediate("phone.list", [&telephones](const json& arguments) { return list(telephones, arguments); });
    verbs.add_immediate("phone.call", [&telephones](const json& arguments) { return call(telephones, arguments); });
    verbs.add_immediate("phone.answer", at_number(&pbx::Telephones::answer));
    verbs.add_immediate("phone.hangup", at_number(&pbx::Telephones::hang_up));
    verbs.add_immediate("phone.press", [&telephones](const json& arguments) { return press(telephones, arguments); });
    verbs.add_immediate("phone.set", [&telephones](const json& arguments) { return set(telephones, arguments); });
    verbs.add_stream("phone.watch", [&telephones](const json& arguments, Sink sink) {
        return watch(telephones, arguments, std::move(sink));
    });
}
} // namespace ringpost::control
