// SPDX-License-Identifier: Apache-2.0
// One POP3 connection: moves octets between LineStream, Dialog and the store, and tells Reception what has reached the
// client (spec 2.6). One coroutine on one I/O context.
#pragma once

#include "core/config.h"
#include "core/line_stream.h"
#include "core/listener.h"
#include "directory/authentication.h"
#include "mailbox/dialog.h"
#include "mailbox/maildrop.h"
#include "mailbox/message_writer.h"
#include "mailbox/reception.h"
#include "store/mails.h"
#include "store/spool.h"

#include <chrono>

namespace ringpost::mailbox
{
/// What all sessions share; outlives them.
struct ServerContext
{
    const Config& config;
    boost::asio::any_io_executor control;
    store::Database& database;
    store::Spool& spool;
    directory::Directory& directory;
    directory::Authentication& authentication;
    MaildropLocks& locks;
    Reception& reception;
    const TlsServer& tls;
};

class Session : public ListenerSession
{
public:
    Session(ServerContext& context, LineStream stream);

    boost::asio::awaitable<void> serve() override;
    void stop() override;

private:
    struct Mail;
    /// Read before its turn.
    struct Ahead
    {
        std::size_t index = 0; ///< in entries_
        std::string prefix;
        store::Mail mail;
    };
    boost::asio::awaitable<Result<>> answer(const Step& step);
    boost::asio::awaitable<Result<>> write_answers();
    boost::asio::awaitable<Step> advance(Step step);
    boost::asio::awaitable<Step> read_command();
    boost::asio::awaitable<Step> start_tls();
    boost::asio::awaitable<Step> authenticate();
    boost::asio::awaitable<Result<std::vector<MaildropEntry>>> open_maildrop(const std::string& address);
    boost::asio::awaitable<Step> retrieve(Step step);
    boost::asio::awaitable<Result<Mail>> load(std::size_t index);
    boost::asio::awaitable<Result<>> read_from(std::size_t index);
    boost::asio::awaitable<bool> stream_mail(Mail& mail, MessageWriter writer);
    boost::asio::awaitable<Step> update();
    boost::asio::awaitable<void> await_acknowledgement();
    boost::asio::awaitable<void> proved();

    /// How long the next command may take.
    [[nodiscard]] Duration patience() const;

    ServerContext& context_;
    LineStream stream_;
    Dialog dialog_;
    /// Until then the client must have logged in: USER and CAPA now and then must not hold a session for ever.
    std::chrono::steady_clock::time_point login_due_;
    std::unique_ptr<MaildropLocks::Lock> lock_;
    std::vector<store::MaildropRow> entries_;
    /// Answers that wait for those of the commands that the client has pipelined behind.
    std::string answers_;
    /// Asked for with commands that the client has pipelined, where they ask for one after the other; the next is last.
    std::vector<Ahead> ahead_;
    /// Among the answers to its end, but it is not yet proved that the client has them.
    std::vector<MailboxEntryId> unproved_;
    /// The client has them, but their reception could not be stored yet.
    std::vector<MailboxEntryId> unfired_;
    bool waiting_ = false;
    bool stopping_ = false;
    bool gone_ = false;
};
} // namespace ringpost::mailbox
