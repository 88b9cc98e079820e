// SPDX-License-Identifier: Apache-2.0
#include "notice/inquiry_notice.h"

#include "notice/fields.h"
#include "notice/texts.h"
#include "notice/values.h"

namespace ringpost::notice
{
namespace
{
Inserts inserts_of(const Texts& texts, const InquiryFacts& facts)
{
    Inserts inserts;
    inserts.destination = clean_text_or(facts.destination_number, texts.no_number);
    inserts.source = clean_text_or(facts.source_number, texts.no_number);
    inserts.remote = clean_text_or(facts.name, clean_text(facts.sender));
    inserts.subject = clean_text_or(facts.subject, texts.no_subject);
    inserts.request = clean_text(facts.request_number);
    inserts.time = in_words(facts.until);
    inserts.detail = clean_text(facts.link, 900);
    return inserts;
}

std::string_view question_of(const Texts& texts, Medium content)
{
    switch (content)
    {
    case Medium::voice:
        return texts.ask_voice;
    case Medium::fax:
        return texts.ask_fax;
    default:
        return texts.ask_connection;
    }
}

std::string machine_part(const InquiryFacts& facts)
{
    std::string out;
    append_field(out, "Request-Number", facts.request_number);
    append_field(out, "Sender", facts.sender);
    append_field(out, "Destination-Number", facts.destination_number);
    append_field(out, "Source-Number", facts.source_number);
    append_field(out, "Medium", word(facts.content));
    append_field(out, "Link", facts.link);
    append_field(out, "Until", format_rfc3339(facts.until));
    return out;
}
} // namespace

std::string spoken_inquiry(Language language, const std::string& name)
{
    const auto& texts = notice::texts(language);
    Inserts inserts;
    inserts.remote = clean_text(name, 80);
    return fill(inserts.remote.empty() ? texts.spoken_inquiry : texts.spoken_inquiry_of, inserts);
}

std::string_view spoken_pin_question(Language language)
{
    return notice::texts(language).spoken_pin_question;
}

std::string inquiry_question(Language language, const InquiryFacts& facts)
{
    const auto& texts = notice::texts(language);
    return fill(question_of(texts, facts.content), inserts_of(texts, facts));
}

std::string inquiry_notice(const Heading& heading, const InquiryFacts& facts)
{
    const auto& texts = notice::texts(heading.language);
    Inserts inserts = inserts_of(texts, facts);
    inserts.domain = clean_domain(heading.from_domain);
    inserts.asked = fill(question_of(texts, facts.content), inserts);
    Paragraphs text(texts);
    text.say(texts.asked_by, inserts);
    text.say(question_of(texts, facts.content), inserts).end();
    text.say(texts.answer_by_reply, inserts).end();
    text.say(facts.link.empty() ? std::string_view{} : texts.answer_by_link, inserts).end();
    text.say(texts.silence_is_no, inserts).end();
    text.say(texts.request_number, inserts).end();
    text.say(texts.footer, inserts);
    Report report;
    report.heading = heading;
    report.subject = fill(texts.inquiry_subject, inserts);
    report.text = text.take();
    report.machine = {.media_type = std::string(inquiry_media_type), .text = machine_part(facts)};
    return write(report);
}
} // namespace ringpost::notice
