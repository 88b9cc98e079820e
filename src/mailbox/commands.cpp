// SPDX-License-Identifier: Apache-2.0
#include "mailbox/commands.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace ringpost::mailbox
{
namespace
{
enum class Arguments
{
    none,
    text,
    secret,
    message,
    optional_message,
    message_and_lines,
    mechanism
};

struct Rule
{
    std::string_view name;
    Verb verb;
    Arguments arguments;
};

constexpr std::array<Rule, 15> rules{{
    {"USER", Verb::user, Arguments::text},
    {"PASS", Verb::pass, Arguments::secret},
    {"QUIT", Verb::quit, Arguments::none},
    {"STAT", Verb::stat, Arguments::none},
    {"LIST", Verb::list, Arguments::optional_message},
    {"UIDL", Verb::uidl, Arguments::optional_message},
    {"RETR", Verb::retr, Arguments::message},
    {"DELE", Verb::dele, Arguments::message},
    {"NOOP", Verb::noop, Arguments::none},
    {"RSET", Verb::rset, Arguments::none},
    {"TOP", Verb::top, Arguments::message_and_lines},
    {"CAPA", Verb::capa, Arguments::none},
    {"STLS", Verb::stls, Arguments::none},
    {"AUTH", Verb::auth, Arguments::mechanism},
    {"UTF8", Verb::utf8, Arguments::none},
}};

bool same_verb(std::string_view written, std::string_view name)
{
    return std::equal(written.begin(), written.end(), name.begin(), name.end(), [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
}

const Rule* find_rule(std::string_view written)
{
    const auto* found =
        std::find_if(rules.begin(), rules.end(), [written](const Rule& rule) { return same_verb(written, rule.name); });
    return found == rules.end() ? nullptr : found;
}

bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

std::string_view without_blanks_around(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
    {
        return {};
    }
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Takes the first word away from `rest`.
std::string_view take_word(std::string_view& rest)
{
    rest = without_blanks_around(rest);
    const auto word = rest.substr(0, rest.find(' '));
    rest = without_blanks_around(rest.substr(word.size()));
    return word;
}

/// Digits only, no sign, below 2^32.
std::optional<std::uint32_t> read_number(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    {
        return std::nullopt;
    }
    return number;
}

/// Any number of lines that no mail has is as good as another: clients ask for 99999999999 to get all.
std::optional<std::uint32_t> read_lines(std::string_view text)
{
    const bool digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional(read_number(text).value_or(std::numeric_limits<std::uint32_t>::max())) : std::nullopt;
}

Command of(const Rule& rule)
{
    return {.verb = rule.verb, .text = {}, .response = {}, .message = {}, .lines = 0};
}

Failure wrong(const Rule& rule, std::string_view what)
{
    return fail(Errc::malformed, std::string(rule.name), std::string(what));
}

Result<Command> read_message(const Rule& rule, std::string_view arguments)
{
    Command command = of(rule);
    command.message = read_number(take_word(arguments));
    if (!command.message || *command.message == 0)
    {
        return wrong(rule, "a message number is expected");
    }
    if (rule.arguments == Arguments::message_and_lines)
    {
        const auto lines = read_lines(take_word(arguments));
        if (!lines)
        {
            return wrong(rule, "a number of lines is expected");
        }
        command.lines = *lines;
    }
    if (!arguments.empty())
    {
        return wrong(rule, "too many arguments");
    }
    return command;
}

Result<Command> read_text(const Rule& rule, std::string_view arguments)
{
    // RFC 1939 7, PASS: blanks are part of the secret, so only the one after the verb is taken away.
    const auto text = rule.arguments == Arguments::secret ? arguments : without_blanks_around(arguments);
    if (text.empty())
    {
        return wrong(rule, "an argument is expected");
    }
    Command command = of(rule);
    command.text = text;
    return command;
}

/// AUTH mechanism [initial-response]; a response of no octets is written `=` (RFC 5034 4).
Result<Command> read_mechanism(const Rule& rule, std::string_view arguments)
{
    Command command = of(rule);
    command.text = take_word(arguments);
    const auto response = take_word(arguments);
    if (!response.empty())
    {
        command.response = response == "=" ? std::string{} : std::string(response);
    }
    return arguments.empty() ? Result<Command>(command) : wrong(rule, "too many arguments");
}
} // namespace

Result<Command> parse_command(std::string_view line)
{
    if (has_control(line))
    {
        return fail(Errc::malformed, {}, "control characters are not allowed in a command");
    }
    const auto verb = line.substr(0, line.find(' '));
    const Rule* rule = find_rule(verb);
    if (rule == nullptr)
    {
        return fail(Errc::unsupported, {}, "unknown command");
    }
    const auto arguments = line.substr(std::min(line.size(), verb.size() + 1));
    if (rule->arguments == Arguments::text || rule->arguments == Arguments::secret)
    {
        return read_text(*rule, arguments);
    }
    if (rule->arguments == Arguments::mechanism)
    {
        return read_mechanism(*rule, arguments);
    }
    const bool empty = without_blanks_around(arguments).empty();
    if (empty && (rule->arguments == Arguments::none || rule->arguments == Arguments::optional_message))
    {
        return of(*rule);
    }
    if (rule->arguments == Arguments::none)
    {
        return wrong(*rule, "no argument is expected");
    }
    return read_message(*rule, arguments);
}
} // namespace ringpost::mailbox
