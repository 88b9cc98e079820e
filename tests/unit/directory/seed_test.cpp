// SPDX-License-Identifier: Apache-2.0
#include "directory/normalise.h"
#include "directory/seed.h"
#include "directory/snapshot.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
const SeedOptions cheap{{}, {1, 8192}};

Result<store::DirectoryData> parse(std::string_view text)
{
    auto people = parse_people(text, "people.toml", cheap.plan);
    if (people.has_value())
    {
        hash_secrets(*people, {}, cheap.cost).value();
    }
    return people;
}

std::unique_ptr<store::Database> open()
{
    store::DatabaseOptions options;
    options.file = ":memory:";
    return store::Database::open(options).value();
}

store::DirectoryData stored(store::Database& database)
{
    const std::function<Result<store::DirectoryData>(store::Connection&)> unit = [](store::Connection& connection) {
        return Result<store::DirectoryData>(store::DirectoryRows(connection).load());
    };
    return database.write_now<store::DirectoryData>("test", unit).value();
}

const char* const everything = R"toml(
[[permission]]
subject = "*"
classes = ["own", "public:+81"]
hours = "08:00-20:00"
[[permission]]
subject = "Office-B.example"
classes = ["own"]
[[user]]
address = "Taro@office.example"
aliases = ["SALES@office.example"]
name = "山田太郎"
extension = "20-00"
external_number = "044-222-3300"
fax_number = "2900"
language = "ja"
secret = "kasa"
pin = "4711"
fire_on = "dele"
ask_first = true
quiet_hours = "22:00-07:00"
client_networks = "192.0.2.0/24"
completed_notice = false
permissions = ["public:+1212"]
[[user]]
address = "hanako@office.example"
[[conversion]]
extensions = "20xx"
external = "044-222-33xx"
[[cti]]
prefix = "044-223"
network = "toll"
gateway = "Office-B.example"
[[destination]]
name = "Office-B.example"
host = "127.0.0.1"
port = 2526
login = "office.example"
secret = "b"
[[destination]]
name = "plain.example"
host = "mail.plain.example"
gateway = false
[[peer]]
name = "Office-B.example"
secret = "peer"
ranges = ["044-223", "+8144223"]
)toml";
} // namespace

TEST_CASE("A seed file fills every table in the form that is stored")
{
    const auto data = parse(everything).value();
    REQUIRE(data.users.size() == 2);
    const auto& taro = data.users[0];
    REQUIRE(taro.address == "taro@office.example");
    REQUIRE(taro.aliases == std::vector<std::string>{"sales@office.example"});
    REQUIRE(taro.extension == "2000");
    REQUIRE(taro.external_number == "+81442223300");
    REQUIRE(taro.fax_number == "2900");
    REQUIRE(taro.language == "ja");
    REQUIRE(taro.fire_on == "dele");
    REQUIRE(taro.ask_first);
    REQUIRE_FALSE(taro.completed_notice);
    REQUIRE(verify_secret(taro.secret_hash, "kasa").value());
    REQUIRE(verify_secret(taro.pin_hash, "4711").value());
    REQUIRE(data.users[1].secret_hash.empty());
    REQUIRE(data.users[1].pin_hash.empty());
    REQUIRE(data.users[1].completed_notice);
    REQUIRE(data.conversions.at(0).external == "+814422233xx");
    REQUIRE(data.cti.at(0).prefix == "+8144223");
    REQUIRE(data.cti.at(0).gateway == "office-b.example");
    REQUIRE(data.destinations.at(0).port == 2526);
    REQUIRE(data.destinations.at(0).secret == "b");
    REQUIRE(data.destinations.at(0).tls == HopTls::opportunistic);
    REQUIRE(data.destinations.at(0).gateway);
    REQUIRE_FALSE(data.destinations.at(1).gateway);
    REQUIRE(data.peers.at(0).ranges == std::vector<std::string>{"+8144223"});
    REQUIRE(verify_secret(data.peers.at(0).secret_hash, "peer").value());
    REQUIRE(data.permissions.size() == 4);
    REQUIRE(data.permissions[0].subject == "taro@office.example");
    REQUIRE(data.permissions[3].subject == "office-b.example");
}

TEST_CASE("A mistake in a seed file is told with line, table, number and key")
{
    struct Row
    {
        std::string text;
        const char* where;
        const char* says;
    };
    const auto row = GENERATE(values<Row>(
        {{"[[user]]\naddress = 'a@b'\n[[user]]\naddress = 'c@d'\nextension = 'abc'\n", "people.toml:5",
          "user[2].extension: must be"},
         {"[[user]]\naddress = 'a@b'\nage = 7\n", "people.toml:3", "user[1].age: is not a key"},
         {"[[user]]\nname = 'a'\n", "people.toml:1", "user[1].address: is missing"},
         {"[[user]]\naddress = 7\n", "people.toml:2", "user[1].address: must be a text"},
         {"[[user]]\naddress = 'a b@c'\n", "people.toml:2", "user[1].address: must be a mail address"},
         {"[[user]]\naddress = 'a@b'\naliases = 'c@d'\n", "people.toml:3", "user[1].aliases: must be a list"},
         {"[[user]]\naddress = 'a@b'\naliases = [1]\n", "people.toml:3", "user[1].aliases: must be a list"},
         {"[[user]]\naddress = 'a@b'\naliases = ['A@B']\n", "people.toml:3", "user[1].aliases: a@b is there twice"},
         {"[[user]]\naddress = 'a@b'\nexternal_number = '2000'\n", "people.toml:3", "user[1].external_number: must"},
         {"[[user]]\naddress = 'a@b'\nlanguage = 'fr'\n", "people.toml:3", "user[1].language: must be en or ja"},
         {"[[user]]\naddress = 'a@b'\nfire_on = 'x'\n", "people.toml:3", "user[1].fire_on: must be"},
         {"[[user]]\naddress = 'a@b'\nquiet_hours = 'x'\n", "people.toml:3", "user[1].quiet_hours: must be"},
         {"[[user]]\naddress = 'a@b'\nclient_networks = 'x'\n", "people.toml:3", "user[1].client_networks: must"},
         {"[[user]]\naddress = 'a@b'\ncompleted_notice = 'x'\n", "people.toml:3", "user[1].completed_notice: must"},
         {"[[user]]\naddress = 'a@b'\nname = \"a\\nb\"\n", "people.toml:3", "user[1].name: must be one short line"},
         {"[[user]]\naddress = 'a@b'\npermissions = ['all']\n", "people.toml:3", "user[1].permissions: must be own"},
         {"[[user]]\naddress = 'a@b'\npin = '12a4'\n", "people.toml:3", "user[1].pin: must be 4 to 12 digits"},
         {"[[user]]\naddress = 'a@b'\npin = '123'\n", "people.toml:3", "user[1].pin: must be 4 to 12 digits"},
         {"[[user]]\naddress = 'a@b'\nsecret = '" + std::string(1025, 's') + "'\n", "people.toml:3",
          "user[1].secret: must have at most 1024 octets"},
         {"user = 3\n", "people.toml:1", "user: must be written as [[user]]"},
         {"[user]\naddress = 'a@b'\n", "people.toml:1", "user: must be written as [[user]]"},
         {"[[users]]\naddress = 'a@b'\n", "people.toml:1", "users: no such table"},
         {"[[conversion]]\nextensions = '20xx'\nexternal = '044-222-33x'\n", "people.toml:3", "conversion[1].external"},
         {"[[cti]]\nprefix = '+81'\nnetwork = 'x'\n", "people.toml:3", "cti[1].network: must be own"},
         {"[[cti]]\nprefix = '81'\nnetwork = 'own'\n", "people.toml:2", "cti[1].prefix: must be"},
         {"[[destination]]\nname = '*'\nhost = 'h'\nport = 65536\n", "people.toml:4", "destination[1].port: must be"},
         {"[[destination]]\nname = '*'\nhost = 'h'\nport = '25'\n", "people.toml:4", "destination[1].port: must be"},
         {"[[destination]]\nname = 'a b'\nhost = 'h'\n", "people.toml:2", "destination[1].name: must be"},
         {"[[destination]]\nname = '*'\nhost = '[b.example]'\n", "people.toml:3", "destination[1].host: may have"},
         {"[[destination]]\nname = '*'\nhost = '[::1'\n", "people.toml:3", "destination[1].host: may have"},
         {"[[destination]]\nname = '*'\nhost = '[::1]:25'\n", "people.toml:3", "destination[1].host: may have"},
         {"[[destination]]\nname = '*'\nhost = 'h'\ntls = 'yes'\n", "people.toml:4", "destination[1].tls: must be"},
         {"[[destination]]\nname = '*'\nhost = 'h'\ntls = 'required'\nfingerprint = 'ab'\n", "people.toml:5",
          "destination[1].fingerprint: must be"},
         {"[[peer]]\nname = 'b'\nsecret = 's'\nranges = ['81']\n", "people.toml:4", "peer[1].ranges: must be"},
         {"[[peer]]\nname = 'a@b'\nsecret = 's'\n", "people.toml:2", "peer[1].name: must be"},
         {"[[peer]]\nname = 'b'\n", "people.toml:1", "peer[1].secret: is missing"},
         {"[[permission]]\nsubject = '*'\n", "people.toml:1", "permission[1].classes: is missing"},
         {"[[permission]]\nsubject = 'a@b'\nclasses = ['own']\n", "people.toml:2", "permission[1].subject: a@b is no"},
         {"[[permission]]\nsubject = '*'\nclasses = ['own']\nhours = 'x'\n", "people.toml:4", "permission[1].hours"},
         {"[[permission]]\nsubject = '*'\nclasses = ['own', 'own']\n", "people.toml:3",
          "permission[1].classes: own of"},
         {"[[user]\n", "people.toml:1", ""}}));
    INFO(row.text);
    const auto result = parse(row.text);
    REQUIRE(result.has_error());
    CHECK(result.error().where() == row.where);
    CHECK_THAT(result.error().text(), Catch::StartsWith(row.says));
}

TEST_CASE("A destination that a secret is sent to must prove who it is, unless the file says otherwise")
{
    struct Row
    {
        std::string keys;
        HopTls tls;
    };
    const auto row = GENERATE(
        values<Row>({{"host = 'b.example'", HopTls::opportunistic},
                     {"host = 'b.example'\nlogin = 'a'\nsecret = 's'", HopTls::required},
                     {"host = '::1'\nlogin = 'a'\nsecret = 's'", HopTls::opportunistic},
                     {"host = '[::1]'\nlogin = 'a'\nsecret = 's'", HopTls::opportunistic},
                     {"host = 'b.example'\nlogin = 'a'\nsecret = 's'\ntls = 'opportunistic'", HopTls::opportunistic},
                     {"host = 'b.example'\ntls = 'implicit'", HopTls::implicit},
                     {"host = 'b.example'\ntls = 'none'", HopTls::none}}));
    INFO(row.keys);
    const auto people = parse("[[destination]]\nname = 'b.example'\n" + row.keys + "\n");
    REQUIRE(people.value().destinations.at(0).tls == row.tls);
}

TEST_CASE("A destination's address may be written as a literal")
{
    const auto [written, host] =
        GENERATE(std::pair{"[::1]", "::1"}, std::pair{"[IPv6:2001:db8::1]", "2001:db8::1"},
                 std::pair{"[192.0.2.1]", "192.0.2.1"}, std::pair{"::1", "::1"}, std::pair{"b.example", "b.example"});
    const auto people = parse(std::string("[[destination]]\nname = 'b.example'\nhost = '") + written + "'\n");
    REQUIRE(people.value().destinations.at(0).host == host);
}

TEST_CASE("The fingerprint of a destination is kept as 64 lower-case digits")
{
    std::string printed = "AB";
    for (int i = 1; i < 32; ++i)
    {
        printed += ":CD";
    }
    const std::string text = "[[destination]]\nname = '*'\nhost = 'h'\nfingerprint = '" + printed + "'\n";
    REQUIRE(parse(text + "tls = 'required'\n").value().destinations.at(0).fingerprint.starts_with("abcdcd"));
    REQUIRE(parse(text + "tls = 'required'\n").value().destinations.at(0).fingerprint.size() == 64);
    REQUIRE(parse(text + "tls = 'opportunistic'\n").has_error());
}

TEST_CASE("An empty directory is seeded once and all or nothing")
{
    const auto database = open();
    REQUIRE(seed_if_empty(*database, "[[user]]\naddress = 'a@b'\n[[user]]\n", "people.toml", cheap).has_error());
    REQUIRE(stored(*database).users.empty());
    REQUIRE(seed_if_empty(*database, everything, "people.toml", cheap).value());
    REQUIRE(stored(*database).users.size() == 2);
    REQUIRE(stored(*database).permissions.size() == 4);
    REQUIRE_FALSE(seed_if_empty(*database, everything, "people.toml", cheap).value());
    REQUIRE_FALSE(seed_if_empty(*database, "not read [", "people.toml", cheap).value());
    REQUIRE(stored(*database).users.size() == 2);
}

TEST_CASE("The sample people are right and may ring each other")
{
    const Snapshot office(parse(sample_people().front().text).value(), {{"office.example"}, "postmaster", {}, {}});
    REQUIRE(office.users().size() == 3);
    for (const auto* extension : {"2000", "2001", "2002", "2003"})
    {
        const auto target = read_number(office, extension).value();
        REQUIRE(may_dial(office, {Standing::own_user, "taro@office.example"}, target, Instant{}).allowed);
        REQUIRE(external_form(office, extension).starts_with("+814422233"));
    }
    REQUIRE(office.user_by_address("postmaster@office.example")->address == "taro@office.example");
}

TEST_CASE("A domain name has no blanks, empty labels or signs of other things")
{
    REQUIRE(domain_name("office-b.example"));
    REQUIRE(domain_name("localhost"));
    for (const std::string text : {"", ".", "a..b", ".a", "a.", "a b", "a@b", "*", "peer:x", "a/b"})
    {
        INFO(text);
        REQUIRE_FALSE(domain_name(text));
    }
    REQUIRE_FALSE(domain_name(std::string(256, 'a')));
    REQUIRE_FALSE(mail_address("@b"));
    REQUIRE_FALSE(mail_address("a@"));
    REQUIRE_FALSE(mail_address("a\r\n@b"));
}
