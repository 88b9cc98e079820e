// SPDX-License-Identifier: Apache-2.0
// Everything the gateway asks of its directory, as of one moment: immutable, so that all rules are pure functions of it
// and any thread may read it. A change makes a new one (directory/directory.h).
#pragma once

#include "directory/cti_database.h"
#include "directory/destinations.h"
#include "directory/number_conversion.h"
#include "directory/permissions.h"
#include "directory/phone_number.h"
#include "store/directory_rows.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ringpost::directory
{
using User = store::UserRow;
using Peer = store::PeerRow;

/// What the configuration says of the office.
struct OfficeOptions
{
    std::vector<std::string> own_domains; ///< the gateway's first
    std::string representative;           ///< address or local part; empty or unknown: the first user
    NumberPlan plan;
    std::vector<std::string> extensions; ///< that the exchange is known to have, besides those of the users
};

/// Pointers that it returns live as long as the snapshot; nullptr means that there is none.
class Snapshot
{
public:
    Snapshot(store::DirectoryData rows, OfficeOptions office);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    [[nodiscard]] const std::vector<User>& users() const { return rows_.users; }
    /// By any of the user's addresses, without regard to case. `postmaster`, alone or at an own domain, is the
    /// representative unless somebody has that address (RFC 5321 4.5.1).
    [[nodiscard]] const User* user_by_address(std::string_view address) const;
    [[nodiscard]] const User* user_by_id(UserId id) const;
    [[nodiscard]] const User* representative() const;
    /// The representative, where OfficeOptions names somebody; else that is only the first user.
    [[nodiscard]] const User* named_representative() const;

    [[nodiscard]] const std::vector<std::string>& own_domains() const { return office_.own_domains; }
    [[nodiscard]] bool own_domain(std::string_view domain) const;
    /// Of an own domain, or without one (`postmaster`).
    [[nodiscard]] bool own_address(std::string_view address) const;

    [[nodiscard]] const NumberPlan& plan() const { return office_.plan; }
    [[nodiscard]] const NumberConversion& conversions() const { return conversions_; }
    /// Digits that the own exchange has: a user's, one of the configured, or one that a conversion covers.
    [[nodiscard]] bool own_extension(std::string_view digits) const;
    [[nodiscard]] const CtiDatabase& cti() const { return cti_; }
    [[nodiscard]] const Destinations& destinations() const { return destinations_; }

    [[nodiscard]] const std::vector<Peer>& peers() const { return rows_.peers; }
    [[nodiscard]] const Peer* peer(std::string_view name) const;
    [[nodiscard]] const Permissions& permissions() const { return permissions_; }

    /// Empty where it was never set.
    [[nodiscard]] std::string setting(const std::string& name) const;
    [[nodiscard]] bool kill_switch() const { return setting("kill-switch") == "on"; }

    /// The rows themselves, for lists.
    [[nodiscard]] const store::DirectoryData& rows() const { return rows_; }

private:
    [[nodiscard]] const User* by_address(const std::string& address) const;
    [[nodiscard]] std::string primary_of(const std::string& address) const;
    static std::unordered_map<std::string, std::size_t> index_addresses(const std::vector<User>& users);

    store::DirectoryData rows_;
    OfficeOptions office_;
    std::unordered_set<std::string> domains_;
    std::unordered_map<std::string, std::size_t> by_address_; ///< place in rows_.users
    std::unordered_map<UserId, std::size_t> by_id_;
    std::unordered_map<std::string, std::size_t> by_peer_;
    std::unordered_set<std::string> extensions_;
    NumberConversion conversions_;
    CtiDatabase cti_;
    Destinations destinations_;
    Permissions permissions_;
};
} // namespace ringpost::directory
