// SPDX-License-Identifier: Apache-2.0
// Verbs about what the gateway holds: `mailbox.list`, `mailbox.receive`, `exchange.status`, `exchange.check`.
#pragma once

#include "control/verbs.h"
#include "service/scheduler.h"

namespace ringpost::control
{
/// The addressee says "I am at my telephone now" about an entry (spec 2.6).
using Receive = std::function<boost::asio::awaitable<Result<>>(MailboxEntryId entry)>;

void register_office_verbs(Verbs& verbs, store::Database& database, directory::Directory& directory,
                           service::Scheduler& scheduler, Receive receive);
} // namespace ringpost::control
