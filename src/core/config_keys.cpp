// SPDX-License-Identifier: Apache-2.0
// A new key: one row here, and its member with the default in config.h.
#include "core/config_keys.h"

#include "core/config_values.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace ringpost
{
namespace
{
using namespace config_values;

constexpr Duration day = 24h;

/// The name of a key and the member it fills are the same words, so they are written once.
#define RINGPOST_KEY(member) #member, [](Config& c) -> Slot { return &c.member; }

const auto& section_table()
{
    static const std::array sections{
        ConfigSection{"gateway", "The gateway as a whole."},
        ConfigSection{"log", "The log: one line for each event."},
        ConfigSection{"tls", "TLS for SMTP and POP3, and towards other gateways."},
        ConfigSection{"mta", "Receiving mail by SMTP."},
        ConfigSection{"relay", "Sending mail on to other gateways."},
        ConfigSection{"mailbox", "Handing out mail by POP3."},
        ConfigSection{"scan", "Limits within which the structure of a mail is read; beyond them it has no contents."},
        ConfigSection{"media", "Recordings and documents in a mail."},
        ConfigSection{"confidential",
                      "Confidential mail: how it is kept, and the PIN that releases its voices and FAXes."},
        ConfigSection{"service", "Requests and the calls that are made for them."},
        ConfigSection{"scenario", "Scenarios: in what order the contents of a mail are played."},
        ConfigSection{"exchange", "The exchange (PBX) that the gateway controls."},
        ConfigSection{"numbers", "How telephone numbers become E.164 numbers."},
        ConfigSection{"store", "The database."},
        ConfigSection{"authentication", "Checking passwords (argon2id)."},
        ConfigSection{"control", "The socket of the ringpost command."},
        ConfigSection{"console", "Web pages: an inquiry is answered behind the link in its mail."},
        ConfigSection{"directory", "The people and their telephones."},
    };
    return sections;
}

std::vector<ConfigKey> mail_keys()
{
    return {
        {RINGPOST_KEY(gateway.domain), text(domain, "a domain name"),
         "The mail domain that this gateway serves; it also names the gateway."},
        {RINGPOST_KEY(gateway.extra_domains), list(domain, "domain names"),
         "Further mail domains that this gateway serves."},
        {RINGPOST_KEY(gateway.state_dir), text(present_path, "a path"),
         "Directory of everything that outlives a restart."},
        {RINGPOST_KEY(gateway.language), one_of({"en", "ja"}), "Language of notices to people who have chosen none."},
        {RINGPOST_KEY(gateway.io_threads), counts(1, 64), "Threads that serve connections."},
        {RINGPOST_KEY(gateway.representative), text(local_part, "a local part"),
         "Local part of the person who gets the mail to postmaster; where nobody has that address, the first user of "
         "the directory gets it, and the log says so at the start."},

        {RINGPOST_KEY(log.level), one_of({"debug", "info", "warning", "error"}), "Least level that is logged."},
        {RINGPOST_KEY(log.file), text(path, "a path, or empty"), "File that is appended to; empty for standard error."},

        {RINGPOST_KEY(tls.certificate), text(path, "a path, or empty"),
         "File (PEM) of the gateway's certificate and those between it and its authority; read again at SIGHUP. Empty: "
         "no TLS is offered, and a login is possible on the loopback interface only."},
        {RINGPOST_KEY(tls.key), text(path, "a path, or empty"),
         "File (PEM) of the certificate's private key, without a passphrase; nobody but the gateway should be able to "
         "read it, and the log warns where everybody can."},
        {RINGPOST_KEY(tls.ca_file), text(path, "a path, or empty"),
         "File (PEM) of the authorities that other gateways' certificates are checked with; empty for those of the "
         "system."},
        {RINGPOST_KEY(tls.require_on_loopback), yes_or_no(),
         "Whether a login needs TLS on the loopback interface too; elsewhere it always does."},
        {RINGPOST_KEY(tls.handshake_timeout), durations(10ms, 10min), "Longest wait for a TLS handshake."},

        {RINGPOST_KEY(mta.listen), list(endpoint, "host:port"),
         "Where SMTP connections are accepted, with STARTTLS where tls.certificate is set; port 0 takes any free one. "
         "[::] takes IPv4 connections too."},
        {RINGPOST_KEY(mta.listen_tls), list(endpoint, "host:port"),
         "Where SMTP connections are accepted that begin with TLS (port 465, RFC 8314)."},
        {RINGPOST_KEY(mta.listen_lmtp), list(local_endpoint, "host:port or unix:/path"),
         "Where an existing mail server hands over mail by LMTP (RFC 2033); everybody there is a stranger. On "
         "addresses that nobody else reaches. Empty: nowhere."},
        {RINGPOST_KEY(mta.size_limit), sizes(64 * KiB, 2 * GiB), "Largest mail that is accepted (RFC 1870)."},
        {RINGPOST_KEY(mta.spool_threshold), sizes(0, 64 * MiB),
         "Mails larger than this are kept as files beside the database."},
        {RINGPOST_KEY(mta.line_limit), counts(512, 65536),
         "Longest command line, in octets (RFC 5321 4.5.3.1.4 asks for 512)."},
        {RINGPOST_KEY(mta.recipients), counts(1, 10000), "Recipients of one mail (RFC 5321 4.5.3.1.8 asks for 100)."},
        {RINGPOST_KEY(mta.command_timeout), durations(10ms, day), "Longest wait for a command (RFC 5321 4.5.3.2.7)."},
        {RINGPOST_KEY(mta.data_timeout), durations(10ms, day),
         "Longest wait for a piece of a mail (RFC 5321 4.5.3.2.5)."},
        {RINGPOST_KEY(mta.mail_timeout), durations(10ms, 30 * day),
         "Longest time for a whole mail, however it trickles."},
        {RINGPOST_KEY(mta.session_limit), counts(1, 100000), "SMTP sessions at once."},
        {RINGPOST_KEY(mta.sessions_per_address), counts(1, 100000),
         "SMTP sessions at once from one address, of IPv6 from one network (/64)."},
        {RINGPOST_KEY(mta.errors_per_session), counts(1, 10000),
         "Refused commands after which, without a mail between them, a session is ended."},
        {RINGPOST_KEY(mta.idle_commands), counts(1, 100000),
         "Commands such as NOOP and RSET after which, without a mail between them, each counts as a refused one."},
        {RINGPOST_KEY(mta.auth_failures_per_session), counts(1, 100),
         "Failed authentications after which a session is ended."},
        {RINGPOST_KEY(mta.received_limit), counts(10, 1000),
         "Received fields beyond which a mail is taken to loop (RFC 5321 6.3)."},
        {RINGPOST_KEY(mta.max_hold), durations(1s, 3650 * day),
         "Longest time for which a mail is held on its sender's wish (RFC 4865)."},

        {RINGPOST_KEY(relay.connect_timeout), durations(10ms, 1h), "Longest wait for a connection."},
        {RINGPOST_KEY(relay.greeting_timeout), durations(10ms, 1h),
         "Longest wait for the greeting (RFC 5321 4.5.3.2.1)."},
        {RINGPOST_KEY(relay.command_timeout), durations(10ms, 1h),
         "Longest wait for the answer to a command (RFC 5321 4.5.3.2)."},
        {RINGPOST_KEY(relay.data_start_timeout), durations(10ms, 1h),
         "Longest wait for the answer to DATA (RFC 5321 4.5.3.2.4)."},
        {RINGPOST_KEY(relay.data_block_timeout), durations(10ms, 1h),
         "Longest wait until a piece of a mail is taken (RFC 5321 4.5.3.2.5)."},
        {RINGPOST_KEY(relay.data_end_timeout), durations(10ms, 1h),
         "Longest wait for the answer to a whole mail (RFC 5321 4.5.3.2.6)."},
        {RINGPOST_KEY(relay.mail_timeout), durations(10ms, 30 * day),
         "Longest time from MAIL to the last octet of a mail, however slowly the next server takes it."},
        {RINGPOST_KEY(relay.retry_first), durations(10ms, day), "Wait before the first retry."},
        {RINGPOST_KEY(relay.retry_max), durations(10ms, 30 * day), "Longest wait between retries."},
        {RINGPOST_KEY(relay.retry_factor), counts(1, 10), "How many times longer each wait is than the one before."},
        {RINGPOST_KEY(relay.expiry), durations(100ms, 30 * day),
         "Age at which a mail that cannot be sent on goes back to its sender."},
        {RINGPOST_KEY(relay.delay_notice_after), durations(10ms, 30 * day),
         "Age at which the sender is told of a delay."},
        {RINGPOST_KEY(relay.connections), counts(1, 1000), "Connections at once."},
        {RINGPOST_KEY(relay.connections_per_destination), counts(1, 1000), "Connections at once to one gateway."},
        {RINGPOST_KEY(relay.idle_timeout), durations(0s, 5min), "How long a connection is kept for the next mail."},
        {RINGPOST_KEY(relay.recipients), counts(1, 1000),
         "Recipients at one gateway that one copy of a mail is sent for (RFC 5321 4.5.3.1.8: 100 are always taken)."},
        {RINGPOST_KEY(relay.dns), yes_or_no(),
         "Whether mail for domains that the destination database does not know goes where DNS says (MX, A, AAAA)."},
        {RINGPOST_KEY(relay.dns_servers), list(dns_server, "address, address:port"),
         "Name servers that are asked; empty for those of /etc/resolv.conf."},
        {RINGPOST_KEY(relay.dns_timeout), durations(10ms, 1min),
         "Longest wait for an answer of a name server; doubled for each further try."},
        {RINGPOST_KEY(relay.dns_tries), counts(1, 10), "How often each name server is asked."},
        {RINGPOST_KEY(relay.dns_hosts), counts(1, 100), "Hosts of a domain that are tried for one mail."},
        {RINGPOST_KEY(relay.dns_addresses), counts(1, 100), "Addresses of all of them that are tried for one mail."},
        {RINGPOST_KEY(relay.dns_port), counts(1, 65535), "Port at hosts that DNS has named."},
        {RINGPOST_KEY(relay.dns_ignore), list(network, "network such as 192.0.2.0/24"),
         "Addresses at which no host that DNS has named is called."},

        {RINGPOST_KEY(mailbox.listen), list(endpoint, "host:port"),
         "Where POP3 connections are accepted, with STLS where tls.certificate is set; port 0 takes any free one."},
        {RINGPOST_KEY(mailbox.listen_tls), list(endpoint, "host:port"),
         "Where POP3 connections are accepted that begin with TLS (port 995, RFC 8314)."},
        {RINGPOST_KEY(mailbox.idle_timeout), durations(10ms, day),
         "Longest wait for a command (RFC 1939 3 asks for 10m), and longest time that a login may take in all."},
        {RINGPOST_KEY(mailbox.session_limit), counts(1, 100000), "POP3 sessions at once."},
        {RINGPOST_KEY(mailbox.sessions_per_address), counts(1, 100000),
         "POP3 sessions at once from one address, of IPv6 from one network (/64)."},
        {RINGPOST_KEY(mailbox.mails_per_session), counts(1, 10000000),
         "Mails that one session is shown; the oldest come first."},
        {RINGPOST_KEY(mailbox.send_buffer), sizes(4 * KiB, 16 * MiB),
         "Send buffer of a connection: how much can be on its way unread."},
        {RINGPOST_KEY(mailbox.errors_per_session), counts(1, 10000),
         "Refused commands after which a session is ended; what it has marked as deleted stays."},
        {RINGPOST_KEY(mailbox.auth_failures_per_session), counts(1, 100),
         "Failed authentications after which a session is ended."},

        {RINGPOST_KEY(scan.header_line), sizes(998, 1 * MiB), "Octets of one header field with all its folded lines."},
        {RINGPOST_KEY(scan.headers), sizes(1 * KiB, 16 * MiB), "Octets of all header blocks of a mail together."},
        {RINGPOST_KEY(scan.fields), counts(10, 100000), "Fields of one header block."},
        {RINGPOST_KEY(scan.levels), counts(1, 100), "Levels of multiparts within each other."},
        {RINGPOST_KEY(scan.parts), counts(1, 100000), "Leaf parts of a mail."},
        {RINGPOST_KEY(scan.order_part), sizes(1 * KiB, 1 * MiB),
         "Decoded octets of an exchange information or scenario."},
    };
}

std::vector<ConfigKey> media_keys()
{
    return {
        {RINGPOST_KEY(media.ports), counts(1, 10000),
         "Ports of the voice board: contents and inquiries that are performed at once."},
        {RINGPOST_KEY(media.voice_length), durations(1s, day), "Longest recording that is played."},
        {RINGPOST_KEY(media.voice_octets), sizes(64 * KiB, 2 * GiB), "Largest recording, as it is in the mail."},
        {RINGPOST_KEY(media.convert_time), durations(100ms, 1h), "Longest time for converting one content."},
        {RINGPOST_KEY(media.convert_memory), sizes(64 * MiB, 64 * GiB), "Memory for converting one content."},
        {RINGPOST_KEY(media.convert_at_once), counts(1, 64), "Contents that are converted at once."},
        {RINGPOST_KEY(media.convert_waiting), counts(1, 10000),
         "Contents that may wait for their conversion; beyond it they are put off."},
        {RINGPOST_KEY(media.fax_pages), counts(1, 1000), "Pages of one document that is sent by FAX."},
        {RINGPOST_KEY(media.fax_octets), sizes(64 * KiB, 1 * GiB), "Largest such document, as it is in the mail."},
        {RINGPOST_KEY(media.fax_pixels), counts(1'000'000, 1'000'000'000), "Pixels of one page of a picture."},
        {RINGPOST_KEY(media.fax_time), durations(1min, day),
         "Longest FAX call; what it has not brought is brought by the next one."},
        {RINGPOST_KEY(media.fax_ecm), yes_or_no(),
         "Whether FAXes are sent with error correction (ITU-T T.30 annex A) where the other side can."},
        {RINGPOST_KEY(media.fax_header), yes_or_no(),
         "Whether each page begins with a line that tells date, sender and page."},
        {RINGPOST_KEY(media.fax_station_id), text(station_id_or_none, "up to 20 digits, + and blanks, or empty"),
         "Number that the gateway tells other FAXes; empty for the sender's own."},
        {RINGPOST_KEY(media.fax_copy_octets), sizes(0, 50 * MiB),
         "Largest copies (PDF) of sent pages in one result mail, all together; what is beyond is left out, 0 for "
         "none."},

        {RINGPOST_KEY(confidential.key_file), text(path, "a path, or empty"),
         "Keys that seal confidential mails, one a line (ringpost confidential new-key); the first seals, the others "
         "still open. Nobody but the gateway may read it. Empty: the credential ringpost-confidential of systemd; "
         "without that either, confidential mail is refused."},
        {RINGPOST_KEY(confidential.pin_tries), counts(1, 10),
         "Wrong PINs in a call after which the content is not released."},
        {RINGPOST_KEY(confidential.pin_time), durations(1s, 5min), "Longest wait for the next digit of a PIN."},
        {RINGPOST_KEY(confidential.pin_pause), durations(0s, 1min),
         "Wait after a wrong PIN, at least 200 ms; twice as long after each further one."},
    };
}

std::vector<ConfigKey> call_keys()
{
    return {
        {RINGPOST_KEY(service.guard_time), durations(0s, 1min), "Rest of a device between two calls of the gateway."},
        {RINGPOST_KEY(service.monitor_time_cap), durations(1s, 30 * day),
         "Longest time during which a request is tried."},
        {RINGPOST_KEY(service.default_periodic), durations(10ms, day), "Time between tries where the mail names none."},
        {RINGPOST_KEY(service.minimum_periodic), durations(10ms, day),
         "Shortest time between tries that a mail may ask for."},
        {RINGPOST_KEY(service.default_ring_time), durations(10ms, 10min),
         "How long a device rings where the mail does not say."},
        {RINGPOST_KEY(service.max_ring_time), durations(10ms, 10min), "Longest ringing that a mail may ask for."},
        {RINGPOST_KEY(service.unreachable_retry), durations(10ms, day),
         "Time until a device that is out of service is tried again."},
        {RINGPOST_KEY(service.fax_calls), counts(1, 1000),
         "Calls in a row to a FAX that has answered and confirmed no further page, after which it is given up."},
        {RINGPOST_KEY(service.attempts_at_once), counts(1, 10000), "Call attempts at once."},
        {RINGPOST_KEY(service.attempts_per_second), counts(1, 10000), "New call attempts in a second."},
        {RINGPOST_KEY(service.calls_per_mail), counts(1, 1000), "Requests that one mail may make."},
        {RINGPOST_KEY(service.release_relook), durations(10ms, day),
         "So often devices that are waited for are looked at though the exchange has reported no release."},
        {RINGPOST_KEY(service.audit_keep), durations(1h, 3650 * day), "How long decisions about calls are kept."},

        {RINGPOST_KEY(scenario.octets), sizes(1 * KiB, 1 * MiB), "Octets of a scenario."},
        {RINGPOST_KEY(scenario.steps), counts(1, 500), "Steps of a scenario."},
        {RINGPOST_KEY(scenario.references), counts(1, 20), "Contents that one step plays at the same time."},
        {RINGPOST_KEY(scenario.inquiry_time), durations(10ms, 1h),
         "Longest time in which the addressee may answer an inquiry; silence is a no."},
        {RINGPOST_KEY(scenario.inquiry_pause), durations(1s, 1min),
         "Over the telephone: time for a key after the question."},
        {RINGPOST_KEY(scenario.inquiry_repeats), counts(1, 20), "How often the question is asked in one call."},

        {RINGPOST_KEY(exchange.driver), one_of({"simulated", "asterisk"}), "Kind of the exchange."},
        {RINGPOST_KEY(exchange.simulated_extensions), list(some_digits, "digits"),
         "Extension numbers of the simulated exchange."},
        {RINGPOST_KEY(exchange.simulated_trunks), list(trunk_route, "+prefix=host:port"),
         "Trunks to other simulated exchanges: the external numbers that begin with a prefix go there."},
        {RINGPOST_KEY(exchange.simulated_trunk_listen), text(endpoint_or_none, "host:port, or empty"),
         "Where trunks of other simulated exchanges come in; empty for nowhere."},
        {RINGPOST_KEY(exchange.simulated_trunk_lines), counts(1, 1000),
         "Calls at once on all these trunks together, in both directions; further ones meet congestion."},
        {RINGPOST_KEY(exchange.simulated_answer_after), durations(0s, 10min),
         "How long people at simulated telephones and softphones let them ring."},
        {RINGPOST_KEY(exchange.simulated_call_log), text(path, "a path, or empty"),
         "File to which every ring, answer and end is appended; empty for call.log in gateway.state_dir."},
        {RINGPOST_KEY(exchange.simulated_recordings), text(path, "a path, or empty"),
         "Directory for what the simulated telephones hear, a WAV file for each call; empty: nothing is recorded."},
        {RINGPOST_KEY(exchange.simulated_recording_time), durations(1s, 24h), "No such recording is longer."},
        {RINGPOST_KEY(exchange.simulated_fax_machines), list(some_digits, "digits"),
         "Those of the simulated extensions at which a FAX machine answers; what it receives becomes TIFF files in "
         "faxes in "
         "gateway.state_dir."},
        {RINGPOST_KEY(exchange.softphones), list(softphone, "extension=host:port"),
         "SIP softphones (baresip) of a trial or test bed, for ringpost phone; with an exchange that is not "
         "simulated."},
        {RINGPOST_KEY(exchange.announcement_time), durations(0s, 10min), "How long an announcement lasts at most."},
        {RINGPOST_KEY(exchange.asterisk_url), text(http_url, "a URL http://host:port/ari"),
         "The REST interface of Asterisk (ARI)."},
        {RINGPOST_KEY(exchange.asterisk_user), text(header_word, "a name"), "User of ari.conf."},
        {RINGPOST_KEY(exchange.asterisk_password_file), text(path, "a path, or empty"),
         "File whose first line is the password of that user; nobody but the gateway should be able to read it."},
        {RINGPOST_KEY(exchange.asterisk_application), text(asterisk_word, "letters, digits, - and _"),
         "Name of the ARI application; each gateway at an Asterisk needs one of its own."},
        {RINGPOST_KEY(exchange.asterisk_context), text(asterisk_word, "letters, digits, - and _"),
         "Context of the dialplan whose extension resume gives calls back to the PBX."},
        {RINGPOST_KEY(exchange.asterisk_t38), yes_or_no(),
         "Whether Asterisk is asked (FAXOPT(gateway), res_fax) to carry a FAX call on as T.38 where the other side "
         "wants that."},
        {RINGPOST_KEY(exchange.asterisk_endpoint), text(asterisk_endpoint, "technology/name with {number} in it"),
         "What is dialled for an extension; {number} is the extension."},
        {RINGPOST_KEY(exchange.asterisk_trunks), list(asterisk_trunk, "+prefix=endpoint"),
         "What is dialled for the external numbers that begin with a prefix; the longest wins. {number} is the number "
         "as dialled in this country, digits only, {e164} the one with +."},
        {RINGPOST_KEY(exchange.asterisk_request_time), durations(100ms, 1min), "Longest wait for Asterisk's reply."},
        {RINGPOST_KEY(exchange.asterisk_rtp_address), text(ip_address_or_none, "an IP address, or empty"),
         "Address of the gateway to which an Asterisk without chan_websocket sends audio (RTP); empty for the one "
         "from which Asterisk is reached."},
        {RINGPOST_KEY(exchange.asterisk_reconnect_least), durations(10ms, 1h),
         "Wait before a lost link to Asterisk is made anew; it doubles at each failure."},
        {RINGPOST_KEY(exchange.asterisk_reconnect_most), durations(10ms, 1h), "Longest wait between those tries."},
        {RINGPOST_KEY(exchange.asterisk_sound_source_busy), text(media, "sound:NAME or tone:NAME"),
         "Played to a destination that has answered when the source is busy."},
        {RINGPOST_KEY(exchange.asterisk_sound_source_no_answer), text(media, "sound:NAME or tone:NAME"),
         "Played to a destination that has answered when the source does not answer."},
        {RINGPOST_KEY(exchange.asterisk_sound_destination_failed), text(media, "sound:NAME or tone:NAME"),
         "Played to a source that has answered when the destination cannot be reached."},

        {RINGPOST_KEY(numbers.country_code), text(country_code, "1 to 3 digits"), "Country code of this office."},
        {RINGPOST_KEY(numbers.international_prefix), text(some_digits, "digits"),
         "What is dialled before a country code."},
        {RINGPOST_KEY(numbers.trunk_prefix), text(digits, "digits, or empty"), "What is dialled before an area code."},

        {RINGPOST_KEY(store.queue_limit), counts(1, 1000000), "Writes that may wait; beyond it new work is put off."},
        {RINGPOST_KEY(store.readers), counts(1, 64), "Connections that read."},
        {RINGPOST_KEY(store.log_limit), sizes(1 << 20, std::int64_t{1} << 40),
         "Size of the database's write-ahead log beyond which it is begun anew."},
        {RINGPOST_KEY(store.seen_keep), durations(1s, 3650 * day),
         "How long a mail of a peer gateway is remembered, so that its repetition is dropped."},

        {RINGPOST_KEY(authentication.threads), counts(1, 64), "Threads that check passwords."},
        {RINGPOST_KEY(authentication.opslimit), counts(1, 100), "Passes over the memory for a password."},
        {RINGPOST_KEY(authentication.memlimit), sizes(8 * KiB, 1 * GiB), "Memory for checking one password."},
        {RINGPOST_KEY(authentication.free_failures), counts(0, 1000),
         "Failed logins to one account from one network (/24 or /64) that are answered without delay."},
        {RINGPOST_KEY(authentication.delay_first), durations(10ms, 1h),
         "Delay of the next failure's answer; each further one is delayed twice as long."},
        {RINGPOST_KEY(authentication.delay_most), durations(10ms, 1h), "Longest such delay."},
        {RINGPOST_KEY(authentication.delay_forget), durations(1s, 30 * day),
         "Failures are forgotten when there has been none for this long."},
        {RINGPOST_KEY(authentication.delay_accounts), counts(100, 1000000),
         "Pairs of account and network that are remembered."},

        {RINGPOST_KEY(control.socket), text(path, "a path, or empty"),
         "Path of the socket; empty for control.sock in gateway.state_dir."},

        {RINGPOST_KEY(console.listen), list(endpoint, "host:port"),
         "Where HTTP connections are accepted; port 0 takes any free one. Empty: there are no pages, and mails have no "
         "links."},
        {RINGPOST_KEY(console.url), text(public_url_or_none, "a URL http://host or https://host, or empty"),
         "Public address of the pages, which begins the links in mails, such as https://ringpost.office.example of a "
         "proxy that adds TLS; empty for http:// and the first address of console.listen."},
        {RINGPOST_KEY(console.idle_time), durations(10ms, 1h),
         "Longest wait for a whole request, and for a response to be taken."},
        {RINGPOST_KEY(console.session_limit), counts(1, 100000), "HTTP connections at once."},
        {RINGPOST_KEY(console.sessions_per_address), counts(1, 100000),
         "HTTP connections at once from one address, of IPv6 from one network (/64); behind a proxy all come from "
         "one."},

        {RINGPOST_KEY(directory.seed), text(path, "a path, or empty"),
         "TOML file of people that is loaded while the directory is empty; empty for the built-in sample people. Later "
         "changes are loaded by ringpost directory load, and the log warns at the start where that was forgotten."},
    };
}
#undef RINGPOST_KEY
} // namespace

std::span<const ConfigSection> config_sections()
{
    return section_table();
}

std::span<const ConfigKey> config_keys()
{
    static const std::vector<ConfigKey> keys = [] {
        std::vector<ConfigKey> all = mail_keys();
        for (auto* const more : {media_keys, call_keys})
        {
            std::vector<ConfigKey> rest = more();
            std::move(rest.begin(), rest.end(), std::back_inserter(all));
        }
        return all;
    }();
    return keys;
}
} // namespace ringpost
