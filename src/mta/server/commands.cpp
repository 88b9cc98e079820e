// SPDX-License-Identifier: Apache-2.0
#include "mta/server/commands.h"

#include "mta/server/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ringpost::mta
{
namespace
{
constexpr std::array<std::pair<std::string_view, Verb>, 24> verbs{{
    {"EHLO", Verb::ehlo},         {"HELO", Verb::helo},           {"MAIL", Verb::mail},
    {"RCPT", Verb::rcpt},         {"DATA", Verb::data},           {"RSET", Verb::rset},
    {"NOOP", Verb::noop},         {"VRFY", Verb::vrfy},           {"QUIT", Verb::quit},
    {"AUTH", Verb::auth},         {"HELP", Verb::help},           {"XRINGPOST", Verb::xringpost},
    {"EXPN", Verb::not_offered},  {"TURN", Verb::not_offered},    {"ETRN", Verb::not_offered},
    {"ATRN", Verb::not_offered},  {"SEND", Verb::not_offered},    {"SOML", Verb::not_offered},
    {"SAML", Verb::not_offered},  {"BDAT", Verb::not_offered},    {"BURL", Verb::not_offered},
    {"STARTTLS", Verb::starttls}, {"XCLIENT", Verb::not_offered}, {"LHLO", Verb::lhlo},
}};

Failure malformed(std::string text)
{
    return fail(Errc::malformed, "command", std::move(text));
}

/// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
bool is_keyword(std::string_view text)
{
    return !text.empty() && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

/// The text up to the next blank; removes it and the blanks behind it from `text`.
std::string_view next_word(std::string_view& text)
{
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view result = text.substr(0, end);
    text = ascii::trim_front(text.substr(end));
    return result;
}

/// esmtp-param = esmtp-keyword ["=" esmtp-value], esmtp-value = 1*(%d33-60 / %d62-126)
Result<Parameter> parse_parameter(std::string_view word)
{
    const std::size_t equals = word.find('=');
    Parameter parameter{word.substr(0, equals), std::nullopt};
    if (!is_keyword(parameter.keyword))
    {
        return malformed("a parameter is not of the form KEYWORD=value");
    }
    if (equals != std::string_view::npos)
    {
        const std::string_view value = word.substr(equals + 1);
        const bool allowed =
            std::all_of(value.begin(), value.end(), [](char c) { return ascii::is_visible(c) && c != '='; });
        if (value.empty() || !allowed)
        {
            return malformed("a parameter has no value, or one with a character that is not allowed");
        }
        parameter.value = value;
    }
    return parameter;
}

Result<std::vector<Parameter>> parse_parameters(std::string_view text)
{
    std::vector<Parameter> result;
    while (!text.empty())
    {
        const Result<Parameter> parameter = parse_parameter(next_word(text));
        if (!parameter)
        {
            return parameter.error();
        }
        result.push_back(*parameter);
    }
    return result;
}

/// What follows `FROM:` or `TO:`.
Result<std::string_view> after_label(std::string_view argument, std::string_view label)
{
    if (!ascii::same(argument.substr(0, label.size()), label))
    {
        return malformed("the path's FROM: or TO: is missing");
    }
    argument = ascii::trim_front(argument.substr(label.size()));
    if (!argument.starts_with(':'))
    {
        return malformed("the path's FROM: or TO: is missing");
    }
    return ascii::trim_front(argument.substr(1));
}
} // namespace

Command parse_command(std::string_view line)
{
    std::string_view rest = ascii::trim(line);
    const std::string_view word = next_word(rest);
    const auto* const found =
        std::find_if(verbs.begin(), verbs.end(), [&](const auto& row) { return ascii::same(row.first, word); });
    return {found == verbs.end() ? Verb::unknown : found->second, rest};
}

Result<PathArguments> parse_path_arguments(std::string_view argument, PathKind kind)
{
    const Result<std::string_view> text = after_label(argument, kind == PathKind::reverse ? "FROM" : "TO");
    if (!text)
    {
        return text.error();
    }
    Result<ParsedPath> path = parse_path(*text, kind);
    if (!path)
    {
        return path.error();
    }
    if (!path->rest.empty() && path->rest.front() != ' ' && path->rest.front() != '\t')
    {
        return malformed("the path is not followed by a blank or the end of the line");
    }
    Result<std::vector<Parameter>> parameters = parse_parameters(ascii::trim(path->rest));
    if (!parameters)
    {
        return parameters.error();
    }
    return PathArguments{std::move(path->mailbox), std::move(*parameters)};
}

Result<AuthArguments> parse_auth_arguments(std::string_view argument)
{
    AuthArguments result;
    result.mechanism = next_word(argument);
    if (result.mechanism.empty())
    {
        return malformed("the mechanism is missing");
    }
    if (argument.find_first_of(" \t") != std::string_view::npos)
    {
        return malformed("AUTH has a mechanism and at most one initial response");
    }
    if (!argument.empty())
    {
        result.initial_response = argument == "=" ? std::string_view{} : argument;
    }
    return result;
}

Result<XringpostLine> parse_xringpost(std::string_view argument)
{
    const std::string_view word = next_word(argument);
    if (!is_keyword(word))
    {
        return malformed("XRINGPOST is followed by a word of letters, digits and hyphens");
    }
    if (!std::all_of(argument.begin(), argument.end(), ascii::is_printable))
    {
        return malformed("the argument of XRINGPOST is not printable ASCII");
    }
    return XringpostLine{ascii::lower(word), std::string(argument)};
}
} // namespace ringpost::mta
