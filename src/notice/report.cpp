// SPDX-License-Identifier: Apache-2.0
#include "notice/report.h"

#include "core/base64.h"
#include "notice/encoding.h"
#include "notice/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ringpost::notice
{
namespace
{
constexpr std::string_view preamble =
    "This is a notice of the mail and telephone gateway Ringpost, in MIME format.\r\n";

struct Part
{
    std::string fields; ///< MIME header lines, each with CRLF
    std::string body;
};

std::string subject_field(std::string_view subject)
{
    const auto clean = clean_text(subject, 600);
    const bool ascii = std::all_of(clean.begin(), clean.end(), [](char c) { return c >= ' ' && c <= '~'; });
    // What looks like an encoded-word must not be read as one (RFC 2047 5).
    const bool plain = ascii && clean.size() <= 69 && clean.find("=?") == std::string::npos;
    return fmt::format("Subject: {}\r\n", plain ? clean : encoded_words(clean));
}

void append_id_field(std::string_view name, std::string_view id, std::string& out)
{
    const auto clean = clean_address(id);
    if (!clean.empty())
    {
        out += fmt::format("{}: <{}>\r\n", name, clean);
    }
}

/// The header block alone, in whole lines where the limit cuts it.
std::string_view original_header_block(std::string_view octets)
{
    std::size_t at = 0;
    while (at < octets.size())
    {
        const auto end = octets.find('\n', at);
        const auto line = octets.substr(at, end == std::string_view::npos ? end : end - at);
        if (line.empty() || line == "\r")
        {
            break;
        }
        const auto next = end == std::string_view::npos ? octets.size() : end + 1;
        if (next > original_headers_limit)
        {
            break;
        }
        at = next;
    }
    return octets.substr(0, at);
}

std::string_view identity_of(const Heading& heading)
{
    const auto& mail = heading.original_mail;
    return std::all_of(mail.begin(), mail.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }) ? "7bit"
                                                                                                              : "8bit";
}

std::vector<Part> make_parts(const Report& report)
{
    std::vector<Part> parts;
    const auto text = encode_text(report.text, 78);
    parts.push_back({fmt::format("Content-Type: text/plain; charset=utf-8\r\nContent-Language: {}\r\n"
                                 "Content-Transfer-Encoding: {}\r\n",
                                 tag(report.heading.language), text.transfer_encoding),
                     text.octets});
    const auto machine = encode_text(report.machine.text, 998);
    parts.push_back({fmt::format("Content-Type: {}\r\nContent-Transfer-Encoding: {}\r\n",
                                 clean_ascii(report.machine.media_type), machine.transfer_encoding),
                     machine.octets});
    if (!report.heading.original_mail.empty())
    {
        // RFC 2046 5.2.1: no encoding but the identity.
        parts.push_back({fmt::format("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {}\r\n",
                                     identity_of(report.heading)),
                         report.heading.original_mail});
        return parts;
    }
    const auto original = original_header_block(report.heading.original_headers);
    if (!original.empty())
    {
        const auto headers = encode_headers(original);
        parts.push_back({fmt::format("Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: {}\r\n",
                                     headers.transfer_encoding),
                         headers.octets});
    }
    return parts;
}

/// FNV-1a: spreads, hides nothing. A sender cannot know the Message-ID that the notice will have.
std::uint64_t hash(std::string_view text, std::uint64_t value)
{
    for (const char c : text)
    {
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return value;
}

std::string choose_boundary(const Heading& heading, const std::vector<Part>& parts)
{
    const auto seed =
        hash(heading.message_id, 0xCBF29CE484222325ULL ^ static_cast<std::uint64_t>(to_micros(heading.date)));
    for (std::uint64_t attempt = 0;; ++attempt)
    {
        // `=_` stands in no quoted-printable and no base64 text (RFC 2045 6.7). A part has fewer places for a boundary
        // than octets, so this ends.
        auto boundary = fmt::format("=_ringpost_{:016x}", hash(fmt::format("{}", attempt), seed));
        const bool taken = std::any_of(parts.begin(), parts.end(), [&boundary](const Part& part) {
            return part.body.find(boundary) != std::string::npos;
        });
        if (!taken)
        {
            return boundary;
        }
    }
}

/// The parts between their delimiters.
std::string joined(const std::vector<Part>& parts, const std::string& boundary)
{
    std::string out;
    for (const auto& part : parts)
    {
        // The CRLF in front of a delimiter belongs to it (RFC 2046 5.1.1).
        out += fmt::format("\r\n--{}\r\n{}\r\n", boundary, part.fields);
        out += part.body;
    }
    return out + fmt::format("\r\n--{}--\r\n", boundary);
}

/// RFC 2045 6.4: that of a multipart tells of its parts.
std::string encoding_of_whole(const Report& report)
{
    return identity_of(report.heading) == "8bit" ? "Content-Transfer-Encoding: 8bit\r\n" : "";
}

Part report_of(const Report& report)
{
    const auto parts = make_parts(report);
    const auto boundary = choose_boundary(report.heading, parts);
    const auto media_type = clean_ascii(report.machine.media_type);
    const auto subtype = media_type.substr(std::min(media_type.size(), media_type.find('/') + 1));
    return {encoding_of_whole(report) +
                fmt::format("Content-Type: multipart/report; report-type=\"{}\";\r\n boundary=\"{}\"\r\n", subtype,
                            boundary),
            joined(parts, boundary)};
}

Part part_of(const Attachment& attachment)
{
    const auto name = clean_ascii(attachment.file_name);
    return {fmt::format("Content-Type: {}; name=\"{}\"\r\nContent-Disposition: attachment; filename=\"{}\"\r\n"
                        "Content-Transfer-Encoding: base64\r\n",
                        clean_ascii(attachment.media_type), name, name),
            base64_lines(attachment.octets)};
}

std::string heading_fields(const Report& report)
{
    const auto& heading = report.heading;
    std::string out = fmt::format("From: \"Ringpost\" <postmaster@{}>\r\nTo: <{}>\r\n{}Date: {}\r\n",
                                  clean_domain(heading.from_domain), clean_address(heading.to),
                                  subject_field(report.subject), format_mail_date(heading.date));
    append_id_field("Message-ID", heading.message_id, out);
    if (heading.in_reply_to)
    {
        append_id_field("In-Reply-To", *heading.in_reply_to, out);
        append_id_field("References", *heading.in_reply_to, out);
    }
    // RFC 3834 5: made by no person; nobody answers it automatically.
    out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
    return out;
}
} // namespace

std::string write(const Report& report)
{
    std::string out = heading_fields(report);
    Part whole = report_of(report);
    if (report.attachments.empty())
    {
        return out + whole.fields + "\r\n" + std::string(preamble) + whole.body;
    }
    std::vector<Part> parts{std::move(whole)};
    for (const auto& attachment : report.attachments)
    {
        parts.push_back(part_of(attachment));
    }
    const auto boundary = choose_boundary(report.heading, parts);
    out += encoding_of_whole(report) +
           fmt::format("Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n{}", boundary, preamble);
    return out + joined(parts, boundary);
}
} // namespace ringpost::notice
