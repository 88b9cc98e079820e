// SPDX-License-Identifier: Apache-2.0
// One SMTP connection: moves octets between LineStream, ServerDialog, DataReader and Acceptance. One coroutine on one
// I/O context, from the greeting to the end.
#pragma once

#include "core/config.h"
#include "core/line_stream.h"
#include "core/listener.h"
#include "directory/authentication.h"
#include "mta/acceptance.h"
#include "mta/server/data_reader.h"
#include "mta/server/dialog.h"
#include "mta/server/mail_collector.h"

#include <functional>

namespace ringpost::mta
{
/// What all sessions share; outlives them.
struct ServerContext
{
    const Config& config;
    Clock& clock;
    directory::Directory& directory;
    directory::Authentication& authentication;
    store::Spool& spool;
    Acceptance& acceptance;
    /// XRINGPOST: what a peer gateway asks about a request that it relayed to us (spec 1, "request").
    std::function<boost::asio::awaitable<Result<std::string>>(std::string word, std::string argument, std::string peer)>
        xringpost;
    const TlsServer& tls;
};

enum class Protocol
{
    smtp,
    lmtp ///< from a mail server in front of this gateway (RFC 2033): everybody is a stranger
};

class Session : public ListenerSession
{
public:
    Session(ServerContext& context, LineStream stream, Protocol protocol);

    boost::asio::awaitable<void> serve() override;
    void stop() override;

private:
    using Next = ServerDialog::Next;
    using Step = ServerDialog::Step;

    [[nodiscard]] bool replies_due(Next next) const;
    boost::asio::awaitable<Result<>> write_replies();
    boost::asio::awaitable<Step> advance(Step step);
    boost::asio::awaitable<Step> read_command();
    boost::asio::awaitable<Step> start_tls();
    boost::asio::awaitable<Step> read_data();
    /// nullopt: the connection ended inside the mail.
    boost::asio::awaitable<std::optional<Result<IncomingMail>>> receive_mail();
    boost::asio::awaitable<Step> authenticate(Credentials credentials);
    [[nodiscard]] Result<> check_sender() const;
    [[nodiscard]] Result<> check_recipient() const;
    [[nodiscard]] Submitter submitter() const;

    ServerContext& context_;
    LineStream stream_;
    ServerDialog dialog_;
    std::string replies_;     ///< not yet written
    bool in_command_ = false; ///< a command is being read
    bool in_data_ = false;    ///< octets of a mail are being read
    bool in_handshake_ = false;
    bool cut_off_ = false;   ///< the mail that was being read has no end
    bool timed_out_ = false; ///< inside a mail
    bool stopping_ = false;
    bool gone_ = false; ///< the connection has ended, nothing more is written
};
} // namespace ringpost::mta
