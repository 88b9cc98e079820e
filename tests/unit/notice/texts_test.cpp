// SPDX-License-Identifier: Apache-2.0
#include "notice/texts.h"

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <stdexcept>
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

namespace
{
/// All of Texts that stand for themselves.
constexpr std::array single_sentences{&Texts::unit_separator,
                                      &Texts::no_number,
                                      &Texts::no_subject,
                                      &Texts::asked_by_mail,
                                      &Texts::asked_otherwise,
                                      &Texts::not_tried,
                                      &Texts::tried_once,
                                      &Texts::tried_often,
                                      &Texts::explanation,
                                      &Texts::voice_heard,
                                      &Texts::voice_failed,
                                      &Texts::voice_broken,
                                      &Texts::fax_sent,
                                      &Texts::fax_failed,
                                      &Texts::fax_speed,
                                      &Texts::fax_speed_and_name,
                                      &Texts::fax_copy,
                                      &Texts::connection_made,
                                      &Texts::connection_failed,
                                      &Texts::request_number,
                                      &Texts::footer,
                                      &Texts::completed_subject,
                                      &Texts::completed_user_reception,
                                      &Texts::completed_system_recognition,
                                      &Texts::retried_for,
                                      &Texts::retried_to,
                                      &Texts::retried_until_success,
                                      &Texts::retried_with_cap,
                                      &Texts::shortened,
                                      &Texts::result_follows,
                                      &Texts::cancel_by_reply,
                                      &Texts::inquiry_subject,
                                      &Texts::asked_by,
                                      &Texts::ask_connection,
                                      &Texts::ask_voice,
                                      &Texts::ask_fax,
                                      &Texts::answer_by_reply,
                                      &Texts::answer_by_link,
                                      &Texts::silence_is_no,
                                      &Texts::spoken_inquiry,
                                      &Texts::spoken_inquiry_of,
                                      &Texts::spoken_pin_question,
                                      &Texts::failed_subject,
                                      &Texts::delayed_subject,
                                      &Texts::failed,
                                      &Texts::delayed,
                                      &Texts::will_retry,
                                      &Texts::will_retry_until,
                                      &Texts::server_said,
                                      &Texts::we_found,
                                      &Texts::failed_next,
                                      &Texts::delayed_next,
                                      &Texts::relayed_subject,
                                      &Texts::relayed,
                                      &Texts::relayed_next,
                                      &Texts::delivered_subject,
                                      &Texts::delivered,
                                      &Texts::delivered_next};
} // namespace

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
        for (const auto& text : table.statuses)
        {
            CHECK_NOTHROW(fill(text.reason, inserts));
            CHECK_NOTHROW(fill(text.next, inserts));
        }
        for (const auto member : single_sentences)
        {
            INFO(table.*member);
            CHECK_NOTHROW(fill(table.*member, inserts));
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
    CHECK(fill("{source}{destination}", inserts) == "{{source}");
    CHECK(fill("", inserts).empty());
    for (const auto* wrong : {"{nothing}", "a {source", "{", "}", "{source}}", "{}"})
    {
        CHECK_THROWS_AS(fill(wrong, inserts), std::logic_error);
    }
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
