// SPDX-License-Identifier: Apache-2.0
#include "notice/texts.h"

#include "notice/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringpost::notice
{
namespace
{
using Insert = std::pair<std::string_view, std::string Inserts::*>;

constexpr std::array inserts_by_name{Insert{"destination", &Inserts::destination},
                                     Insert{"source", &Inserts::source},
                                     Insert{"addressee", &Inserts::addressee},
                                     Insert{"subject", &Inserts::subject},
                                     Insert{"asked", &Inserts::asked},
                                     Insert{"cause", &Inserts::cause},
                                     Insert{"request", &Inserts::request},
                                     Insert{"attempts", &Inserts::attempts},
                                     Insert{"started", &Inserts::started},
                                     Insert{"ended", &Inserts::ended},
                                     Insert{"time", &Inserts::time},
                                     Insert{"monitor_time", &Inserts::monitor_time},
                                     Insert{"monitor_end", &Inserts::monitor_end},
                                     Insert{"cap", &Inserts::cap},
                                     Insert{"recipient", &Inserts::recipient},
                                     Insert{"detail", &Inserts::detail},
                                     Insert{"remote", &Inserts::remote},
                                     Insert{"bit_rate", &Inserts::bit_rate},
                                     Insert{"domain", &Inserts::domain},
                                     Insert{"content", &Inserts::content},
                                     Insert{"pages", &Inserts::pages},
                                     Insert{"file", &Inserts::file}};

/// A name that no table of sentences should have is a fault of the table.
const std::string& insert_of(std::string_view name, const Inserts& inserts)
{
    const auto* const found = std::find_if(inserts_by_name.begin(), inserts_by_name.end(),
                                           [name](const auto& each) { return each.first == name; });
    if (found == inserts_by_name.end())
    {
        throw std::logic_error("a sentence names {" + std::string(name) + "}, which no notice has");
    }
    return inserts.*found->second;
}
} // namespace

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
    std::string text;
    text.reserve(sentence.size() + 80);
    for (std::size_t open = sentence.find_first_of("{}"); open != std::string_view::npos;
         open = sentence.find_first_of("{}"))
    {
        const std::size_t close = sentence.find('}', open);
        if (sentence[open] == '}' || close == std::string_view::npos)
        {
            throw std::logic_error("a sentence has a brace alone: " + std::string(sentence));
        }
        text += sentence.substr(0, open);
        text += insert_of(sentence.substr(open + 1, close - open - 1), inserts);
        sentence.remove_prefix(close + 1);
    }
    return text.append(sentence);
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
