// SPDX-License-Identifier: Apache-2.0
// Finds lines in a stream of octets that comes in pieces (RFC 5321 2.3.8), in memory bounded by the limit. No I/O.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace ringpost
{
/// A line without its end. `bare_lf`: it ended in LF without CR, which RFC 5321 2.3.8 forbids; the caller decides.
/// Other CR and NUL octets are left in `text`.
struct Line
{
    std::string text;
    bool bare_lf = false;
};

/// Puts one line together.
class LineBuilder
{
public:
    /// `limit`: octets of the line without its end.
    explicit LineBuilder(std::size_t limit) : limit_(limit) {}

    /// Returns how many of `octets` belong to the line; complete() tells whether it ended with them. Not to be called
    /// on a complete line.
    [[nodiscard]] std::size_t add(std::string_view octets);
    [[nodiscard]] bool complete() const { return complete_; }

    /// The complete line. Errc::too_large with `where` if it was longer than the limit.
    [[nodiscard]] Result<Line> take(const std::string& where);

private:
    std::size_t limit_;
    Line line_;
    bool complete_ = false;
    bool overflow_ = false;
};
} // namespace ringpost
