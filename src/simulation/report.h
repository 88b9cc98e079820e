// SPDX-License-Identifier: Apache-2.0
// What a study has found, for people: the cells of a table, a sentence of advice, and a page (report_page.cpp).
#pragma once

#include "simulation/study.h"

#include <string>
#include <vector>

namespace ringpost::simulation
{
struct Cell
{
    std::string heading;
    std::string value;
};

/// `12 lines`
[[nodiscard]] std::string lines_of(const Day& day);

/// A row for one number of lines; of the requests that need a line.
[[nodiscard]] std::vector<Cell> cells_of(const Day& day);

/// What was lived, in one sentence.
[[nodiscard]] std::string description_of(const Study& study);

/// How many lines are enough, and what fewer would mean.
[[nodiscard]] std::string advice_of(const Study& study);

/// Where rules were broken: which, and how to see it again.
[[nodiscard]] std::string trouble_of(const Day& day);

/// A page of HTML that needs nothing else, well-formed as XML too: advice, waiting times as a picture (SVG, with a text
/// for those who do not see it), and the table.
[[nodiscard]] std::string page_of(const Study& study);
} // namespace ringpost::simulation
