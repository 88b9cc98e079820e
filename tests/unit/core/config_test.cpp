// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"
#include "core/config_keys.h"
#include "core/config_values.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <unistd.h>

using namespace ringpost;

namespace
{
Config parsed(std::string_view text)
{
    return parse_config(text, "test.toml").value();
}

Failure refused(std::string_view text)
{
    const auto result = parse_config(text, "test.toml");
    REQUIRE(result.has_error());
    REQUIRE(result.error().code() == Errc::malformed);
    return result.error();
}
} // namespace

TEST_CASE("An empty file means the defaults")
{
    const Config config = parsed("");
    for (const ConfigKey& key : config_keys())
    {
        INFO(key.name);
        REQUIRE(written_value(key, config) == written_value(key, default_config()));
    }
    REQUIRE(config.mta.size_limit == 50 * MiB);
    REQUIRE(config.scan.levels == 50);
    REQUIRE(config.control_socket() == "ringpost-state/control.sock");
    REQUIRE(config.call_log() == "ringpost-state/call.log");
    REQUIRE_FALSE(broken_rule(default_config()).has_value());
}

TEST_CASE("Each key of the sample, with its comment mark taken away, is read as its default")
{
    const std::string sample = sample_config();
    REQUIRE(parse_config(sample, "sample").has_value());
    const std::string active = std::regex_replace(sample, std::regex("(^|\n)#([a-z0-9_]+ = )"), "$1$2");
    const Config config = parse_config(active, "active sample").value();
    for (const ConfigKey& key : config_keys())
    {
        INFO(key.name);
        REQUIRE(active.find("\n" + std::string(key.key()) + " = ") != std::string::npos);
        REQUIRE(sample.find(key.sentence) != std::string::npos);
        REQUIRE(written_value(key, config) == written_value(key, default_config()));
    }
}

TEST_CASE("The reference page has one row for each key, and no key stands twice")
{
    const std::string page = reference_markdown();
    std::set<std::string_view> names;
    for (const ConfigKey& key : config_keys())
    {
        INFO(key.name);
        REQUIRE(names.insert(key.name).second);
        REQUIRE(page.find("| `" + std::string(key.name) + "` |") != std::string::npos);
        REQUIRE(key.sentence.ends_with('.'));
        bool in_section = false;
        for (const ConfigSection& section : config_sections())
        {
            in_section = in_section || section.name == key.section();
        }
        REQUIRE(in_section);
    }
}

TEST_CASE("Values are read with their units")
{
    const Config config =
        parsed("[gateway]\ndomain = 'tokyo.example'\nextra_domains = ['a.example', 'b.example']\n"
               "state_dir = '/var/lib/x'\n"
               "[mta]\nsize_limit = '1MiB'\nspool_threshold = 262144\nlisten = ['[::1]:25', 'h.example:0']\n"
               "recipients = 7\ncommand_timeout = '1500ms'\n"
               "[control]\nsocket = '/run/x.sock'\n"
               "[exchange]\nsimulated_trunks = ['+8144222=127.0.0.1:5001']\n"
               "[numbers]\ntrunk_prefix = ''\n"
               "[log]\nlevel = 'debug'\n");
    REQUIRE(config.gateway.domain == "tokyo.example");
    REQUIRE(config.gateway.extra_domains == std::vector<std::string>{"a.example", "b.example"});
    REQUIRE(config.mta.size_limit == MiB);
    REQUIRE(config.mta.spool_threshold == 256 * KiB);
    REQUIRE(config.mta.listen.size() == 2);
    REQUIRE(config.mta.recipients == 7);
    REQUIRE(config.mta.command_timeout == 1500ms);
    REQUIRE(config.control_socket() == "/run/x.sock");
    REQUIRE(config.call_log() == "/var/lib/x/call.log");
    REQUIRE(config.numbers.trunk_prefix.empty());
    REQUIRE(config.log.level == "debug");
}

TEST_CASE("There are no pages by default, and an unspecified address needs a public one beside it")
{
    REQUIRE(parsed("").console.listen.empty());
    REQUIRE(parsed("").console.url.empty());
    REQUIRE(parsed("[console]\nlisten = ['192.0.2.1:8025', '0.0.0.0:0']").console.listen.size() == 2);
    const Config config = parsed("[console]\nlisten = ['0.0.0.0:8025']\nurl = 'https://x.example:8443/ringpost'");
    REQUIRE(config.console.url == "https://x.example:8443/ringpost");
    REQUIRE(parsed("[console]\nurl = 'http://x.example'").console.url == "http://x.example");
}

TEST_CASE("A wrong value, key or section is an error that names line and key")
{
    struct Row
    {
        std::string_view text;
        std::string_view where;
        std::string_view named;
    };
    const auto row = GENERATE(values<Row>({
        {"[mta]\nsize_limt = 5", "test.toml:2", "mta.size_limt"},
        {"\n[mat]\nx = 1", "test.toml:2", "mat"},
        {"mta = 5", "test.toml:1", "mta"},
        {"domain = 'x'", "test.toml:1", "domain"},
        {"[mta.deeper]\nx = 1", "test.toml:1", "mta.deeper"},
        {"[mta]\nrecipients = '7'", "test.toml:2", "mta.recipients"},
        {"[mta]\nrecipients = 0", "test.toml:2", "mta.recipients"},
        {"[mta]\nrecipients = -1", "test.toml:2", "mta.recipients"},
        {"[mta]\nrecipients = 1.5", "test.toml:2", "mta.recipients"},
        {"[mta]\nrecipients = true", "test.toml:2", "mta.recipients"},
        {"[mta]\nrecipients = 9223372036854775807", "test.toml:2", "mta.recipients"},
        {"[mta]\nsize_limit = '50MB'", "test.toml:2", "mta.size_limit"},
        {"[mta]\nsize_limit = '50'", "test.toml:2", "mta.size_limit"},
        {"[mta]\nsize_limit = '-1MiB'", "test.toml:2", "mta.size_limit"},
        {"[mta]\nsize_limit = '18446744073709551616KiB'", "test.toml:2", "mta.size_limit"},
        {"[mta]\nsize_limit = '18014398509481985KiB'", "test.toml:2", "mta.size_limit"},
        {"[mta]\nsize_limit = 1", "test.toml:2", "mta.size_limit"},
        {"[mta]\ncommand_timeout = 300", "test.toml:2", "mta.command_timeout"},
        {"[mta]\ncommand_timeout = '300'", "test.toml:2", "mta.command_timeout"},
        {"[mta]\ncommand_timeout = '0s'", "test.toml:2", "mta.command_timeout"},
        {"[mta]\nlisten = '127.0.0.1:25'", "test.toml:2", "mta.listen"},
        {"[mta]\nlisten = ['127.0.0.1']", "test.toml:2", "mta.listen"},
        {"[mta]\nlisten = [25]", "test.toml:2", "mta.listen"},
        {"[gateway]\nlanguage = 'de'", "test.toml:2", "gateway.language"},
        {"[gateway]\ndomain = \"a.example\\r\\nX: y\"", "test.toml:2", "gateway.domain"},
        {"[gateway]\ndomain = ''", "test.toml:2", "gateway.domain"},
        {"[gateway]\nrepresentative = 'a@b'", "test.toml:2", "gateway.representative"},
        {"[exchange]\nsimulated_trunks = ['8144=h:1']", "test.toml:2", "exchange.simulated_trunks"},
        {"[exchange]\nsimulated_fax_machines = ['fax']", "test.toml:2", "exchange.simulated_fax_machines"},
        {"[exchange]\nsimulated_fax_machines = ['2009']", "test.toml", "exchange.simulated_extensions"},
        {"[exchange]\nasterisk_trunks = ['+81=PJSIP/trunk']", "test.toml:2", "exchange.asterisk_trunks"},
        {"[exchange]\nasterisk_trunks = ['81=PJSIP/{number}@trunk']", "test.toml:2", "exchange.asterisk_trunks"},
        {"[exchange]\nasterisk_trunks = ['+81=PJSIP/{number}&PJSIP/9']", "test.toml:2", "exchange.asterisk_trunks"},
        {"[exchange]\nasterisk_endpoint = 'PJSIP/2000'", "test.toml:2", "exchange.asterisk_endpoint"},
        {"[exchange]\nasterisk_url = 'ftp://h/ari'", "test.toml:2", "exchange.asterisk_url"},
        {"[exchange]\nasterisk_sound_source_busy = 'beep'", "test.toml:2", "exchange.asterisk_sound_source_busy"},
        {"[console]\nlisten = ['127.0.0.1']", "test.toml:2", "console.listen"},
        {"[console]\nurl = 'office.example'", "test.toml:2", "console.url"},
        {"[console]\nurl = 'https://office.example/'", "test.toml:2", "console.url"},
        {"[console]\nurl = 'https:///x'", "test.toml:2", "console.url"},
        {"[console]\nurl = 'https://a.example/?q'", "test.toml:2", "console.url"},
        {"[console]\nlisten = ['0.0.0.0:8025']", "test.toml", "console.url"},
        {"[console]\nlisten = ['[::]:8025']", "test.toml", "console.url"},
        {"[console]\nsessions_per_address = 101", "test.toml", "console.session_limit"},
        {"[numbers]\ncountry_code = '081'", "test.toml:2", "numbers.country_code"},
        {"[relay]\nretry_first = '2h'", "test.toml", "relay.retry_max"},
        {"[relay]\nexpiry = '20d'\n[store]\nseen_keep = '10d'", "test.toml", "store.seen_keep"},
        {"[tls]\ncertificate = 'a.pem'", "test.toml", "tls.key"},
        {"[tls]\nkey = 'a.pem'", "test.toml", "tls.certificate"},
        {"[mta]\nlisten_tls = ['[::]:465']", "test.toml", "tls.certificate"},
        {"[mailbox]\nlisten_tls = ['[::]:995']", "test.toml", "tls.certificate"},
        {"[gateway]\ndomain = 'a.example'\nextra_domains = ['A.Example']", "test.toml", "gateway.extra_domains"},
    }));
    INFO(row.text);
    const Failure failure = refused(row.text);
    INFO(failure.message());
    REQUIRE(failure.where() == row.where);
    REQUIRE(failure.text().find(row.named) != std::string::npos);
}

TEST_CASE("What is not TOML is refused with its line")
{
    REQUIRE(refused("[mta]\nsize_limit = \n").where() == "test.toml:2");
    REQUIRE(refused("\n[)'").where() == "test.toml:2");
    REQUIRE(refused("[mta]\nlisten = [}").where() == "test.toml:2");
    REQUIRE(refused("[mta]\nrecipients = 1\nrecipients = 2\n").where() == "test.toml:3");
    REQUIRE(refused("\xff\xfe").where() == "test.toml:1");
    REQUIRE(refused("a = " + std::string(100000, '[')).where() == "test.toml:1");
    REQUIRE(refused("\"a\\nb\" = 1").text().find('\n') == std::string::npos);
}

TEST_CASE("Letters beyond ASCII stand in strings and comments only")
{
    const auto path_of = [](std::string_view text) { return parsed(text).gateway.state_dir; };
    REQUIRE(path_of("# \xc3\x89 \"\n[gateway]\nstate_dir = '\xe6\x9d\xb1' # \xe4\xba\xac\n") == "\xe6\x9d\xb1");
    REQUIRE(path_of("\xef\xbb\xbf[gateway]\nstate_dir = \"\\\"\xc3\x89\"\n") == "\"\xc3\x89");
    REQUIRE(path_of("[gateway]\nstate_dir = \"\"\"\\\n\"\xc3\x89\"\"\"\n") == "\"\xc3\x89");
    REQUIRE(refused("\xc3\x89 = 1").where() == "test.toml:1");
    REQUIRE(refused("[gateway]\nstate_dir = 'a' \xc3\x89").where() == "test.toml:2");
    REQUIRE(refused("[gateway]\nstate_dir = \"\"\"a\n\"\"\" \xe3\x80\x81").where() == "test.toml:3");
    REQUIRE(refused(std::string_view("\n[\0", 3)).where() == "test.toml:2");
    REQUIRE(refused("# comment\n\n[mta\xc3\x89]").where() == "test.toml:3");
}

TEST_CASE("A configuration file is read whole or refused")
{
    const auto path = std::filesystem::temp_directory_path() / ("ringpost-config-test-" + std::to_string(::getpid()));
    const auto write = [&path](const std::string& text) { std::ofstream(path, std::ios::binary) << text; };
    write("[gateway]\ndomain = 'file.example'\n");
    REQUIRE(load_config(path.string()).value().gateway.domain == "file.example");
    write("");
    REQUIRE(load_config(path.string()).value().gateway.domain == "office.example");
    write(std::string(MiB + 1, '#'));
    REQUIRE(load_config(path.string()).error().code() == Errc::malformed);
    std::filesystem::remove(path);
    REQUIRE(load_config(path.string()).error().code() == Errc::io);
    REQUIRE(load_config(std::filesystem::temp_directory_path().string()).error().code() == Errc::io);
}

TEST_CASE("Addresses and trunks are read strictly")
{
    const Endpoint six = parse_endpoint("[2001:db8::1]:25").value();
    REQUIRE(six.host == "2001:db8::1");
    REQUIRE(six.port == 25);
    REQUIRE(parse_endpoint("mail.example:0").value().port == 0);
    const auto* bad = GENERATE(as<const char*>{}, "", ":", ":25", "a:", "a:65536", "a:-1", "a:+1", "a: 1", "a:1 ",
                               "[]:1", "[::1:1", "::1:1", "[::1]1", "a b:1", "-a:1", "a..b:1", "a\n:1");
    INFO(bad);
    REQUIRE(parse_endpoint(bad).has_error());
    REQUIRE(parse_trunk_route(std::string("+81=") + bad).has_error());
    const TrunkRoute route = parse_trunk_route("+8144222=127.0.0.1:5001").value();
    REQUIRE(route.prefix == "+8144222");
    REQUIRE(route.endpoint.host == "127.0.0.1");
    REQUIRE(route.endpoint.port == 5001);
    REQUIRE(parse_trunk_route("+=a:1").has_error());
    REQUIRE(parse_trunk_route("+8a=a:1").has_error());
    REQUIRE(parse_softphone(std::string("2000=") + bad).has_error());
    const SoftphoneAddress softphone = parse_softphone("2000=[::1]:4444").value();
    REQUIRE(softphone.extension == "2000");
    REQUIRE(softphone.endpoint.host == "::1");
    REQUIRE(softphone.endpoint.port == 4444);
    REQUIRE(parse_softphone("=a:1").has_error());
    REQUIRE(parse_softphone("+81=a:1").has_error());
    REQUIRE(parse_softphone("2000:a:1").has_error());
}
