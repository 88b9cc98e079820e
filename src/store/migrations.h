// SPDX-License-Identifier: Apache-2.0
// Numbered migrations (schema/NNNN_name.sql, compiled in). The number applied last is PRAGMA user_version.
#pragma once

#include "core/result.h"
#include "store/sqlite.h"

namespace ringpost::store
{
/// Applies what is missing, each in a transaction of its own. Errc::unsupported: the database is newer than this
/// program.
Result<> migrate(Connection& connection);
} // namespace ringpost::store
