// SPDX-License-Identifier: Apache-2.0
// Completes what a person wrote (spec 2.2): the sender's gateway adds the source, the trigger and the defaults; the
// performing gateway adds the destination from its own directory and reads both numbers as its exchange dials them.
#pragma once

#include "core/config.h"
#include "directory/snapshot.h"
#include "media/exchange_information.h"
#include "service/order.h"
#include "store/requests.h"

#include <string>

namespace ringpost::mta
{
struct Sender
{
    Submitter submitter;
    std::string address;                   ///< that is told the result
    std::string name;                      ///< display name
    std::string language;                  ///< `en`, `ja`
    const directory::User* user = nullptr; ///< of an own user
};

/// The order of an own user (or, without the field of its gateway, of a peer's sender) for an addressee. `leaves`: it
/// goes to another office, so the source travels in external form. Errc::malformed names the field.
[[nodiscard]] Result<service::Order> complete(const media::ExchangeInformation& info, const Sender& sender, bool leaves,
                                              const directory::Snapshot& directory, const ServiceConfig& limits);

/// Who is asked for.
struct Addressee
{
    std::string address; ///< own
    std::string number;  ///< of the telephone, or of the FAX machine that the address names; empty: there is none
};

/// The number under which a user is called: the extension, where there is one.
[[nodiscard]] std::string own_number(const directory::User& user);

/// The request that this gateway is to perform. `number` is its request number. Numbers
/// that the exchange does not have are left to it to refuse (`no-such-number`). Errc::malformed: what cannot be asked.
[[nodiscard]] Result<store::Request> request_to_perform(const service::Order& order, const std::string& number,
                                                        const Sender& sender, const Addressee& addressee,
                                                        const directory::Snapshot& directory,
                                                        const ServiceConfig& limits, Instant now);

/// The first gateway's row of a request that `performer` performs.
[[nodiscard]] store::Request request_to_follow(const service::Order& order, const std::string& number,
                                               const Sender& sender, const std::string& addressee,
                                               const std::string& performer, Instant now);

/// Could the order of a peer have been written by a person, field by field (spec 2.1)? `number` is its request number.
/// Errc::malformed names the field.
[[nodiscard]] Result<> check_written(const service::Order& order, const std::string& number);

/// What the gateway offers of `Request` (spec 2.1): Errc::malformed "not offered by this gateway" for the others.
[[nodiscard]] Result<> offered(RequestKind kind);
} // namespace ringpost::mta
