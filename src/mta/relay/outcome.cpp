// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/outcome.h"

#include "mta/server/ascii.h"
#include "mta/server/reply.h"

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t max_text = 1000;

bool is_short_number(std::string_view text)
{
    return !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), ascii::is_digit);
}

/// status-code = ("2" / "4" / "5") "." 1*3digit "." 1*3digit (RFC 3463 2), of the class of the basic code.
std::string_view enhanced_code(std::string_view line, int code)
{
    const std::string_view word = line.substr(0, line.find(' '));
    const std::size_t dot = word.find('.', 2);
    const bool shaped = word.size() >= 5 && word[0] - '0' == code / 100 && word[1] == '.' &&
                        dot != std::string_view::npos && is_short_number(word.substr(2, dot - 2)) &&
                        is_short_number(word.substr(dot + 1));
    return shaped ? word : std::string_view{};
}
} // namespace

Outcome outcome_of(const ServerReply& reply)
{
    Outcome outcome;
    outcome.kind = is_success(reply)     ? Outcome::Kind::delivered
                   : is_permanent(reply) ? Outcome::Kind::permanent
                                         : Outcome::Kind::temporary;
    outcome.code = reply.code;
    std::string text;
    for (const std::string& line : reply.lines)
    {
        const std::string_view enhanced = enhanced_code(line, reply.code);
        if (outcome.enhanced.empty())
        {
            outcome.enhanced = enhanced;
        }
        const std::string_view words = ascii::trim(std::string_view(line).substr(enhanced.size()));
        text += text.empty() || words.empty() ? "" : " ";
        text += words;
        if (text.size() > max_text)
        {
            break;
        }
    }
    outcome.text = printable_line(text, max_text);
    return outcome;
}

Outcome unreadable_mail()
{
    Outcome outcome;
    outcome.enhanced = "4.3.0";
    outcome.text = "the gateway cannot read the mail where it is stored; its administrator finds more in the log";
    return outcome;
}
} // namespace ringpost::mta
