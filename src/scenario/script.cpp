// SPDX-License-Identifier: Apache-2.0
#include "scenario/script.h"

#include "media/ascii.h"
#include "media/charset.h"
#include "scenario/quote.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace ringpost::scenario
{
namespace
{
using media::iends_with;
using media::iequals;
using media::is_blank;
using media::istarts_with;
using media::trimmed;

constexpr Duration shortest_wait = 1s;
constexpr Duration longest_wait = 24h * 30;
/// More contents than any configuration lets a mail have.
constexpr std::size_t longest_number = 6;

Failure bad_step(std::string text)
{
    return fail(Errc::malformed, {}, std::move(text));
}

/// Takes `word` and the blanks in front of it off the end of `text`; false, and nothing taken, where it is not there.
bool take_last_word(std::string_view& text, std::string_view word)
{
    if (!iends_with(text, word))
    {
        return false;
    }
    const std::string_view rest = text.substr(0, text.size() - word.size());
    if (!rest.empty() && !is_blank(rest.back()))
    {
        return false;
    }
    text = trimmed(rest);
    return true;
}

bool take_or_continue(std::string_view& value)
{
    std::string_view rest = value;
    if (!take_last_word(rest, "continue") || !take_last_word(rest, "or"))
    {
        return false;
    }
    value = rest;
    return true;
}

Result<Reference> read_reference(std::string_view text)
{
    constexpr std::string_view word = "message";
    const auto name = istarts_with(text, word) ? trimmed(text.substr(word.size())) : std::string_view{};
    const bool apart = !name.empty() && is_blank(text[word.size()]);
    if (apart && iequals(name, "exchange"))
    {
        return Reference{};
    }
    if (!apart || !std::all_of(name.begin(), name.end(), media::is_digit))
    {
        return bad_step(
            fmt::format("{} is neither message <number of a content> nor message exchange", scenario::quoted(text)));
    }
    int number = 0;
    for (const char c : name.substr(0, longest_number))
    {
        number = number * 10 + (c - '0');
    }
    if (number == 0 || name.size() > longest_number)
    {
        return bad_step(fmt::format("{}: contents are numbered from 1 and have at most {} digits",
                                    scenario::quoted(text), longest_number));
    }
    return Reference{number};
}

Result<std::vector<Reference>> read_references(std::string_view value, std::size_t most)
{
    std::vector<Reference> out;
    for (bool more = true; more;)
    {
        const auto comma = value.find(',');
        more = comma != std::string_view::npos;
        const auto reference = read_reference(trimmed(value.substr(0, comma)));
        if (!reference)
        {
            return reference.error();
        }
        if (std::find(out.begin(), out.end(), *reference) != out.end())
        {
            return bad_step(fmt::format("{} is there twice", to_string(*reference)));
        }
        if (out.size() == most)
        {
            return fail(Errc::too_large, {}, fmt::format("a step has at most {} contents", most));
        }
        out.push_back(*reference);
        value.remove_prefix(more ? comma + 1 : value.size());
    }
    return out;
}

Result<> read_play(Step& step, std::string_view value, const ScenarioLimits& limits)
{
    auto contents = read_references(value, limits.references);
    if (!contents)
    {
        return contents.error();
    }
    step.what = Play{std::move(*contents)};
    return {};
}

Result<> read_pause(Step& step, std::string_view value, const ScenarioLimits&)
{
    if (value.find(',') != std::string_view::npos)
    {
        return bad_step(fmt::format("{} names several contents: a pause asks about one", scenario::quoted(value)));
    }
    const auto content = read_reference(value);
    if (!content)
    {
        return content.error();
    }
    step.what = Pause{*content};
    return {};
}

Result<> read_wait(Step& step, std::string_view value, const ScenarioLimits&)
{
    const auto time = parse_duration(value);
    if (!time)
    {
        return bad_step(fmt::format("{} is not a duration like 30s, 5m or 1h30m", scenario::quoted(value)));
    }
    if (*time < shortest_wait || *time > longest_wait)
    {
        return bad_step(fmt::format("{}: a wait is {} to {}", scenario::quoted(value), format_duration(shortest_wait),
                                    format_duration(longest_wait)));
    }
    step.what = Wait{*time};
    return {};
}

Instant whole_seconds(Instant time)
{
    return date::floor<std::chrono::seconds>(time);
}

Result<> read_at(Step& step, std::string_view value, const ScenarioLimits&)
{
    const auto time = parse_rfc3339(value);
    if (!time)
    {
        return bad_step(
            fmt::format("{} is not a point in time like 2026-12-01T09:00:00+09:00", scenario::quoted(value)));
    }
    // With its distance from UTC a date-time can lie outside the years that are written with four digits.
    const auto again = parse_rfc3339(format_rfc3339(whole_seconds(*time)));
    if (!again || *again != whole_seconds(*time))
    {
        return bad_step(fmt::format("{} is not within the years 0000 to 9999 UTC", scenario::quoted(value)));
    }
    step.what = At{*time};
    return {};
}

struct StepName
{
    std::string_view name;
    Result<> (*read)(Step&, std::string_view, const ScenarioLimits&);
};

constexpr std::array<StepName, 4> step_names{
    {{"play", read_play}, {"pause", read_pause}, {"wait", read_wait}, {"at", read_at}}};

/// `line` without its comment, not empty.
Result<Step> read_step(std::string_view line, std::size_t number, const ScenarioLimits& limits)
{
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
    {
        return bad_step(fmt::format("{} does not have the form step = value", scenario::quoted(line)));
    }
    const auto name = trimmed(line.substr(0, equals));
    const auto found = std::find_if(step_names.begin(), step_names.end(),
                                    [&](const StepName& entry) { return iequals(entry.name, name); });
    if (found == step_names.end())
    {
        return bad_step(fmt::format("{} is none of play, pause, wait, at", scenario::quoted(name)));
    }
    auto value = trimmed(line.substr(equals + 1));
    Step step;
    step.or_continue = take_or_continue(value);
    step.line = number;
    const auto read = found->read(step, value, limits);
    return read ? Result<Step>(std::move(step)) : read.error();
}

std::string name_of_line(std::size_t number)
{
    return fmt::format("line {}", number);
}

std::string written_time(Instant time)
{
    std::string text = format_rfc3339(whole_seconds(time));
    const auto micros = (time - whole_seconds(time)).count();
    if (micros != 0)
    {
        text.pop_back();
        text += fmt::format(".{:06}Z", micros);
    }
    return text;
}

/// Writes a step without its end of line.
struct Writer
{
    std::string& out;

    void operator()(const Play& play)
    {
        out += "play = ";
        for (const Reference reference : play.contents)
        {
            out += (reference == play.contents.front() ? "" : ", ") + to_string(reference);
        }
    }
    void operator()(const Pause& pause) { out += "pause = " + to_string(pause.content); }
    void operator()(const Wait& wait) { out += "wait = " + format_duration(wait.time); }
    void operator()(const At& at) { out += "at = " + written_time(at.time); }
};

Result<Script> read_script(std::string_view text, const ScenarioLimits& limits)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    text.remove_prefix(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    Script script;
    for (std::size_t number = 1; !text.empty(); ++number)
    {
        const auto whole = media::take_line(text);
        if (!media::valid_utf8(whole))
        {
            return fail(Errc::malformed, name_of_line(number), "the line is not UTF-8");
        }
        const auto line = trimmed(whole.substr(0, whole.find('#')));
        if (line.empty())
        {
            continue;
        }
        if (script.steps.size() == limits.steps)
        {
            return fail(Errc::too_large, name_of_line(number),
                        fmt::format("a scenario has at most {} steps", limits.steps));
        }
        auto step = read_step(line, number, limits);
        if (!step)
        {
            return fail(step.error().code(), name_of_line(number), step.error().text());
        }
        script.steps.push_back(std::move(*step));
    }
    return script;
}
} // namespace

std::string to_string(Reference reference)
{
    return reference.number == 0 ? "message exchange" : fmt::format("message {}", reference.number);
}

std::vector<Reference> contents_of(const Step& step)
{
    if (const auto* play = std::get_if<Play>(&step.what))
    {
        return play->contents;
    }
    const auto* pause = std::get_if<Pause>(&step.what);
    return pause == nullptr ? std::vector<Reference>{} : std::vector<Reference>{pause->content};
}

Result<Script> parse(std::string_view utf8_text, const ScenarioLimits& limits)
{
    if (utf8_text.size() > limits.octets)
    {
        const auto fits = utf8_text.substr(0, limits.octets);
        const auto lines = static_cast<std::size_t>(std::count(fits.begin(), fits.end(), '\n'));
        return fail(Errc::too_large, name_of_line(lines + 1),
                    fmt::format("a scenario has at most {} octets, this one {}", limits.octets, utf8_text.size()));
    }
    auto script = read_script(utf8_text, limits);
    if (script && script->steps.empty())
    {
        return fail(Errc::malformed, name_of_line(1), "the scenario has no step: play, pause, wait or at");
    }
    return script;
}

std::string canonical(const Script& script)
{
    std::string out;
    std::size_t line = 1;
    for (const Step& step : script.steps)
    {
        const std::size_t skipped = step.line > line ? step.line - line : 0;
        out.append(skipped, '\n');
        std::visit(Writer{out}, step.what);
        out += step.or_continue ? " or continue\n" : "\n";
        line += skipped + 1;
    }
    return out;
}

Result<Script> parse_stored(std::string_view text)
{
    constexpr auto any = std::numeric_limits<std::size_t>::max();
    return read_script(text, {any, any, any});
}

std::size_t calls_of(const Script& script)
{
    std::size_t calls = 0;
    for (const Step& step : script.steps)
    {
        calls += contents_of(step).size() + (std::holds_alternative<Pause>(step.what) ? 1 : 0);
    }
    return calls;
}
} // namespace ringpost::scenario
