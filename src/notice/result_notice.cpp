// SPDX-License-Identifier: Apache-2.0
#include "notice/result_notice.h"

#include "notice/fields.h"
#include "notice/texts.h"
#include "notice/values.h"

#include <fmt/format.h>

namespace ringpost::notice
{
namespace
{
Cause told_cause(const ResultFacts& facts)
{
    return facts.cause == Cause::none ? Cause::error : facts.cause;
}

Inserts inserts_of(const Texts& texts, const Heading& heading, const ResultFacts& facts)
{
    Inserts inserts;
    inserts.destination = clean_text_or(facts.destination_number, texts.no_number);
    inserts.source = clean_text_or(facts.source_number, texts.no_number);
    inserts.addressee = clean_text(facts.addressee);
    inserts.subject = clean_text_or(facts.subject, texts.no_subject);
    inserts.asked = fill(text_of(texts, facts.kind, facts.connects).asked, inserts);
    inserts.cause = fill(text_of(texts, facts.cause).words, inserts);
    inserts.request = clean_text(facts.request_number);
    inserts.attempts = fmt::format("{}", facts.attempts);
    inserts.started = in_words(facts.started);
    inserts.ended = in_words(facts.ended);
    inserts.detail = clean_text(facts.explanation, 1000);
    inserts.domain = clean_domain(heading.from_domain);
    return inserts;
}

std::string_view tried_text(const Texts& texts, const ResultFacts& facts)
{
    // A transfer or a cancel dials nothing by its nature, which need not be said.
    const bool dials = facts.kind <= RequestKind::interruptive_connection;
    if (facts.attempts <= 0)
    {
        return dials && !facts.success ? texts.not_tried : std::string_view{};
    }
    return facts.attempts == 1 ? texts.tried_once : texts.tried_often;
}

std::string_view sentence_of(const Texts& texts, const ContentFacts& content)
{
    switch (content.medium)
    {
    case Medium::voice:
        return content.success                         ? texts.voice_heard
               : content.seconds_heard.value_or(0) > 0 ? texts.voice_broken
                                                       : texts.voice_failed;
    case Medium::fax:
        return content.success ? texts.fax_sent : texts.fax_failed;
    case Medium::exchange:
    case Medium::inquiry:
    case Medium::pin:
        break;
    }
    return content.success ? texts.connection_made : texts.connection_failed;
}

/// The name of the copy of what was sent.
std::string file_name(const ContentFacts& content)
{
    return fmt::format("fax-{}.pdf", content.number);
}

/// A sentence for each content.
void say_contents(Paragraphs& text, const Texts& texts, const ResultFacts& facts, Inserts inserts)
{
    for (const auto& content : facts.contents)
    {
        inserts.content = fmt::format("{}", content.number);
        inserts.time = in_words(texts, std::chrono::seconds(content.seconds_heard.value_or(0)));
        inserts.pages = fmt::format("{}", content.pages.value_or(0));
        inserts.cause = fill(text_of(texts, content.cause).words, inserts);
        inserts.detail = clean_text(content.explanation, 1000);
        inserts.remote = clean_text(content.remote_id, 40);
        inserts.bit_rate = fmt::format("{}", content.bit_rate);
        inserts.file = file_name(content);
        text.say(sentence_of(texts, content), inserts);
        text.say(content.bit_rate == 0    ? std::string_view{}
                 : inserts.remote.empty() ? texts.fax_speed
                                          : texts.fax_speed_and_name,
                 inserts);
        text.say(content.copy.empty() ? std::string_view{} : texts.fax_copy, inserts);
        text.say(content.success || inserts.detail.empty() ? std::string_view{} : texts.explanation, inserts).end();
    }
}

std::string result_text(const Texts& texts, const ResultFacts& facts, const Inserts& inserts)
{
    const auto& cause = text_of(texts, facts.cause);
    Paragraphs text(texts);
    text.say(facts.success ? text_of(texts, facts.kind, facts.connects).done : cause.happened, inserts).end();
    text.say(inserts.detail.empty() ? std::string_view{} : texts.explanation, inserts).end();
    say_contents(text, texts, facts, inserts);
    text.say(facts.success ? std::string_view{} : cause.next, inserts).end();
    text.say(facts.addressee.empty() ? texts.asked_otherwise : texts.asked_by_mail, inserts);
    text.say(tried_text(texts, facts), inserts).end();
    text.say(inserts.request.empty() ? std::string_view{} : texts.request_number, inserts).end();
    text.say(texts.footer, inserts);
    return text.take();
}
} // namespace

std::string result_part(const ResultFacts& facts)
{
    std::string out;
    append_field(out, "Request-Number", facts.request_number);
    append_field(out, "Request", word(facts.kind));
    append_field(out, "Destination-Number", facts.destination_number);
    append_field(out, "Source-Number", facts.source_number);
    append_field(out, "Result", facts.success ? "success" : "failure");
    if (!facts.success)
    {
        append_field(out, "Cause", word(told_cause(facts)));
    }
    append_field(out, "Attempts", fmt::format("{}", facts.attempts));
    append_field(out, "Started", format_rfc3339(facts.started));
    append_field(out, "Ended", format_rfc3339(facts.ended));
    for (const auto& content : facts.contents)
    {
        out += '\n';
        append_field(out, "Content", content.number == 0 ? "exchange" : fmt::format("{}", content.number));
        append_field(out, "Medium", word(content.medium));
        append_field(out, "Result", content.success ? "success" : "failure");
        if (!content.success)
        {
            append_field(out, "Cause", word(content.cause == Cause::none ? Cause::error : content.cause));
        }
        if (content.seconds_heard)
        {
            append_field(out, "Seconds-Heard", fmt::format("{}", *content.seconds_heard));
        }
        if (content.pages)
        {
            append_field(out, "Pages", fmt::format("{}", *content.pages));
        }
        if (content.bit_rate != 0)
        {
            append_field(out, "Bit-Rate", fmt::format("{}", content.bit_rate));
            append_field(out, "Remote-Id", content.remote_id);
        }
    }
    return out;
}

std::string result_notice(const Heading& heading, const ResultFacts& facts)
{
    const auto& texts = notice::texts(heading.language);
    const auto inserts = inserts_of(texts, heading, facts);
    const auto& kind = text_of(texts, facts.kind, facts.connects);
    Report report;
    report.heading = heading;
    report.subject = fill(facts.success ? kind.done_subject : kind.failed_subject, inserts);
    report.text = result_text(texts, facts, inserts);
    report.machine = {.media_type = std::string(result_media_type), .text = result_part(facts)};
    for (const auto& content : facts.contents)
    {
        if (!content.copy.empty())
        {
            report.attachments.push_back({"application/pdf", file_name(content), content.copy});
        }
    }
    return write(report);
}
} // namespace ringpost::notice
