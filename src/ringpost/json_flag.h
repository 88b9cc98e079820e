// SPDX-License-Identifier: Apache-2.0
// The flag that all sub-commands share which can print what came as it came.
#pragma once

#include "ringpost/outcome.h"

#include <CLI/CLI.hpp>

namespace ringpost::command
{
/// `--json`, which sets options.json.
inline void add_json_flag(CLI::App& command, Options& options)
{
    command.add_flag("--json", options.json, "Print the result as JSON");
}
} // namespace ringpost::command
