// SPDX-License-Identifier: Apache-2.0
#include "mta/acceptance.h"

#include "core/log.h"
#include "mta/confidential.h"
#include "scenario/director.h"
#include "store/audit.h"
#include "store/mail_body.h"
#include "store/queue.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace ringpost::mta
{
/// All that the unit of the store needs, read and decided before it runs.
struct Acceptance::Prepared
{
    store::Mail mail;
    MailPlan plan;
    std::vector<store::ContentRow> contents;
    std::string name;
    std::string peer; ///< name of the peer that relayed it, or empty
    /// Of each recipient of the plan: what becomes of the mail there is stored with it, and not by the queue runner.
    std::vector<bool> at_once;
    bool hands_over = false; ///< with a request that begins
};

/// At a recipient whom nothing keeps waiting.
struct Acceptance::Arrived
{
    store::QueueItem item;
    std::optional<store::Request> request;
};

struct Acceptance::Stored
{
    std::string name;    ///< under which the mail is known
    bool queued = false; ///< something waits for the queue runner
    std::vector<Determination::Outcome> determined;
};

namespace
{
std::string encoding_word(const std::optional<media::TransferEncoding>& encoding)
{
    if (!encoding)
    {
        return "unknown";
    }
    switch (*encoding)
    {
    case media::TransferEncoding::base64:
        return "base64";
    case media::TransferEncoding::quoted_printable:
        return "quoted-printable";
    case media::TransferEncoding::identity:
        break;
    }
    return "identity";
}

/// The names of files are content too. Of an order or scenario its name may be what makes it one.
std::pair<std::string, std::string> type_and_name(const media::Body& body, bool confidential)
{
    if (!confidential)
    {
        return {body.media_type, body.file_name};
    }
    return {body.kind == media::ContentKind::exchange_information ? std::string(media::exchange_information_type)
            : body.kind == media::ContentKind::scenario           ? std::string(media::scenario_type)
                                                                  : body.media_type,
            std::string{}};
}

std::vector<store::ContentRow> rows_of(const std::vector<media::Content>& contents, bool confidential)
{
    std::vector<store::ContentRow> rows;
    for (const auto& content : contents)
    {
        const auto& body = content.body;
        const auto [type, name] = type_and_name(body, confidential);
        rows.push_back({content.number, type, name, encoding_word(body.encoding),
                        static_cast<std::int64_t>(body.octets.begin),
                        static_cast<std::int64_t>(body.octets.end - body.octets.begin)});
    }
    return rows;
}

/// Does `peer` perform what was relayed to `addressee`? It bears that domain, or is the same gateway: an office may
/// have several domains. A smart host for everybody (`*`) tells nothing.
bool performs(const directory::Snapshot& directory, const store::Request& request, const std::string& peer)
{
    if (request.performer == peer)
    {
        return true;
    }
    const auto* there = directory.destinations().find(request.addressee);
    const auto* here = directory.destinations().find(peer);
    return !request.performer.empty() && there != nullptr && here != nullptr && there->name != "*" &&
           here->name != "*" && there->host == here->host && there->port == here->port;
}

/// States in which this gateway would act are another gateway's business: here the request only waits.
RequestState followed(RequestState state)
{
    return is_end(state) || state == RequestState::awaiting_reception ? state : RequestState::waiting;
}

void store_progress(store::Connection& connection, const Progress& progress, const std::string& peer,
                    const directory::Snapshot& directory, Instant now)
{
    store::Requests requests(connection);
    auto request = requests.find(progress.request);
    if (!request || is_end(request->state) || !performs(directory, *request, peer))
    {
        return;
    }
    request->state = followed(progress.state);
    request->last_cause = progress.cause;
    request->attempts = progress.attempts;
    if (is_end(request->state))
    {
        request->cause = request->state == RequestState::connected ? Cause::none : progress.cause;
        request->ended_at = now;
    }
    requests.save(*request);
    if (is_end(request->state) && request->mail)
    {
        store::Mails(connection).release(*request->mail);
    }
}

/// The refusal of a mail that is not stored is a decision of the gate too (spec 8).
boost::asio::awaitable<void> audit_refusal(store::Database& database, Submitter who, Failure failure, Instant now)
{
    std::function<Result<>(store::Connection&)> unit = [who, failure, now](store::Connection& connection) -> Result<> {
        const bool number =
            !failure.where().empty() && failure.where().find_first_not_of("0123456789+-(). \t") == std::string::npos;
        store::Audit(connection)
            .append(now, "", who, "submit", number ? failure.where() : "", false,
                    number ? failure.text() : failure.message());
        return {};
    };
    const auto stored = co_await database.write<void>("mail.refuse", std::move(unit));
    if (stored.has_error())
    {
        log::warning("mta.audit", {{"who", who.name}, {"why", stored.error().message()}});
    }
}
} // namespace

Acceptance::Acceptance(const Config& config, Clock& clock, store::Database& database, store::Spool& spool,
                       directory::Directory& directory, service::Notices& notices)
    : config_(config), clock_(clock), database_(database), spool_(spool), directory_(directory), notices_(notices)
{
    counter_ = std::random_device{}();
}

boost::asio::awaitable<Result<std::string>> Acceptance::accept(IncomingMail mail)
{
    auto prepared = prepare(mail);
    if (prepared.has_error())
    {
        // An error in an order or scenario quotes it.
        const std::string why = mail.confidential ? to_string(prepared.error().code()) : prepared.error().message();
        log::info("mta.refused", {{"who", mail.submitter.name}, {"why", why}});
        if (prepared.error().code() == Errc::refused && mail.submitter.standing != Standing::stranger)
        {
            co_await audit_refusal(database_, mail.submitter, prepared.error(), clock_.now());
        }
        co_return prepared.error();
    }
    if (mail.spooled)
    {
        if (auto synced = mail.spooled->sync(); synced.has_error())
        {
            co_return synced.error();
        }
    }
    auto shared = std::make_shared<Prepared>(std::move(*prepared));
    auto committing = commit(shared, mail.spooled ? &*mail.spooled : nullptr);
    Result<Stored> stored;
    if (shared->hands_over)
    {
        // Whoever else changes its requests is there, and must not be heard of before.
        stored = co_await boost::asio::co_spawn(control_, std::move(committing), boost::asio::use_awaitable);
    }
    else
    {
        stored = co_await std::move(committing);
    }
    if (stored.has_error())
    {
        co_return stored.error();
    }
    log::info("mta.accepted", {{"mail", stored->name},
                               {"standing", word(mail.submitter.standing)},
                               {"from", shared->mail.reverse_path},
                               {"recipients", shared->plan.recipients.size()},
                               {"octets", shared->mail.size}});
    if (poke_ && stored->queued)
    {
        poke_();
    }
    co_return std::move(stored->name);
}

/// `file`: of the mail, which lives as long as this coroutine.
boost::asio::awaitable<Result<Acceptance::Stored>> Acceptance::commit(std::shared_ptr<Prepared> prepared,
                                                                      store::SpoolFile* file)
{
    std::function<Result<Stored>(store::Connection&)> unit = [this, prepared](store::Connection& connection) {
        return store(connection, *prepared);
    };
    auto stored = co_await database_.write<Stored>("mail.accept", std::move(unit));
    if (stored.has_value())
    {
        if (file != nullptr && stored->name == prepared->name)
        {
            file->keep();
        }
        for (const auto& outcome : stored->determined)
        {
            determination_->committed(outcome);
        }
    }
    co_return stored;
}

bool Acceptance::at_once(const MailPlan& plan, const RecipientPlan& recipient, Instant now) const
{
    return determination_ != nullptr && recipient.own && plan.due.value_or(now) <= now &&
           Determination::at_once(recipient.exchange);
}

Result<Acceptance::Prepared> Acceptance::prepare(IncomingMail& mail)
{
    std::optional<store::MailBody> file;
    Result<std::string_view> octets = std::string_view(mail.octets);
    if (mail.spooled)
    {
        store::Mail spooled;
        spooled.spool_file = mail.spooled->name();
        spooled.key_id = mail.key_id;
        spooled.size = mail.spooled_octets;
        auto opened = store::MailBody::open(std::move(spooled), spool_);
        if (opened.has_error())
        {
            return opened.error();
        }
        file.emplace(std::move(*opened));
        octets = file->whole();
    }
    if (octets.has_error())
    {
        return octets.error();
    }
    const bool peer = mail.submitter.standing == Standing::peer;
    auto analysis = media::analyse(*octets, config_.scan);
    mail.confidential = !mail.key_id.empty() || is_confidential(analysis, mail.submitter.standing);
    if (mail.confidential && mail.spooled && mail.key_id.empty())
    {
        return fail(Errc::internal, "confidential", "the mail was not recognised when it was received");
    }
    if (auto possible = mail.confidential ? check_confidential(spool_.vault()) : Result<>{}; possible.has_error())
    {
        return possible.error();
    }
    if (mail.confidential && peer && !mail.tls)
    {
        return fail(Errc::refused, "confidential", "gateways send such mail over TLS only");
    }
    if (analysis.received_count > static_cast<int>(config_.mta.received_limit))
    {
        return fail(Errc::refused, std::string(loop_field),
                    "the mail has gone through too many servers: it is in a loop");
    }
    Prepared prepared;
    const Instant now = clock_.now();
    const auto directory = directory_.current();
    auto plan =
        plan_mail({mail.envelope, analysis, mail.submitter, now}, *directory, config_, [this] { return new_number(); });
    if (plan.has_error())
    {
        return plan.error();
    }
    prepared.plan = std::move(*plan);
    for (const auto& recipient : prepared.plan.recipients)
    {
        prepared.at_once.push_back(at_once(prepared.plan, recipient, now));
        prepared.hands_over = prepared.hands_over || (prepared.at_once.back() && recipient.request);
    }
    prepared.name = new_number();
    prepared.name.resize(prepared.name.find('@'));
    prepared.contents = rows_of(analysis.contents, mail.confidential);
    prepared.peer = peer ? mail.submitter.name : "";
    auto& row = prepared.mail;
    row.accepted_at = now;
    row.reverse_path = mail.envelope.reverse_path ? to_string(*mail.envelope.reverse_path) : "";
    row.submitter = mail.submitter;
    row.automatic = analysis.automatic;
    row.message_id = analysis.message_id;
    row.subject = mail.confidential ? std::string{} : analysis.subject;
    row.envid = mail.envelope.envid;
    row.ret = word(mail.envelope.ret);
    row.trace = trace(mail, prepared.name, now);
    row.size = static_cast<std::int64_t>(octets->size());
    keep_content(row, mail);
    return prepared;
}

void Acceptance::keep_content(store::Mail& row, IncomingMail& mail) const
{
    row.key_id = mail.key_id;
    if (mail.spooled)
    {
        row.spool_file = mail.spooled->name();
    }
    else if (mail.confidential)
    {
        row.key_id = spool_.vault().key_id();
        row.content = spool_.vault().sealed(mail.octets);
    }
    else
    {
        row.content = std::move(mail.octets);
    }
}

Result<Acceptance::Stored> Acceptance::store(store::Connection& connection, Prepared& prepared) const
{
    const auto& plan = prepared.plan;
    store::Mails mails(connection);
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < plan.recipients.size(); ++i)
    {
        const auto& recipient = plan.recipients[i];
        const bool repeated = !plan.seen_id.empty() && !mails.note_seen(prepared.peer, plan.seen_id,
                                                                        recipient.recipient, prepared.mail.accepted_at);
        if (!repeated)
        {
            fresh.push_back(i);
        }
    }
    if (fresh.empty())
    {
        return Stored{"repeat of " + plan.seen_id, false, {}};
    }
    Stored stored{prepared.name, false, {}};
    auto& mail = prepared.mail;
    mail.id = mails.insert(mail);
    const bool ordered =
        std::any_of(fresh.begin(), fresh.end(), [&](auto i) { return plan.recipients[i].request.has_value(); });
    if (ordered)
    {
        mails.insert_contents(mail.id, prepared.contents);
    }
    store::Audit audit(connection);
    for (const auto& note : plan.audit)
    {
        audit.append(prepared.mail.accepted_at, note.request, prepared.mail.submitter, "submit", note.number,
                     note.allowed, note.rule);
    }
    std::vector<Arrived> arrived;
    for (const auto i : fresh)
    {
        Arrived next;
        next.item.mail = mail.id;
        next.request = store_recipient(connection, prepared, plan.recipients[i], next.item, stored);
        if (prepared.at_once[i])
        {
            arrived.push_back(std::move(next));
            continue;
        }
        store::Queue(connection).insert(next.item);
        stored.queued = true;
    }
    determine(connection, mail, std::move(arrived), stored);
    if (plan.progress)
    {
        store_progress(connection, *plan.progress, prepared.peer, *directory_.current(), prepared.mail.accepted_at);
    }
    return stored;
}

void Acceptance::determine(store::Connection& connection, const store::Mail& mail, std::vector<Arrived> arrived,
                           Stored& stored) const
{
    // First the mailboxes: a request that ends at once releases the mail.
    std::stable_partition(arrived.begin(), arrived.end(),
                          [](const Arrived& each) { return !each.request || is_end(each.request->state); });
    bool kept = arrived.empty();
    for (const auto& each : arrived)
    {
        auto outcome =
            determination_->determine_in(connection, each.item, mail, each.request ? &*each.request : nullptr);
        kept = kept || outcome.delivered;
        stored.determined.push_back(std::move(outcome));
    }
    if (!kept)
    {
        store::Mails(connection).release(mail.id);
    }
}

/// Stores the request of a recipient, and fills in its item.
std::optional<store::Request> Acceptance::store_recipient(store::Connection& connection, const Prepared& prepared,
                                                          const RecipientPlan& recipient, store::QueueItem& item,
                                                          Stored& stored) const
{
    const Instant now = prepared.mail.accepted_at;
    std::optional<store::Request> request;
    // Numbers of this gateway are always new.
    const bool taken =
        recipient.request && !prepared.peer.empty() && store::Requests(connection).find(recipient.request->number);
    if (taken)
    {
        // A peer gave the number of a request that is there already, which has its own result: this is ordinary mail.
        store::Audit(connection)
            .append(now, recipient.request->number, prepared.mail.submitter, "submit",
                    recipient.request->destination_number, false, "the request number is in use");
        service::ExchangeField id_alone;
        id_alone.id = recipient.request->number;
        item.exchange = format(id_alone);
    }
    else if (recipient.request)
    {
        request = recipient.request;
        request->mail = item.mail;
        request->id = store::Requests(connection).insert(*request);
        item.request = request->id;
        if (!recipient.scenario.empty())
        {
            scenario::Director::store(connection, request->id, recipient.scenario);
            request = store::Requests(connection).find(request->id);
        }
        if (is_end(request->state))
        {
            const bool told = notices_.queue_result(connection, *request, recipient.reason, now);
            stored.queued = stored.queued || told;
        }
    }
    item.recipient = recipient.recipient;
    if (!taken)
    {
        item.exchange = recipient.exchange;
    }
    item.refused = taken ? "the request number is in use" : recipient.reason;
    item.notify = recipient.notify;
    item.orcpt = recipient.orcpt;
    item.express = prepared.plan.express;
    item.due = prepared.plan.due.value_or(now);
    item.expires = item.due + config_.relay.expiry;
    return request;
}

std::string Acceptance::trace(const IncomingMail& mail, const std::string& name, Instant now) const
{
    const auto& recipients = mail.envelope.recipients;
    // RFC 5321 4.4: FOR names one recipient; with several it would show the hidden ones to all.
    const std::string whom =
        recipients.size() == 1 ? fmt::format("\r\n\tfor <{}>", to_string(recipients.front().mailbox)) : "";
    const char* family = mail.peer_address.find(':') == std::string::npos ? "" : "IPv6:"; // RFC 5321 4.1.3
    const std::string from =
        mail.peer_address.empty() ? "local socket" : fmt::format("[{}{}]", family, mail.peer_address);
    const std::string version = mail.tls ? fmt::format(" ({})", mail.tls->version) : "";
    const std::string cipher = mail.tls ? "\r\n\ttls " + mail.tls->cipher : ""; // RFC 8314 4.3
    return fmt::format("Received: from {} ({})\r\n\tby {} with {}{} id {}{}{};\r\n\t{}\r\n",
                       mail.helo_name.empty() ? "unknown" : mail.helo_name, from, config_.gateway.domain, mail.protocol,
                       version, name, whom, cipher, format_mail_date(now));
}

std::string Acceptance::new_number()
{
    // Time, a counter that begins anywhere, and chance: no two of them are ever the same, over restarts too.
    thread_local std::mt19937_64 random{std::random_device{}()};
    return fmt::format("{:x}-{:x}-{:04x}@{}", to_micros(clock_.now()), counter_.fetch_add(1) & 0xfffffU,
                       random() & 0xffffU, config_.gateway.domain);
}
} // namespace ringpost::mta
