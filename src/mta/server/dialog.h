// SPDX-License-Identifier: Apache-2.0
// The server's side of one SMTP connection without any I/O: fed with lines and answers, it says what to send and what
// to do next (RFC 5321; AUTH: RFC 4954; STARTTLS: RFC 3207; enhanced codes: RFC 2034; XRINGPOST: spec 2.4). The session
// moves the octets:
//
//   Step step = dialog.greeting();
//   until step.next is close: write step.reply, then
//     command       read a line                 -> on_line(), on_bare_lf_line(), on_line_too_long(), on_early_input()
//     start_tls     shake hands                 -> on_tls_started(), or close
//     authenticate  check step.credentials      -> on_authenticated() or on_authentication_unavailable()
//     sender        check envelope()            -> on_sender()
//     recipient     check recipient()           -> on_recipient()
//     data          DataReader, then the queue  -> on_data(), or on_data_refused()
//     xringpost     do step.xringpost           -> on_xringpost()
//   and at last write step.reply.
//
// Calling an on_…() that was not asked for is a defect of the session and throws std::logic_error.
#pragma once

#include "mta/server/commands.h"
#include "mta/server/envelope.h"
#include "mta/server/parameters.h"
#include "mta/server/reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::mta
{
struct ServerOptions
{
    std::string domain;                      ///< our name in greeting and EHLO
    bool lmtp = false;                       ///< LMTP is spoken instead (RFC 2033), with nobody known by name
    std::uint64_t size_limit = 32ULL << 20U; ///< octets of a mail; 0: none
    std::size_t recipients = 100;            ///< of one mail (RFC 5321 4.5.3.1.8: at least 100)
    unsigned errors_per_session = 20;        ///< without a mail between them; then 421
    unsigned idle_commands = 100;            ///< without a mail between them; each further one counts as an error
    unsigned auth_failures = 3;              ///< then 421
    bool tls_offered = false;                ///< STARTTLS can be given
    bool encrypted = false;                  ///< from the first octet (RFC 8314)
    bool auth_in_clear = false;              ///< AUTH is offered without TLS: the connection stays in this machine
    bool confidential = false;               ///< such mail is kept as it is meant (spec 2.3)
    bool dsn = true;
    bool future_release = true;
    bool mt_priority = true;
    std::size_t line_limit = 2046; ///< octets of a command line without its CRLF (RFC 5321 4.5.3.1.4: at least 510)
    Duration max_hold = 720h;      ///< longest HOLDFOR, furthest HOLDUNTIL
};

class ServerDialog
{
public:
    enum class Next
    {
        command,
        start_tls,
        authenticate,
        sender,
        recipient,
        data,
        xringpost,
        close
    };

    struct Step
    {
        std::string reply; ///< complete lines with CRLF; empty: nothing to write before `next`
        Next next = Next::command;
        std::optional<Credentials> credentials; ///< with Next::authenticate
        std::optional<XringpostLine> xringpost; ///< with Next::xringpost
    };

    explicit ServerDialog(ServerOptions options) : options_(std::move(options)), encrypted_(options_.encrypted) {}

    /// 220, the first thing on the connection.
    [[nodiscard]] Step greeting();

    /// One line without its CRLF. `now` bounds HOLDUNTIL.
    [[nodiscard]] Step on_line(std::string_view line, Instant now);
    /// The line was longer than line_limit(); the session has read and dropped it to its end.
    [[nodiscard]] Step on_line_too_long();
    /// The line ended with a bare LF: never taken for a command, as its sender and we could count lines differently.
    [[nodiscard]] Step on_bare_lf_line();
    /// Whether a client has to wait for the answer to this line (RFC 2920 3.1, RFC 3207 4.2, RFC 4954 4).
    [[nodiscard]] bool ends_group(std::string_view line) const;
    /// Instead of on_line(): more has come behind a line that ends_group(). Who sends on without an answer takes us for
    /// somebody else, or is somebody else: 554, and the end.
    [[nodiscard]] Step on_early_input();
    /// Everything that the client said before is forgotten (RFC 3207 4.2).
    [[nodiscard]] Step on_tls_started();
    /// The peer was silent for timeout().
    [[nodiscard]] Step on_timeout();
    /// We are stopping. Only while no answer is awaited.
    [[nodiscard]] Step on_shutdown();

    /// nullopt: unknown login or wrong secret, answered alike.
    [[nodiscard]] Step on_authenticated(std::optional<Identity> identity);
    /// They could not be checked: 454 4.7.0, which is an error, but no failed authentication.
    [[nodiscard]] Step on_authentication_unavailable();
    [[nodiscard]] Step on_sender(const Result<>& accepted);
    [[nodiscard]] Step on_recipient(const Result<>& accepted);
    /// The mail is durable under this name (RFC 5321 6.1: 250 takes over responsibility), or why not.
    [[nodiscard]] Step on_data(const Result<std::string>& queued_as);
    /// As on_data() with a failure, where the reply is not the one of reply_from().
    [[nodiscard]] Step on_data_refused(const SmtpReply& reply);
    /// The text of the 250, or why not.
    [[nodiscard]] Step on_xringpost(const Result<std::string>& answer);

    /// Octets that the next line may have without its CRLF.
    [[nodiscard]] std::size_t line_limit() const;
    /// The next line is part of a secret and must not be logged (nor must a line that begins with AUTH).
    [[nodiscard]] bool expects_secret() const;
    /// How long to wait for the next line, or the next octets of a mail (RFC 5321 4.5.3.2.7).
    [[nodiscard]] static constexpr Duration timeout() { return 5min; }

    /// The transaction so far; from `data` until on_data() the whole. The next command may begin another.
    [[nodiscard]] const Envelope& envelope() const { return envelope_; }
    /// With Next::recipient: who is to be checked; not yet in envelope().
    [[nodiscard]] const EnvelopeRecipient& recipient() const { return candidate_; }
    [[nodiscard]] const std::optional<Identity>& identity() const { return identity_; }
    /// As given with EHLO or HELO: a domain or address literal, or other visible ASCII; empty: not yet.
    [[nodiscard]] const std::string& helo_name() const { return helo_name_; }
    /// `LMTP`, `SMTP`, `ESMTP`, `ESMTPA`, `ESMTPS` or `ESMTPSA` for the Received field (RFC 3848).
    [[nodiscard]] std::string_view protocol() const;

private:
    enum class State
    {
        command,
        auth_plain,
        auth_login,
        auth_secret,
        start_tls,
        authenticate,
        sender,
        recipient,
        data,
        xringpost,
        closed
    };

    // "Allowed now?": the order rules of RFC 5321 4.1.4 for all verbs; nullopt: yes.
    [[nodiscard]] std::optional<SmtpReply> out_of_order(const Command& command) const;
    [[nodiscard]] Step perform(const Command& command, Instant now);
    [[nodiscard]] bool offered(Verb verb) const;
    [[nodiscard]] bool idles(Verb verb);
    [[nodiscard]] Step hello(const Command& command, Instant now);
    [[nodiscard]] std::string capabilities(Instant now) const;
    [[nodiscard]] Step mail(std::string_view argument, Instant now);
    [[nodiscard]] Step rcpt(std::string_view argument, Instant now);
    [[nodiscard]] Step data();
    [[nodiscard]] Step starttls();
    [[nodiscard]] std::string known_commands() const;
    [[nodiscard]] bool starttls_offered() const { return options_.tls_offered && !encrypted_ && !options_.lmtp; }
    [[nodiscard]] bool auth_allowed() const { return (encrypted_ || options_.auth_in_clear) && !options_.lmtp; }
    [[nodiscard]] Step auth(std::string_view argument);
    [[nodiscard]] Step auth_response(std::string_view line);
    [[nodiscard]] Step auth_decoded(std::string octets);
    [[nodiscard]] Step auth_plain(std::string_view message);
    [[nodiscard]] Step check_credentials(Credentials credentials);
    [[nodiscard]] Step xringpost(std::string_view argument);

    [[nodiscard]] Step say(const SmtpReply& reply);
    [[nodiscard]] Step end_mail(const SmtpReply& reply);
    [[nodiscard]] Step error(const SmtpReply& reply);
    [[nodiscard]] Step refuse(const Failure& failure);
    [[nodiscard]] Step auth_failed();
    [[nodiscard]] Step close(const SmtpReply& reply);
    [[nodiscard]] Step ask(State state, Next next);
    void answered(State asked);
    void reset_transaction();
    [[nodiscard]] ParameterRules rules(Instant now) const;

    ServerOptions options_;
    State state_ = State::command;
    std::string helo_name_;
    bool encrypted_ = false;
    bool extended_ = false;
    bool transaction_ = false; ///< MAIL was accepted
    bool recipient_refused_ = false;
    std::size_t recipients_too_many_ = 0; ///< of this mail
    std::optional<Identity> identity_;
    Envelope envelope_;
    EnvelopeRecipient candidate_;
    std::string login_;          ///< of AUTH LOGIN, between its two prompts
    unsigned errors_ = 0;        ///< since the last mail
    unsigned idle_commands_ = 0; ///< since the last mail
    unsigned auth_failures_ = 0;
};
} // namespace ringpost::mta
