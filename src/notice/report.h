// SPDX-License-Identifier: Apache-2.0
// Writes the mail of every notice: a multipart/report of a sentence for a person, a part for a program and the headers
// of the mail that it is about. Source: RFC 6522 (multipart/report), RFC 3834 (Auto-Submitted), RFC 5322, RFC 2045.
//
// Whatever the values hold, the result is 7 bit, has CRLF line ends and lines of at most 998 octets (but for an
// original that is returned whole), and no value becomes a field, a line or a part of its own. A notice is sent with a
// null envelope sender (spec 2.7).
#pragma once

#include "core/duration.h"
#include "notice/language.h"

#include <optional>
#include <string>
#include <vector>

namespace ringpost::notice
{
/// How many octets of the original's headers a notice repeats.
inline constexpr std::size_t original_headers_limit = 64 * 1024;

/// What every notice needs, whatever it tells.
struct Heading
{
    std::string from_domain; ///< sent as `"Ringpost" <postmaster@from_domain>`
    std::string to;          ///< mail address, without brackets
    Language language = Language::en;
    Instant date{};
    std::string message_id;                 ///< `id@domain`, with or without angle brackets; unique for ever
    std::optional<std::string> in_reply_to; ///< Message-ID of the original mail, likewise
    std::string original_headers;           ///< octets of the original; read to the first empty line, cut at the limit
    std::string original_mail;              ///< the whole original, returned as it is; empty: its header alone
};

struct MachinePart
{
    std::string media_type; ///< `message/delivery-status` or `application/vnd.ringpost.result`
    std::string text;       ///< lines of clean_ascii() values, each ended by LF
};

/// A file beside the report.
struct Attachment
{
    std::string media_type;
    std::string file_name; ///< visible ASCII
    std::string octets;
};

struct Report
{
    Heading heading;
    std::string subject; ///< UTF-8
    std::string text;    ///< UTF-8; paragraphs separated by an empty line, line ends LF
    MachinePart machine;
    std::vector<Attachment> attachments{};
};

/// The whole mail. `report-type` is the subtype of the machine part (RFC 6522 3); without original headers the third
/// part is left out. A report has no more parts than these: with attachments it is the first part of a multipart/mixed
/// (RFC 6522 3 lets it be anywhere).
[[nodiscard]] std::string write(const Report& report);
} // namespace ringpost::notice
