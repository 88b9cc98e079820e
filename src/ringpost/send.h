// SPDX-License-Identifier: Apache-2.0
// ringpost send: composes an exchange mail and submits it by SMTP.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-command to `app`; it sets `outcome` when it has been chosen.
void add_send_command(CLI::App& app, Exit& outcome);
} // namespace ringpost::command
