// SPDX-License-Identifier: Apache-2.0
// What comes next for a request, as a sentence for `ringpost request show`.
#pragma once

#include "store/requests.h"

#include <string>

namespace ringpost::service
{
[[nodiscard]] std::string next_step(const store::Request& request);
} // namespace ringpost::service
