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
} // namespace ringpost::store
