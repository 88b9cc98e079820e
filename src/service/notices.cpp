// SPDX-License-Identifier: Apache-2.0
#include "service/notices.h"

#include "core/fault_point.h"
#include "notice/completed_notice.h"
#include "notice/fax_copy.h"
#include "notice/inquiry_notice.h"
#include "notice/reasons.h"
#include "notice/result_notice.h"
#include "service/delivery.h"
#include "service/order.h"
#include "store/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace ringpost::service
{
namespace
{
/// Of the original, for the third part of the report.
constexpr std::int64_t original_octets = 64 * 1024;

struct Original
{
    bool automatic = false;
    std::string reverse_path;
    std::string message_id;
    std::string subject;
    std::string head;
};

/// The first octets of a file; empty where it cannot be read.
std::string head_of(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string octets(static_cast<std::size_t>(original_octets), '\0');
    file.read(octets.data(), original_octets);
    octets.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return octets;
}

/// Of a confidential mail nothing that its sender wrote but the Message-ID.
Original original_of(const store::Mail& mail, const std::filesystem::path& spool)
{
    Original original{mail.automatic, mail.reverse_path, mail.message_id, mail.subject, mail.trace};
    if (mail.confidential())
    {
        original.head += mail.message_id.empty() ? "" : fmt::format("Message-ID: {}\r\n", mail.message_id);
    }
    else
    {
        original.head +=
            mail.spool_file.empty() ? mail.content.substr(0, original_octets) : head_of(spool / mail.spool_file);
    }
    return original;
}

Original original_of(store::Connection& connection, const std::optional<MailId>& id, const std::filesystem::path& spool)
{
    const auto mail = id ? store::Mails(connection).find_head(*id, original_octets) : std::nullopt;
    return mail ? original_of(*mail, spool) : Original{};
}

constexpr std::string_view notice_word = "ringpost-notice";
constexpr std::string_view inquiry_word = "ringpost-inquiry";

/// A request number inside a Message-ID: RFC 5322 3.6.4, the left side is a dot-atom without `@`.
std::string number_in_name(std::string number)
{
    std::replace(number.begin(), number.end(), '@', '=');
    return number;
}

/// `<word.first.second.id=domain@gateway>`
struct MailName
{
    std::string_view second;
    std::string request; ///< `id@domain`
};

std::optional<MailName> read_mail_name(std::string_view word, std::string_view message_id)
{
    std::size_t at = message_id.find(word);
    if (at > 1 || message_id.size() > 512)
    {
        return std::nullopt;
    }
    at += word.size();
    std::size_t before = at;
    for (int dots = 0; dots < 2 && at < message_id.size(); ++dots)
    {
        before = at;
        at = message_id.find('.', at + 1);
    }
    const std::size_t end = message_id.rfind('@');
    const std::size_t equals = message_id.find('=');
    if (at >= message_id.size() || end == std::string_view::npos || equals >= end || equals <= at + 1)
    {
        return std::nullopt;
    }
    MailName name;
    name.second = message_id.substr(before + 1, at - before - 1);
    name.request = message_id.substr(at + 1, end - at - 1);
    name.request[equals - at - 1] = '@';
    return name;
}

/// A Message-ID, which is also the id between gateways: the id that the new mail will get makes it unique, and the
/// request number in it lets a reply be recognised: `ringpost-notice.<mail>.<time>.<id>=<domain of the
/// number>@<domain>`.
std::string next_mail_name(store::Connection& connection, const std::string& domain, const std::string& request,
                           Instant now)
{
    auto row = connection.prepare("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'mail'), 0) + 1");
    row.step();
    const std::string about = number_in_name(request);
    // A dot-atom does not end with a dot.
    return fmt::format("{}.{}.{}{}{}@{}", notice_word, row.integer(0), to_micros(now), about.empty() ? "" : ".", about,
                       domain);
}

/// RFC 3461 4.1 and 5.2: without NOTIFY failures and delays are told.
bool wants_to_know(const std::string& notify, bool delayed)
{
    return notify.empty() || notify.find(delayed ? "DELAY" : "FAILURE") != std::string::npos;
}

/// Whether telephones are to be connected, or only recordings and FAXes sent.
bool connects(store::Connection& connection, const store::Request& request)
{
    const auto row = request.scenario ? store::Scenarios(connection).find(request.id) : std::nullopt;
    return !row || row->connects;
}

/// A PDF of the pages that were confirmed, where all of them were kept and it fits into what is left for copies.
std::string copy_of(store::Connection& connection, const store::Request& part, std::size_t& left)
{
    const auto pages = store::SentPages(connection).of(part.id);
    const bool all = static_cast<std::size_t>(part.pages.value_or(0)) == pages.size();
    std::string copy = all && !pages.empty() ? notice::fax_copy(pages) : std::string{};
    if (copy.size() > left)
    {
        return {};
    }
    left -= copy.size();
    return copy;
}

notice::ContentFacts facts_of(store::Connection& connection, const store::Request& part, std::size_t& left)
{
    notice::ContentFacts facts;
    facts.number = part.content;
    // Without its PIN a FAX is not begun.
    facts.medium = part.medium == Medium::pin ? Medium::fax : part.medium;
    facts.success = part.state == RequestState::connected;
    facts.cause = part.cause;
    facts.explanation = notice::reason_in_words(part.why, notice::language_from_tag(part.language));
    if (part.heard)
    {
        facts.seconds_heard = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(*part.heard).count());
    }
    if (part.medium == Medium::fax)
    {
        facts.pages = part.pages ? std::optional(static_cast<std::uint32_t>(*part.pages)) : std::nullopt;
        facts.bit_rate = static_cast<std::uint32_t>(part.bit_rate);
        facts.remote_id = part.remote_id;
        facts.copy = copy_of(connection, part, left);
    }
    return facts;
}

notice::Heading heading_for(const std::string& domain, const std::string& to, const std::string& language,
                            const std::string& name, const Original& original, Instant now)
{
    notice::Heading heading;
    heading.from_domain = domain;
    heading.to = to;
    heading.language = notice::language_from_tag(language);
    heading.date = now;
    heading.message_id = name;
    if (!original.message_id.empty())
    {
        heading.in_reply_to = original.message_id;
    }
    heading.original_headers = original.head;
    return heading;
}
} // namespace

std::optional<std::string> request_of_notice(std::string_view message_id)
{
    auto name = read_mail_name(notice_word, message_id);
    return name ? std::optional(std::move(name->request)) : std::nullopt;
}

std::optional<InquiryName> inquiry_of_mail(std::string_view message_id)
{
    auto name = read_mail_name(inquiry_word, message_id);
    InquiryName inquiry;
    if (!name)
    {
        return std::nullopt;
    }
    const std::string_view step = name->second;
    const auto read = std::from_chars(step.data(), step.data() + step.size(), inquiry.step);
    if (read.ec != std::errc{} || read.ptr != step.data() + step.size() || inquiry.step < 0)
    {
        return std::nullopt;
    }
    inquiry.request = std::move(name->request);
    return inquiry;
}

bool Notices::queue_text(store::Connection& connection, const std::string& to, const std::string& mail,
                         const std::string& exchange, Instant now) const
{
    if (fault_point("notice.create"))
    {
        throw store::SqlError(10, "fault point notice.create"); // SQLITE_IOERR
    }
    store::Mail row;
    row.accepted_at = now;
    row.submitter = {Standing::own_gateway, ""};
    row.automatic = true;
    row.content = mail;
    row.size = static_cast<std::int64_t>(mail.size());
    row.id = store::Mails(connection).insert(row);
    const auto directory = directory_.current();
    const bool here = deliver_own_ && directory->own_address(to);
    if (const auto* user = here ? directory->user_by_address(to) : nullptr)
    {
        deliver(connection, *user, row, to, RequestId{}, now);
        return false;
    }
    store::QueueItem item;
    item.mail = row.id;
    item.recipient = to;
    item.exchange = exchange;
    item.due = now;
    item.expires = now + options_.expiry;
    store::Queue(connection).insert(item);
    return true;
}

bool Notices::queue_result(store::Connection& connection, const store::Request& request, const std::string& why,
                           Instant now) const
{
    if (request.sender.empty())
    {
        return false;
    }
    const Original original = original_of(connection, request.mail, options_.spool);
    if (original.automatic)
    {
        return false;
    }
    const std::string name = next_mail_name(connection, options_.domain, request.number, now);
    notice::ResultFacts facts;
    facts.request_number = request.number;
    facts.kind = request.kind;
    facts.destination_number = request.destination_number;
    facts.source_number = request.source_number;
    facts.success = request.state == RequestState::connected;
    facts.cause = request.cause;
    facts.attempts = request.attempts;
    facts.started = request.asked;
    facts.ended = now;
    facts.addressee = request.addressee;
    facts.subject = original.subject;
    facts.explanation = notice::reason_in_words(why, notice::language_from_tag(request.language));
    // Of all copies together: a notice that is too large for the next server is lost, since it has no sender.
    std::size_t left = options_.copies_octets;
    facts.connects = connects(connection, request);
    for (const auto& part : store::Requests(connection).parts_of(request.id))
    {
        facts.connects = facts.connects || part.medium == Medium::exchange; // asked for by key 9
        const bool released = part.medium == Medium::pin && part.state == RequestState::connected;
        if (part.medium != Medium::inquiry && !released) // which are no contents of the mail
        {
            facts.contents.push_back(facts_of(connection, part, left));
        }
    }
    ExchangeField field;
    field.id = name;
    field.request = request.number;
    field.state = request.state;
    field.cause = request.cause;
    field.attempts = request.attempts;
    const auto heading = heading_for(options_.domain, request.sender, request.language, name, original, now);
    queue_text(connection, request.sender, notice::result_notice(heading, facts), format(field), now);
    return true;
}

bool Notices::queue_completed(store::Connection& connection, const store::Request& request, Instant now,
                              const store::Mail* mail) const
{
    if (request.sender.empty() || !request.notify_completed)
    {
        return false;
    }
    const Original original =
        mail != nullptr ? original_of(*mail, options_.spool) : original_of(connection, request.mail, options_.spool);
    if (original.automatic)
    {
        return false;
    }
    const std::string name = next_mail_name(connection, options_.domain, request.number, now);
    notice::CompletedFacts facts;
    facts.request_number = request.number;
    facts.kind = request.kind;
    facts.connects = connects(connection, request);
    facts.trigger = request.trigger;
    facts.addressee = request.addressee;
    facts.subject = original.subject;
    facts.destination_number = request.destination_number;
    facts.source_number = request.source_number;
    facts.cap = options_.monitor_time_cap;
    facts.shortened = request.monitor_time.value_or(Duration{}) > options_.monitor_time_cap;
    facts.monitor_time =
        request.monitor_time ? std::optional(std::min(*request.monitor_time, options_.monitor_time_cap)) : std::nullopt;
    facts.monitor_end = request.expires_at;
    facts.completed = now;
    facts.cancel_by_reply = true;
    facts.result_notification = request.result_notification;
    ExchangeField field;
    field.id = name;
    field.request = request.number;
    field.state = request.state;
    const auto heading = heading_for(options_.domain, request.sender, request.language, name, original, now);
    return queue_text(connection, request.sender, notice::completed_notice(heading, facts), format(field), now);
}

bool Notices::queue_inquiry(store::Connection& connection, const Inquiry& inquiry, Instant now) const
{
    const auto& request = inquiry.request;
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    if (user == nullptr)
    {
        return false;
    }
    const Original original = original_of(connection, request.mail, options_.spool);
    notice::InquiryFacts facts;
    facts.request_number = request.number;
    facts.sender = request.sender;
    facts.name = request.name;
    facts.subject = original.subject;
    facts.content = inquiry.content;
    facts.destination_number = request.destination_number;
    facts.source_number = request.source_number;
    facts.link = inquiry.link;
    facts.until = inquiry.until;
    const std::string name = fmt::format("{}.{}.{}.{}@{}", inquiry_word, request.id.value, inquiry.step,
                                         number_in_name(request.number), options_.domain);
    ExchangeField field;
    field.id = name;
    const auto heading = heading_for(options_.domain, user->address, user->language, name, original, now);
    queue_text(connection, user->address, notice::inquiry_notice(heading, facts), format(field), now);
    return true;
}

bool Notices::queue_undelivered(store::Connection& connection, const Undelivered& facts, Instant now) const
{
    // RFC 3834 is about answers: that a mail of a list is lost, its owner at the reverse-path must know.
    const bool unasked = facts.delayed && facts.mail.automatic;
    if (facts.mail.reverse_path.empty() || unasked || !wants_to_know(facts.item.notify, facts.delayed))
    {
        return false;
    }
    notice::BounceFacts bounce;
    bounce.action = facts.delayed ? notice::BounceAction::delayed : notice::BounceAction::failed;
    bounce.status = facts.status;
    bounce.diagnostic = facts.diagnostic;
    bounce.remote_mta = facts.remote_mta;
    bounce.will_retry_until = facts.delayed ? std::optional(facts.item.expires) : std::nullopt;
    queue_report(connection, facts.item, facts.mail, std::move(bounce), now);
    return true;
}

bool Notices::queue_delivered(store::Connection& connection, const Delivered& facts, Instant now) const
{
    const bool stranger = facts.mail.submitter.standing == Standing::stranger;
    if (stranger || facts.mail.reverse_path.empty() || facts.mail.automatic ||
        facts.item.notify.find("SUCCESS") == std::string::npos)
    {
        return false;
    }
    notice::BounceFacts bounce;
    bounce.action = facts.relayed ? notice::BounceAction::relayed : notice::BounceAction::delivered;
    bounce.status = "2.0.0";
    bounce.diagnostic = facts.diagnostic;
    bounce.remote_mta = facts.remote_mta;
    return queue_report(connection, facts.item, facts.mail, std::move(bounce), now);
}

bool Notices::queue_report(store::Connection& connection, const store::QueueItem& item, const store::Mail& mail,
                           notice::BounceFacts bounce, Instant now) const
{
    const std::string& to = mail.reverse_path;
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(to);
    bounce.reporting_mta = options_.domain;
    bounce.recipient = item.recipient;
    bounce.original_recipient = item.orcpt.empty() ? std::nullopt : std::optional(item.orcpt);
    bounce.envelope_id = mail.envid;
    bounce.arrival = mail.accepted_at;
    bounce.last_attempt = now;
    bounce.subject = mail.subject;
    const std::string name = next_mail_name(connection, options_.domain, "", now);
    const Original original = original_of(mail, options_.spool);
    auto heading = heading_for(options_.domain, to, user == nullptr ? "en" : user->language, name, original, now);
    // RFC 3461 4.3: of a mail that was delivered the header is enough. One that lies in a file is too large to be
    // returned, and a confidential one travels over no way that promises less than it asks for.
    if (mail.ret == "FULL" && bounce.action == notice::BounceAction::failed && mail.spool_file.empty() &&
        !mail.confidential())
    {
        heading.original_mail = mail.trace + mail.content;
    }
    ExchangeField field;
    field.id = name;
    return queue_text(connection, to, notice::bounce(heading, bounce), format(field), now);
}
} // namespace ringpost::service
