// SPDX-License-Identifier: Apache-2.0
#include "store/requests.h"

namespace ringpost::store
{
namespace
{
#define RINGPOST_REQUEST_COLUMNS                                                                                       \
    "id, number, version, kind, state, cause, performer, standing, submitter, sender, addressee, mail_id, "            \
    "source_number, destination_number, source_device, destination_device, network, call_trigger, "                    \
    "result_notification, monitor_time, retry_every, ring_time, call_order, first_attempt, name, express, language, "  \
    "notify_completed, asked, expires_at, wake_at, wait, attempts, last_cause, attempt_id, first_answered, ended_at, " \
    "scenario, part_of, medium, content, heard, step, why, pages, bit_rate, remote_id, fax_calls, confidential"

template <class Enum>
Enum read_word(const Statement& row, int column)
{
    const auto value = from_word<Enum>(row.view(column));
    if (!value)
    {
        throw SqlError(11, "unknown word in the database: " + row.text(column));
    }
    return *value;
}

Request read_request(const Statement& row)
{
    Request request;
    request.id = row.id<RequestId>(0);
    request.number = row.text(1);
    request.version = row.integer(2);
    request.kind = read_word<RequestKind>(row, 3);
    request.state = read_word<RequestState>(row, 4);
    request.cause = read_word<Cause>(row, 5);
    request.performer = row.text(6);
    request.submitter = {read_word<Standing>(row, 7), row.text(8)};
    request.sender = row.text(9);
    request.addressee = row.text(10);
    request.mail = row.null(11) ? std::nullopt : std::optional(row.id<MailId>(11));
    request.source_number = row.text(12);
    request.destination_number = row.text(13);
    request.source_device = row.text(14);
    request.destination_device = row.text(15);
    request.network = from_word<NetworkType>(row.view(16));
    request.trigger = read_word<Trigger>(row, 17);
    request.result_notification = row.boolean(18);
    request.monitor_time = row.optional_duration(19);
    request.retry_every = row.optional_duration(20);
    request.ring_time = Duration{row.integer(21)};
    request.call_order = read_word<CallOrder>(row, 22);
    request.first_attempt = row.boolean(23);
    request.name = row.text(24);
    request.express = row.boolean(25);
    request.language = row.text(26);
    request.notify_completed = row.boolean(27);
    request.asked = row.instant(28);
    request.expires_at = row.optional_instant(29);
    request.wake_at = row.optional_instant(30);
    request.wait = read_word<Wait>(row, 31);
    request.attempts = static_cast<int>(row.integer(32));
    request.last_cause = read_word<Cause>(row, 33);
    request.attempt = row.id<AttemptId>(34);
    request.first_answered = row.boolean(35);
    request.ended_at = row.optional_instant(36);
    request.scenario = row.boolean(37);
    request.part_of = row.null(38) ? RequestId{} : row.id<RequestId>(38);
    request.medium = read_word<Medium>(row, 39);
    request.content = static_cast<int>(row.integer(40));
    request.heard = row.optional_duration(41);
    request.step = static_cast<std::size_t>(row.integer(42));
    request.why = row.text(43);
    request.pages = row.null(44) ? std::nullopt : std::optional(static_cast<int>(row.integer(44)));
    request.bit_rate = static_cast<int>(row.integer(45));
    request.remote_id = row.text(46);
    request.fax_calls = static_cast<int>(row.integer(47));
    request.confidential = row.boolean(48);
    return request;
}

std::optional<Request> first(Statement query)
{
    return query.step() ? std::optional(read_request(query)) : std::nullopt;
}

std::vector<Request> all(Statement query)
{
    std::vector<Request> requests;
    while (query.step())
    {
        requests.push_back(read_request(query));
    }
    return requests;
}

Attempt read_attempt(const Statement& row)
{
    return {row.id<AttemptId>(0),    row.id<RequestId>(1),     row.instant(2),
            row.optional_instant(3), row.boolean(4),           row.optional_instant(5),
            row.optional_instant(6), read_word<Cause>(row, 7), row.boolean(8)};
}
} // namespace

RequestId Requests::insert(const Request& r)
{
    connection_
        .prepare(
            "INSERT INTO request (" RINGPOST_REQUEST_COLUMNS
            ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(r.number, r.version, word(r.kind), word(r.state), word(r.cause), r.performer, word(r.submitter.standing),
              r.submitter.name, r.sender, r.addressee, r.mail, r.source_number, r.destination_number, r.source_device,
              r.destination_device, r.network ? word(*r.network) : std::string_view{}, word(r.trigger),
              r.result_notification, r.monitor_time, r.retry_every, r.ring_time, word(r.call_order), r.first_attempt,
              r.name, r.express, r.language, r.notify_completed, r.asked, r.expires_at, r.wake_at, word(r.wait),
              r.attempts, word(r.last_cause), r.attempt, r.first_answered, r.ended_at, r.scenario,
              r.part_of ? std::optional(r.part_of) : std::nullopt, word(r.medium), r.content, r.heard, r.step, r.why,
              r.pages, r.bit_rate, r.remote_id, r.fax_calls, r.confidential)
        .run();
    return {connection_.last_insert_id()};
}

std::optional<Request> Requests::find(RequestId id)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS " FROM request WHERE id = ?");
    query.bind(id);
    return first(std::move(query));
}

std::optional<Request> Requests::find(std::string_view number)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS " FROM request WHERE number = ?");
    query.bind(number);
    return first(std::move(query));
}

std::vector<Request> Requests::list(int limit)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                                     " FROM request WHERE part_of IS NULL ORDER BY asked DESC, id DESC LIMIT ?");
    query.bind(limit);
    return all(std::move(query));
}

bool Requests::save(Request& r)
{
    connection_
        .prepare("UPDATE request SET version = version + 1, state = ?, cause = ?, performer = ?, "
                 "expires_at = ?, wake_at = ?, wait = ?, attempts = ?, last_cause = ?, attempt_id = ?, "
                 "first_answered = ?, ended_at = ?, heard = ?, why = ?, pages = ?, bit_rate = ?, remote_id = ?, "
                 "fax_calls = ?, scenario = ? WHERE "
                 "id = ? AND version = ?")
        .bind(word(r.state), word(r.cause), r.performer, r.expires_at, r.wake_at, word(r.wait), r.attempts,
              word(r.last_cause), r.attempt, r.first_answered, r.ended_at, r.heard, r.why, r.pages, r.bit_rate,
              r.remote_id, r.fax_calls, r.scenario, r.id, r.version)
        .run();
    if (connection_.changes() != 1)
    {
        return false;
    }
    r.version += 1;
    return true;
}

bool Requests::take_over(Request& r)
{
    connection_
        .prepare("UPDATE request SET version = version + 1, performer = ?, source_device = ?, destination_device = ?, "
                 "network = ?, retry_every = ?, ring_time = ?, scenario = ? WHERE id = ? AND version = ?")
        .bind(r.performer, r.source_device, r.destination_device, r.network ? word(*r.network) : std::string_view{},
              r.retry_every, r.ring_time, r.scenario, r.id, r.version)
        .run();
    if (connection_.changes() != 1)
    {
        return false;
    }
    r.version += 1;
    return true;
}

std::optional<Request> Requests::head(const std::string& device, Instant now, bool released, bool used)
{
    auto timed =
        connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                            " FROM request WHERE destination_device = ? AND state = 'waiting' AND wait = 'none' "
                            "AND wake_at <= ? ORDER BY express DESC, asked, id LIMIT 1");
    timed.bind(device, now);
    auto best = first(std::move(timed));
    if (!released)
    {
        return best;
    }
    auto waiting =
        connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                            " FROM request WHERE destination_device = ? AND state = 'waiting' AND wait <> 'none' "
                            "AND (wait = 'release' OR (wait = 'use' AND ?)) ORDER BY express DESC, asked, id LIMIT 1");
    waiting.bind(device, used);
    auto other = first(std::move(waiting));
    const auto rank = [](const Request& r) { return std::make_tuple(!r.express, r.asked, r.id); };
    return !best || (other && rank(*other) < rank(*best)) ? other : best;
}

std::vector<Request> Requests::due(Instant now, Instant after, RequestId after_id, int limit)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                                     " FROM request WHERE wake_at <= ? AND wake_at IS NOT NULL AND ended_at IS NULL "
                                     "AND (wake_at, id) > (?, ?) ORDER BY wake_at, id LIMIT ?");
    query.bind(now, after, after_id, limit);
    return all(std::move(query));
}

std::optional<Instant> Requests::next_wake(Instant after, RequestId after_id)
{
    auto query = connection_.prepare("SELECT wake_at FROM request WHERE wake_at IS NOT NULL AND ended_at IS NULL "
                                     "AND (wake_at, id) > (?, ?) ORDER BY wake_at, id LIMIT 1");
    query.bind(after, after_id);
    return query.step() ? query.optional_instant(0) : std::nullopt;
}

std::vector<RequestId> Requests::suspended_by(const std::string& source_device, bool used)
{
    auto query = connection_.prepare("SELECT id FROM request WHERE source_device = ? AND state = 'suspended' "
                                     "AND (wait = 'source' OR ?) ORDER BY express DESC, asked, id LIMIT 1000");
    query.bind(source_device, used);
    std::vector<RequestId> ids;
    while (query.step())
    {
        ids.push_back(query.id<RequestId>(0));
    }
    return ids;
}

std::optional<RequestId> Requests::first_for_port()
{
    auto query = connection_.prepare("SELECT id FROM request WHERE state = 'waiting' AND wait = 'port' "
                                     "ORDER BY express DESC, asked, id LIMIT 1");
    return query.step() ? std::optional(query.id<RequestId>(0)) : std::nullopt;
}

std::vector<Request> Requests::dialling()
{
    return all(connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                                   " FROM request WHERE state IN ('dialling-first', 'dialling-second')"));
}

std::vector<RequestId> Requests::open_here(Instant now, RequestId after, int limit)
{
    auto query = connection_.prepare("SELECT id FROM request WHERE id > ?1 AND ended_at IS NULL AND performer = '' AND "
                                     "part_of IS NULL AND NOT EXISTS "
                                     "(SELECT 1 FROM queue_item WHERE request_id = request.id AND request_id <> 0 AND "
                                     "due > ?2) ORDER BY id LIMIT ?3");
    query.bind(after, now, limit);
    std::vector<RequestId> ids;
    while (query.step())
    {
        ids.push_back(query.id<RequestId>(0));
    }
    return ids;
}

std::vector<std::string> Requests::waited_for_devices(Silent silent)
{
    // From device to device through the index: DISTINCT would read every row.
    auto query = connection_.prepare(
        "WITH RECURSIVE destination (device) AS ("
        "SELECT min(destination_device) FROM request WHERE state = 'waiting' AND wait <> 'none' "
        "UNION ALL SELECT (SELECT min(destination_device) FROM request WHERE state = 'waiting' AND wait <> 'none' "
        "AND destination_device > destination.device) FROM destination WHERE device IS NOT NULL), "
        "source (device) AS (SELECT min(source_device) FROM request WHERE state = 'suspended' "
        "UNION ALL SELECT (SELECT min(source_device) FROM request WHERE state = 'suspended' "
        "AND source_device > source.device) FROM source WHERE device IS NOT NULL) "
        "SELECT device FROM destination WHERE device IS NOT NULL AND (? OR NOT EXISTS (SELECT 1 FROM request "
        "WHERE destination_device = device AND state = 'waiting' AND wait = 'use')) "
        "UNION SELECT device FROM source WHERE device IS NOT NULL");
    query.bind(silent == Silent::too);
    std::vector<std::string> devices;
    while (query.step())
    {
        devices.push_back(query.text(0));
    }
    return devices;
}

bool Requests::waited_for(const std::string& device)
{
    auto query = connection_.prepare(
        "SELECT EXISTS (SELECT 1 FROM request WHERE destination_device = ?1 AND state = 'waiting' AND wait <> 'none') "
        "OR EXISTS (SELECT 1 FROM request WHERE source_device = ?1 AND state = 'suspended')");
    query.bind(device);
    return query.step() && query.boolean(0);
}

std::vector<Request> Requests::parts_of(RequestId request)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS
                                     " FROM request WHERE part_of = ? ORDER BY id LIMIT 1000");
    query.bind(request);
    return all(std::move(query));
}

std::vector<Request> Requests::of_mail(MailId mail)
{
    auto query = connection_.prepare("SELECT " RINGPOST_REQUEST_COLUMNS " FROM request WHERE mail_id = ?");
    query.bind(mail);
    return all(std::move(query));
}

AttemptId Requests::insert_attempt(const Attempt& attempt)
{
    connection_
        .prepare("INSERT INTO attempt (request_id, started, ended, dialled, first_answered, second_answered, cause, "
                 "interrupted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(attempt.request, attempt.started, attempt.ended, attempt.dialled, attempt.first_answered,
              attempt.second_answered, word(attempt.cause), attempt.interrupted)
        .run();
    return {connection_.last_insert_id()};
}

void Requests::save_attempt(const Attempt& attempt)
{
    connection_
        .prepare("UPDATE attempt SET ended = ?, first_answered = ?, second_answered = ?, cause = ?, interrupted = ? "
                 "WHERE id = ?")
        .bind(attempt.ended, attempt.first_answered, attempt.second_answered, word(attempt.cause), attempt.interrupted,
              attempt.id)
        .run();
}

std::optional<Attempt> Requests::find_attempt(AttemptId id)
{
    auto query = connection_.prepare("SELECT id, request_id, started, ended, dialled, first_answered, second_answered, "
                                     "cause, interrupted FROM attempt WHERE id = ?");
    query.bind(id);
    return query.step() ? std::optional(read_attempt(query)) : std::nullopt;
}

std::vector<Attempt> Requests::attempts_of(RequestId request)
{
    auto query = connection_.prepare("SELECT id, request_id, started, ended, dialled, first_answered, second_answered, "
                                     "cause, interrupted FROM attempt WHERE request_id = ? ORDER BY id LIMIT 1000");
    query.bind(request);
    std::vector<Attempt> attempts;
    while (query.step())
    {
        attempts.push_back(read_attempt(query));
    }
    return attempts;
}
} // namespace ringpost::store
