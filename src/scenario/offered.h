// SPDX-License-Identifier: Apache-2.0
// What of a scenario this gateway can do.
#pragma once

#include "scenario/check.h"

namespace ringpost::scenario
{
/// Errc::unsupported; where() is `line N`.
[[nodiscard]] Result<> offered(const Script& script, const std::vector<media::Content>& contents);
} // namespace ringpost::scenario
