// SPDX-License-Identifier: Apache-2.0
// ringpost tls self-signed: a certificate for trials. Needs no gateway.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-commands to `app`; the chosen one sets `outcome` when the command line has been read.
void add_tls_commands(CLI::App& app, Exit& outcome);
} // namespace ringpost::command
