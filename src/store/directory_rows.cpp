// SPDX-License-Identifier: Apache-2.0
#include "store/directory_rows.h"

#include <unordered_map>
#include <utility>

namespace ringpost::store
{
DirectoryData DirectoryRows::load()
{
    DirectoryData data;
    load_users(data);
    load_numbers(data);
    load_peers(data);
    load_rules(data);
    return data;
}

void DirectoryRows::load_users(DirectoryData& data)
{
    std::unordered_map<UserId, std::size_t> places;
    auto users =
        connection_.prepare("SELECT id, name, extension, external_number, fax_number, secret_hash, pin_hash, "
                            "time_zone, language, fire_on, quiet_hours, client_networks, completed_notice, ask_first "
                            "FROM user ORDER BY id");
    while (users.step())
    {
        UserRow row;
        row.id = users.id<UserId>(0);
        row.name = users.text(1);
        row.extension = users.text(2);
        row.external_number = users.text(3);
        row.fax_number = users.text(4);
        row.secret_hash = users.text(5);
        row.pin_hash = users.text(6);
        row.time_zone = users.text(7);
        row.language = users.text(8);
        row.fire_on = users.text(9);
        row.quiet_hours = users.text(10);
        row.client_networks = users.text(11);
        row.completed_notice = users.boolean(12);
        row.ask_first = users.boolean(13);
        places.emplace(row.id, data.users.size());
        data.users.push_back(std::move(row));
    }
    auto addresses = connection_.prepare("SELECT user_id, address, is_primary FROM user_address ORDER BY address");
    while (addresses.step())
    {
        UserRow& row = data.users.at(places.at(addresses.id<UserId>(0)));
        if (addresses.boolean(2))
        {
            row.address = addresses.text(1);
        }
        else
        {
            row.aliases.push_back(addresses.text(1));
        }
    }
}

void DirectoryRows::load_numbers(DirectoryData& data)
{
    auto conversions = connection_.prepare("SELECT extensions, external FROM number_conversion ORDER BY extensions");
    while (conversions.step())
    {
        data.conversions.push_back({conversions.text(0), conversions.text(1)});
    }
    auto cti = connection_.prepare("SELECT prefix, network, gateway FROM cti_prefix ORDER BY prefix");
    while (cti.step())
    {
        const auto network = from_word<NetworkType>(cti.text(1));
        data.cti.push_back({cti.text(0), network.value_or(NetworkType::public_network), cti.text(2)});
    }
}

void DirectoryRows::load_peers(DirectoryData& data)
{
    auto destinations = connection_.prepare(
        "SELECT name, host, port, login, secret, tls, fingerprint, gateway FROM destination ORDER BY name");
    while (destinations.step())
    {
        const auto port = static_cast<std::uint16_t>(destinations.integer(2));
        data.destinations.push_back({destinations.text(0), destinations.text(1), port, destinations.text(3),
                                     destinations.text(4),
                                     from_word<HopTls>(destinations.text(5)).value_or(HopTls::required),
                                     destinations.text(6), destinations.boolean(7)});
    }
    std::unordered_map<std::string, std::size_t> places;
    auto peers = connection_.prepare("SELECT name, secret_hash FROM peer ORDER BY name");
    while (peers.step())
    {
        places.emplace(peers.text(0), data.peers.size());
        data.peers.push_back({peers.text(0), peers.text(1), {}});
    }
    auto ranges = connection_.prepare("SELECT peer, prefix FROM peer_range ORDER BY peer, prefix");
    while (ranges.step())
    {
        data.peers.at(places.at(ranges.text(0))).ranges.push_back(ranges.text(1));
    }
}

void DirectoryRows::load_rules(DirectoryData& data)
{
    auto permissions = connection_.prepare("SELECT subject, class, hours FROM permission ORDER BY subject, class");
    while (permissions.step())
    {
        data.permissions.push_back({permissions.text(0), permissions.text(1), permissions.text(2)});
    }
    auto settings = connection_.prepare("SELECT name, value FROM setting");
    while (settings.step())
    {
        data.settings.emplace(settings.text(0), settings.text(1));
    }
}

bool DirectoryRows::empty()
{
    auto any = connection_.prepare("SELECT EXISTS (SELECT 1 FROM user) OR EXISTS (SELECT 1 FROM number_conversion) "
                                   "OR EXISTS (SELECT 1 FROM cti_prefix) OR EXISTS (SELECT 1 FROM destination) "
                                   "OR EXISTS (SELECT 1 FROM peer) OR EXISTS (SELECT 1 FROM permission)");
    any.step();
    return !any.boolean(0);
}

void DirectoryRows::insert_all(const DirectoryData& data)
{
    for (const auto& user : data.users)
    {
        insert(user);
    }
    insert_tables(data);
}

void DirectoryRows::replace_all(const DirectoryData& data)
{
    // First, because an address may go from one user to another.
    for (const auto& user : data.users)
    {
        connection_.prepare("DELETE FROM user_address WHERE user_id = ?").bind(user.id).run();
    }
    for (const auto& user : data.users)
    {
        if (!replace(user))
        {
            insert(user);
        }
    }
    for (const auto* table : {"number_conversion", "cti_prefix", "destination", "peer", "permission"})
    {
        connection_.prepare(std::string("DELETE FROM ") + table).run();
    }
    insert_tables(data);
}

/// All but the users.
void DirectoryRows::insert_tables(const DirectoryData& data)
{
    const auto insert_each = [this](const auto& rows) {
        for (const auto& row : rows)
        {
            insert(row);
        }
    };
    insert_each(data.conversions);
    insert_each(data.cti);
    insert_each(data.destinations);
    insert_each(data.peers);
    insert_each(data.permissions);
    for (const auto& [name, value] : data.settings)
    {
        set(name, value);
    }
}

UserId DirectoryRows::insert(const UserRow& row)
{
    connection_
        .prepare("INSERT INTO user (name, extension, external_number, fax_number, secret_hash, pin_hash, time_zone, "
                 "language, fire_on, quiet_hours, client_networks, completed_notice, ask_first) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(row.name, row.extension, row.external_number, row.fax_number, row.secret_hash, row.pin_hash,
              row.time_zone, row.language, row.fire_on, row.quiet_hours, row.client_networks, row.completed_notice,
              row.ask_first)
        .run();
    const UserId id{connection_.last_insert_id()};
    insert_addresses(id, row);
    return id;
}

bool DirectoryRows::replace(const UserRow& row)
{
    connection_
        .prepare("UPDATE user SET name = ?, extension = ?, external_number = ?, fax_number = ?, secret_hash = ?, "
                 "pin_hash = ?, time_zone = ?, language = ?, fire_on = ?, quiet_hours = ?, client_networks = ?, "
                 "completed_notice = ?, ask_first = ? WHERE id = ?")
        .bind(row.name, row.extension, row.external_number, row.fax_number, row.secret_hash, row.pin_hash,
              row.time_zone, row.language, row.fire_on, row.quiet_hours, row.client_networks, row.completed_notice,
              row.ask_first, row.id)
        .run();
    if (connection_.changes() == 0)
    {
        return false;
    }
    connection_.prepare("DELETE FROM user_address WHERE user_id = ?").bind(row.id).run();
    insert_addresses(row.id, row);
    return true;
}

void DirectoryRows::insert_addresses(UserId id, const UserRow& row)
{
    const auto insert_address = [&](const std::string& address, bool primary) {
        connection_.prepare("INSERT INTO user_address (address, user_id, is_primary) VALUES (?, ?, ?)")
            .bind(address, id, primary)
            .run();
    };
    insert_address(row.address, true);
    for (const auto& alias : row.aliases)
    {
        insert_address(alias, false);
    }
}

bool DirectoryRows::erase_user(UserId id)
{
    connection_.prepare("DELETE FROM user WHERE id = ?").bind(id).run();
    return connection_.changes() > 0;
}

void DirectoryRows::insert(const ConversionRow& row)
{
    connection_.prepare("INSERT INTO number_conversion (extensions, external) VALUES (?, ?)")
        .bind(row.extensions, row.external)
        .run();
}

bool DirectoryRows::replace(const ConversionRow& row)
{
    connection_.prepare("UPDATE number_conversion SET external = ? WHERE extensions = ?")
        .bind(row.external, row.extensions)
        .run();
    return connection_.changes() > 0;
}

bool DirectoryRows::erase_conversion(std::string_view extensions)
{
    connection_.prepare("DELETE FROM number_conversion WHERE extensions = ?").bind(extensions).run();
    return connection_.changes() > 0;
}

void DirectoryRows::insert(const CtiRow& row)
{
    connection_.prepare("INSERT INTO cti_prefix (prefix, network, gateway) VALUES (?, ?, ?)")
        .bind(row.prefix, word(row.network), row.gateway)
        .run();
}

bool DirectoryRows::replace(const CtiRow& row)
{
    connection_.prepare("UPDATE cti_prefix SET network = ?, gateway = ? WHERE prefix = ?")
        .bind(word(row.network), row.gateway, row.prefix)
        .run();
    return connection_.changes() > 0;
}

bool DirectoryRows::erase_cti(std::string_view prefix)
{
    connection_.prepare("DELETE FROM cti_prefix WHERE prefix = ?").bind(prefix).run();
    return connection_.changes() > 0;
}

void DirectoryRows::insert(const DestinationRow& row)
{
    connection_
        .prepare("INSERT INTO destination (name, host, port, login, secret, tls, fingerprint, gateway) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(row.name, row.host, int{row.port}, row.login, row.secret, word(row.tls), row.fingerprint, row.gateway)
        .run();
}

bool DirectoryRows::replace(const DestinationRow& row)
{
    connection_
        .prepare(
            "UPDATE destination SET host = ?, port = ?, login = ?, secret = ?, tls = ?, fingerprint = ?, gateway = ? "
            "WHERE name = ?")
        .bind(row.host, int{row.port}, row.login, row.secret, word(row.tls), row.fingerprint, row.gateway, row.name)
        .run();
    return connection_.changes() > 0;
}

bool DirectoryRows::erase_destination(std::string_view name)
{
    connection_.prepare("DELETE FROM destination WHERE name = ?").bind(name).run();
    return connection_.changes() > 0;
}

void DirectoryRows::insert(const PeerRow& row)
{
    connection_.prepare("INSERT INTO peer (name, secret_hash) VALUES (?, ?)").bind(row.name, row.secret_hash).run();
    insert_ranges(row);
}

bool DirectoryRows::replace(const PeerRow& row)
{
    connection_.prepare("UPDATE peer SET secret_hash = ? WHERE name = ?").bind(row.secret_hash, row.name).run();
    if (connection_.changes() == 0)
    {
        return false;
    }
    connection_.prepare("DELETE FROM peer_range WHERE peer = ?").bind(row.name).run();
    insert_ranges(row);
    return true;
}

void DirectoryRows::insert_ranges(const PeerRow& row)
{
    for (const auto& prefix : row.ranges)
    {
        connection_.prepare("INSERT INTO peer_range (peer, prefix) VALUES (?, ?)").bind(row.name, prefix).run();
    }
}

bool DirectoryRows::erase_peer(std::string_view name)
{
    connection_.prepare("DELETE FROM peer WHERE name = ?").bind(name).run();
    return connection_.changes() > 0;
}

void DirectoryRows::insert(const PermissionRow& row)
{
    connection_.prepare("INSERT INTO permission (subject, class, hours) VALUES (?, ?, ?)")
        .bind(row.subject, row.number_class, row.hours)
        .run();
}

bool DirectoryRows::replace(const PermissionRow& row)
{
    connection_.prepare("UPDATE permission SET hours = ? WHERE subject = ? AND class = ?")
        .bind(row.hours, row.subject, row.number_class)
        .run();
    return connection_.changes() > 0;
}

bool DirectoryRows::erase_permission(std::string_view subject, std::string_view number_class)
{
    connection_.prepare("DELETE FROM permission WHERE subject = ? AND class = ?").bind(subject, number_class).run();
    return connection_.changes() > 0;
}

void DirectoryRows::set(std::string_view setting, std::string_view value)
{
    connection_
        .prepare("INSERT INTO setting (name, value) VALUES (?, ?) "
                 "ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(setting, value)
        .run();
}
} // namespace ringpost::store
