// SPDX-License-Identifier: Apache-2.0
// Reader of one header block (RFC 5322 2.2, 4.5) without copying: everything refers to the octets it was given, which
// must outlive it. It decides alone what a field is; nothing else in the gateway reads headers.
//
// Tolerated: LF as line end, blanks before the colon (RFC 5322 4.5.8). A line that is no field ends the header and is
// the first line of the body, as mail readers do it. Linear in the octets read.
#pragma once

#include "core/limits.h"
#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringpost::media
{
struct Field
{
    std::string_view name;  ///< as written, without blanks and colon
    std::string_view value; ///< raw, after the colon: folds included, without the last line end
    std::size_t offset{};   ///< of the name, in the octets read
    std::size_t length{};   ///< name to last line end, both included
};

class HeaderBlock
{
public:
    /// Reads until the header ends or a limit is met: then `limit_met()` names it and `fields()` holds what came
    /// before. Never fails otherwise; no octets are an empty header.
    [[nodiscard]] static HeaderBlock read(std::string_view octets, const ScanLimits& limits);

    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    /// The first field of that name (any case); nullptr where there is none.
    [[nodiscard]] const Field* find(std::string_view name) const;
    [[nodiscard]] std::vector<const Field*> all(std::string_view name) const;
    /// Unfolded value of the first field of that name; empty where there is none.
    [[nodiscard]] std::string value(std::string_view name) const;

    /// Octets of the fields.
    [[nodiscard]] std::size_t length() const { return length_; }
    /// Offset of the body: after the empty line, or of the line that is no field.
    [[nodiscard]] std::size_t body_offset() const { return body_offset_; }
    /// Errc::too_large; where() is the configuration key, `scan.header_line`, `scan.headers` or `scan.fields`.
    [[nodiscard]] const std::optional<Failure>& limit_met() const { return limit_met_; }

    /// Ends the header before the field at `offset`: for a boundary line that looks like a field.
    void cut_at(std::size_t offset);

private:
    std::vector<Field> fields_;
    std::size_t length_ = 0;
    std::size_t body_offset_ = 0;
    std::optional<Failure> limit_met_;
};

/// HeaderBlock::read where a limit met is a failure.
[[nodiscard]] Result<HeaderBlock> read_header_block(std::string_view octets, const ScanLimits& limits);

/// A raw value without its folding (RFC 5322 2.2.3) and without blanks at its ends.
[[nodiscard]] std::string unfolded(std::string_view raw_value);

/// A value with parameters (RFC 2045 5.1, RFC 2183).
struct Parameters
{
    std::string value;                                      ///< before the first `;`, comments and blanks removed
    std::vector<std::pair<std::string, std::string>> items; ///< lower-case names; each name once, the first counts

    /// nullptr where there is none.
    [[nodiscard]] const std::string* find(std::string_view lower_case_name) const;
};

/// Reads quoted strings, comments, and RFC 2231 continuations and charsets (then the value is UTF-8; the extended form
/// is preferred to a plain one of the same name). A value without RFC 2231 is left as it stands. Never fails: what
/// cannot be read is left out.
[[nodiscard]] Parameters parameters(std::string_view raw_value);
} // namespace ringpost::media
