// SPDX-License-Identifier: Apache-2.0
#include "notice/texts.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace ringpost;
using namespace ringpost::notice;

TEST_CASE("Every cause and kind has its own sentences in both languages")
{
    for (const auto language : {Language::en, Language::ja})
    {
        const auto& table = texts(language);
        std::set<std::string_view> happened;
        for (const auto& [cause, spelling] : Spelling<Cause>::words)
        {
            CAPTURE(spelling);
            const auto& text = text_of(table, cause);
            CHECK_FALSE(text.words.empty());
            CHECK_FALSE(text.happened.empty());
            CHECK_FALSE(text.next.empty());
            happened.insert(text.happened);
        }
        CHECK(happened.size() == Spelling<Cause>::words.size() - 1);
        for (const auto& [kind, spelling] : Spelling<RequestKind>::words)
        {
            CAPTURE(spelling);
            for (const bool connects : {true, false})
            {
                const auto& text = text_of(table, kind, connects);
                CHECK_FALSE(text.asked.empty());
                CHECK_FALSE(text.done.empty());
                CHECK_FALSE(text.done_subject.empty());
                CHECK_FALSE(text.failed_subject.empty());
            }
        }
    }
}

TEST_CASE("Every sentence can be filled in, and inserted braces are not read again")
{
    Inserts inserts;
    inserts.destination = "{source}";
    inserts.source = "{";
    for (const auto language : {Language::en, Language::ja})
    {
        const auto& table = texts(language);
        for (const auto& text : table.causes)
        {
            CHECK_NOTHROW(fill(text.words, inserts));
            CHECK_NOTHROW(fill(text.happened, inserts));
            CHECK_NOTHROW(fill(text.next, inserts));
        }
        for (const auto& text : table.findings)
        {
            CHECK_FALSE(text.detail.empty());
            CHECK_FALSE(fill(text.reason, inserts).empty());
            CHECK_FALSE(fill(text.next, inserts).empty());
        }
        auto kinds = std::vector(table.kinds.begin(), table.kinds.end());
        kinds.push_back(table.contents_only);
        for (const auto& text : kinds)
        {
            CHECK_NOTHROW(fill(text.asked, inserts));
            CHECK_NOTHROW(fill(text.done_subject, inserts));
            CHECK_NOTHROW(fill(text.failed_subject, inserts));
            CHECK_NOTHROW(fill(text.done, inserts));
        }
    }
    CHECK(fill("{destination}!", inserts) == "{source}!");
}

TEST_CASE("Times and durations are told in words")
{
    CHECK(in_words(from_micros(1795168561000000)) == "2026-11-20 09:56:01 UTC");
    CHECK(in_words(texts_en(), 5400s) == "1 hour 30 minutes");
    CHECK(in_words(texts_en(), 86401s) == "1 day 1 second");
    CHECK(in_words(texts_en(), 0s) == "0 seconds");
    CHECK(in_words(texts_ja(), 5400s) == "1時間30分");
}

TEST_CASE("A status code has the reason of its longest match")
{
    const auto& table = texts_en();
    CHECK(reason_of(table, "5.1.1").reason == "There is no mailbox with that address.");
    CHECK(reason_of(table, "5.1.10").reason == "The domain of that address takes no mail.");
    CHECK(reason_of(table, "5.1.3").reason == "The address is not right.");
    CHECK(reason_of(table, "4.4.7").reason == "The mail could not be delivered within the time that is given to it.");
    CHECK(reason_of(table, "5.0.0").reason == "The mail could not be delivered.");
    CHECK(reason_of(table, "").reason == "The mail could not be delivered.");
}
