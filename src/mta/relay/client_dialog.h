// SPDX-License-Identifier: Apache-2.0
// The client's side of one SMTP connection without any I/O (RFC 5321; pipelining: RFC 2920; TLS: RFC 3207): several
// mails one after another, an outcome for each recipient. The connection that owns it moves the octets:
//
//   Step step = dialog.start();
//   loop: write step.send, then by step.next
//     read       read octets                       -> on_octets()
//     start_tls  shake hands as ClientOptions::tls demands -> on_tls_started() or on_end()
//     send_body  the mail through a DotStuffer     -> on_body_sent() or on_body_cut()
//     ready      outcomes() of the mail, if any    -> send(next mail) or quit()
//     finished   close
//     failed     outcomes(), failure(); close
//
// What a server says out of turn ends the connection: replies that are taken for those of other commands would lose
// mail. A call that the last step did not ask for is a defect of the caller and throws std::logic_error.
#pragma once

#include "core/vocabulary.h"
#include "mta/relay/client_commands.h"
#include "mta/relay/outcome.h"
#include "mta/relay/reply_reader.h"
#include "mta/server/envelope.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mta
{
struct ClientOptions
{
    std::string helo_name;
    /// AUTH PLAIN with these before any mail; the connection fails where it is not offered or not accepted.
    std::optional<Credentials> credentials;
    bool credentials_in_clear = false; ///< they may be sent without TLS: the connection stays in this machine
    /// HopTls::implicit: the connection that owns the dialog has shaken hands before start().
    HopTls tls = HopTls::none;
    // RFC 5321 4.5.3.2.
    Duration greeting_timeout = 5min;
    Duration command_timeout = 5min;
    Duration data_start_timeout = 2min;
    Duration data_block_timeout = 3min;
    Duration data_end_timeout = 10min;
    Duration handshake_timeout = 30s; ///< of TLS; for the connection that owns the dialog
};

class ClientDialog
{
public:
    enum class Next
    {
        read,
        start_tls,
        send_body,
        ready,
        finished,
        failed
    };

    struct Step
    {
        std::string send; ///< complete lines; may be empty
        Next next = Next::read;
    };

    explicit ClientDialog(ClientOptions options)
        : options_(std::move(options)), encrypted_(options_.tls == HopTls::implicit)
    {}

    /// The connection is up: waits for the greeting.
    [[nodiscard]] Step start();
    /// Octets from the server, however cut.
    [[nodiscard]] Step on_octets(std::string_view octets);
    /// What the server has said before is forgotten, what came behind its 220 too (RFC 3207 4.2).
    [[nodiscard]] Step on_tls_started();
    /// Begins a mail. `declared_size` is its true size in octets. Holds are kept at the first gateway, not sent on.
    /// May be `ready` again at once, answered() then being false: too large for what the server has announced, or no
    /// address that can be sent.
    [[nodiscard]] Step send(const Envelope& envelope);
    /// DotStuffer::finish() has been written.
    [[nodiscard]] Step on_body_sent();
    /// The mail could not be written to its end. A refusal that the server has sent meanwhile is still read, and stands
    /// as its answer; then the dialog has failed.
    [[nodiscard]] Step on_body_cut(const Failure& failure);
    /// XRINGPOST to another gateway (spec 1, "request"): `line` is what follows the verb. `ready` again, with answer().
    [[nodiscard]] Step ask(std::string_view line);
    [[nodiscard]] const std::optional<ServerReply>& answer() const { return answer_; }
    [[nodiscard]] Step quit();
    /// The connection ended, or timeout() ran out.
    [[nodiscard]] Step on_end(const Failure& failure);

    /// One for each recipient of the last send(), in its order; complete when `ready` or `failed`. When the
    /// connection failed, those not decided are temporary, whatever the code: it does not concern the mail.
    [[nodiscard]] std::vector<Outcome> outcomes() const;
    /// The server has answered a command of the last send(), with more than the end of the connection (421): what it
    /// said is not from before the mail, and it may have the mail.
    [[nodiscard]] bool answered() const { return answered_; }
    /// Why the connection failed.
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    [[nodiscard]] const ServerOffers& offers() const { return offers_; }
    [[nodiscard]] bool encrypted() const { return encrypted_; }
    /// AUTH was accepted.
    [[nodiscard]] bool authenticated() const { return authenticated_; }
    /// For the next reply as a whole; in send_body for each write (RFC 5321 4.5.3.2).
    [[nodiscard]] Duration timeout() const;
    /// How many replies have been read whole.
    [[nodiscard]] std::size_t replies() const { return replies_; }

private:
    enum class Kind
    {
        greeting,
        ehlo,
        helo,
        starttls,
        auth,
        auth_response,
        rset,
        mail,
        rcpt,
        data,
        body,
        cut_body,   ///< what is not sent whole is not taken
        empty_body, ///< the end of a DATA that no recipient is left for (RFC 2920 3.1)
        xringpost,
        quit
    };
    struct Command
    {
        Kind kind = Kind::greeting;
        std::size_t recipient = 0; ///< of Kind::rcpt
        std::string line;
    };

    [[nodiscard]] Step on_reply(const Command& command, const ServerReply& reply);
    [[nodiscard]] Step on_hello_reply(const Command& command, const ServerReply& reply);
    [[nodiscard]] Step on_auth_reply(const Command& command, const ServerReply& reply);
    [[nodiscard]] Step on_mail_reply(const Command& command, const ServerReply& reply);
    void on_rcpt_reply(const Command& command, const ServerReply& reply);
    [[nodiscard]] Step on_cut_body_reply(const ServerReply& reply);
    [[nodiscard]] Step on_data_reply(const ServerReply& reply);
    [[nodiscard]] Step on_early_octets();
    [[nodiscard]] Step on_starttls_reply(const ServerReply& reply);
    [[nodiscard]] Step encrypt_or_go_on();
    [[nodiscard]] Step authenticate_or_ready();
    [[nodiscard]] Step next_group();
    [[nodiscard]] Step end_mail();
    [[nodiscard]] Step request(Kind kind, const std::string& line);
    [[nodiscard]] Step wait_for(Kind kind);
    void queue_mail(const Envelope& envelope);
    void decide_rest(const Outcome& outcome);
    [[nodiscard]] Step fail_with(const Failure& failure, Outcome outcome, std::string farewell);
    [[nodiscard]] Step fail_with(const Failure& failure);
    [[nodiscard]] Step fail_with(Kind kind, const ServerReply& reply);
    [[nodiscard]] Step fail_with(std::string_view what, const ServerReply& reply, Outcome outcome);
    [[nodiscard]] static std::string_view name_of(Kind kind);
    [[nodiscard]] static Outcome decision(Kind kind, const ServerReply& reply);
    void require(Next next) const;

    ClientOptions options_;
    ReplyReader reader_;
    ServerOffers offers_;
    Next next_ = Next::ready;       ///< of the last step
    std::deque<Command> queue_;     ///< of the mail, not yet sent
    std::deque<Command> in_flight_; ///< sent, not yet answered
    std::vector<std::optional<Outcome>> outcomes_;
    std::size_t replies_ = 0;
    std::size_t accepted_ = 0; ///< recipients of the mail
    bool answered_ = false;
    bool sender_refused_ = false;
    bool needs_reset_ = false; ///< the server may still hold a transaction
    bool started_ = false;
    bool encrypted_ = false;
    bool authenticated_ = false;
    std::optional<ServerReply> answer_; ///< to XRINGPOST
    std::optional<Failure> cut_;        ///< why the mail could not be written to its end
    std::optional<Failure> failure_;
};
} // namespace ringpost::mta
