// SPDX-License-Identifier: Apache-2.0
// The whole gateway: builds every part from the configuration, connects them, and takes them down in order.
#pragma once

#include "console/session.h"
#include "control/directory_verbs.h"
#include "control/office_verbs.h"
#include "control/phone_verbs.h"
#include "control/queue_verbs.h"
#include "control/request_verbs.h"
#include "control/socket.h"
#include "core/config.h"
#include "core/listener.h"
#include "core/real_clock.h"
#include "directory/authentication.h"
#include "mailbox/session.h"
#include "media/content_controllers.h"
#include "media/fax_controller.h"
#include "media/fax_machines.h"
#include "media/inquiry_controller.h"
#include "media/voice_controller.h"
#include "mta/queue_runner.h"
#include "mta/server/session.h"
#include "pbx/factory.h"
#include "scenario/director.h"
#include "scenario/inquiries.h"
#include "store/dead_files.h"
#include "store/state_lock.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace ringpost
{
class Daemon
{
public:
    explicit Daemon(Config config) : config_(std::move(config)) {}
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Everything up to listening. A failure says what is in the way.
    Result<> start();
    /// Until SIGTERM or SIGINT, then drains. The exit code.
    int run();

private:
    Result<> open_tls();
    Result<> open_store();
    Result<> open_directory();
    Result<> open_exchange();
    Result<pbx::simulated::Machines> open_machines();
    Result<> open_dns();
    void build();
    Result<> listen();
    Result<> open_control();
    Result<> announce_ready() const;
    void await_signal();
    boost::asio::awaitable<void> reload();
    void drain();
    boost::asio::awaitable<void> drained();
    boost::asio::awaitable<void> housekeeping();
    boost::asio::awaitable<Result<>> forget_old();
    boost::asio::awaitable<void> watch_clock();
    Result<> sweep();
    void tell_of_missing_keys(const std::map<std::string, std::int64_t>& sealed) const;
    void tell_of_damaged(const store::Spool::Swept& swept) const;
    Result<> settle_restored();
    boost::asio::awaitable<Result<nlohmann::json>> back_up(std::string folder);
    void withdraw_ready() const;
    boost::asio::awaitable<Result<nlohmann::json>> ask_performer(std::string word, store::Request request);
    boost::asio::awaitable<Result<std::string>> answer_peer(std::string word, std::string number, std::string peer);
    boost::asio::awaitable<Result<nlohmann::json>> look_up_for_peer(std::string word, std::string number,
                                                                    std::string peer);
    boost::asio::any_io_executor executor() { return control_.get_executor(); }

    Config config_;
    std::optional<store::StateLock> lock_;
    boost::asio::io_context control_{1};
    std::vector<std::unique_ptr<boost::asio::io_context>> io_;
    std::vector<boost::asio::io_context*> io_contexts_;
    std::unique_ptr<RealClock> clock_;
    TlsServer tls_server_;
    TlsClient tls_client_;
    std::unique_ptr<store::Database> database_;
    std::optional<store::Spool> spool_;
    std::optional<store::DeadFiles> dead_files_;
    std::unique_ptr<directory::Directory> directory_;
    std::unique_ptr<directory::Authentication> authentication_;
    std::unique_ptr<media::VoiceBoard> board_;
    std::optional<media::FaxMachines> fax_machines_;
    pbx::ExchangeParts exchange_;
    std::unique_ptr<service::Notices> notices_;
    std::unique_ptr<service::RequestBook> book_;
    std::unique_ptr<media::Sandbox> sandbox_;
    std::unique_ptr<media::PinDesk> pins_;
    std::unique_ptr<media::VoiceController> voice_;
    std::unique_ptr<media::FaxController> fax_;
    std::unique_ptr<media::InquiryController> inquiry_;
    media::ContentControllers contents_;
    std::unique_ptr<scenario::Director> director_;
    std::unique_ptr<scenario::Inquiries> inquiries_;
    std::unique_ptr<service::Scheduler> scheduler_;
    std::unique_ptr<mta::Determination> determination_;
    std::unique_ptr<service::QueueDesk> desk_;
    std::unique_ptr<Resolver> resolver_;
    std::unique_ptr<mta::DnsRouter> dns_;
    std::unique_ptr<mta::Fallback> fallback_;
    std::unique_ptr<mta::QueueRunner> queue_;
    std::unique_ptr<mta::Acceptance> acceptance_;
    std::unique_ptr<mailbox::Reception> reception_;
    mailbox::MaildropLocks maildrop_locks_;
    std::unique_ptr<mta::ServerContext> mta_context_;
    std::unique_ptr<mailbox::ServerContext> mailbox_context_;
    std::unique_ptr<console::ServerContext> console_context_;
    /// What comes before the path of an inquiry in links, once listen() has been called; empty: mails have no links.
    std::string public_address_;
    std::unique_ptr<Listener> mta_;
    std::unique_ptr<Listener> lmtp_;
    std::unique_ptr<Listener> mailbox_;
    std::unique_ptr<Listener> console_;
    control::Verbs verbs_;
    std::unique_ptr<control::ControlSocket> socket_;
    std::unique_ptr<boost::asio::signal_set> signals_;
    TaskGroup tasks_;
    bool stopping_ = false;
    bool backing_up_ = false; ///< meanwhile no spool file is removed
    std::vector<std::thread> threads_;
};
} // namespace ringpost
