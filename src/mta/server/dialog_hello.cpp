// SPDX-License-Identifier: Apache-2.0
// EHLO, HELO and STARTTLS of the server dialog, and what is offered (RFC 5321 4.1.1.1, RFC 3207).
#include "mta/server/ascii.h"
#include "mta/server/dialog.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t max_helo = 255;

/// Many clients say names that are no domains; what is let through is harmless in a Received field.
bool is_helo_name(std::string_view text)
{
    const auto allowed = [](char c) {
        return ascii::is_alnum(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= max_helo && std::all_of(text.begin(), text.end(), allowed);
}
} // namespace

ServerDialog::Step ServerDialog::hello(const Command& command, Instant now)
{
    if (!is_helo_name(command.argument))
    {
        return error({501, "", "Syntax: the domain is missing or malformed"});
    }
    // RFC 5321 4.1.4: a later EHLO or HELO clears the transaction like RSET.
    reset_transaction();
    helo_name_ = command.argument;
    extended_ = command.verb != Verb::helo;
    if (!extended_)
    {
        return say({250, "", options_.domain});
    }
    return {capabilities(now), Next::command, {}, {}};
}

std::string ServerDialog::capabilities(Instant now) const
{
    if (options_.lmtp)
    {
        // The server in front has judged its clients, and reports what becomes of a mail: nothing of DSN, AUTH,
        // holding.
        return fmt::format("250-{} greets {}\r\n250-SIZE {}\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
                           "250 PIPELINING\r\n",
                           options_.domain, helo_name_, options_.size_limit);
    }
    std::string result = fmt::format("250-{} greets {}\r\n", options_.domain, helo_name_);
    result += options_.size_limit == 0 ? "250-SIZE\r\n" : fmt::format("250-SIZE {}\r\n", options_.size_limit);
    result += "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n";
    if (options_.dsn)
    {
        result += "250-DSN\r\n";
    }
    if (options_.future_release)
    {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(options_.max_hold).count();
        result += fmt::format("250-FUTURERELEASE {} {}\r\n", seconds, format_rfc3339(now + options_.max_hold));
    }
    if (options_.mt_priority)
    {
        result += "250-MT-PRIORITY\r\n";
    }
    if (starttls_offered())
    {
        result += "250-STARTTLS\r\n";
    }
    if (auth_allowed())
    {
        result += "250-AUTH PLAIN LOGIN\r\n";
    }
    return result + (options_.confidential ? "250 XRINGPOST CONFIDENTIAL\r\n" : "250 XRINGPOST\r\n");
}

ServerDialog::Step ServerDialog::starttls()
{
    if (encrypted_)
    {
        return error({503, "5.5.1", "TLS is in use already"});
    }
    if (!options_.tls_offered)
    {
        return error({502, "5.5.1", "Command not offered"});
    }
    Step step = ask(State::start_tls, Next::start_tls);
    step.reply = "220 2.0.0 Ready to start TLS\r\n";
    return step;
}

ServerDialog::Step ServerDialog::on_tls_started()
{
    answered(State::start_tls);
    reset_transaction();
    helo_name_.clear();
    extended_ = false;
    identity_.reset();
    encrypted_ = true;
    return {};
}
} // namespace ringpost::mta
