// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/client_commands.h"

#include "mta/server/ascii.h"
#include "mta/server/xtext.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ringpost::mta
{
namespace
{
void read_offer(std::string_view line, ServerOffers& offers)
{
    // `AUTH=PLAIN` is how servers before RFC 2554 announced it.
    const std::size_t end = std::min(line.find_first_of(" ="), line.size());
    const std::string keyword = ascii::upper(line.substr(0, end));
    std::string_view rest = ascii::trim(line.substr(std::min(end + 1, line.size())));
    offers.pipelining |= keyword == "PIPELINING";
    offers.eight_bit |= keyword == "8BITMIME";
    offers.dsn |= keyword == "DSN";
    offers.starttls |= keyword == "STARTTLS";
    offers.mt_priority |= keyword == "MT-PRIORITY";
    if (keyword == "XRINGPOST")
    {
        offers.xringpost = true;
        offers.confidential |= ascii::same(ascii::trim(rest), "CONFIDENTIAL");
    }
    if (keyword == "SIZE")
    {
        offers.size = true;
        std::uint64_t limit = 0;
        const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), limit);
        offers.size_limit = parsed.ec == std::errc() ? limit : 0;
    }
    while (keyword == "AUTH" && !rest.empty())
    {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        offers.auth_plain |= ascii::same(rest.substr(0, blank), "PLAIN");
        rest = ascii::trim_front(rest.substr(blank));
    }
}

std::string notify_value(const Notify& notify)
{
    if (notify.never)
    {
        return "NEVER";
    }
    std::string value;
    const auto add = [&value](bool wanted, std::string_view word) {
        if (wanted)
        {
            value += value.empty() ? "" : ",";
            value += word;
        }
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return value;
}

/// `type;xtext`; empty where the value is not of that form.
std::string orcpt_value(std::string_view orcpt)
{
    const std::size_t semicolon = orcpt.find(';');
    const std::string_view type = orcpt.substr(0, semicolon);
    if (semicolon == std::string_view::npos || type.empty() || !std::all_of(type.begin(), type.end(), ascii::is_atext))
    {
        return {};
    }
    return fmt::format("{};{}", type, encode_xtext(orcpt.substr(semicolon + 1)));
}
} // namespace

ServerOffers read_offers(const ServerReply& reply)
{
    ServerOffers offers;
    offers.extended = true;
    for (std::size_t i = 1; i < reply.lines.size(); ++i)
    {
        read_offer(reply.lines[i], offers);
    }
    return offers;
}

bool is_sendable(const Mailbox& mailbox)
{
    if (mailbox.domain.empty())
    {
        return ascii::same(mailbox.local_part, "postmaster");
    }
    const Result<Mailbox> parsed = parse_mailbox(to_string(mailbox));
    return parsed && parsed->local_part == mailbox.local_part && ascii::same(parsed->domain, mailbox.domain);
}

std::string mail_command(const Envelope& envelope, const ServerOffers& offers)
{
    std::string line = fmt::format("MAIL FROM:<{}>", envelope.reverse_path ? to_string(*envelope.reverse_path) : "");
    if (offers.size && envelope.declared_size != 0)
    {
        line += fmt::format(" SIZE={}", envelope.declared_size);
    }
    if (offers.eight_bit && envelope.body8bit)
    {
        line += " BODY=8BITMIME";
    }
    if (offers.dsn && envelope.ret)
    {
        line += fmt::format(" RET={}", word(envelope.ret));
    }
    if (offers.dsn && !envelope.envid.empty())
    {
        line += " ENVID=" + encode_xtext(envelope.envid);
    }
    if (offers.mt_priority && envelope.priority)
    {
        line += fmt::format(" MT-PRIORITY={}", *envelope.priority);
    }
    return line;
}

std::string rcpt_command(const EnvelopeRecipient& recipient, const ServerOffers& offers)
{
    std::string line = fmt::format("RCPT TO:<{}>", to_string(recipient.mailbox));
    const std::string notify = recipient.notify.given ? notify_value(recipient.notify) : std::string();
    if (offers.dsn && !notify.empty())
    {
        line += " NOTIFY=" + notify;
    }
    const std::string orcpt = orcpt_value(recipient.orcpt);
    if (offers.dsn && !orcpt.empty())
    {
        line += " ORCPT=" + orcpt;
    }
    return line;
}
} // namespace ringpost::mta
