// SPDX-License-Identifier: Apache-2.0
#include "service/notices.h"

#include "notice/bounce.h"
#include "notice/completed_notice.h"
#include "notice/inquiry_notice.h"
#include "notice/result_notice.h"
#include "service/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

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

Original read_original(store::Connection& connection, MailId id)
{
    auto row = connection.prepare("SELECT automatic, reverse_path, message_id, subject FROM mail WHERE id = ?");
    row.bind(id);
    if (!row.step())
    {
        return {};
    }
    return {row.boolean(0), row.text(1), row.text(2), row.text(3), store::Mails(connection).head(id, original_octets)};
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

struct Reason
{
    std::string_view code; ///< of service/camp_on
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array<Reason, 5> reasons{{
    {"deleted-unread", "the mail was deleted unread", "メールは読まれずに削除されました"},
    {"first-hung-up", "whoever was rung first hung up before the other telephone answered",
     "先に応答した人が、相手が応答する前に電話を切りました"},
    {"interrupted", "the gateway was interrupted during the call, and nobody is rung twice",
     "接続の途中でゲートウェイが中断しました。二度は呼び出しません"},
    {"pin-wrong", "the PIN that was keyed in was wrong each time", "入力された暗証番号が正しくありませんでした"},
    {"pin-missing", "whoever answered hung up before the PIN was keyed in",
     "暗証番号が入力される前に電話が切られました"},
}};

/// The sentence for a code; any other text (the name of a rule) is told as it is.
std::string in_words(const std::string& why, notice::Language language)
{
    for (const auto& reason : reasons)
    {
        if (reason.code == why)
        {
            return std::string(language == notice::Language::ja ? reason.japanese : reason.english);
        }
    }
    return why;
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

void Notices::queue_text(store::Connection& connection, const std::string& to, const std::string& mail,
                         const std::string& exchange, Instant now) const
{
    store::Mail row;
    row.accepted_at = now;
    row.submitter = {Standing::own_gateway, ""};
    row.automatic = true;
    row.content = mail;
    row.size = static_cast<std::int64_t>(mail.size());
    store::QueueItem item;
    item.mail = store::Mails(connection).insert(row);
    item.recipient = to;
    item.exchange = exchange;
    item.due = now;
    item.expires = now + options_.expiry;
    store::Queue(connection).insert(item);
}

bool Notices::queue_result(store::Connection& connection, const store::Request& request, const std::string& why,
                           Instant now) const
{
    const Original original = request.mail ? read_original(connection, *request.mail) : Original{};
    if (request.sender.empty() || original.automatic)
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
    facts.explanation = in_words(why, notice::language_from_tag(request.language));
    for (const auto& part : store::Requests(connection).parts_of(request.id))
    {
        const bool released = part.medium == Medium::pin && part.state == RequestState::connected;
        if (part.medium == Medium::inquiry || released)
        {
            continue; // no content of the mail
        }
        // Without its PIN a FAX is not begun.
        const Medium medium = part.medium == Medium::pin ? Medium::fax : part.medium;
        std::optional<std::uint32_t> seconds;
        if (part.heard)
        {
            seconds = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(*part.heard).count());
        }
        facts.contents.push_back({part.content, medium, part.state == RequestState::connected, part.cause, seconds,
                                  in_words(part.why, notice::language_from_tag(request.language)),
                                  part.pages ? std::optional(static_cast<std::uint32_t>(*part.pages)) : std::nullopt,
                                  static_cast<std::uint32_t>(part.bit_rate), part.remote_id});
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

bool Notices::queue_completed(store::Connection& connection, const store::Request& request, Instant now) const
{
    const Original original = request.mail ? read_original(connection, *request.mail) : Original{};
    if (request.sender.empty() || original.automatic || !request.notify_completed)
    {
        return false;
    }
    const std::string name = next_mail_name(connection, options_.domain, request.number, now);
    notice::CompletedFacts facts;
    facts.request_number = request.number;
    facts.kind = request.kind;
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
    queue_text(connection, request.sender, notice::completed_notice(heading, facts), format(field), now);
    return true;
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
    const Original original = request.mail ? read_original(connection, *request.mail) : Original{};
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
    if (facts.mail.reverse_path.empty() || facts.mail.automatic || !wants_to_know(facts.item.notify, facts.delayed))
    {
        return false;
    }
    const std::string& to = facts.mail.reverse_path;
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(to);
    const std::string name = next_mail_name(connection, options_.domain, "", now);
    notice::BounceFacts bounce;
    bounce.reporting_mta = options_.domain;
    bounce.recipient = facts.item.recipient;
    if (!facts.item.orcpt.empty())
    {
        bounce.original_recipient = facts.item.orcpt;
    }
    bounce.action = facts.delayed ? notice::BounceAction::delayed : notice::BounceAction::failed;
    bounce.status = facts.status;
    bounce.diagnostic = facts.diagnostic;
    if (!facts.remote_mta.empty())
    {
        bounce.remote_mta = facts.remote_mta;
    }
    bounce.arrival = facts.mail.accepted_at;
    bounce.last_attempt = now;
    bounce.will_retry_until = facts.delayed ? std::optional(facts.item.expires) : std::nullopt;
    bounce.subject = facts.mail.subject;
    const Original original = read_original(connection, facts.mail.id);
    const auto heading = heading_for(options_.domain, to, user == nullptr ? "en" : user->language, name, original, now);
    ExchangeField field;
    field.id = name;
    queue_text(connection, to, notice::bounce(heading, bounce), format(field), now);
    return true;
}
} // namespace ringpost::service
