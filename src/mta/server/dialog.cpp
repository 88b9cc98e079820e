// SPDX-License-Identifier: Apache-2.0
#include "mta/server/dialog.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace ringpost::mta
{
namespace
{
// RFC 5321 4.5.3.1.4 asks for 512 octets and each extension for some more; RFC 4954 4 for 12288 in an exchange.
constexpr std::size_t exchange_limit = 12288;
/// Recipients beyond the limit, as a multiple of it, that are refused without being errors.
constexpr std::size_t most_overshoot = 10;

const SmtpReply ok{250, "2.0.0", "Ok"};

SmtpReply syntax_reply(const Failure& failure)
{
    return {501, "5.5.4", fmt::format("Syntax: {}", failure.text())};
}

/// Wrong paths have codes of their own (RFC 3463 3.2, RFC 6531 3.5).
SmtpReply path_reply(const Failure& failure, PathKind kind)
{
    if (failure.code() == Errc::unsupported)
    {
        return {553, "5.6.7", failure.text()};
    }
    if (failure.where() == "address")
    {
        return {501, kind == PathKind::reverse ? "5.1.7" : "5.1.3", failure.text()};
    }
    return syntax_reply(failure);
}
} // namespace

ServerDialog::Step ServerDialog::greeting()
{
    return say({220, "", options_.domain + (options_.lmtp ? " LMTP Ringpost" : " ESMTP Ringpost")});
}

ServerDialog::Step ServerDialog::on_line(std::string_view line, Instant now)
{
    if (expects_secret())
    {
        return auth_response(line);
    }
    answered(State::command);
    const Command command = parse_command(line);
    if (!offered(command.verb))
    {
        return error({500, "5.5.1", options_.lmtp ? "Command unknown, this is LMTP" : "Command unknown"});
    }
    if (const std::optional<SmtpReply> refusal = out_of_order(command))
    {
        return error(*refusal);
    }
    if (idles(command.verb))
    {
        return error({450, "4.7.0", "Too many commands without a mail"});
    }
    return perform(command, now);
}

ServerDialog::Step ServerDialog::on_early_input()
{
    return close({554, "5.5.0", "Nothing may follow this command before its answer, closing"});
}

ServerDialog::Step ServerDialog::perform(const Command& command, Instant now)
{
    switch (command.verb)
    {
    case Verb::ehlo:
    case Verb::helo:
    case Verb::lhlo:
        return hello(command, now);
    case Verb::mail:
        return mail(command.argument, now);
    case Verb::rcpt:
        return rcpt(command.argument, now);
    case Verb::auth:
        return auth(command.argument);
    case Verb::xringpost:
        return xringpost(command.argument);
    case Verb::noop:
        return say(ok);
    case Verb::help:
        return say({214, "2.0.0", known_commands()});
    case Verb::vrfy:
        // RFC 5321 7.3: says nothing of who is here.
        return command.argument.empty() ? error({501, "5.5.4", "Syntax: VRFY is followed by a name"})
                                        : say({252, "2.0.0", "Cannot verify, but will accept mail for own users"});
    case Verb::not_offered:
        return error({502, "5.5.1", "Command not offered"});
    case Verb::unknown:
        return error({500, "5.5.1", "Command unknown"});
    case Verb::data:
    case Verb::rset:
    case Verb::quit:
    case Verb::starttls:
        break;
    }
    if (!command.argument.empty())
    {
        return error({501, "5.5.4", "Syntax: this command has no argument"});
    }
    if (command.verb == Verb::data)
    {
        return data();
    }
    if (command.verb == Verb::starttls)
    {
        return starttls();
    }
    reset_transaction();
    return command.verb == Verb::quit ? close({221, "2.0.0", options_.domain + " closing"}) : say(ok);
}

/// Those that would be taken now, as in the answer to EHLO.
std::string ServerDialog::known_commands() const
{
    std::string commands = options_.lmtp ? "LHLO" : "EHLO HELO";
    commands += " MAIL RCPT DATA RSET NOOP VRFY QUIT HELP";
    if (starttls_offered())
    {
        commands += " STARTTLS";
    }
    if (auth_allowed())
    {
        commands += " AUTH";
    }
    return commands;
}

ServerDialog::Step ServerDialog::mail(std::string_view argument, Instant now)
{
    Result<PathArguments> arguments = parse_path_arguments(argument, PathKind::reverse);
    if (!arguments)
    {
        return error(path_reply(arguments.error(), PathKind::reverse));
    }
    Envelope envelope;
    envelope.reverse_path = std::move(arguments->mailbox);
    if (const std::optional<SmtpReply> refusal = apply_mail_parameters(arguments->parameters, rules(now), envelope))
    {
        return error(*refusal);
    }
    envelope_ = std::move(envelope);
    return ask(State::sender, Next::sender);
}

ServerDialog::Step ServerDialog::rcpt(std::string_view argument, Instant now)
{
    if (envelope_.recipients.size() >= options_.recipients)
    {
        // Who brings a long list is no offender, who never ends it is one.
        const SmtpReply full{452, "4.5.3", "Too many recipients"};
        return ++recipients_too_many_ > most_overshoot * options_.recipients ? error(full) : say(full);
    }
    Result<PathArguments> arguments = parse_path_arguments(argument, PathKind::forward);
    if (!arguments)
    {
        recipient_refused_ = true;
        return error(path_reply(arguments.error(), PathKind::forward));
    }
    EnvelopeRecipient recipient;
    recipient.mailbox = std::move(arguments->mailbox).value();
    if (const std::optional<SmtpReply> refusal = apply_rcpt_parameters(arguments->parameters, rules(now), recipient))
    {
        recipient_refused_ = true;
        return error(*refusal);
    }
    candidate_ = std::move(recipient);
    return ask(State::recipient, Next::recipient);
}

ServerDialog::Step ServerDialog::data()
{
    if (envelope_.recipients.empty())
    {
        // RFC 5321 3.3; RFC 2033 4.2.
        return error({options_.lmtp ? 503 : 554, "5.5.1", "No valid recipients"});
    }
    Step step = ask(State::data, Next::data);
    step.reply = "354 End data with <CR><LF>.<CR><LF>\r\n";
    return step;
}

ServerDialog::Step ServerDialog::xringpost(std::string_view argument)
{
    if (!identity_)
    {
        return error({530, "5.7.0", auth_allowed() ? "Authentication required" : "Send STARTTLS first, then AUTH"});
    }
    if (!identity_->peer)
    {
        return error({550, "5.7.1", "For gateways only"});
    }
    Result<XringpostLine> line = parse_xringpost(argument);
    if (!line)
    {
        return error(syntax_reply(line.error()));
    }
    Step step = ask(State::xringpost, Next::xringpost);
    step.xringpost = std::move(*line);
    return step;
}

ServerDialog::Step ServerDialog::on_sender(const Result<>& accepted)
{
    answered(State::sender);
    if (!accepted)
    {
        reset_transaction();
        return refuse(accepted.error());
    }
    transaction_ = true;
    return say({250, "2.1.0", "Ok"});
}

ServerDialog::Step ServerDialog::on_recipient(const Result<>& accepted)
{
    answered(State::recipient);
    EnvelopeRecipient recipient = std::exchange(candidate_, {});
    if (!accepted)
    {
        recipient_refused_ = true;
        // RFC 5321 4.5.3.1.10: one recipient too many is no reason to refuse the others.
        return accepted.error().code() == Errc::too_large ? say({452, "4.5.3", accepted.error().text()})
                                                          : refuse(accepted.error());
    }
    envelope_.recipients.push_back(std::move(recipient));
    return say({250, "2.1.5", "Ok"});
}

ServerDialog::Step ServerDialog::on_data(const Result<std::string>& queued_as)
{
    if (!queued_as)
    {
        return on_data_refused(reply_from(queued_as.error()));
    }
    idle_commands_ = 0;
    errors_ = 0; // servers bring many mails in one session
    return end_mail({250, "2.0.0", "Ok: queued as " + *queued_as});
}

ServerDialog::Step ServerDialog::on_data_refused(const SmtpReply& reply)
{
    return end_mail(reply);
}

/// By LMTP one reply for each recipient (RFC 2033 4.2): a mail is taken for all of those accepted at RCPT, or for none.
ServerDialog::Step ServerDialog::end_mail(const SmtpReply& reply)
{
    answered(State::data);
    Step step = say(reply);
    const std::string each = step.reply;
    for (std::size_t i = 1; options_.lmtp && i < envelope_.recipients.size(); ++i)
    {
        step.reply += each;
    }
    reset_transaction();
    return step;
}

ServerDialog::Step ServerDialog::on_xringpost(const Result<std::string>& answer)
{
    answered(State::xringpost);
    return answer ? say({250, "2.0.0", *answer}) : refuse(answer.error());
}

ServerDialog::Step ServerDialog::on_bare_lf_line()
{
    state_ = state_ == State::closed ? State::closed : State::command;
    return error({500, "5.5.2", "Lines end with CR LF"});
}

ServerDialog::Step ServerDialog::on_line_too_long()
{
    const bool exchange = expects_secret();
    state_ = state_ == State::closed ? State::closed : State::command;
    return error(exchange ? SmtpReply{500, "5.5.6", "Authentication exchange line is too long"}
                          : SmtpReply{500, "5.5.2", "Line too long"});
}

ServerDialog::Step ServerDialog::on_timeout()
{
    return close({421, "4.4.2", options_.domain + " timeout, closing"});
}

ServerDialog::Step ServerDialog::on_shutdown()
{
    return close({421, "4.3.2", options_.domain + " is shutting down"});
}

std::size_t ServerDialog::line_limit() const
{
    return expects_secret() ? exchange_limit : options_.line_limit;
}

bool ServerDialog::expects_secret() const
{
    return state_ == State::auth_plain || state_ == State::auth_login || state_ == State::auth_secret;
}

std::string_view ServerDialog::protocol() const
{
    if (options_.lmtp)
    {
        return "LMTP";
    }
    if (!extended_)
    {
        return "SMTP";
    }
    if (encrypted_)
    {
        return identity_ ? "ESMTPSA" : "ESMTPS";
    }
    return identity_ ? "ESMTPA" : "ESMTP";
}

ServerDialog::Step ServerDialog::say(const SmtpReply& reply)
{
    return {format_reply(reply), Next::command, {}, {}};
}

ServerDialog::Step ServerDialog::error(const SmtpReply& reply)
{
    ++errors_;
    if (errors_ >= options_.errors_per_session)
    {
        return close({421, "4.7.0", options_.domain + " too many errors, closing"});
    }
    return say(reply);
}

/// A refusal by the session counts as an error where strangers could use it to try out addresses. The server in front
/// of LMTP has taken the mail already: cut off at its twentieth unknown recipient it would bring it again and again.
ServerDialog::Step ServerDialog::refuse(const Failure& failure)
{
    const SmtpReply reply = reply_from(failure);
    return !identity_ && !options_.lmtp && reply.code >= 500 ? error(reply) : say(reply);
}

ServerDialog::Step ServerDialog::close(const SmtpReply& reply)
{
    state_ = State::closed;
    reset_transaction();
    return {format_reply(reply), Next::close, {}, {}};
}

ServerDialog::Step ServerDialog::ask(State state, Next next)
{
    state_ = state;
    return {{}, next, {}, {}};
}

void ServerDialog::answered(State asked)
{
    if (state_ != asked)
    {
        throw std::logic_error("SMTP dialog: an answer that was not asked for");
    }
    state_ = State::command;
}

void ServerDialog::reset_transaction()
{
    transaction_ = false;
    recipient_refused_ = false;
    recipients_too_many_ = 0;
    envelope_ = {};
    candidate_ = {};
}

ParameterRules ServerDialog::rules(Instant now) const
{
    return {extended_,
            identity_.has_value(),
            options_.size_limit,
            options_.dsn,
            options_.future_release,
            options_.mt_priority,
            options_.max_hold,
            now};
}
} // namespace ringpost::mta
