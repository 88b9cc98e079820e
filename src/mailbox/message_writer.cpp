// SPDX-License-Identifier: Apache-2.0
#include "mailbox/message_writer.h"

namespace ringpost::mailbox
{
void MessageWriter::write(std::string_view octets, std::string& out)
{
    while (!octets.empty() && !complete_)
    {
        const auto end = octets.find('\n');
        const bool whole = end != std::string_view::npos;
        const auto piece = octets.substr(0, whole ? end + 1 : octets.size());
        write_in_line(piece, out);
        if (whole)
        {
            end_line();
        }
        octets.remove_prefix(piece.size());
    }
}

void MessageWriter::write_in_line(std::string_view piece, std::string& out)
{
    if (at_line_start_ && piece.front() == '.')
    {
        out += '.';
    }
    // Only the first octet of an empty line may be its CR.
    const auto text = piece.substr(at_line_start_ && piece.front() == '\r' ? 1 : 0);
    line_is_empty_ = line_is_empty_ && (text.empty() || text.front() == '\n');
    at_line_start_ = false;
    out += piece;
    // A bare LF counts as a line end for stuffing, so that a lenient reader sees no early end, but not in front of the
    // closing dot, where a strict reader wants CRLF.
    ends_in_crlf_ = piece.ends_with("\r\n") || (piece == "\n" && after_cr_);
    after_cr_ = piece.back() == '\r';
}

void MessageWriter::end_line()
{
    if (!in_header_ && body_lines_left_)
    {
        --*body_lines_left_;
    }
    in_header_ = in_header_ && !line_is_empty_;
    complete_ = !in_header_ && body_lines_left_ == 0U;
    at_line_start_ = true;
    line_is_empty_ = true;
}

void MessageWriter::finish(std::string& out)
{
    if (!ends_in_crlf_)
    {
        out += "\r\n";
        ends_in_crlf_ = true;
    }
    out += ".\r\n";
}
} // namespace ringpost::mailbox
