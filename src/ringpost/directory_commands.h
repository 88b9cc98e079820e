// SPDX-License-Identifier: Apache-2.0
// ringpost directory load FILE.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-commands to `app`; the chosen one sets `outcome` when the command line has been read.
void add_directory_commands(CLI::App& app, Options& options, Exit& outcome);
} // namespace ringpost::command
