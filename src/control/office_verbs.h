// SPDX-License-Identifier: Apache-2.0
// Verbs of the administrator about what the gateway holds: `queue.list`, `mailbox.list`, `exchange.status`.
#pragma once

#include "control/verbs.h"
#include "service/scheduler.h"

namespace ringpost::control
{
void register_office_verbs(Verbs& verbs, store::Database& database, directory::Directory& directory,
                           service::Scheduler& scheduler);
} // namespace ringpost::control
