// SPDX-License-Identifier: Apache-2.0
// What becomes of a mail that has been read to its end: refused, or for each recipient a queue item and perhaps a
// request. A pure function of the mail, its envelope, who sent it, and the directory (spec 2.2, table of senders).
#pragma once

#include "core/config.h"
#include "directory/snapshot.h"
#include "media/fax_address.h"
#include "media/mail_analysis.h"
#include "mta/completion.h"
#include "mta/server/envelope.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::mta
{
/// `taro+call@…`, `taro+callnow@…` (spec 2.2, way 4).
struct CallAddress
{
    Mailbox addressee;              ///< without the ending
    std::optional<Trigger> trigger; ///< nullopt: an ordinary address
};
[[nodiscard]] CallAddress read_call_address(const Mailbox& written);

/// What an address asks for beside the delivery of the mail: a call (`+call`), or a FAX (RFC 3191).
[[nodiscard]] std::optional<Trigger> trigger_of(const Mailbox& written);

struct RecipientPlan
{
    std::string recipient; ///< forward-path, without `+call`
    bool own = false;
    std::string notify;
    std::string orcpt;
    std::string exchange;                  ///< value of Ringpost-Exchange; without order or peer: empty
    std::optional<store::Request> request; ///< stored with the mail; ended already if it was refused
    std::optional<media::FaxAddress> fax;  ///< the addressee is a FAX machine
    std::string scenario;                  ///< canonical; empty: the request performs itself
    std::string reason;                    ///< why it was refused, for the delivered mail and the result
};

/// A peer's notice tells how a request that was relayed to it stands.
struct Progress
{
    std::string request;
    RequestState state{};
    Cause cause = Cause::none;
    int attempts = 0;
};

struct AuditNote
{
    std::string request;
    std::string number;
    bool allowed = false;
    std::string rule;
};

struct MailPlan
{
    std::vector<RecipientPlan> recipients;
    std::optional<Instant> due; ///< nullopt: now
    bool express = false;
    std::string seen_id; ///< of a peer's mail: by which a repeat is recognised
    std::optional<Progress> progress;
    std::vector<AuditNote> audit;
};

struct MailFacts
{
    const Envelope& envelope;
    const media::MailAnalysis& analysis;
    Submitter submitter;
    Instant now;
};

/// Errc::malformed → 550 5.6.0, refused → 550 5.7.1, too_large (a scan limit) → 554 5.6.0; the text says what and
/// where. `new_number` gives request numbers, each once.
[[nodiscard]] Result<MailPlan> plan_mail(const MailFacts& mail, const directory::Snapshot& directory,
                                         const Config& config, const std::function<std::string()>& new_number);
} // namespace ringpost::mta
