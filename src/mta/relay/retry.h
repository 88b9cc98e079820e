// SPDX-License-Identifier: Apache-2.0
// When a mail that could not be relayed is tried again (RFC 5321 4.5.4.1).
#pragma once

#include "core/config.h"

namespace ringpost::mta
{
/// How long to wait after `attempts` failed ones: retry_first, growing by retry_factor up to retry_max.
[[nodiscard]] constexpr Duration retry_delay(const RelayConfig& config, int attempts)
{
    Duration delay = config.retry_first;
    for (int i = 1; i < attempts && delay < config.retry_max; ++i)
    {
        delay *= static_cast<std::int64_t>(config.retry_factor);
    }
    return delay < config.retry_max ? delay : config.retry_max;
}
} // namespace ringpost::mta
