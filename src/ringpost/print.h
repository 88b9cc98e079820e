// SPDX-License-Identifier: Apache-2.0
// JSON results as text for people: aligned tables and lines. What comes from mails is shown without control characters,
// so that nobody's subject line can steer a terminal.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::command
{
struct Column
{
    std::string key;     ///< member of each row
    std::string heading; ///< what stands above it
};

/// `text` (UTF-8) without control characters, C1 included, and without marks that change the direction of writing.
[[nodiscard]] std::string printable(std::string_view text);

/// How many columns of a terminal `text` takes: East Asian wide characters take two.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// One value in a cell: texts as they are, `-` for what is missing or null, `yes`/`no`, lists with commas.
[[nodiscard]] std::string cell(const nlohmann::json& value);

/// Rows with headings, columns aligned; missing members are `-`, rows that are not objects are left out. `nothing` is
/// the whole output where there is no row.
[[nodiscard]] std::string table(const nlohmann::json& rows, const std::vector<Column>& columns,
                                std::string_view nothing);

/// A table of whatever members the rows have.
[[nodiscard]] std::string table(const nlohmann::json& rows, std::string_view nothing);

/// An object as lines `name: value`, lists of objects as tables below; `first` names the members that come first.
[[nodiscard]] std::string sheet(const nlohmann::json& object, const std::vector<std::string>& first = {});

/// An event on one line: time, then what happened.
[[nodiscard]] std::string event_text(const nlohmann::json& event);
} // namespace ringpost::command
