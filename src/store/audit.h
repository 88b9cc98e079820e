// SPDX-License-Identifier: Apache-2.0
// The audit log: a row for every decision of the gate and every call (spec 8). Rows are only ever added,
// and forgotten when they are old.
#pragma once

#include "core/duration.h"
#include "core/submitter.h"
#include "store/sqlite.h"

#include <string_view>

namespace ringpost::store
{
class Audit
{
public:
    explicit Audit(Connection& connection) : connection_(connection) {}

    /// `request`: request number or empty; `action`: one word (`dial`, `submit`, `cancel`); `number`: as dialled;
    /// `rule`: the rule that decided. For use inside the unit that stores what was decided.
    void append(Instant at, std::string_view request, const Submitter& who, std::string_view action,
                std::string_view number, bool allowed, std::string_view rule);
    /// Forgets rows from before `before`, the oldest first and at most `limit`; how many.
    int forget(Instant before, int limit);

private:
    Connection& connection_;
};
} // namespace ringpost::store
