// SPDX-License-Identifier: Apache-2.0
// Puts a stored mail into a mailbox, as mail link data (spec 2.5). Inside a unit of the store.
#pragma once

#include "directory/snapshot.h"
#include "store/mailboxes.h"
#include "store/mails.h"

#include <string>

namespace ringpost::service
{
/// The entry's prefix holds Return-Path (RFC 5321 4.4) and Delivered-To, and where an order was refused the reason as
/// `X-Ringpost-Refused` (a field `Ringpost-…` would order something if the mail is sent on). `request` 0: the mail
/// fires nothing.
MailboxEntryId deliver(store::Connection& connection, const directory::User& user, const store::Mail& mail,
                       const std::string& recipient, RequestId request, Instant now, const std::string& refused = {});
} // namespace ringpost::service
