// SPDX-License-Identifier: Apache-2.0
// Every sentence that a notice says, one table for each language (texts_en.cpp, texts_ja.cpp). A sentence has
// the names of Inserts in braces; what is inserted is not looked through again.
#pragma once

#include "core/duration.h"
#include "core/vocabulary.h"
#include "notice/language.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ringpost::notice
{
/// What sentences may name. Values are cleaned by clean_text() before.
struct Inserts
{
    std::string destination;
    std::string source;
    std::string addressee;
    std::string subject; ///< of the original mail
    std::string asked;   ///< KindText::asked, filled in
    std::string cause;   ///< CauseText::words
    std::string request;
    std::string attempts;
    std::string started;
    std::string ended;
    std::string time;
    std::string monitor_time;
    std::string monitor_end;
    std::string cap;
    std::string recipient;
    std::string detail; ///< explanation, or what another server said
    std::string remote;
    std::string bit_rate;
    std::string domain;
    std::string content; ///< its number
    std::string pages;   ///< of a FAX
    std::string file;    ///< that is attached
};

/// One for each RequestKind, in its order.
struct KindText
{
    std::string_view asked;
    std::string_view done_subject;
    std::string_view failed_subject;
    std::string_view done;
};

/// One for each Cause, in its order.
struct CauseText
{
    std::string_view words;    ///< short, for a subject
    std::string_view happened; ///< what happened, to what number
    std::string_view next;     ///< what the reader can do now
};

/// Why a mail was not delivered, by subject and detail of RFC 3463 (`.1.1`; the longest match counts), or by what this
/// gateway has found (bounce.h).
struct StatusText
{
    std::string_view detail;
    std::string_view reason;
    std::string_view next{}; ///< what the reader can do now, where that is not Texts::failed_next
};

struct UnitText
{
    std::string_view one;
    std::string_view many;
};

struct Texts
{
    std::array<KindText, 6> kinds;
    KindText contents_only; ///< recordings and FAXes, and no telephones to be connected
    std::array<CauseText, 17> causes;
    std::array<StatusText, 18> statuses;
    std::array<StatusText, 3> findings;
    std::array<UnitText, 4> units; ///< days, hours, minutes, seconds
    std::string_view unit_separator;
    std::string_view no_number;
    std::string_view no_subject;
    bool blanks_between_words; ///< lines may be broken at blanks, and sentences are joined by one

    std::string_view asked_by_mail;
    std::string_view asked_otherwise;
    std::string_view not_tried;
    std::string_view tried_once;
    std::string_view tried_often;
    std::string_view explanation;
    std::string_view voice_heard;
    std::string_view voice_failed;
    std::string_view voice_broken;
    std::string_view fax_sent;
    std::string_view fax_failed;
    std::string_view fax_speed;
    std::string_view fax_speed_and_name;
    std::string_view fax_copy;
    std::string_view connection_made;
    std::string_view connection_failed;
    std::string_view request_number;
    std::string_view footer;

    std::string_view completed_subject;
    std::string_view completed_user_reception;
    std::string_view completed_system_recognition;
    std::string_view retried_for;
    std::string_view retried_to;
    std::string_view retried_until_success;
    std::string_view retried_with_cap;
    std::string_view shortened;
    std::string_view result_follows;
    std::string_view cancel_by_reply;

    std::string_view inquiry_subject;
    std::string_view asked_by;
    std::string_view ask_connection;
    std::string_view ask_voice;
    std::string_view ask_fax;
    std::string_view answer_by_reply;
    std::string_view answer_by_link;
    std::string_view silence_is_no;
    std::string_view spoken_inquiry;
    std::string_view spoken_inquiry_of;
    std::string_view spoken_pin_question;

    std::string_view failed_subject;
    std::string_view delayed_subject;
    std::string_view failed;
    std::string_view delayed;
    std::string_view will_retry;
    std::string_view will_retry_until;
    std::string_view server_said;
    std::string_view we_found;
    std::string_view failed_next;
    std::string_view delayed_next;
    std::string_view relayed_subject;
    std::string_view relayed;
    std::string_view relayed_next;
    std::string_view delivered_subject;
    std::string_view delivered;
    std::string_view delivered_next;
};

[[nodiscard]] const Texts& texts_en();
[[nodiscard]] const Texts& texts_ja();
[[nodiscard]] const Texts& texts(Language language);

/// `connects`: false where only the contents of the mail are sent, and no telephones are to be connected.
[[nodiscard]] const KindText& text_of(const Texts& texts, RequestKind kind, bool connects);
/// A failure without a cause is told as Cause::error.
[[nodiscard]] const CauseText& text_of(const Texts& texts, Cause cause);
/// The reason for a status code like `5.1.1`.
[[nodiscard]] const StatusText& reason_of(const Texts& texts, std::string_view status);
/// What this gateway has found, as it is stored; nullptr: there are no own words for it.
[[nodiscard]] const StatusText* finding_of(const Texts& texts, std::string_view found);

/// Throws std::logic_error for a name that Inserts has not, and for a brace alone.
[[nodiscard]] std::string fill(std::string_view sentence, const Inserts& inserts);

/// `2026-12-01 09:00:00 UTC`
[[nodiscard]] std::string in_words(Instant instant);
/// `1 hour 30 minutes`, `1時間30分`; whole seconds, at least `0 seconds`.
[[nodiscard]] std::string in_words(const Texts& texts, Duration duration);

/// Paragraphs of a notice. An empty sentence is left out, a paragraph of such too.
class Paragraphs
{
public:
    explicit Paragraphs(const Texts& texts) : texts_(texts) {}
    /// Adds a sentence to the paragraph that is being written.
    Paragraphs& say(std::string_view sentence, const Inserts& inserts);
    Paragraphs& end();
    /// The text so far, wrapped, line ends LF.
    [[nodiscard]] std::string take();

private:
    const Texts& texts_;
    std::string done_;
    std::string current_;
};
} // namespace ringpost::notice
