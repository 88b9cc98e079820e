// SPDX-License-Identifier: Apache-2.0
// Turns a stored mail into the multi-line answer of RETR or TOP. Source: RFC 1939 3 (byte-stuffing, termination
// octet) and 7 (TOP). Holds a few octets of state, whatever the size of the mail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mailbox
{
/// Fed with the mail in pieces of any size. A line ends at LF; stored mails end every line with CRLF.
class MessageWriter
{
public:
    /// `top_lines`: only the header, the empty line and so many lines of the body; nullopt: the whole mail.
    explicit MessageWriter(std::optional<std::uint32_t> top_lines = std::nullopt) : body_lines_left_(top_lines) {}

    /// Appends the encoded form of the next octets of the mail to `out`: at most twice their number.
    void write(std::string_view octets, std::string& out);
    /// After the last octet (or once complete()): appends the CRLF that the mail lacks, and the closing `.` CRLF.
    void finish(std::string& out);
    /// TOP has all that it wants: the rest of the mail need not be read, and would be ignored.
    [[nodiscard]] bool complete() const { return complete_; }

private:
    void write_in_line(std::string_view piece, std::string& out);
    void end_line();

    std::optional<std::uint32_t> body_lines_left_;
    bool in_header_ = true;
    bool at_line_start_ = true;
    bool line_is_empty_ = true; ///< nothing but a CR so far
    bool complete_ = false;
    bool after_cr_ = false;    ///< the last octet was a CR
    bool ends_in_crlf_ = true; ///< the closing dot may follow
};
} // namespace ringpost::mailbox
