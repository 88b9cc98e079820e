// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/reply_reader.h"

#include "mta/server/ascii.h"

#include <algorithm>
#include <utility>

namespace ringpost::mta
{
namespace
{
// RFC 5321 4.5.3.1.5 has 512 octets; some servers say more.
constexpr std::size_t max_line = 2048;
constexpr std::size_t max_lines = 128;

Failure bad_reply(std::string text)
{
    return fail(Errc::malformed, "reply", std::move(text));
}
} // namespace

Result<std::optional<ServerReply>> ReplyReader::next()
{
    while (true)
    {
        const std::string_view left = std::string_view(buffer_).substr(at_);
        const std::size_t end = left.substr(0, max_line).find('\n');
        if (end == std::string_view::npos)
        {
            if (left.size() >= max_line)
            {
                return fail(Errc::too_large, "reply", "a line is longer than 2048 octets");
            }
            // Consumed octets go away once for each feeding, so that reading stays linear.
            buffer_.erase(0, at_);
            at_ = 0;
            return std::optional<ServerReply>();
        }
        if (end == 0 || left[end - 1] != '\r')
        {
            return bad_reply("a line does not end with CR LF");
        }
        const Result<bool> last = take_line(left.substr(0, end - 1));
        if (!last)
        {
            return last.error();
        }
        at_ += end + 1;
        if (*last)
        {
            return std::optional(std::exchange(current_, {}));
        }
    }
}

/// Reply-code [("-" / SP) textstring]; true: the reply's last line.
Result<bool> ReplyReader::take_line(std::string_view line)
{
    const bool has_code =
        line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && ascii::is_digit(line[1]) && ascii::is_digit(line[2]);
    if (!has_code || (line.size() > 3 && line[3] != ' ' && line[3] != '-'))
    {
        return bad_reply("a line does not begin with a reply code");
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (!current_.lines.empty() && code != current_.code)
    {
        return bad_reply("the lines of one reply have different codes");
    }
    if (current_.lines.size() == max_lines)
    {
        return fail(Errc::too_large, "reply", "a reply has more than 128 lines");
    }
    current_.code = code;
    current_.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
    return line.size() == 3 || line[3] == ' ';
}
} // namespace ringpost::mta
