// SPDX-License-Identifier: Apache-2.0
#include "directory/seed.h"

#include "core/net_address.h"
#include "directory/normalise.h"
#include "directory/seed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unordered_set>
#include <utility>

namespace ringpost::directory
{
namespace
{
constexpr std::size_t largest_file = std::size_t{16} * 1024 * 1024;

/// Reads the tables into rows, users and peers first, because permissions name them.
class PeopleReader
{
public:
    PeopleReader(std::string file, const NumberPlan& plan) : file_(std::move(file)), plan_(plan) {}

    Result<store::DirectoryData> read(const toml::table& root);

private:
    using ReadRow = void (PeopleReader::*)(SeedTable&);
    using Kind = std::pair<std::string_view, ReadRow>;

    Result<> read_each(const toml::node& node, const Kind& kind);
    void read_user(SeedTable& table);
    void read_peer(SeedTable& table);
    void read_conversion(SeedTable& table);
    void read_cti(SeedTable& table);
    void read_destination(SeedTable& table);
    void read_permission(SeedTable& table);

    template <class Row>
    [[nodiscard]] bool normalised(SeedTable& table, Row& row) const;
    void once(SeedTable& table, std::string_view key, std::string_view kind, const std::string& value);
    void permit(SeedTable& table, const std::string& subject, std::string_view key, const std::string& hours);
    [[nodiscard]] static std::string secret(SeedTable& table, std::string text);

    std::string file_;
    const NumberPlan& plan_;
    store::DirectoryData data_;
    std::unordered_set<std::string> taken_; ///< `kind value` of what may be there once only
};

Result<store::DirectoryData> PeopleReader::read(const toml::table& root)
{
    const std::array<Kind, 6> kinds{{
        {"user", &PeopleReader::read_user},
        {"peer", &PeopleReader::read_peer},
        {"conversion", &PeopleReader::read_conversion},
        {"cti", &PeopleReader::read_cti},
        {"destination", &PeopleReader::read_destination},
        {"permission", &PeopleReader::read_permission},
    }};
    for (const auto& entry : root)
    {
        const std::string_view name = entry.first.str();
        if (std::none_of(kinds.begin(), kinds.end(), [name](const Kind& kind) { return kind.first == name; }))
        {
            return fail(Errc::malformed, place(file_, entry.first.source()), shown(name) + ": no such table here");
        }
    }
    for (const auto& kind : kinds)
    {
        const auto* node = root.get(kind.first);
        const Result<> done = node == nullptr ? Result<>{} : read_each(*node, kind);
        if (done.has_error())
        {
            return done.error();
        }
    }
    return std::move(data_);
}

Result<> PeopleReader::read_each(const toml::node& node, const Kind& kind)
{
    const auto* tables = node.as_array();
    if (tables == nullptr || !tables->is_homogeneous<toml::table>())
    {
        return fail(Errc::malformed, place(file_, node.source()),
                    fmt::format("{0}: must be written as [[{0}]]", kind.first));
    }
    std::size_t number = 0;
    for (const auto& element : *tables)
    {
        SeedTable table(*element.as_table(), fmt::format("{}[{}]", kind.first, ++number), file_);
        (this->*kind.second)(table);
        if (auto finished = table.finish(); finished.has_error())
        {
            return finished;
        }
    }
    return {};
}

template <class Row>
bool PeopleReader::normalised(SeedTable& table, Row& row) const
{
    if (table.good())
    {
        if (const auto right = normalise(plan_, row); right.has_error())
        {
            table.problem(right.error());
        }
    }
    return table.good();
}

void PeopleReader::once(SeedTable& table, std::string_view key, std::string_view kind, const std::string& value)
{
    if (!taken_.insert(fmt::format("{} {}", kind, value)).second)
    {
        table.problem(key, fmt::format("{} is there twice", shown(value)));
    }
}

void PeopleReader::read_user(SeedTable& table)
{
    store::UserRow row;
    row.address = table.required_text("address");
    row.aliases = table.texts("aliases");
    row.name = table.text("name");
    row.extension = table.text("extension");
    row.external_number = table.text("external_number");
    row.fax_number = table.text("fax_number");
    row.language = table.text("language", "en");
    row.secret_hash = secret(table, table.text("secret")); // in clear until hash_secrets()
    row.pin_hash = table.text("pin");                      // likewise
    if (!row.pin_hash.empty() && !good_pin(row.pin_hash))
    {
        table.problem("pin", "must be 4 to 12 digits");
    }
    row.time_zone = table.text("time_zone");
    row.fire_on = table.text("fire_on", "retr");
    row.ask_first = table.boolean("ask_first", false);
    row.quiet_hours = table.text("quiet_hours");
    row.client_networks = table.text("client_networks");
    row.completed_notice = table.boolean("completed_notice", true);
    if (!normalised(table, row))
    {
        return;
    }
    once(table, "address", "address", row.address);
    for (const auto& alias : row.aliases)
    {
        once(table, "aliases", "address", alias);
    }
    permit(table, row.address, "permissions", "");
    data_.users.push_back(std::move(row));
}

void PeopleReader::read_peer(SeedTable& table)
{
    store::PeerRow row;
    row.name = table.required_text("name");
    row.secret_hash = secret(table, table.required_text("secret")); // in clear until hash_secrets()
    row.ranges = table.texts("ranges");
    if (normalised(table, row))
    {
        once(table, "name", "peer", row.name);
        data_.peers.push_back(std::move(row));
    }
}

void PeopleReader::read_conversion(SeedTable& table)
{
    store::ConversionRow row{table.required_text("extensions"), table.required_text("external")};
    if (normalised(table, row))
    {
        once(table, "extensions", "conversion", row.extensions);
        data_.conversions.push_back(std::move(row));
    }
}

void PeopleReader::read_cti(SeedTable& table)
{
    store::CtiRow row;
    row.prefix = table.required_text("prefix");
    const auto network = from_word<NetworkType>(table.required_text("network"));
    row.network = network.value_or(NetworkType::public_network);
    row.gateway = table.text("gateway");
    if (!network)
    {
        table.problem("network", "must be own, toll or public");
    }
    if (normalised(table, row))
    {
        once(table, "prefix", "cti", row.prefix);
        data_.cti.push_back(std::move(row));
    }
}

void PeopleReader::read_destination(SeedTable& table)
{
    store::DestinationRow row;
    row.name = table.required_text("name");
    row.host = table.required_text("host");
    const auto port = table.integer("port", row.port);
    row.port = port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
    row.login = table.text("login");
    row.secret = table.text("secret");
    // Who answers without proof must not be told the secret unless the file says so.
    const HopTls usual =
        row.login.empty() || is_loopback(without_brackets(row.host)) ? HopTls::opportunistic : HopTls::required;
    const auto tls = table.has("tls") ? from_word<HopTls>(table.text("tls")) : usual;
    row.tls = tls.value_or(usual);
    row.fingerprint = table.text("fingerprint");
    if (!tls)
    {
        table.problem("tls", "must be none, opportunistic, required or implicit");
    }
    row.gateway = table.boolean("gateway", true);
    if (normalised(table, row))
    {
        once(table, "name", "destination", row.name);
        data_.destinations.push_back(std::move(row));
    }
}

void PeopleReader::read_permission(SeedTable& table)
{
    const std::string subject = table.required_text("subject");
    const std::string hours = table.text("hours");
    if (!table.has("classes"))
    {
        table.problem("classes", "is missing");
    }
    permit(table, subject, "classes", hours);
}

void PeopleReader::permit(SeedTable& table, const std::string& subject, std::string_view key, const std::string& hours)
{
    for (const auto& number_class : table.texts(key))
    {
        store::PermissionRow row{subject, number_class, hours};
        const auto right = normalise(plan_, row);
        if (right.has_error())
        {
            const bool of_class = right.error().where() == "classes";
            table.problem(of_class ? key : std::string_view(right.error().where()), right.error().text());
            return;
        }
        const bool everybody = row.subject == "*" || row.subject == "peer:*";
        if (!everybody && !taken_.contains("address " + row.subject) && !taken_.contains("peer " + row.subject))
        {
            table.problem("subject", fmt::format("{} is no user and no peer of this file", shown(row.subject)));
        }
        once(table, key, "permission", row.number_class + " of " + row.subject);
        data_.permissions.push_back(std::move(row));
    }
}

std::string PeopleReader::secret(SeedTable& table, std::string text)
{
    if (text.size() > longest_secret)
    {
        table.problem("secret", fmt::format("must have at most {} octets", longest_secret));
    }
    return text;
}
} // namespace

Result<store::DirectoryData> parse_people(std::string_view toml, const std::string& file, const NumberPlan& plan)
{
    const auto parsed = parse_toml(toml, file);
    return parsed.has_error() ? Result<store::DirectoryData>(parsed.error()) : PeopleReader(file, plan).read(*parsed);
}

Result<std::string> people_text(const std::string& path)
{
    std::error_code error;
    std::ifstream file;
    if (std::filesystem::is_regular_file(path, error))
    {
        file.open(path, std::ios::binary);
    }
    std::string text(file.is_open() ? largest_file + 1 : 0, '\0');
    if (!file.is_open() || file.read(text.data(), static_cast<std::streamsize>(text.size())).bad())
    {
        return fail(Errc::io, path, "cannot be read");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > largest_file)
    {
        return fail(Errc::too_large, path, "is larger than 16 MiB");
    }
    return text;
}

Result<bool> seed_if_empty(store::Database& database, std::string_view toml, const std::string& file,
                           const SeedOptions& options)
{
    // Asked first, so that no secret is hashed at every start; asked again in the transaction that writes.
    const std::function<Result<bool>(store::Connection&)> ask = [](store::Connection& connection) {
        return Result<bool>(store::DirectoryRows(connection).empty());
    };
    const auto empty = database.write_now<bool>("directory.look", ask);
    if (empty.has_error() || !*empty)
    {
        return empty;
    }
    auto people = read_people(toml, file, {}, options);
    if (people.has_error())
    {
        return people.error();
    }
    const std::function<Result<bool>(store::Connection&)> write =
        [&people](store::Connection& connection) -> Result<bool> {
        store::DirectoryRows rows(connection);
        if (!rows.empty())
        {
            return false;
        }
        rows.insert_all(*people);
        return true;
    };
    return database.write_now<bool>("directory.seed", write);
}
} // namespace ringpost::directory
