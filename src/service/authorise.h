// SPDX-License-Identifier: Apache-2.0
// The one gate in front of everything that dials (spec 8): mail, direct protocol, console, retry, recall, scenario.
#pragma once

#include "directory/snapshot.h"
#include "store/requests.h"

namespace ringpost::service
{
using directory::Verdict;

/// At the performing gateway: may this request be dialled now? Both devices are judged, and for a peer that the source
/// is inside its own number ranges. Default: no.
[[nodiscard]] Verdict authorise(const directory::Snapshot& directory, const store::Request& request, Instant now);

/// At the sender's gateway, when the mail is accepted for another office: may this user ask for this number? `number`
/// is the destination in external form; empty where only the other office knows it.
[[nodiscard]] Verdict authorise_relay(const directory::Snapshot& directory, const Submitter& submitter,
                                      const std::string& number, Instant now);
} // namespace ringpost::service
