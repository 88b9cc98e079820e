// SPDX-License-Identifier: Apache-2.0
// What the connections of the load generator say.
#pragma once

#include "bench/load/connection.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace ringpost::load
{
struct Login
{
    std::string user; ///< empty: none
    std::string secret;
};

/// What all SMTP connections have in common.
struct SmtpLoad
{
    std::string from;
    std::vector<std::string> to; ///< mails go to them in turn
    std::string mail;            ///< with dots stuffed and the final one
    Login login;
    std::size_t left = 0;      ///< mails still to be sent
    bool one_for_each = false; ///< a connection for each mail
    std::size_t next_to = 0;
};

/// Greeting, EHLO, mails as long as there are any (or one), QUIT. Each command waits for its reply, as smtp-source
/// does it.
class SmtpScript : public Script
{
public:
    explicit SmtpScript(SmtpLoad& load) : load_(load) {}
    std::optional<Command> next() override;
    void replied(Reply /*kind*/, std::string_view /*text*/) override {}

private:
    SmtpLoad& load_;
    int step_ = 0;
};

struct Pop3Load
{
    std::deque<Login> free; ///< those without a session: a maildrop is open to one at a time
    std::size_t left = 0;   ///< sessions still to be begun
    bool retrieve = false;
    bool remove = false;        ///< what has been retrieved
    std::uint64_t messages = 0; ///< retrieved
};

/// Greeting, USER, PASS, STAT, and where mails are retrieved UIDL and a RETR for each, and then a DELE for each where
/// they are removed; QUIT.
class Pop3Script : public Script
{
public:
    explicit Pop3Script(Pop3Load& load);
    ~Pop3Script() override { load_.free.push_back(login_); }
    Pop3Script(const Pop3Script&) = delete;
    Pop3Script& operator=(const Pop3Script&) = delete;
    std::optional<Command> next() override;
    void replied(Reply kind, std::string_view text) override;

private:
    Pop3Load& load_;
    Login login_;
    int step_ = 0;
    std::uint64_t there_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t deleted_ = 0;
};
} // namespace ringpost::load
