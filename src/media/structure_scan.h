// SPDX-License-Identifier: Apache-2.0
// The MIME structure of a mail (RFC 2045, 2046 5.1) as octet ranges, found in one pass without recursion. Boundaries
// match exactly, innermost first; a missing end of an inner multipart is supplied by the boundary of an outer one.
// A multipart without boundary parameter is one leaf; message/* is a leaf whose inside is never looked at. What is read
// so, other programs may read in another way: that is a flaw, which is told.
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "media/header_block.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
/// Octets [begin, end) of the mail.
struct Range
{
    std::size_t begin{};
    std::size_t end{};
    [[nodiscard]] std::size_t size() const { return end - begin; }
    [[nodiscard]] std::string_view of(std::string_view mail) const { return mail.substr(begin, size()); }
    auto operator<=>(const Range&) const = default;
};

struct Part
{
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    HeaderBlock header; ///< field offsets count from header_begin
    std::size_t header_begin{};
    Range body; ///< without the line end that belongs to the boundary
    std::size_t parent = none;
    std::size_t level = 0;  ///< multiparts around it
    bool multipart = false; ///< its children are parts of their own; otherwise a leaf
    std::string
        media_type; ///< `text/plain`, lower case; the default of RFC 2045 5.2, 2046 5.1.5 where none is readable
    Parameters content_type; ///< its parameters
};

/// Parts in the order of the mail, an outer one before those inside it; the first is the mail itself. Refers to the
/// octets that were scanned.
struct MailStructure
{
    std::vector<Part> parts;
    /// The first multipart that has no boundary, no end, or a boundary of which that of one around it is the beginning
    /// (RFC 2046 5.1.1, 5.1.2). Errc::malformed, with its line.
    std::optional<Failure> flaw;
    [[nodiscard]] std::size_t leaf_count() const;
};

/// Linear in the mail; never fails but by a limit: Errc::too_large, where() is the configuration key (`scan.levels`,
/// `scan.parts` or one of HeaderBlock; `scan.headers` counts the headers of all parts together).
[[nodiscard]] Result<MailStructure> scan_structure(std::string_view mail, const ScanLimits& limits);
} // namespace ringpost::media
