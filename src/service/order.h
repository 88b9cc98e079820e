// SPDX-License-Identifier: Apache-2.0
// What a gateway has resolved for one addressee of a mail: the value of the header field `Ringpost-Exchange:`, which
// the gateway puts in front of the mail (spec 2.2). `name=value; name="quoted value"; …`, RFC 8941-like, US-ASCII with
// other octets as %XX inside the quotes. Names that a gateway does not know are ignored.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "core/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::service
{
/// What a person asked for, with the sender's gateway's additions. Empty texts and nullopt: left out.
struct Order
{
    RequestKind kind = RequestKind::camp_on;
    std::string destination_number; ///< as written; empty: the addressee's number in the performing office
    std::string source_number;      ///< external form when the mail leaves the office
    std::optional<NetworkType> network;
    Trigger trigger = Trigger::user_reception;
    bool result_notification = true;
    std::optional<Duration> monitor_time;
    std::optional<Duration> retry_every; ///< nullopt: on release
    std::optional<Duration> ring_time;
    CallOrder call_order = CallOrder::destination_first;
    bool first_attempt = true;
    std::string name;
    std::vector<std::string> transfer_to; ///< numbers in order, or `ask` alone
    std::string reference;                ///< request number to cancel
    bool express = false;
    bool notify_completed = true;
    std::string language = "en"; ///< of the sender, for the notices
};

/// What the addressee says to an inquiry by a reply to its mail (spec 2.10).
struct InquiryReply
{
    std::string request; ///< number
    int step = 0;        ///< of its scenario
    bool ok = false;
};

/// The whole field. A mail without order, notices included, carries `id` alone.
struct ExchangeField
{
    std::string id; ///< unique for ever, by which a repeated mail is recognised; of an order: its request number
    std::optional<Order> order;
    /// In a notice: the request that it tells of, and how it stands.
    std::string request;
    std::optional<RequestState> state;
    Cause cause = Cause::none;
    int attempts = 0;
    std::optional<InquiryReply> reply;
};

[[nodiscard]] std::string format(const ExchangeField& field);

/// Errc::malformed names the parameter. At most 8 KiB and 64 parameters.
[[nodiscard]] Result<ExchangeField> parse_exchange_field(std::string_view value);
} // namespace ringpost::service
