// SPDX-License-Identifier: Apache-2.0
#include "mailbox/dialog.h"

#include "core/base64.h"
#include "core/sasl_plain.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringpost::mailbox
{
namespace
{
Step say(std::string_view line, Next next = Next::command)
{
    return {.reply = fmt::format("{}\r\n", line), .next = next, .index = 0, .top_lines = {}};
}

bool authorization_only(Verb verb)
{
    return verb == Verb::user || verb == Verb::pass || verb == Verb::auth || verb == Verb::utf8;
}

bool is_plain(std::string_view mechanism)
{
    static constexpr std::string_view plain = "PLAIN";
    return std::equal(mechanism.begin(), mechanism.end(), plain.begin(), plain.end(), [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
}

/// The line of one mail in an answer to LIST or UIDL.
std::string scan_line(Verb verb, std::size_t number, const MaildropEntry& entry)
{
    return verb == Verb::list ? fmt::format("{} {}", number, entry.octets)
                              : fmt::format("{} {:x}.{:x}", number, entry.unique_id.entry, entry.unique_id.delivered);
}
} // namespace

Step Dialog::greeting() const
{
    return say("+OK Ringpost POP3 server ready");
}

void Dialog::expect(State state) const
{
    if (state_ != state)
    {
        throw std::logic_error("POP3 dialog was given an outcome that it has not asked for");
    }
}

Step Dialog::refuse(std::string_view text)
{
    ++errors_;
    if (errors_ >= settings_.errors)
    {
        // Not QUIT, so no UPDATE: what was marked as deleted stays (RFC 1939 6).
        state_ = State::ended;
        return say("-ERR too many errors, closing", Next::close);
    }
    return say(fmt::format("-ERR {}", text));
}

Step Dialog::on_line(std::string_view line)
{
    if (state_ != State::authorization && state_ != State::sasl && state_ != State::transaction)
    {
        throw std::logic_error("POP3 dialog was given a line while it waits for an outcome, or after its end");
    }
    if (line.size() > line_limit())
    {
        return on_line_too_long();
    }
    if (state_ == State::sasl)
    {
        return sasl_response(line);
    }
    const auto command = parse_command(line);
    if (!command)
    {
        return refuse(command.error().message());
    }
    return perform(*command);
}

std::size_t Dialog::line_limit() const
{
    return state_ == State::sasl ? sasl_line_limit : command_line_limit;
}

Step Dialog::on_line_too_long()
{
    state_ = state_ == State::sasl ? State::authorization : state_;
    return refuse("line too long");
}

Step Dialog::perform(const Command& command)
{
    if (command.verb == Verb::capa)
    {
        return capa();
    }
    if (command.verb == Verb::quit)
    {
        return quit();
    }
    return state_ == State::authorization ? in_authorization(command) : in_transaction(command);
}

Step Dialog::in_authorization(const Command& command)
{
    if (command.verb == Verb::stls)
    {
        return stls();
    }
    if (!authorization_only(command.verb))
    {
        return refuse("log in first");
    }
    if (command.verb == Verb::utf8)
    {
        // Addresses and header fields are read and sent as UTF-8 whether it was asked for or not.
        return say("+OK UTF8 enabled");
    }
    if (!login_allowed())
    {
        return refuse(settings_.tls_offered ? "login is allowed over TLS only: send STLS first"
                                            : "login is allowed over TLS only");
    }
    if (command.verb == Verb::auth)
    {
        return auth(command);
    }
    return command.verb == Verb::user ? user(command) : pass(command);
}

Step Dialog::stls()
{
    if (encrypted_ || !settings_.tls_offered)
    {
        return refuse(encrypted_ ? "TLS is in use already" : "TLS is not offered");
    }
    state_ = State::starting_tls;
    return say("+OK begin TLS", Next::start_tls);
}

bool Dialog::ends_group(std::string_view line)
{
    const auto command = parse_command(line);
    return command && command->verb == Verb::stls;
}

Step Dialog::on_early_input()
{
    state_ = State::ended;
    return say("-ERR nothing may follow this command before its answer, closing", Next::close);
}

Step Dialog::on_tls_started()
{
    expect(State::starting_tls);
    state_ = State::authorization;
    login_.clear();
    encrypted_ = true;
    return {};
}

Step Dialog::user(const Command& command)
{
    // The same answer for every name (RFC 1939 13): who has a mailbox here is told to nobody.
    login_ = command.text;
    return say("+OK");
}

Step Dialog::pass(const Command& command)
{
    if (login_.empty())
    {
        return refuse("USER first");
    }
    return ask(std::exchange(login_, {}), command.text);
}

Step Dialog::ask(std::string login, std::string secret)
{
    login_ = std::move(login);
    secret_ = std::move(secret);
    state_ = State::authenticating;
    return {.reply = {}, .next = Next::authenticate, .index = 0, .top_lines = {}};
}

// ---- AUTH (RFC 5034): PLAIN alone, in one message

Step Dialog::auth(const Command& command)
{
    if (command.text.empty())
    {
        // Not in RFC 5034, but older clients ask so which mechanisms there are.
        return say("+OK mechanisms follow\r\nPLAIN\r\n.");
    }
    if (!is_plain(command.text))
    {
        return refuse("mechanism not offered");
    }
    if (command.response)
    {
        return sasl_response(*command.response);
    }
    state_ = State::sasl;
    return say("+ ");
}

Step Dialog::sasl_response(std::string_view line)
{
    state_ = State::authorization;
    if (line == "*")
    {
        return refuse("authentication cancelled");
    }
    const auto message = base64_decode(line);
    const auto plain = message ? read_sasl_plain(*message) : std::nullopt;
    if (!plain)
    {
        return refuse(message ? "not a PLAIN message" : "not valid Base64");
    }
    if (plain->as_another || plain->login.empty() || plain->secret.empty())
    {
        return login_failed();
    }
    return ask(std::string(plain->login), std::string(plain->secret));
}

std::string Dialog::take_secret()
{
    return std::exchange(secret_, {});
}

Step Dialog::on_authenticated(Result<std::vector<MaildropEntry>> maildrop)
{
    expect(State::authenticating);
    secret_.clear();
    if (maildrop)
    {
        state_ = State::transaction;
        messages_.reserve(maildrop->size());
        for (const auto& entry : *maildrop)
        {
            messages_.push_back({.entry = entry, .deleted = false});
        }
        const auto reset = rset();
        return {.reply = reset.reply, .next = Next::command, .index = 0, .top_lines = {}};
    }
    state_ = State::authorization;
    login_.clear();
    const auto code = maildrop.error().code();
    if (code == Errc::conflict)
    {
        return refuse("[IN-USE] the mailbox is in use by another session");
    }
    if (code != Errc::refused && code != Errc::not_found)
    {
        return refuse("[SYS/TEMP] the mailbox cannot be opened now, try again later");
    }
    return login_failed();
}

Step Dialog::login_failed()
{
    ++authentication_failures_;
    const bool last = authentication_failures_ >= settings_.authentication_failures;
    state_ = last ? State::ended : State::authorization;
    return say("-ERR [AUTH] invalid login or secret", last ? Next::close : Next::command);
}

Step Dialog::quit()
{
    if (state_ == State::authorization)
    {
        state_ = State::ended;
        return say("+OK goodbye", Next::close);
    }
    state_ = State::update;
    return {.reply = {}, .next = Next::update, .index = 0, .top_lines = {}};
}

Step Dialog::on_updated(const Result<>& removed)
{
    expect(State::update);
    state_ = State::ended;
    return say(removed ? "+OK goodbye" : "-ERR [SYS/TEMP] some deleted messages not removed", Next::close);
}

Step Dialog::on_timeout()
{
    state_ = State::ended;
    return {.reply = {}, .next = Next::close, .index = 0, .top_lines = {}};
}

Step Dialog::capa() const
{
    // RFC 2449 6: only what is true. USER and SASL go away where a login in clear text would be refused.
    std::string reply = "+OK capabilities follow\r\nTOP\r\nUIDL\r\n";
    if (login_allowed())
    {
        reply += "USER\r\nSASL PLAIN\r\n";
    }
    if (settings_.tls_offered && !encrypted_)
    {
        reply += "STLS\r\n";
    }
    reply += "RESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nUTF8\r\nEXPIRE NEVER\r\nIMPLEMENTATION Ringpost\r\n.\r\n";
    return {.reply = std::move(reply), .next = Next::command, .index = 0, .top_lines = {}};
}

Step Dialog::in_transaction(const Command& command)
{
    switch (command.verb)
    {
    case Verb::stat:
        return stat();
    case Verb::list:
    case Verb::uidl:
        return scan(command);
    case Verb::retr:
    case Verb::top:
        return retrieve(command);
    case Verb::dele:
        return dele(command);
    case Verb::rset:
        return rset();
    case Verb::noop:
        return say("+OK");
    case Verb::user:
    case Verb::pass:
    case Verb::stls:
    case Verb::auth:
    case Verb::utf8:
    case Verb::quit:
    case Verb::capa:
        break;
    }
    return refuse("you are logged in already");
}

Step Dialog::stat() const
{
    return say(fmt::format("+OK {} {}", left_, left_octets_));
}

Dialog::Message* Dialog::find(const Command& command)
{
    const auto number = command.message.value_or(0);
    if (number == 0 || number > messages_.size() || messages_[number - 1].deleted)
    {
        return nullptr;
    }
    return &messages_[number - 1];
}

Step Dialog::scan(const Command& command)
{
    if (command.message)
    {
        const auto* message = find(command);
        return message == nullptr
                   ? refuse("no such message")
                   : say(fmt::format("+OK {}", scan_line(command.verb, *command.message, message->entry)));
    }
    auto reply = fmt::format("+OK {} messages ({} octets)\r\n", left_, left_octets_);
    reply.reserve(reply.size() + left_ * 32);
    for (std::size_t index = 0; index < messages_.size(); ++index)
    {
        if (!messages_[index].deleted)
        {
            reply += scan_line(command.verb, index + 1, messages_[index].entry);
            reply += "\r\n";
        }
    }
    reply += ".\r\n";
    return {.reply = std::move(reply), .next = Next::command, .index = 0, .top_lines = {}};
}

Step Dialog::retrieve(const Command& command)
{
    const auto* message = find(command);
    if (message == nullptr)
    {
        return refuse("no such message");
    }
    Step step;
    step.next = Next::retrieve;
    step.index = *command.message - 1;
    if (command.verb == Verb::top)
    {
        step.reply = "+OK top of the message follows\r\n";
        step.top_lines = command.lines;
    }
    else
    {
        step.reply = fmt::format("+OK {} octets\r\n", message->entry.octets);
    }
    return step;
}

Step Dialog::on_retrieve_failed()
{
    expect(State::transaction);
    return refuse("[SYS/TEMP] the message cannot be read now");
}

Step Dialog::dele(const Command& command)
{
    auto* message = find(command);
    if (message == nullptr)
    {
        return refuse("no such message");
    }
    message->deleted = true;
    --left_;
    left_octets_ -= message->entry.octets;
    return say(fmt::format("+OK message {} deleted", *command.message));
}

Step Dialog::rset()
{
    left_ = messages_.size();
    left_octets_ = 0;
    for (auto& message : messages_)
    {
        message.deleted = false;
        left_octets_ += message.entry.octets;
    }
    return say(fmt::format("+OK maildrop has {} messages ({} octets)", left_, left_octets_));
}

std::vector<std::size_t> Dialog::deleted() const
{
    std::vector<std::size_t> indexes;
    for (std::size_t index = 0; index < messages_.size(); ++index)
    {
        if (messages_[index].deleted)
        {
            indexes.push_back(index);
        }
    }
    return indexes;
}
} // namespace ringpost::mailbox
