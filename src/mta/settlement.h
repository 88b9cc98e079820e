// SPDX-License-Identifier: Apache-2.0
// What an attempt to relay a mail means for its queue item, its request and its sender; inside a unit of the store.
#pragma once

#include "core/config.h"
#include "mta/relay/outcome.h"
#include "service/notices.h"
#include "store/queue.h"

namespace ringpost::mta
{
/// The next hop, as far as it is known.
struct Remote
{
    std::string host;    ///< empty: there was none
    bool gateway = true; ///< it announced XRINGPOST, and we are logged in
    bool dsn = true;     ///< it announced DSN: what becomes of the mail is told from there
};

struct Relayed
{
    store::QueueItem item;
    Outcome outcome;
    Remote remote;
};

struct Settled
{
    bool notice = false;                   ///< a mail was queued
    std::optional<store::Request> changed; ///< the request of the item, as it stands now
};

/// Delivered: the item goes, and its request is with the other gateway; where there is none, Fallback has seen to it.
/// Temporary: tried again, the sender is told of a long delay, until the item expires. Permanent: the sender is told,
/// by a result where the mail made a request, else by a bounce.
[[nodiscard]] Settled settle_relayed(store::Connection& connection, const service::Notices& notices,
                                     const RelayConfig& config, const Relayed& relayed, Instant now);
} // namespace ringpost::mta
