// SPDX-License-Identifier: Apache-2.0
#include "notice/completed_notice.h"

#include "notice/fields.h"
#include "notice/result_notice.h"
#include "notice/texts.h"
#include "notice/values.h"

namespace ringpost::notice
{
namespace
{
Inserts inserts_of(const Texts& texts, const Heading& heading, const CompletedFacts& facts)
{
    Inserts inserts;
    inserts.destination = clean_text_or(facts.destination_number, texts.no_number);
    inserts.source = clean_text_or(facts.source_number, texts.no_number);
    inserts.addressee = clean_text(facts.addressee);
    inserts.subject = clean_text_or(facts.subject, texts.no_subject);
    inserts.asked = fill(text_of(texts, facts.kind, facts.connects).asked, inserts);
    inserts.request = clean_text(facts.request_number);
    inserts.time = in_words(facts.completed);
    inserts.monitor_time = facts.monitor_time ? in_words(texts, *facts.monitor_time) : std::string{};
    inserts.monitor_end = facts.monitor_end ? in_words(*facts.monitor_end) : std::string{};
    inserts.cap = facts.cap ? in_words(texts, *facts.cap) : std::string{};
    inserts.domain = clean_domain(heading.from_domain);
    return inserts;
}

std::string_view retried_text(const Texts& texts, const CompletedFacts& facts)
{
    if (facts.kind != RequestKind::camp_on)
    {
        return {};
    }
    if (!facts.monitor_time)
    {
        return facts.cap ? texts.retried_with_cap : texts.retried_until_success;
    }
    return facts.monitor_end ? texts.retried_to : texts.retried_for;
}

std::string completed_text(const Texts& texts, const CompletedFacts& facts, const Inserts& inserts)
{
    const bool has_number = !inserts.request.empty();
    Paragraphs text(texts);
    text.say(facts.trigger == Trigger::user_reception ? texts.completed_user_reception
                                                      : texts.completed_system_recognition,
             inserts);
    text.end();
    text.say(retried_text(texts, facts), inserts);
    text.say(facts.shortened && facts.cap ? texts.shortened : std::string_view{}, inserts);
    text.say(facts.result_notification ? texts.result_follows : std::string_view{}, inserts).end();
    text.say(has_number ? texts.request_number : std::string_view{}, inserts).end();
    text.say(has_number && facts.cancel_by_reply ? texts.cancel_by_reply : std::string_view{}, inserts).end();
    text.say(texts.footer, inserts);
    return text.take();
}
} // namespace

std::string completed_part(const CompletedFacts& facts)
{
    std::string out;
    append_field(out, "Request-Number", facts.request_number);
    append_field(out, "Request", word(facts.kind));
    append_field(out, "Destination-Number", facts.destination_number);
    append_field(out, "Source-Number", facts.source_number);
    append_field(out, "Trigger", word(facts.trigger));
    append_field(out, "Monitor-Time", facts.monitor_time ? format_duration(*facts.monitor_time) : std::string{});
    append_field(out, "Monitor-End", facts.monitor_end ? format_rfc3339(*facts.monitor_end) : std::string{});
    return out;
}

std::string completed_notice(const Heading& heading, const CompletedFacts& facts)
{
    const auto& texts = notice::texts(heading.language);
    const auto inserts = inserts_of(texts, heading, facts);
    Report report;
    report.heading = heading;
    report.subject = fill(texts.completed_subject, inserts);
    report.text = completed_text(texts, facts, inserts);
    report.machine = {.media_type = std::string(result_media_type), .text = completed_part(facts)};
    return write(report);
}
} // namespace ringpost::notice
