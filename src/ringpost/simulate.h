// SPDX-License-Identifier: Apache-2.0
// The sub-command `simulate`: how many lines two offices need between them, tried out in a simulated city.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Needs no gateway. `outcome` must outlive the parsing.
void add_simulate_command(CLI::App& app, Exit& outcome);
} // namespace ringpost::command
