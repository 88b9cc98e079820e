// SPDX-License-Identifier: Apache-2.0
#include "mta/server/data_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::mta
{
DataReader::Fed DataReader::feed(std::string_view chunk)
{
    std::size_t at = 0;
    while (at < chunk.size() && state_ != State::ended)
    {
        switch (state_)
        {
        case State::line_start:
            state_ = State::text;
            if (chunk[at] == '.')
            {
                state_ = State::dot;
                ++at;
            }
            break;
        case State::dot:
            // RFC 5321 4.5.2: the first dot goes away whatever follows it.
            state_ = State::text;
            if (chunk[at] == '\r')
            {
                state_ = State::dot_cr;
                ++at;
            }
            break;
        case State::dot_cr:
        case State::text_cr:
            if (chunk[at] != '\n')
            {
                note(Fault::bare_cr, 0);
                put("\r");
                state_ = State::text;
                break;
            }
            ++at;
            if (state_ == State::dot_cr)
            {
                state_ = State::ended;
                break;
            }
            put("\r\n");
            end_line();
            break;
        case State::text:
            at = read_text(chunk, at);
            break;
        case State::ended:
            break;
        }
    }
    received_ += at;
    return {at, state_ == State::ended ? Verdict::complete : Verdict::more};
}

/// The hot path: whole lines at a time, without copying each; returns where it stopped.
std::size_t DataReader::read_text(std::string_view chunk, std::size_t at)
{
    const std::size_t run = at; // from here on not yet in the output
    while (state_ == State::text)
    {
        const std::size_t cr = std::min(chunk.find('\r', at), chunk.size());
        check_text(chunk, run, at, cr);
        at = cr;
        if (cr == chunk.size())
        {
            break;
        }
        if (cr + 1 == chunk.size())
        {
            put(chunk.substr(run, cr - run));
            state_ = State::text_cr;
            return chunk.size();
        }
        if (chunk[cr + 1] != '\n')
        {
            note(Fault::bare_cr, cr - run);
            at = cr + 1;
            continue;
        }
        at = cr + 2;
        end_line();
        // A line that does not begin with a dot needs nothing done: it stays in this run.
        if (at < chunk.size() && chunk[at] != '.')
        {
            state_ = State::text;
        }
    }
    put(chunk.substr(run, at - run));
    return at;
}

/// Looks for what must not be within a line: octets `from` to `to` of the run that began at `run`.
void DataReader::check_text(std::string_view chunk, std::size_t run, std::size_t from, std::size_t to)
{
    const std::string_view text = chunk.substr(from, to - from);
    const std::size_t lf = text.find('\n');
    const std::size_t nul = text.find('\0');
    if (lf != std::string_view::npos || nul != std::string_view::npos)
    {
        note(lf < nul ? Fault::bare_lf : Fault::nul, from - run + std::min(lf, nul));
    }
}

void DataReader::end_line()
{
    ++line_;
    state_ = State::line_start;
}

/// `pending`: octets before the fault that are not yet counted; the limit may have been reached within them, and what
/// is noted must not depend on how the octets were cut.
void DataReader::note(Fault fault, std::size_t pending)
{
    if (fault_ == Fault::none)
    {
        fault_ = size_limit_ != 0 && size_ + pending > size_limit_ ? Fault::too_large : fault;
        fault_line_ = line_;
        output_ = {};
    }
}

void DataReader::put(std::string_view octets)
{
    size_ += octets.size();
    if (size_limit_ != 0 && size_ > size_limit_)
    {
        note(Fault::too_large, 0);
    }
    if (fault_ == Fault::none)
    {
        output_ += octets;
    }
}

std::string DataReader::take()
{
    return std::exchange(output_, {});
}

std::optional<Failure> DataReader::violation() const
{
    const auto in_line = [this](std::string_view what) {
        return fail(Errc::malformed, "", fmt::format("{} in line {} of the message", what, fault_line_));
    };
    switch (fault_)
    {
    case Fault::none:
        break;
    case Fault::bare_cr:
        return in_line("bare CR");
    case Fault::bare_lf:
        return in_line("bare LF");
    case Fault::nul:
        return in_line("NUL octet");
    case Fault::too_large:
        return fail(Errc::too_large, "", fmt::format("Message size exceeds the limit of {} octets", size_limit_));
    }
    return std::nullopt;
}
} // namespace ringpost::mta
