// SPDX-License-Identifier: Apache-2.0
// ringpost queue list|show|hold|release|retry|delete: the mails that the gateway has still to deliver.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-commands to `app`; the chosen one sets `outcome` when the command line has been read.
void add_queue_commands(CLI::App& app, Options& options, Exit& outcome);
} // namespace ringpost::command
