// SPDX-License-Identifier: Apache-2.0
#include "store/audit.h"

namespace ringpost::store
{
void Audit::append(Instant at, std::string_view request, const Submitter& who, std::string_view action,
                   std::string_view number, bool allowed, std::string_view rule)
{
    connection_
        .prepare("INSERT INTO audit (at, request, standing, who, action, number, allowed, rule) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(at, request, word(who.standing), who.name, action, number, allowed, rule)
        .run();
}

int Audit::forget(Instant before, int limit)
{
    connection_.prepare("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)")
        .bind(before, limit)
        .run();
    return connection_.changes();
}
} // namespace ringpost::store
