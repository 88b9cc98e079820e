// SPDX-License-Identifier: Apache-2.0
#include "core/line_builder.h"

#include <algorithm>

namespace ringpost
{
std::size_t LineBuilder::add(std::string_view octets)
{
    const std::size_t newline = octets.find('\n');
    complete_ = newline != octets.npos;
    const std::string_view piece = octets.substr(0, newline);
    // One octet more than the limit is kept: it may be the CR of the line's end.
    const std::size_t room = limit_ - std::min(limit_, line_.text.size()) + (line_.text.size() > limit_ ? 0 : 1);
    overflow_ = overflow_ || piece.size() > room;
    if (!overflow_)
    {
        line_.text.append(piece);
    }
    return complete_ ? newline + 1 : octets.size();
}

Result<Line> LineBuilder::take(const std::string& where)
{
    line_.bare_lf = line_.text.empty() || line_.text.back() != '\r';
    if (!line_.bare_lf)
    {
        line_.text.pop_back();
    }
    if (overflow_ || line_.text.size() > limit_)
    {
        return fail(Errc::too_large, where, "the line is too long");
    }
    return std::move(line_);
}
} // namespace ringpost
