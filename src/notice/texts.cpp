// SPDX-License-Identifier: Apache-2.0
#include "notice/texts.h"

#include "notice/encoding.h"

#include <fmt/format.h>

#include <utility>

namespace ringpost::notice
{
const Texts& texts(Language language)
{
    return language == Language::ja ? texts_ja() : texts_en();
}

const KindText& text_of(const Texts& texts, RequestKind kind, bool connects)
{
    return !connects ? texts.contents_only : texts.kinds.at(static_cast<std::size_t>(kind));
}

const CauseText& text_of(const Texts& texts, Cause cause)
{
    return texts.causes.at(static_cast<std::size_t>(cause == Cause::none ? Cause::error : cause));
}

const StatusText& reason_of(const Texts& texts, std::string_view status)
{
    const auto detail = status.substr(status.empty() ? 0 : 1);
    const StatusText* best = &texts.statuses.front(); // the beginning of each
    for (const auto& candidate : texts.statuses)
    {
        // `.1.1` is not the beginning of `.1.10`.
        const bool same = detail.starts_with(candidate.detail) &&
                          (detail.size() == candidate.detail.size() || detail[candidate.detail.size()] == '.' ||
                           candidate.detail.empty());
        if (same && candidate.detail.size() > best->detail.size())
        {
            best = &candidate;
        }
    }
    return *best;
}

const StatusText* finding_of(const Texts& texts, std::string_view found)
{
    const auto* place = std::find_if(texts.findings.begin(), texts.findings.end(),
                                     [found](const StatusText& finding) { return finding.detail == found; });
    return place == texts.findings.end() ? nullptr : place;
}

std::string fill(std::string_view sentence, const Inserts& inserts)
{
    using fmt::arg;
    return fmt::format(fmt::runtime(sentence), arg("destination", inserts.destination), arg("source", inserts.source),
                       arg("addressee", inserts.addressee), arg("subject", inserts.subject),
                       arg("asked", inserts.asked), arg("cause", inserts.cause), arg("request", inserts.request),
                       arg("attempts", inserts.attempts), arg("started", inserts.started), arg("ended", inserts.ended),
                       arg("time", inserts.time), arg("monitor_time", inserts.monitor_time),
                       arg("monitor_end", inserts.monitor_end), arg("cap", inserts.cap),
                       arg("recipient", inserts.recipient), arg("detail", inserts.detail),
                       arg("remote", inserts.remote), arg("domain", inserts.domain), arg("content", inserts.content),
                       arg("pages", inserts.pages), arg("bit_rate", inserts.bit_rate), arg("file", inserts.file));
}

std::string in_words(Instant instant)
{
    auto text = format_rfc3339(instant);
    if (text.size() == 20 && text[10] == 'T' && text.back() == 'Z')
    {
        text[10] = ' ';
        text.replace(19, 1, " UTC");
    }
    return text;
}

std::string in_words(const Texts& texts, Duration duration)
{
    static constexpr std::array<std::int64_t, 4> lengths{86400, 3600, 60, 1};
    auto left = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    std::string words;
    for (std::size_t i = 0; i < lengths.size(); ++i)
    {
        const auto count = left / lengths[i];
        left %= lengths[i];
        if (count > 0 || (i == 3 && words.empty()))
        {
            const auto unit = count == 1 ? texts.units[i].one : texts.units[i].many;
            words += fmt::format("{}{}{}", words.empty() ? "" : texts.unit_separator, count, unit);
        }
    }
    return words;
}

Paragraphs& Paragraphs::say(std::string_view sentence, const Inserts& inserts)
{
    if (!sentence.empty())
    {
        if (!current_.empty())
        {
            current_ += texts_.blanks_between_words ? ' ' : '\n';
        }
        current_ += fill(sentence, inserts);
    }
    return *this;
}

Paragraphs& Paragraphs::end()
{
    const auto paragraph = std::exchange(current_, {});
    if (!paragraph.empty())
    {
        done_ += done_.empty() ? "" : "\n";
        // Japanese has no blanks to break at; there each sentence has its line and the mail client breaks it.
        done_ += texts_.blanks_between_words ? wrap(paragraph, 74) : paragraph + "\n";
    }
    return *this;
}

std::string Paragraphs::take()
{
    end();
    return std::exchange(done_, {});
}
} // namespace ringpost::notice
