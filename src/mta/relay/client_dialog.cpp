// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/client_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringpost::mta
{
namespace
{
// Commands sent without waiting: few enough for any TCP window, so that both sides never wait for each other to read
// (RFC 2920 3.1).
constexpr std::size_t group_size = 100;
/// For a refusal that may be on its way when the mail cannot be written any further.
constexpr Duration last_word_time = 5s;

/// Without asking the server.
Outcome refused_here(std::string enhanced, std::string text)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::permanent;
    outcome.enhanced = std::move(enhanced);
    outcome.text = std::move(text);
    return outcome;
}
} // namespace

ClientDialog::Step ClientDialog::start()
{
    if (std::exchange(started_, true))
    {
        throw std::logic_error("SMTP client: started twice");
    }
    return wait_for(Kind::greeting);
}

ClientDialog::Step ClientDialog::on_octets(std::string_view octets)
{
    if (next_ == Next::failed || next_ == Next::finished)
    {
        return {{}, next_};
    }
    reader_.feed(octets);
    while (!in_flight_.empty())
    {
        const Result<std::optional<ServerReply>> reply = reader_.next();
        if (!reply)
        {
            return fail_with(reply.error());
        }
        if (!*reply)
        {
            return {{}, next_};
        }
        ++replies_;
        const Command command = std::move(in_flight_.front());
        in_flight_.pop_front();
        if ((*reply)->code == 421 && command.kind != Kind::quit)
        {
            return fail_with(command.kind, **reply);
        }
        answered_ = true;
        const bool all_answered = in_flight_.empty();
        Step step = on_reply(command, **reply);
        next_ = step.next;
        if (next_ == Next::failed || next_ == Next::finished || next_ == Next::start_tls)
        {
            return step;
        }
        if (all_answered)
        {
            return reader_.empty() ? step : on_early_octets();
        }
    }
    return reader_.empty() ? Step{{}, next_} : on_early_octets();
}

ClientDialog::Step ClientDialog::on_reply(const Command& command, const ServerReply& reply)
{
    switch (command.kind)
    {
    case Kind::greeting:
    case Kind::ehlo:
    case Kind::helo:
        return on_hello_reply(command, reply);
    case Kind::starttls:
        return on_starttls_reply(reply);
    case Kind::auth:
    case Kind::auth_response:
        return on_auth_reply(command, reply);
    case Kind::rset:
        return is_success(reply) ? next_group() : fail_with(command.kind, reply);
    case Kind::mail:
    case Kind::rcpt:
        return on_mail_reply(command, reply);
    case Kind::data:
        return on_data_reply(reply);
    case Kind::body:
        if (reply.code / 100 == 3)
        {
            return fail_with(command.kind, reply);
        }
        decide_rest(decision(command.kind, reply));
        return end_mail();
    case Kind::cut_body:
        return on_cut_body_reply(reply);
    case Kind::empty_body:
        return end_mail();
    case Kind::xringpost:
        answer_ = reply;
        return {{}, Next::ready};
    case Kind::quit:
        break;
    }
    return {{}, Next::finished};
}

ClientDialog::Step ClientDialog::send(const Envelope& envelope)
{
    require(Next::ready);
    outcomes_.assign(envelope.recipients.size(), std::nullopt);
    accepted_ = 0;
    answered_ = false;
    sender_refused_ = false;
    queue_.clear();
    if (offers_.size && offers_.size_limit != 0 && envelope.declared_size > offers_.size_limit)
    {
        decide_rest(refused_here(
            "5.3.4", fmt::format("The mail of {} octets is larger than the {} octets that the next server takes",
                                 envelope.declared_size, offers_.size_limit)));
    }
    else if (envelope.reverse_path && !is_sendable(*envelope.reverse_path))
    {
        decide_rest(refused_here("5.1.7", "The sender's address cannot be sent"));
    }
    else
    {
        queue_mail(envelope);
    }
    Step step = queue_.empty() ? Step{{}, Next::ready} : next_group();
    next_ = step.next;
    return step;
}

void ClientDialog::queue_mail(const Envelope& envelope)
{
    std::deque<Command> commands;
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i)
    {
        const EnvelopeRecipient& recipient = envelope.recipients[i];
        if (is_sendable(recipient.mailbox))
        {
            commands.push_back({Kind::rcpt, i, rcpt_command(recipient, offers_)});
        }
        else
        {
            outcomes_[i] = refused_here("5.1.3", "The address cannot be sent");
        }
    }
    if (commands.empty())
    {
        return;
    }
    commands.push_front({Kind::mail, 0, mail_command(envelope, offers_)});
    if (std::exchange(needs_reset_, false))
    {
        commands.push_front({Kind::rset, 0, "RSET"});
    }
    commands.push_back({Kind::data, 0, "DATA"});
    queue_ = std::move(commands);
}

/// The commands that may go out together, once all before them are answered.
ClientDialog::Step ClientDialog::next_group()
{
    if (!in_flight_.empty())
    {
        return {{}, Next::read};
    }
    const bool hopeless = !queue_.empty() && queue_.front().kind == Kind::data && accepted_ == 0;
    if (sender_refused_ || hopeless)
    {
        needs_reset_ = true;
        return end_mail();
    }
    Step step{{}, Next::read};
    const std::size_t count = offers_.pipelining ? group_size : 1;
    while (!queue_.empty() && in_flight_.size() < count)
    {
        step.send += queue_.front().line + "\r\n";
        in_flight_.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return step;
}

ClientDialog::Step ClientDialog::on_mail_reply(const Command& command, const ServerReply& reply)
{
    if (reply.code / 100 == 3)
    {
        return fail_with(command.kind, reply);
    }
    if (command.kind == Kind::rcpt)
    {
        on_rcpt_reply(command, reply);
    }
    else if (!is_success(reply))
    {
        sender_refused_ = true;
        decide_rest(decision(command.kind, reply));
    }
    return next_group();
}

void ClientDialog::on_rcpt_reply(const Command& command, const ServerReply& reply)
{
    // After a refused MAIL the recipients are decided; what the server says to their RCPT is no news.
    if (sender_refused_)
    {
        return;
    }
    if (is_success(reply))
    {
        ++accepted_;
        return;
    }
    Outcome outcome = decision(command.kind, reply);
    // RFC 5321 4.5.3.1.10: some say 552 for "too many recipients"; a mailbox over its quota says so (5.2.2).
    if (reply.code == 552 && (outcome.enhanced.empty() || outcome.enhanced == "5.5.3"))
    {
        outcome.kind = Outcome::Kind::temporary;
    }
    outcomes_[command.recipient] = std::move(outcome);
}

ClientDialog::Step ClientDialog::on_data_reply(const ServerReply& reply)
{
    if (is_success(reply))
    {
        return fail_with(Kind::data, reply);
    }
    const bool go_on = reply.code / 100 == 3;
    if (go_on && accepted_ == 0)
    {
        return request(Kind::empty_body, ".");
    }
    if (go_on)
    {
        return {{}, Next::send_body};
    }
    needs_reset_ = true;
    decide_rest(decision(Kind::data, reply));
    return end_mail();
}

ClientDialog::Step ClientDialog::on_body_sent()
{
    if (next_ == Next::failed)
    {
        return {{}, next_};
    }
    require(Next::send_body);
    return wait_for(Kind::body);
}

ClientDialog::Step ClientDialog::on_body_cut(const Failure& failure)
{
    require(Next::send_body);
    cut_ = failure;
    return wait_for(Kind::cut_body);
}

/// A server that refuses a mail while it is being sent, and ends the connection, would do so each time (RFC 5321
/// 4.2.1: 5yz is not repeated).
ClientDialog::Step ClientDialog::on_cut_body_reply(const ServerReply& reply)
{
    if (reply.code / 100 >= 4)
    {
        decide_rest(decision(Kind::cut_body, reply));
    }
    return fail_with(*cut_);
}

ClientDialog::Step ClientDialog::ask(std::string_view line)
{
    require(Next::ready);
    answer_.reset();
    Step step = request(Kind::xringpost, fmt::format("XRINGPOST {}", line));
    next_ = step.next;
    return step;
}

ClientDialog::Step ClientDialog::quit()
{
    require(Next::ready);
    Step step = request(Kind::quit, "QUIT");
    next_ = step.next;
    return step;
}

ClientDialog::Step ClientDialog::end_mail()
{
    queue_.clear();
    return {{}, Next::ready};
}

ClientDialog::Step ClientDialog::request(Kind kind, const std::string& line)
{
    Step step = wait_for(kind);
    step.send = line + "\r\n";
    return step;
}

ClientDialog::Step ClientDialog::wait_for(Kind kind)
{
    in_flight_.push_back({kind, 0, {}});
    next_ = Next::read;
    return {{}, next_};
}

void ClientDialog::decide_rest(const Outcome& outcome)
{
    for (std::optional<Outcome>& decided : outcomes_)
    {
        if (!decided)
        {
            decided = outcome;
        }
    }
}

std::vector<Outcome> ClientDialog::outcomes() const
{
    std::vector<Outcome> result;
    result.reserve(outcomes_.size());
    for (const std::optional<Outcome>& outcome : outcomes_)
    {
        result.push_back(outcome.value_or(Outcome{}));
    }
    return result;
}

Duration ClientDialog::timeout() const
{
    if (next_ == Next::send_body)
    {
        return options_.data_block_timeout;
    }
    if (in_flight_.empty())
    {
        return options_.command_timeout;
    }
    const Kind kind = in_flight_.front().kind;
    if (kind == Kind::cut_body)
    {
        return std::min(options_.command_timeout, last_word_time);
    }
    const bool body = kind == Kind::body || kind == Kind::empty_body;
    if (body)
    {
        return options_.data_end_timeout;
    }
    if (kind == Kind::data)
    {
        return options_.data_start_timeout;
    }
    return kind == Kind::greeting ? options_.greeting_timeout : options_.command_timeout;
}

void ClientDialog::require(Next next) const
{
    if (next_ != next || !started_)
    {
        throw std::logic_error("SMTP client: a call that was not asked for");
    }
}
} // namespace ringpost::mta
