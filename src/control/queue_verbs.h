// SPDX-License-Identifier: Apache-2.0
// Verbs about the mail queue: `queue.list`, `queue.show`, `queue.hold`, `queue.release`, `queue.retry`, `queue.delete`.
#pragma once

#include "control/verbs.h"
#include "service/queue_desk.h"

namespace ringpost::control
{
/// Everything refers to what must outlive `verbs`.
void register_queue_verbs(Verbs& verbs, store::Database& database, Clock& clock, service::QueueDesk& desk);
} // namespace ringpost::control
