// SPDX-License-Identifier: Apache-2.0
// Which command may come when: the order rules of the server dialog (RFC 5321 4.1.4, RFC 2920 3.1, RFC 2033 4.1).
#include "mta/server/dialog.h"

namespace ringpost::mta
{
bool ServerDialog::ends_group(std::string_view line) const
{
    if (expects_secret())
    {
        return true;
    }
    switch (parse_command(line).verb)
    {
    case Verb::ehlo:
    case Verb::helo:
    case Verb::lhlo:
    case Verb::data:
    case Verb::auth:
    case Verb::starttls:
        return true;
    default:
        return false;
    }
}

/// RFC 2033 4.1: neither protocol knows the other's greeting. What needs a login is not for LMTP, nor is TLS: it stays
/// in this machine, or network.
bool ServerDialog::offered(Verb verb) const
{
    const bool smtp_only = verb == Verb::ehlo || verb == Verb::helo || verb == Verb::auth || verb == Verb::xringpost ||
                           verb == Verb::starttls;
    return options_.lmtp ? !smtp_only : verb != Verb::lhlo;
}

/// A client that keeps a session busy without bringing mail.
bool ServerDialog::idles(Verb verb)
{
    switch (verb)
    {
    case Verb::ehlo:
    case Verb::helo:
    case Verb::lhlo:
    case Verb::rset:
    case Verb::noop:
    case Verb::vrfy:
    case Verb::help:
        return ++idle_commands_ > options_.idle_commands;
    default:
        return false;
    }
}

std::optional<SmtpReply> ServerDialog::out_of_order(const Command& command) const
{
    const auto bad_sequence = [](const char* text) { return SmtpReply{503, "5.5.1", text}; };
    switch (command.verb)
    {
    case Verb::mail:
        if (helo_name_.empty())
        {
            return bad_sequence(options_.lmtp ? "Send LHLO first" : "Send EHLO or HELO first");
        }
        return transaction_ ? std::optional(bad_sequence("A transaction is open already")) : std::nullopt;
    case Verb::rcpt:
        return transaction_ ? std::nullopt : std::optional(bad_sequence("Send MAIL first"));
    case Verb::data:
        // Also the answer where every RCPT was refused: RFC 5321 3.3 has 554 for it, given in data().
        return transaction_ && (recipient_refused_ || !envelope_.recipients.empty())
                   ? std::nullopt
                   : std::optional(bad_sequence("Send MAIL and RCPT first"));
    case Verb::auth:
        if (!extended_)
        {
            return bad_sequence("Send EHLO first");
        }
        if (identity_ || transaction_)
        {
            return bad_sequence(identity_ ? "Already authenticated" : "Not within a transaction");
        }
        return std::nullopt;
    case Verb::xringpost:
        return extended_ ? std::nullopt : std::optional(bad_sequence("Send EHLO first"));
    default:
        return std::nullopt;
    }
}
} // namespace ringpost::mta
