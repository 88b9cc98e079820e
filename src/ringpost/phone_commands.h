// SPDX-License-Identifier: Apache-2.0
// ringpost phone list|call|answer|hangup|press|set|watch: a person at a telephone of the simulated exchange.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-commands to `app`; the chosen one sets `outcome` when the command line has been read.
void add_phone_commands(CLI::App& app, Options& options, Exit& outcome);
} // namespace ringpost::command
