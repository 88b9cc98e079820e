// SPDX-License-Identifier: Apache-2.0
// Rows of `request` and `attempt`: the stored state of what was asked for, and each try.
#pragma once

#include "core/submitter.h"
#include "core/vocabulary.h"
#include "store/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace ringpost::store
{
/// What a waiting or suspended request waits for, besides `wake_at`.
enum class Wait
{
    none,       ///< only for the time wake_at
    release,    ///< the destination was in use: its release
    use,        ///< the destination did not answer: its next use, then its release (RFC 6910 completion on no reply)
    source,     ///< the source was in use: its release
    source_use, ///< the source did not answer: its next use, then its release
    port        ///< all ports of the voice board were taken: one for its content
};

struct Request
{
    RequestId id{};
    std::string number; ///< `<id>@<domain>`
    std::int64_t version = 0;
    RequestKind kind = RequestKind::camp_on;
    RequestState state = RequestState::held;
    Cause cause = Cause::none;
    std::string performer; ///< empty: this gateway performs it; else the domain it was relayed to
    Submitter submitter;
    std::string sender; ///< address that is told the result
    std::string addressee;
    std::optional<MailId> mail;
    std::string source_number;
    std::string destination_number;
    std::string source_device; ///< as the exchange dials it
    std::string destination_device;
    std::optional<NetworkType> network;
    Trigger trigger = Trigger::user_reception;
    bool result_notification = true;
    std::optional<Duration> monitor_time;
    std::optional<Duration> retry_every; ///< nullopt: on release
    Duration ring_time{};
    CallOrder call_order = CallOrder::destination_first;
    bool first_attempt = true;
    std::string name;
    bool express = false;
    std::string language = "en";
    bool notify_completed = true;
    Instant asked{};
    std::optional<Instant> expires_at;
    std::optional<Instant> wake_at;
    Wait wait = Wait::none;
    int attempts = 0;
    Cause last_cause = Cause::none;
    AttemptId attempt{};
    bool first_answered = false;
    std::optional<Instant> ended_at;
    bool scenario = false; ///< a scenario says what is done; other requests, `part_of` this one, do it
    RequestId part_of{};
    Medium medium = Medium::exchange;
    std::size_t step = 0;          ///< of the scenario, from 0
    int content = 0;               ///< number of the content that is performed; 0: not a part of the mail
    std::optional<Duration> heard; ///< of a voice
    std::string why;               ///< of a part that has ended: more than the cause says, for the result
    int fax_calls = 0;             ///< of a FAX: in a row that brought no page
    int bit_rate = 0;              ///< of a FAX: of the last call
    std::string remote_id;         ///< of a FAX: how the other one called itself
    std::optional<int> pages;      ///< of a FAX: confirmed so far; the next call goes on behind them
    bool confidential = false;     ///< its voices and FAXes are released by the addressee's PIN only
};

struct Attempt
{
    AttemptId id{};
    RequestId request{};
    Instant started{};
    std::optional<Instant> ended;
    bool dialled = false; ///< false: only a look, which found a device in use
    std::optional<Instant> first_answered;
    std::optional<Instant> second_answered;
    Cause cause = Cause::none;
    bool interrupted = false;
};

class Requests
{
public:
    explicit Requests(Connection& connection) : connection_(connection) {}

    RequestId insert(const Request& request);
    [[nodiscard]] std::optional<Request> find(RequestId id);
    [[nodiscard]] std::optional<Request> find(std::string_view number);
    /// Newest first, at most `limit`; without those that are part of another.
    [[nodiscard]] std::vector<Request> list(int limit);
    /// Stores every changing column where `version` still is that of `request`, and counts it up. False: it is not.
    bool save(Request& request);
    /// The same for what changes only when this gateway performs what another one was to: performer, devices, network,
    /// periods, scenario.
    bool take_over(Request& request);

    /// Who is next for a device: timed ones that are due, and with `released` those that wait for its release, with
    /// `used` also those that wait for its next use; express first, then oldest first.
    [[nodiscard]] std::optional<Request> head(const std::string& device, Instant now, bool released, bool used);
    /// Those with wake_at between (after, id) and now, in that order.
    [[nodiscard]] std::vector<Request> due(Instant now, Instant after, RequestId after_id, int limit);
    [[nodiscard]] std::optional<Instant> next_wake(Instant after, RequestId after_id);
    [[nodiscard]] std::vector<RequestId> suspended_by(const std::string& source_device, bool used);
    /// Who is next for a port: express first, then oldest first.
    [[nodiscard]] std::optional<RequestId> first_for_port();
    [[nodiscard]] std::vector<Request> dialling();
    /// Those that this gateway performs and that have not ended, without parts of others and without those whose mail
    /// waits for a later time; behind `after`, in the order of their ids.
    [[nodiscard]] std::vector<RequestId> open_here(Instant now, RequestId after, int limit);
    /// Whether devices count of which somebody waits for the next use.
    enum class Silent
    {
        too,
        not_yet
    };
    /// Devices that a waiting request wants to see released, and sources that suspended ones wait for. As fast with
    /// many requests for each device as with one.
    [[nodiscard]] std::vector<std::string> waited_for_devices(Silent silent);
    [[nodiscard]] bool waited_for(const std::string& device);
    /// What performs the contents of its mail, in the order in which they were begun.
    [[nodiscard]] std::vector<Request> parts_of(RequestId request);
    /// Requests of a mail.
    [[nodiscard]] std::vector<Request> of_mail(MailId mail);

    AttemptId insert_attempt(const Attempt& attempt);
    void save_attempt(const Attempt& attempt);
    [[nodiscard]] std::optional<Attempt> find_attempt(AttemptId id);
    [[nodiscard]] std::vector<Attempt> attempts_of(RequestId request);

private:
    Connection& connection_;
};
} // namespace ringpost::store

template <>
struct ringpost::Spelling<ringpost::store::Wait>
{
    static constexpr std::array<std::pair<ringpost::store::Wait, std::string_view>, 6> words{{
        {ringpost::store::Wait::none, "none"},
        {ringpost::store::Wait::release, "release"},
        {ringpost::store::Wait::use, "use"},
        {ringpost::store::Wait::source, "source"},
        {ringpost::store::Wait::source_use, "source-use"},
        {ringpost::store::Wait::port, "port"},
    }};
};
