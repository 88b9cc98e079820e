// SPDX-License-Identifier: Apache-2.0
// One program in bubblewrap, from its start to its end; blocks. Used by Sandbox alone.
#pragma once

#include "media/descriptor.h"
#include "media/sandbox.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
/// As Sandbox::run(). `stop`: a descriptor that becomes readable when the program is to be killed.
[[nodiscard]] Result<std::string> run_sandboxed(const SandboxCommand& command, std::string input,
                                                const SandboxLimits& limits, int stop);

/// The command line: [setpriv] bwrap prlimit program. `as_nobody`: we are root and must not stay it. The status of
/// bubblewrap goes to descriptor 3.
[[nodiscard]] std::vector<std::string> sandbox_arguments(const SandboxCommand& command, const SandboxLimits& limits,
                                                         bool as_nobody);

/// The last line that is not empty, at most 200 characters, what is not printable ASCII as `?`.
[[nodiscard]] std::string last_line(std::string_view text);
} // namespace ringpost::media
