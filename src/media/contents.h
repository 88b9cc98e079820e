// SPDX-License-Identifier: Apache-2.0
// The numbered contents of a mail: leaf parts in order, exchange-information and scenario parts included.
// multipart/alternative and multipart/related count as one content each, message/rfc822 as one that is never looked
// into; images of a signature (image/*, inline, with Content-ID; not image/tiff, which is a FAX) do not count.
#pragma once

#include "core/result.h"
#include "media/structure_scan.h"
#include "media/transfer_codec.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
inline constexpr std::string_view exchange_information_type = "application/vnd.ringpost.exchange-information";
inline constexpr std::string_view scenario_type = "application/vnd.ringpost.scenario";

enum class ContentKind
{
    exchange_information, ///< by media type, or file name `*.exchange`
    scenario,             ///< by media type, or file name `*.scenario`
    text,                 ///< text/*
    voice,                ///< audio/*
    fax_image,            ///< image/tiff
    pdf,
    other
};

/// `exchange_information`, `voice` …: for logs and lists.
[[nodiscard]] std::string_view to_string(ContentKind kind);

/// `media_type` in lower case; `name`: file name, or empty.
[[nodiscard]] ContentKind kind_of(std::string_view media_type, std::string_view name);

/// One body with what its header says about it.
struct Body
{
    ContentKind kind = ContentKind::other;
    std::string media_type; ///< lower case
    std::string file_name;  ///< UTF-8; filename= of Content-Disposition, else name= of Content-Type; empty: none
    std::string charset;    ///< as written; empty: none
    std::optional<TransferEncoding> encoding = TransferEncoding::identity; ///< nullopt: one that nobody knows
    bool attachment = false;                                               ///< Content-Disposition: attachment
    Range octets;                                                          ///< in the mail, still encoded
};

struct Content
{
    int number = 0;            ///< 1, 2, 3 …
    Body body;                 ///< of an alternative or related: the whole of it, kind text where it has a text
    std::vector<Body> members; ///< leaves of an alternative or related, in order; otherwise empty

    /// The bodies that hold something: the members, or the one body.
    [[nodiscard]] std::vector<const Body*> bodies() const;
};

[[nodiscard]] std::vector<Content> contents_of(const MailStructure& structure);

/// Those that can be sent by FAX, in order: TIFF, PDF, and text with a text/plain.
[[nodiscard]] std::vector<const Content*> documents_of(const std::vector<Content>& contents);

/// Decoded octets, at most `limit`. Errors as of decode(); Errc::malformed for an unknown transfer encoding.
[[nodiscard]] Result<std::string> decoded(std::string_view mail, const Body& body, std::size_t limit,
                                          AtLimit at_limit = AtLimit::fail);

/// As above; of an alternative or related its first text/plain (Errc::unsupported where it has none).
[[nodiscard]] Result<std::string> decoded(std::string_view mail, const Content& content, std::size_t limit);

/// The first text/plain that is neither an attachment nor an order; nullptr where there is none.
[[nodiscard]] const Body* first_text(const std::vector<Content>& contents);
} // namespace ringpost::media
