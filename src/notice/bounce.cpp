// SPDX-License-Identifier: Apache-2.0
#include "notice/bounce.h"

#include "core/net_address.h"
#include "notice/fields.h"
#include "notice/texts.h"
#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringpost::notice
{
namespace
{
bool is_digits(std::string_view text)
{
    return !text.empty() && text.size() <= 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What an action is called, its class of status (RFC 3464 2.3.3, 2.3.4), and its sentences.
struct ActionRow
{
    std::string_view word;
    char status_class;
    std::string_view Texts::*subject;
    std::string_view Texts::*happened;
    std::string_view Texts::*next;
};

/// In the order of BounceAction.
constexpr std::array<ActionRow, 4> actions{{
    {"failed", '5', &Texts::failed_subject, &Texts::failed, &Texts::failed_next},
    {"delayed", '4', &Texts::delayed_subject, &Texts::delayed, &Texts::delayed_next},
    {"relayed", '2', &Texts::relayed_subject, &Texts::relayed, &Texts::relayed_next},
    {"delivered", '2', &Texts::delivered_subject, &Texts::delivered, &Texts::delivered_next},
}};

const ActionRow& row_of(const BounceFacts& facts)
{
    return actions.at(static_cast<std::size_t>(facts.action));
}

/// RFC 3463 2: class "." subject "." detail; the class must agree with the action (RFC 3464 2.3.4).
std::string checked_status(const BounceFacts& facts)
{
    const std::string_view status = facts.status;
    const char expected = row_of(facts).status_class;
    const auto dot = status.find('.', 2);
    const bool valid = status.size() >= 5 && (status[0] == '2' || status[0] == '4' || status[0] == '5') &&
                       status[1] == '.' && dot != std::string_view::npos && is_digits(status.substr(2, dot - 2)) &&
                       is_digits(status.substr(dot + 1));
    // A temporary code of the last attempt stays the reason of a failure after the expiry (RFC 3464 2.3.4).
    const bool lasting = facts.action == BounceAction::failed && status.starts_with('4');
    return valid && (status[0] == expected || lasting) ? facts.status : fmt::format("{}.0.0", expected);
}

bool is_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string typed_address(std::string_view address)
{
    // RFC 6533 3: an address beyond ASCII has the type utf-8, in the form that clean_ascii() writes.
    return fmt::format("{}; {}", is_ascii(address) ? "rfc822" : "utf-8", address);
}

/// RFC 3464 2.1.2: an address in the place of a name is a literal (RFC 5321 4.1.3).
std::string mta_name(std::string_view host)
{
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    return error ? clean_domain(host) : fmt::format("[{}{}]", address.is_v6() ? "IPv6:" : "", numeric(address));
}

std::string typed_original(std::string_view original)
{
    const auto semicolon = original.find(';');
    const auto type = original.substr(0, semicolon);
    const bool has_type =
        semicolon != std::string_view::npos && !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
    return has_type ? fmt::format("{}; {}", type, original.substr(semicolon + 1)) : typed_address(original);
}

void append_time(std::string& out, std::string_view name, const std::optional<Instant>& time)
{
    if (time)
    {
        append_field(out, name, format_mail_date(*time));
    }
}

Inserts inserts_of(const Texts& texts, const Heading& heading, const BounceFacts& facts)
{
    Inserts inserts;
    inserts.recipient = clean_text(facts.recipient, 320);
    inserts.subject = clean_text_or(facts.subject, texts.no_subject);
    inserts.detail = clean_text(facts.diagnostic.value_or(""), 600);
    inserts.remote = clean_text(facts.remote_mta.value_or(""));
    inserts.time = facts.will_retry_until ? in_words(*facts.will_retry_until) : std::string{};
    inserts.domain = clean_domain(heading.from_domain);
    return inserts;
}

std::string bounce_text(const Texts& texts, const BounceFacts& facts, const Inserts& inserts)
{
    const ActionRow& row = row_of(facts);
    Paragraphs text(texts);
    const bool ours = inserts.remote.empty();
    const StatusText* found = ours ? finding_of(texts, facts.diagnostic.value_or("")) : nullptr;
    const StatusText& reason = found != nullptr ? *found : reason_of(texts, checked_status(facts));
    text.say(texts.*row.happened, inserts);
    if (row.status_class != '2')
    {
        text.say(reason.reason, inserts).end();
    }
    // What was found here is said by the reason already, unless that is as general as `.4`.
    const bool said = found != nullptr || std::count(reason.detail.begin(), reason.detail.end(), '.') == 2;
    if (!inserts.detail.empty() && !(ours && said))
    {
        text.say(ours ? texts.we_found : texts.server_said, inserts).end();
    }
    if (facts.action == BounceAction::delayed)
    {
        text.say(inserts.time.empty() ? texts.will_retry : texts.will_retry_until, inserts);
    }
    const bool own_advice = facts.action == BounceAction::failed && !reason.next.empty();
    text.say(own_advice ? reason.next : texts.*row.next, inserts).end();
    text.say(texts.footer, inserts);
    return text.take();
}
} // namespace

std::string delivery_status(const BounceFacts& facts)
{
    std::string out;
    append_field(out, "Original-Envelope-Id", facts.envelope_id.value_or(""));
    append_field(out, "Reporting-MTA", fmt::format("dns; {}", clean_domain(facts.reporting_mta)));
    append_time(out, "Arrival-Date", facts.arrival);
    out += '\n';
    if (facts.original_recipient)
    {
        append_field(out, "Original-Recipient", typed_original(*facts.original_recipient));
    }
    append_field(out, "Final-Recipient", typed_address(facts.recipient));
    append_field(out, "Action", row_of(facts).word);
    append_field(out, "Status", checked_status(facts));
    if (!facts.remote_mta.value_or("").empty())
    {
        append_field(out, "Remote-MTA", "dns; " + mta_name(*facts.remote_mta));
    }
    if (!facts.diagnostic.value_or("").empty())
    {
        // Only the reply of a server is of type smtp (RFC 3464 2.3.6); our own reason has a type of its own.
        append_field(
            out, "Diagnostic-Code",
            fmt::format("{}; {}", !facts.remote_mta.value_or("").empty() ? "smtp" : "x-ringpost", *facts.diagnostic));
    }
    append_time(out, "Last-Attempt-Date", facts.last_attempt);
    if (facts.action == BounceAction::delayed)
    {
        append_time(out, "Will-Retry-Until", facts.will_retry_until);
    }
    return out;
}

std::string bounce(const Heading& heading, const BounceFacts& facts)
{
    const auto& texts = notice::texts(heading.language);
    const auto inserts = inserts_of(texts, heading, facts);
    Report report;
    report.heading = heading;
    report.subject = fill(texts.*row_of(facts).subject, inserts);
    report.text = bounce_text(texts, facts, inserts);
    report.machine = {.media_type = "message/delivery-status", .text = delivery_status(facts)};
    return write(report);
}
} // namespace ringpost::notice
