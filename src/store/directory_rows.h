// SPDX-License-Identifier: Apache-2.0
// The directory's tables (schema/0001_initial.sql) as plain rows. Nothing is judged here: who writes has checked and
// normalised (directory/), and what is read is indexed by directory/snapshot.h.
#pragma once

#include "core/ids.h"
#include "core/vocabulary.h"
#include "store/sqlite.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::store
{
/// A person of this office.
struct UserRow
{
    UserId id{};
    std::string name;             ///< as shown in notices
    std::string address;          ///< primary mail address, lower case
    std::string extension;        ///< digits; empty: no telephone here
    std::string external_number;  ///< E.164, or empty
    std::string fax_number;       ///< E.164 or extension, or empty
    std::string secret_hash;      ///< empty: cannot log in
    std::string pin_hash;         ///< for confidential contents, or empty
    std::string time_zone;        ///< empty: the gateway's
    std::string language = "en";  ///< `en`, `ja`
    std::string fire_on = "retr"; ///< `retr`, `dele`, `command`
    bool ask_first = false;       ///< on reception, by a call, before anything of the mail is done
    std::string quiet_hours;      ///< `22:00-07:00`, or empty
    std::string client_networks;  ///< `192.0.2.0/24, 2001:db8::/32`; empty: all
    bool completed_notice = true;
    std::vector<std::string> aliases; ///< further addresses, lower case, in order

    bool operator==(const UserRow&) const = default;
};

struct ConversionRow
{
    std::string extensions; ///< `20xx`
    std::string external;   ///< E.164 with as many x: `+814422233xx`

    bool operator==(const ConversionRow&) const = default;
};

struct CtiRow
{
    std::string prefix; ///< E.164 prefix with +
    NetworkType network = NetworkType::public_network;
    std::string gateway; ///< domain of the gateway whose exchange has the number, or empty

    bool operator==(const CtiRow&) const = default;
};

struct DestinationRow
{
    std::string name; ///< mail address or domain, lower case, or `*`
    std::string host;
    std::uint16_t port = 25;
    std::string login; ///< how this gateway proves who it is there, or empty
    std::string secret;
    HopTls tls = HopTls::opportunistic;
    std::string fingerprint{}; ///< SHA-256 of its certificate, 64 lower-case hex digits; empty: name and authority
    bool gateway = true;       ///< false: known to be a mail server without a gateway (spec 2.4)

    bool operator==(const DestinationRow&) const = default;
};

struct PeerRow
{
    std::string name; ///< its domain, lower case
    std::string secret_hash;
    std::vector<std::string> ranges; ///< E.164 prefixes of the numbers that it may name as source

    bool operator==(const PeerRow&) const = default;
};

struct PermissionRow
{
    std::string subject;      ///< address, `*` (every own user), peer name or `peer:*`
    std::string number_class; ///< `own`, `toll`, `public:+81`
    std::string hours;        ///< `08:00-20:00`; empty: always

    bool operator==(const PermissionRow&) const = default;
};

/// All rows of the directory. Users in the order of their ids, the others by key.
struct DirectoryData
{
    std::vector<UserRow> users;
    std::vector<ConversionRow> conversions;
    std::vector<CtiRow> cti;
    std::vector<DestinationRow> destinations;
    std::vector<PeerRow> peers;
    std::vector<PermissionRow> permissions;
    std::map<std::string, std::string> settings;
};

/// SQL of the directory, for use inside a unit of Database. `insert` throws SqlError (conflict) where the key exists,
/// `replace` and `erase_…` return false where it does not; a user's key is its id.
class DirectoryRows
{
public:
    explicit DirectoryRows(Connection& connection) : connection_(connection) {}

    [[nodiscard]] DirectoryData load();
    /// No row in any table but `setting`.
    [[nodiscard]] bool empty();
    /// Inserts everything in `data`; ids of users are given anew.
    void insert_all(const DirectoryData& data);
    /// Users that have an id in `data` are replaced, those without one inserted, and others stay; all other tables
    /// become what `data` has. Settings are set.
    void replace_all(const DirectoryData& data);

    /// Returns the id given; `row.id` is not looked at.
    UserId insert(const UserRow& row);
    bool replace(const UserRow& row);
    /// The user's mailbox entries go with it.
    bool erase_user(UserId id);

    void insert(const ConversionRow& row);
    bool replace(const ConversionRow& row);
    bool erase_conversion(std::string_view extensions);

    void insert(const CtiRow& row);
    bool replace(const CtiRow& row);
    bool erase_cti(std::string_view prefix);

    void insert(const DestinationRow& row);
    bool replace(const DestinationRow& row);
    bool erase_destination(std::string_view name);

    void insert(const PeerRow& row);
    bool replace(const PeerRow& row);
    bool erase_peer(std::string_view name);

    void insert(const PermissionRow& row);
    bool replace(const PermissionRow& row);
    bool erase_permission(std::string_view subject, std::string_view number_class);

    void set(std::string_view setting, std::string_view value);

private:
    void load_users(DirectoryData& data);
    void load_numbers(DirectoryData& data);
    void load_peers(DirectoryData& data);
    void load_rules(DirectoryData& data);
    void insert_tables(const DirectoryData& data);
    void insert_addresses(UserId id, const UserRow& row);
    void insert_ranges(const PeerRow& row);

    Connection& connection_;
};
} // namespace ringpost::store
