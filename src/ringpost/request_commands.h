// SPDX-License-Identifier: Apache-2.0
// ringpost request list|show|cancel, mailbox list|receive, exchange status|check, watch: what the gateway is doing.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-commands to `app`; the chosen one sets `outcome` when the command line has been read.
void add_request_commands(CLI::App& app, Options& options, Exit& outcome);
} // namespace ringpost::command
