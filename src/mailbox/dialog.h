// SPDX-License-Identifier: Apache-2.0
// The POP3 server side of a session without its I/O: fed with lines and outcomes, it says what to answer and what to
// do next. Source: RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS), RFC 3206 (AUTH and SYS response codes), RFC 5034 (AUTH),
// RFC 6856 (UTF8). No socket, clock or store.
//
// Three things that name a mail of the maildrop, and are never mixed up:
//   message number  what the client writes: 1 for the first mail of this session's snapshot; another session may give
//                   the same mail another number. Numbers of mails marked as deleted are not given again (RFC 1939 5).
//   index           message number - 1: the place in the snapshot. The session and deleted() speak of indexes.
//   unique-id       what UIDL tells: the same for the same mail in every session, for ever (RFC 1939 7).
#pragma once

#include "core/result.h"
#include "mailbox/commands.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mailbox
{
/// What UIDL tells, made of numbers: a maildrop may have very many mails. Ids of entries are never used again, and the
/// time tells apart two lives of a database.
struct UniqueId
{
    std::int64_t entry = 0;
    std::int64_t delivered = 0; ///< microseconds
};

/// One mail of the snapshot that is taken at login.
struct MaildropEntry
{
    std::uint64_t octets = 0; ///< what RETR sends, lines ended by CRLF, without byte-stuffing and the final dot
    UniqueId unique_id;
};

/// What the session does after it has written Step::reply.
enum class Next
{
    command,      ///< read a line of at most line_limit(); then on_line(), on_line_too_long(), on_early_input() or
                  ///< on_timeout()
    start_tls,    ///< shake hands, everything read before being forgotten; then on_tls_started(), or close
    authenticate, ///< check login() and take_secret(), lock the maildrop; then on_authenticated()
    retrieve,     ///< stream the mail at Step::index through a MessageWriter, then go on as for `command`
    update,       ///< remove deleted(), release the maildrop; then on_updated()
    close         ///< close the connection; nothing is removed
};

struct Step
{
    std::string reply; ///< octets to write first, with CRLF; may be empty
    Next next = Next::command;
    std::size_t index = 0;                  ///< retrieve: which mail
    std::optional<std::uint32_t> top_lines; ///< retrieve: header and so many body lines; nullopt: the whole mail
};

struct DialogSettings
{
    bool tls_offered = false;             ///< STLS can be given
    bool encrypted = false;               ///< from the first octet (RFC 8314)
    bool login_in_clear = false;          ///< logins without TLS: the connection stays in this machine
    unsigned authentication_failures = 3; ///< so many wrong logins end the session
    unsigned errors = 20;                 ///< so many refused commands end the session
};

class Dialog
{
public:
    explicit Dialog(DialogSettings settings) : settings_(settings), encrypted_(settings.encrypted) {}

    [[nodiscard]] Step greeting() const;

    /// One command line without its CRLF. Throws std::logic_error while an authenticate or update is outstanding.
    [[nodiscard]] Step on_line(std::string_view line);
    /// Whether a client has to wait for the answer to this line: STLS (RFC 2595 4).
    [[nodiscard]] static bool ends_group(std::string_view line);
    /// Instead of on_line(): more has come behind a line that ends_group(). Closed, whoever sent it.
    [[nodiscard]] Step on_early_input();
    /// What the client said before is forgotten (RFC 2595 4).
    [[nodiscard]] Step on_tls_started();
    /// Octets of the line that is expected next, CRLF left out.
    [[nodiscard]] std::size_t line_limit() const;
    /// A line longer than that was read to its end and dropped.
    [[nodiscard]] Step on_line_too_long();

    /// Outcome of Next::authenticate. Errc::conflict: the maildrop is locked by another session; Errc::refused and
    /// Errc::not_found: unknown user or wrong secret, which the client cannot tell apart; all else: not now.
    [[nodiscard]] Step on_authenticated(Result<std::vector<MaildropEntry>> maildrop);
    /// Instead of writing the reply of a retrieve step: the mail could not be opened. Once a part of the reply has been
    /// written the session can only close.
    [[nodiscard]] Step on_retrieve_failed();
    /// Outcome of Next::update: a failure means that some or all deleted mails are still there.
    [[nodiscard]] Step on_updated(const Result<>& removed);
    /// The client was silent too long, or the gateway is being stopped: closed without a further reply and without
    /// UPDATE (RFC 1939 3).
    [[nodiscard]] Step on_timeout();

    /// The mail address that USER or AUTH gave, as written.
    [[nodiscard]] const std::string& login() const { return login_; }
    /// The secret that PASS or AUTH gave; the dialog keeps no copy.
    [[nodiscard]] std::string take_secret();
    /// Indexes of the mails marked as deleted, ascending.
    [[nodiscard]] std::vector<std::size_t> deleted() const;

private:
    enum class State
    {
        authorization,
        starting_tls,
        sasl, ///< of AUTHORIZATION: the response to an empty challenge is expected
        authenticating,
        transaction,
        update,
        ended
    };
    struct Message
    {
        MaildropEntry entry;
        bool deleted = false;
    };

    [[nodiscard]] Step refuse(std::string_view text);
    [[nodiscard]] Step perform(const Command& command);
    [[nodiscard]] Step in_authorization(const Command& command);
    [[nodiscard]] Step in_transaction(const Command& command);
    [[nodiscard]] Step stls();
    [[nodiscard]] bool login_allowed() const { return encrypted_ || settings_.login_in_clear; }
    [[nodiscard]] Step user(const Command& command);
    [[nodiscard]] Step pass(const Command& command);
    [[nodiscard]] Step auth(const Command& command);
    [[nodiscard]] Step sasl_response(std::string_view line);
    [[nodiscard]] Step ask(std::string login, std::string secret);
    [[nodiscard]] Step login_failed();
    [[nodiscard]] Step quit();
    [[nodiscard]] Step capa() const;
    [[nodiscard]] Step stat() const;
    [[nodiscard]] Step scan(const Command& command);
    [[nodiscard]] Step retrieve(const Command& command);
    [[nodiscard]] Step dele(const Command& command);
    [[nodiscard]] Step rset();
    [[nodiscard]] Message* find(const Command& command);
    void expect(State state) const;

    DialogSettings settings_;
    bool encrypted_ = false;
    State state_ = State::authorization;
    std::string login_;
    std::string secret_;
    std::vector<Message> messages_;
    std::size_t left_ = 0;          ///< mails not marked as deleted
    std::uint64_t left_octets_ = 0; ///< and their octets
    unsigned authentication_failures_ = 0;
    unsigned errors_ = 0;
};
} // namespace ringpost::mailbox
