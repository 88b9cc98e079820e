// SPDX-License-Identifier: Apache-2.0
// The octets between DATA's 354 and its end (RFC 5321 4.1.1.4, 4.5.2). Only <CRLF>.<CRLF> ends a mail: whoever takes
// a bare CR or LF for a line end there can be made to see two mails in one ("SMTP smuggling"). A first octet of the
// mail that is `.` counts as at a line's start, as the DATA command's own CRLF stands before it.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
class DataReader
{
public:
    enum class Verdict
    {
        more,
        complete
    };

    struct Fed
    {
        std::size_t consumed = 0; ///< octets of the chunk that belong to the mail; the rest are the next commands
        Verdict verdict = Verdict::more;
    };

    /// `size_limit`: octets of the mail as stored, dots removed; 0: none.
    explicit DataReader(std::uint64_t size_limit) : size_limit_(size_limit) {}

    /// Takes the next octets, however they are cut. After `complete` it takes nothing more.
    Fed feed(std::string_view chunk);

    /// The mail's octets since the last take(), dots removed, final CRLF included. After a violation nothing is kept,
    /// and what was kept before is dropped: such a mail is refused whole.
    [[nodiscard]] std::string take();

    /// The first reason to refuse the mail, while reading goes on to its real end: Errc::malformed for a bare CR, a
    /// bare LF or a NUL, Errc::too_large. The text names the line.
    [[nodiscard]] std::optional<Failure> violation() const;

    /// Octets of the mail so far (a violation's included), dots removed.
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// Octets read so far, for a session that gives up on a peer who never ends.
    [[nodiscard]] std::uint64_t received() const { return received_; }

private:
    enum class State
    {
        line_start,
        dot,    ///< a `.` at a line's start, not yet in the output
        dot_cr, ///< `.` CR at a line's start
        text,
        text_cr, ///< CR at the end of a chunk within a line
        ended
    };
    enum class Fault
    {
        none,
        bare_cr,
        bare_lf,
        nul,
        too_large
    };

    std::size_t read_text(std::string_view chunk, std::size_t at);
    void check_text(std::string_view chunk, std::size_t run, std::size_t from, std::size_t to);
    void end_line();
    void note(Fault fault, std::size_t pending);
    void put(std::string_view octets);

    std::uint64_t size_limit_;
    std::uint64_t size_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t line_ = 1;
    State state_ = State::line_start;
    Fault fault_ = Fault::none;
    std::uint64_t fault_line_ = 0;
    std::string output_;
};
} // namespace ringpost::mta
