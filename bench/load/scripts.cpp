// SPDX-License-Identifier: Apache-2.0
#include "bench/load/scripts.h"

#include <sodium.h>

#include <charconv>
#include <stdexcept>

namespace ringpost::load
{
namespace
{
std::string sasl_plain(const Login& login)
{
    std::string plain;
    plain.append(1, '\0').append(login.user).append(1, '\0').append(login.secret);
    std::string text(sodium_base64_encoded_len(plain.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes octets
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // its NUL
    return text;
}
} // namespace

std::optional<Command> SmtpScript::next()
{
    enum Step
    {
        greeting,
        hello,
        auth,
        mail,
        rcpt,
        data,
        body,
        quit,
        over
    };
    switch (step_++)
    {
    case greeting:
        return Command{};
    case hello:
        return Command{"EHLO load.example\r\n"};
    case auth:
        if (!load_.login.user.empty())
        {
            return Command{"AUTH PLAIN " + sasl_plain(load_.login) + "\r\n"};
        }
        ++step_;
        [[fallthrough]];
    case mail:
        if (load_.left == 0)
        {
            step_ = over;
            return Command{"QUIT\r\n"};
        }
        --load_.left;
        return Command{"MAIL FROM:<" + load_.from + ">\r\n"};
    case rcpt:
        return Command{"RCPT TO:<" + load_.to[load_.next_to++ % load_.to.size()] + ">\r\n"};
    case data:
        return Command{"DATA\r\n"};
    case body:
        step_ = load_.one_for_each ? quit : mail;
        return Command{load_.mail};
    case quit:
        return Command{"QUIT\r\n"};
    default:
        return std::nullopt;
    }
}

Pop3Script::Pop3Script(Pop3Load& load) : load_(load)
{
    if (load.free.empty())
    {
        throw std::runtime_error("there must be as many logins as sessions at a time");
    }
    login_ = load.free.front();
    load.free.pop_front();
}

std::optional<Command> Pop3Script::next()
{
    enum Step
    {
        greeting,
        user,
        pass,
        stat,
        uidl,
        retr,
        over
    };
    switch (step_++)
    {
    case greeting:
        return Command{"", Reply::line, true};
    case user:
        return Command{"USER " + login_.user + "\r\n", Reply::line, true};
    case pass:
        return Command{"PASS " + login_.secret + "\r\n", Reply::line, true};
    case stat:
        return Command{"STAT\r\n", Reply::line, true};
    case uidl:
        if (!load_.retrieve)
        {
            step_ = over;
            return Command{"QUIT\r\n", Reply::line, true};
        }
        return Command{"UIDL\r\n", Reply::lines, true};
    case retr:
        if (asked_ < there_)
        {
            step_ = retr;
            return Command{"RETR " + std::to_string(++asked_) + "\r\n", Reply::lines};
        }
        if (load_.remove && deleted_ < there_)
        {
            step_ = retr;
            return Command{"DELE " + std::to_string(++deleted_) + "\r\n", Reply::line};
        }
        return Command{"QUIT\r\n", Reply::line, true};
    default:
        return std::nullopt;
    }
}

void Pop3Script::replied(Reply kind, std::string_view text)
{
    if (step_ == 4 && kind == Reply::line && text.starts_with("+OK ")) // STAT: "+OK count octets"
    {
        const std::string_view number = text.substr(4, text.find(' ', 4) - 4);
        std::from_chars(number.data(), number.data() + number.size(), there_);
    }
    if (asked_ > 0 && kind == Reply::lines)
    {
        ++load_.messages;
    }
}
} // namespace ringpost::load
