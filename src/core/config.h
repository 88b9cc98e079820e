// SPDX-License-Identifier: Apache-2.0
// The configuration: a struct for each section, named like the folders. A key is a member here (with its default) and
// one row in config_keys.cpp (range, sentence); the parser, the sample and the reference page come from those rows.
#pragma once

#include "core/duration.h"
#include "core/limits.h"
#include "core/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost
{
inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::size_t GiB = 1024 * MiB;

struct GatewayConfig
{
    std::string domain = "office.example";
    std::vector<std::string> extra_domains;
    std::string state_dir = "ringpost-state";
    std::string language = "en";
    std::size_t io_threads = 2;
    std::string representative = "postmaster";
};

struct LogConfig
{
    std::string level = "info";
    std::string file;
};

struct TlsConfig
{
    std::string certificate;
    std::string key;
    std::string ca_file;
    bool require_on_loopback = false;
    Duration handshake_timeout = 30s;
};

struct MtaConfig
{
    std::vector<std::string> listen{"127.0.0.1:2525"};
    std::vector<std::string> listen_tls;
    std::vector<std::string> listen_lmtp;
    std::size_t size_limit = 50 * MiB;
    std::size_t spool_threshold = 512 * KiB;
    std::size_t line_limit = 4096;
    std::size_t recipients = 100;
    Duration command_timeout = 5min;
    Duration data_timeout = 3min;
    Duration mail_timeout = 2h;
    std::size_t session_limit = 500;
    std::size_t sessions_per_address = 50;
    std::size_t errors_per_session = 20;
    std::size_t idle_commands = 100;
    std::size_t auth_failures_per_session = 3;
    std::size_t received_limit = 100;
    Duration max_hold = 30 * 24h;
};

struct RelayConfig
{
    Duration connect_timeout = 1min;
    Duration greeting_timeout = 5min;
    Duration command_timeout = 5min;
    Duration data_start_timeout = 2min;
    Duration data_block_timeout = 3min;
    Duration data_end_timeout = 10min;
    Duration mail_timeout = 2h;
    Duration retry_first = 30s;
    Duration retry_max = 1h;
    std::size_t retry_factor = 2;
    Duration expiry = 5 * 24h;
    Duration delay_notice_after = 4h;
    std::size_t connections = 20;
    std::size_t connections_per_destination = 5;
    Duration idle_timeout = 10s;
    std::size_t recipients = 100;
    bool dns = false;
    std::vector<std::string> dns_servers;
    Duration dns_timeout = 5s;
    std::size_t dns_tries = 3;
    std::size_t dns_hosts = 5;
    std::size_t dns_addresses = 10;
    std::size_t dns_port = 25;
    std::vector<std::string> dns_ignore{"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8"};
};

struct MailboxConfig
{
    std::vector<std::string> listen{"127.0.0.1:1110"};
    std::vector<std::string> listen_tls;
    Duration idle_timeout = 10min;
    std::size_t session_limit = 500;
    std::size_t sessions_per_address = 50;
    std::size_t mails_per_session = 50000;
    std::size_t send_buffer = 64 * KiB;
    std::size_t errors_per_session = 20;
    std::size_t auth_failures_per_session = 3;
};

struct MediaConfig
{
    std::size_t ports = 50;
    Duration voice_length = 10min;
    std::size_t voice_octets = 50 * MiB;
    Duration convert_time = 30s;
    std::size_t convert_memory = 256 * MiB;
    std::size_t convert_at_once = 2;
    std::size_t convert_waiting = 100;
    std::size_t fax_pages = 100;
    std::size_t fax_octets = 20 * MiB;
    std::size_t fax_pixels = 40'000'000;
    Duration fax_time = 30min;
    bool fax_ecm = true;
    bool fax_header = true;
    std::string fax_station_id;
    std::size_t fax_copy_octets = 5 * MiB;
};

struct ConfidentialConfig
{
    std::string key_file;
    std::size_t pin_tries = 3;
    Duration pin_time = 15s;
    Duration pin_pause = 2s;
};

struct ServiceConfig
{
    Duration guard_time = 2s;
    Duration monitor_time_cap = 24h;
    Duration default_periodic = 30s;
    Duration minimum_periodic = 5s;
    Duration default_ring_time = 25s;
    Duration max_ring_time = 120s;
    Duration unreachable_retry = 30s;
    std::size_t fax_calls = 3;
    std::size_t attempts_at_once = 50;
    std::size_t attempts_per_second = 50;
    std::size_t calls_per_mail = 10;
    Duration release_relook = 5min;
    Duration audit_keep = 365 * 24h;
};

struct ScenarioConfig : ScenarioLimits
{
    Duration inquiry_time = 1h;
    Duration inquiry_pause = 4s;
    std::size_t inquiry_repeats = 3;
};

struct ExchangeConfig
{
    std::string driver = "simulated";
    std::vector<std::string> simulated_extensions{"2000", "2001", "2002", "2003"};
    std::vector<std::string> simulated_trunks;
    std::string simulated_trunk_listen;
    std::size_t simulated_trunk_lines = 256;
    Duration simulated_answer_after = 1s;
    std::string simulated_call_log;
    std::string simulated_recordings;
    Duration simulated_recording_time = 10min;
    std::vector<std::string> simulated_fax_machines;
    std::vector<std::string> softphones;
    Duration announcement_time = 3s;
    std::string asterisk_url = "http://127.0.0.1:8088/ari";
    std::string asterisk_user = "ringpost";
    std::string asterisk_password_file;
    std::string asterisk_application = "ringpost";
    std::string asterisk_context = "ringpost";
    bool asterisk_t38 = true;
    std::string asterisk_endpoint = "PJSIP/{number}";
    std::vector<std::string> asterisk_trunks;
    Duration asterisk_request_time = 5s;
    std::string asterisk_rtp_address;
    Duration asterisk_reconnect_least = 1s;
    Duration asterisk_reconnect_most = 30s;
    std::string asterisk_sound_source_busy = "tone:busy";
    std::string asterisk_sound_source_no_answer = "tone:busy";
    std::string asterisk_sound_destination_failed = "tone:busy";
};

struct NumbersConfig
{
    std::string country_code = "81";
    std::string international_prefix = "010";
    std::string trunk_prefix = "0";
};

struct StoreConfig
{
    std::size_t queue_limit = 10000;
    std::size_t readers = 2;
    std::size_t log_limit = 64 << 20;
    Duration seen_keep = 30 * 24h;
};

struct AuthenticationConfig
{
    std::size_t threads = 2;
    std::size_t opslimit = 2;
    std::size_t memlimit = 19 * MiB;
    std::size_t free_failures = 3;
    Duration delay_first = 1s;
    Duration delay_most = 30s;
    Duration delay_forget = 1h;
    std::size_t delay_accounts = 10000;
};

struct ControlConfig
{
    std::string socket;
};

struct ConsoleConfig
{
    std::vector<std::string> listen;
    std::string url;
    Duration idle_time = 30s;
    std::size_t session_limit = 100;
    std::size_t sessions_per_address = 20;
};

struct DirectoryConfig
{
    std::string seed;
};

struct Config
{
    GatewayConfig gateway;
    LogConfig log;
    TlsConfig tls;
    MtaConfig mta;
    RelayConfig relay;
    MailboxConfig mailbox;
    ScanLimits scan;
    MediaConfig media;
    ConfidentialConfig confidential;
    ServiceConfig service;
    ScenarioConfig scenario;
    ExchangeConfig exchange;
    NumbersConfig numbers;
    StoreConfig store;
    AuthenticationConfig authentication;
    ControlConfig control;
    ConsoleConfig console;
    DirectoryConfig directory;

    /// Paths whose default is a place in `gateway.state_dir`.
    [[nodiscard]] std::filesystem::path control_socket() const;
    [[nodiscard]] std::filesystem::path call_log() const;
    /// Relative ones are in `gateway.state_dir`; empty: none.
    [[nodiscard]] std::filesystem::path recordings() const;
    /// What simulated FAX machines receive.
    [[nodiscard]] std::filesystem::path faxes() const;
};

/// The defaults: what an empty file means.
[[nodiscard]] Config default_config();

/// Reads a TOML file of at most 1 MiB. An unknown section or key, a value of another type, without its unit or out of
/// range, and keys that contradict each other are errors; `where` is `<file>:<line>` (the file alone for rules between
/// keys), the text names the key. Errc::io: the file cannot be read; Errc::malformed: anything else.
[[nodiscard]] Result<Config> load_config(const std::string& path);
/// As load_config(), from memory; `name` stands for the file in messages.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& name);

/// A configuration file that names every key with its sentence, range and default, all commented out.
[[nodiscard]] std::string sample_config();
/// The same as a page of the manual (Markdown).
[[nodiscard]] std::string reference_markdown();

/// A host (name, IPv4 address, or IPv6 address without its brackets) and a TCP port.
struct Endpoint
{
    std::string host;
    std::uint16_t port = 0;
};
/// `host:port`, `[::1]:25`; port 0 is allowed (any free one). Errc::malformed otherwise.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

/// One of `mta.listen_lmtp`: a TCP endpoint, or a socket in the file system.
struct LocalEndpoint
{
    Endpoint tcp;
    std::string path; ///< empty: tcp
};
/// As parse_endpoint(), or `unix:/path`. Errc::malformed otherwise.
[[nodiscard]] Result<LocalEndpoint> parse_local_endpoint(std::string_view text);

/// One of `exchange.simulated_trunks`: external numbers that begin with `prefix` (`+8144222`) go to `endpoint`.
struct TrunkRoute
{
    std::string prefix;
    Endpoint endpoint;
};
/// `+8144222=127.0.0.1:5001`. Errc::malformed otherwise.
[[nodiscard]] Result<TrunkRoute> parse_trunk_route(std::string_view text);

/// One of `exchange.asterisk_trunks`: external numbers that begin with `prefix` are dialled at `endpoint`.
struct AsteriskTrunk
{
    std::string prefix;
    std::string endpoint;
};
/// `+=PJSIP/{number}@trunk`, `+8144=PJSIP/{e164}@other`. Errc::malformed otherwise.
[[nodiscard]] Result<AsteriskTrunk> parse_asterisk_trunk(std::string_view text);

/// One of `exchange.softphones`: the telephone `extension` is driven over ctrl_tcp at `endpoint`.
struct SoftphoneAddress
{
    std::string extension;
    Endpoint endpoint;
};
/// `2000=127.0.0.1:4444`. Errc::malformed otherwise.
[[nodiscard]] Result<SoftphoneAddress> parse_softphone(std::string_view text);
} // namespace ringpost
