// SPDX-License-Identifier: Apache-2.0
#include "media/text_order.h"

#include "media/ascii.h"

namespace ringpost::media
{
namespace
{
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_mark(std::string_view text)
{
    return text.starts_with(byte_order_mark) ? text.substr(byte_order_mark.size()) : text;
}

/// The name in a line of the form `Field: value`; empty for any other line.
std::string_view field_of(std::string_view line)
{
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty())
    {
        return {};
    }
    for (const char c : name)
    {
        if (!is_alpha(c) && !is_digit(c) && c != '-')
        {
            return {};
        }
    }
    return name;
}

/// Skips empty lines, counting them in `number`; returns the first other one, trimmed at its end.
std::string_view first_line(std::string_view& rest, std::size_t& number)
{
    while (!rest.empty())
    {
        ++number;
        const auto line = take_line(rest);
        if (!trimmed(line).empty())
        {
            return line;
        }
    }
    return {};
}

std::string_view without_end_blanks(std::string_view line)
{
    while (!line.empty() && is_blank(line.back()))
    {
        line.remove_suffix(1);
    }
    return line;
}
} // namespace

std::optional<Result<ExchangeInformation>> order_in_text(std::string_view utf8_text)
{
    auto rest = without_mark(utf8_text);
    std::size_t number = 0;
    if (!iequals(without_end_blanks(first_line(rest, number)), "Exchange:"))
    {
        return std::nullopt;
    }
    const auto fields = rest;
    std::size_t length = 0;
    for (bool first = true; !rest.empty(); first = false)
    {
        const auto line = take_line(rest);
        if (trimmed(line).empty())
        {
            break;
        }
        const auto name = field_of(line);
        if (name.empty() || (first && !known_field(name)))
        {
            return std::nullopt;
        }
        length = fields.size() - rest.size();
    }
    if (length == 0)
    {
        return std::nullopt;
    }
    return parse_exchange_information(fields.substr(0, length), number + 1);
}

std::string first_word(std::string_view utf8_text)
{
    constexpr std::size_t longest = 64;
    auto rest = without_mark(utf8_text);
    std::size_t number = 0;
    std::string word;
    for (const char c : trimmed(first_line(rest, number)))
    {
        if (!is_alpha(c) || word.size() == longest)
        {
            break;
        }
        word.push_back(upper(c));
    }
    return word;
}
} // namespace ringpost::media
