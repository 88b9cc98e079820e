// SPDX-License-Identifier: Apache-2.0
// After a restore from a backup: requests that were open then may have been performed since, and nobody is rung a
// second time. They end with `error`, and whoever asked is told to ask again. Requests whose time has not come yet, and
// those that another gateway performs, go on.
#pragma once

#include "service/request_book.h"

#include <optional>

namespace ringpost::service
{
/// Blocks; to be called before anything runs. How many requests were ended; nullopt: the database was not restored, or
/// this was done already.
[[nodiscard]] Result<std::optional<std::int64_t>> settle_restored(store::Database& database, RequestBook& book,
                                                                  Instant now);
} // namespace ringpost::service
