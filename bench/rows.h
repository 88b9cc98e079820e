// SPDX-License-Identifier: Apache-2.0
// The rows that the benches put into a database.
#pragma once

#include "bench/gateway.h"

namespace ringpost::bench
{
/// A request of the gateway's user, not stored.
[[nodiscard]] store::Request order(std::int64_t number, const std::string& destination, const std::string& source,
                                   Instant now);

/// Camp-on number `number` of those that wait for the release of one of `devices` destinations that was found busy, as
/// the service stores it. `left`: of its monitor time.
[[nodiscard]] store::Request waiting(std::int64_t number, std::size_t devices, Instant now, Duration left);

/// Stores `count` such requests in few transactions.
void fill_waiting(Gateway& gateway, std::int64_t count, std::size_t devices, Duration left = 24h);

/// A mail in the user's mailbox whose reception connects idle telephone `number` with its source.
[[nodiscard]] MailboxEntryId insert_unread(store::Connection& connection, UserId user, std::size_t number, Instant now);
} // namespace ringpost::bench
