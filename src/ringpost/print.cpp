// SPDX-License-Identifier: Apache-2.0
#include "ringpost/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

namespace ringpost::command
{
namespace
{
using nlohmann::json;

struct CodePoint
{
    std::uint32_t value = 0;
    std::size_t octets = 1;
};

/// Of text that JSON has already checked to be UTF-8; anything else is taken octet by octet.
CodePoint code_point(std::string_view text, std::size_t at)
{
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = octet(at);
    const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 1 || at + length > text.size())
    {
        return {lead, 1};
    }
    std::uint32_t value = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
    {
        value = (value << 6U) | (octet(at + i) & 0x3fU);
    }
    return {value, length};
}

bool steers_terminal(std::uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/// The blocks of Unicode's East Asian Width W and F, coarsely.
bool wide(std::uint32_t c)
{
    static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> blocks{{{0x1100, 0x115f},
                                                                                    {0x2e80, 0xa4cf},
                                                                                    {0xac00, 0xd7a3},
                                                                                    {0xf900, 0xfaff},
                                                                                    {0xfe30, 0xfe6f},
                                                                                    {0xff00, 0xff60},
                                                                                    {0xffe0, 0xffe6},
                                                                                    {0x1f300, 0x1faff},
                                                                                    {0x20000, 0x3fffd}}};
    return std::any_of(blocks.begin(), blocks.end(),
                       [c](const auto& block) { return c >= block.first && c <= block.second; });
}

/// `source_number` → `Source number`.
std::string heading_of(std::string_view key)
{
    std::string heading = printable(key);
    std::replace(heading.begin(), heading.end(), '_', ' ');
    if (!heading.empty() && heading[0] >= 'a' && heading[0] <= 'z')
    {
        heading[0] = static_cast<char>(heading[0] - 'a' + 'A');
    }
    return heading;
}

std::string padded(const std::string& text, std::size_t width)
{
    const std::size_t taken = display_width(text);
    return text + std::string(width > taken ? width - taken : 0, ' ');
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
    {
        line += padded(cells[i], widths[i]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string lines_of(const std::vector<std::vector<std::string>>& lines)
{
    std::vector<std::size_t> widths(lines.front().size(), 0);
    for (const auto& line : lines)
    {
        for (std::size_t i = 0; i < line.size(); ++i)
        {
            widths[i] = std::max(widths[i], display_width(line[i]));
        }
    }
    std::string text;
    for (const auto& line : lines)
    {
        text += line_of(line, widths);
    }
    return text;
}

bool list_of_objects(const json& value)
{
    return value.is_array() && !value.empty() && value.front().is_object();
}

json member(const json& row, const std::string& key)
{
    const auto found = row.find(key);
    return found == row.end() ? json(nullptr) : *found;
}

std::vector<std::string> members_in_order(const json& object, const std::vector<std::string>& first)
{
    std::vector<std::string> names;
    std::copy_if(first.begin(), first.end(), std::back_inserter(names),
                 [&](const auto& name) { return object.contains(name); });
    for (const auto& [name, value] : object.items())
    {
        if (std::find(names.begin(), names.end(), name) == names.end())
        {
            names.push_back(name);
        }
    }
    return names;
}
} // namespace

std::string printable(std::string_view text)
{
    std::string shown;
    for (std::size_t at = 0; at < text.size();)
    {
        const CodePoint c = code_point(text, at);
        if (steers_terminal(c.value))
        {
            shown += ' ';
        }
        else
        {
            shown += text.substr(at, c.octets);
        }
        at += c.octets;
    }
    return shown;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();)
    {
        const CodePoint c = code_point(text, at);
        width += wide(c.value) ? 2 : 1;
        at += c.octets;
    }
    return width;
}

std::string cell(const json& value)
{
    if (value.is_null())
    {
        return "-";
    }
    if (value.is_string())
    {
        const auto& text = value.get_ref<const std::string&>();
        return text.empty() ? "-" : printable(text);
    }
    if (value.is_boolean())
    {
        return value.get<bool>() ? "yes" : "no";
    }
    if (!value.is_array())
    {
        return printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    std::vector<std::string> parts;
    for (const auto& part : value)
    {
        parts.push_back(part.is_structured() ? printable(part.dump(-1, ' ', false, json::error_handler_t::replace))
                                             : cell(part));
    }
    return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string table(const json& rows, const std::vector<Column>& columns, std::string_view nothing)
{
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : columns)
    {
        lines.front().push_back(column.heading);
    }
    for (const auto& row : rows)
    {
        if (!row.is_object())
        {
            continue;
        }
        auto& line = lines.emplace_back();
        for (const auto& column : columns)
        {
            line.push_back(cell(member(row, column.key)));
        }
    }
    return lines.size() == 1 ? std::string(nothing) + "\n" : lines_of(lines);
}

std::string table(const json& rows, std::string_view nothing)
{
    std::vector<std::string> names;
    for (const auto& row : rows)
    {
        if (row.is_object())
        {
            const auto more = members_in_order(row, {});
            std::copy_if(more.begin(), more.end(), std::back_inserter(names), [&](const std::string& name) {
                return std::find(names.begin(), names.end(), name) == names.end();
            });
        }
    }
    std::vector<Column> columns(names.size());
    std::transform(names.begin(), names.end(), columns.begin(), [](const std::string& name) {
        return Column{name, heading_of(name)};
    });
    return table(rows, columns, nothing);
}

std::string sheet(const json& object, const std::vector<std::string>& first)
{
    if (!object.is_object())
    {
        return cell(object) + "\n";
    }
    std::vector<std::vector<std::string>> lines;
    std::string tables;
    for (const auto& name : members_in_order(object, first))
    {
        const json& value = object[name];
        if (list_of_objects(value))
        {
            tables += "\n" + heading_of(name) + ":\n" + table(value, "");
        }
        else
        {
            lines.push_back({heading_of(name) + ":", cell(value)});
        }
    }
    return (lines.empty() ? std::string() : lines_of(lines)) + tables;
}

std::string event_text(const json& event)
{
    if (!event.is_object())
    {
        return cell(event) + "\n";
    }
    std::string line;
    for (const auto& name : members_in_order(event, {"time", "number", "event"}))
    {
        const json& value = event[name];
        if (value.is_null())
        {
            continue;
        }
        const bool named = name != "time" && name != "number" && name != "event";
        line += (line.empty() ? "" : "  ") + (named ? printable(name) + " " : std::string()) + cell(value);
    }
    return line + "\n";
}
} // namespace ringpost::command
