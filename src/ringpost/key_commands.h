// SPDX-License-Identifier: Apache-2.0
// ringpost confidential: the keys of confidential mail. Needs no gateway.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// Adds the sub-command to `app`; it sets `outcome` when it has been chosen.
void add_key_commands(CLI::App& app, Exit& outcome);
} // namespace ringpost::command
