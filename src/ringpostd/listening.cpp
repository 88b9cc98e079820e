// SPDX-License-Identifier: Apache-2.0
// Where the gateway is reached: its listeners, its control socket, and the file that tells scripts of them.
#include "console/inquiry_page.h"
#include "control/arguments.h"
#include "core/fault_point.h"
#include "core/log.h"
#include "ringpostd/daemon.h"
#include "ringpostd/inputs.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <tuple>
#include <unistd.h>

namespace ringpost
{
namespace
{
Result<> listen_on(Listener& listener, const std::vector<std::string>& addresses, Begin begin)
{
    for (const auto& text : addresses)
    {
        const auto endpoint = parse_local_endpoint(text);
        auto listening = endpoint.has_error()     ? Result<>(endpoint.error())
                         : endpoint->path.empty() ? listener.listen(endpoint->tcp, begin)
                                                  : listener.listen_local(endpoint->path);
        if (listening.has_error())
        {
            return listening;
        }
    }
    return {};
}
} // namespace

Result<> Daemon::listen()
{
    mta_ = std::make_unique<Listener>(
        executor(), *clock_, io_contexts_,
        ListenerOptions{"mta", config_.mta.session_limit, config_.mta.sessions_per_address,
                        "421 4.3.2 " + config_.gateway.domain + " too many connections, try again later\r\n",
                        &tls_server_, config_.tls.handshake_timeout},
        [this](LineStream stream) {
            return std::make_unique<mta::Session>(*mta_context_, std::move(stream), mta::Protocol::smtp);
        });
    // All sessions come from the one server in front.
    lmtp_ = std::make_unique<Listener>(
        executor(), *clock_, io_contexts_,
        ListenerOptions{"lmtp", config_.mta.session_limit, config_.mta.session_limit,
                        "421 4.3.2 " + config_.gateway.domain + " too many connections, try again later\r\n"},
        [this](LineStream stream) {
            return std::make_unique<mta::Session>(*mta_context_, std::move(stream), mta::Protocol::lmtp);
        });
    mailbox_ = std::make_unique<Listener>(
        executor(), *clock_, io_contexts_,
        ListenerOptions{"mailbox", config_.mailbox.session_limit, config_.mailbox.sessions_per_address,
                        "-ERR [SYS/TEMP] too many connections, try again later\r\n", &tls_server_,
                        config_.tls.handshake_timeout},
        [this](LineStream stream) { return std::make_unique<mailbox::Session>(*mailbox_context_, std::move(stream)); });
    console_ = std::make_unique<Listener>(
        executor(), *clock_, io_contexts_,
        ListenerOptions{"console", config_.console.session_limit, config_.console.sessions_per_address,
                        std::string(console::too_many_sessions)},
        [this](LineStream stream) { return std::make_unique<console::Session>(*console_context_, std::move(stream)); });
    for (const auto& [listener, addresses, begin] : {std::tuple{mta_.get(), &config_.mta.listen, Begin::in_clear},
                                                     {mta_.get(), &config_.mta.listen_tls, Begin::with_tls},
                                                     {lmtp_.get(), &config_.mta.listen_lmtp, Begin::in_clear},
                                                     {mailbox_.get(), &config_.mailbox.listen, Begin::in_clear},
                                                     {mailbox_.get(), &config_.mailbox.listen_tls, Begin::with_tls},
                                                     {console_.get(), &config_.console.listen, Begin::in_clear}})
    {
        if (auto listening = listen_on(*listener, *addresses, begin); listening.has_error())
        {
            return listening;
        }
    }
    public_address_ = console::public_address(config_.console, console_->endpoints());
    if (!public_address_.empty())
    {
        director_->pages_at(public_address_ + std::string(scenario::inquiry_path));
    }
    return {};
}

Result<> Daemon::open_control()
{
    if (exchange_.telephones != nullptr)
    {
        control::register_phone_verbs(verbs_, *exchange_.telephones);
    }
    control::register_request_verbs(verbs_, *database_, *book_, *scheduler_,
                                    [this](std::string word, store::Request request) {
                                        return ask_performer(std::move(word), std::move(request));
                                    });
    control::register_queue_verbs(verbs_, *database_, *clock_, *desk_);
    control::register_office_verbs(verbs_, *database_, *directory_, *scheduler_, [this](MailboxEntryId entry) {
        return reception_->received(entry, mailbox::Reception::By::command, "");
    });
    control::register_directory_verbs(verbs_, *database_, *directory_, seed_options(config_));
    verbs_.add("backup", [this](nlohmann::json arguments) -> boost::asio::awaitable<Result<nlohmann::json>> {
        const auto known = control::Arguments::of(arguments, {"folder"});
        auto folder = known.has_value() ? known->text("folder", 4000) : Result<std::string>(known.error());
        if (folder.has_error())
        {
            co_return folder.error();
        }
        co_return co_await back_up(std::move(*folder));
    });
    auto opened = control::ControlSocket::open(executor(), *clock_, verbs_, config_.control_socket().string());
    if (opened.has_error())
    {
        return opened.error();
    }
    socket_ = std::move(*opened);
    return {};
}

/// For scripts: where everything listens, in place by rename once it does.
Result<> Daemon::announce_ready() const
{
    const auto endpoints = [](const Listener& listener, Begin begin = Begin::in_clear) {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& endpoint : listener.endpoints(begin))
        {
            list.push_back({{"host", endpoint.host}, {"port", endpoint.port}});
        }
        return list;
    };
    const std::filesystem::path state = std::filesystem::absolute(config_.gateway.state_dir);
    const nlohmann::json ready = {{"domain", config_.gateway.domain},
                                  {"smtp", endpoints(*mta_)},
                                  {"smtp_tls", endpoints(*mta_, Begin::with_tls)},
                                  {"lmtp", endpoints(*lmtp_)},
                                  {"pop3", endpoints(*mailbox_)},
                                  {"pop3_tls", endpoints(*mailbox_, Begin::with_tls)},
                                  {"http", endpoints(*console_)},
                                  {"trunk", {{"host", "127.0.0.1"}, {"port", exchange_.trunk_port}}},
                                  {"control_socket", std::filesystem::absolute(config_.control_socket()).string()},
                                  {"pid", ::getpid()}};
    const auto temporary = state / "ready.json.new";
    {
        std::ofstream file(temporary, std::ios::trunc);
        file << ready.dump(2) << '\n';
        if (fault_point("ready.write") || !file.flush())
        {
            return fail(Errc::io, temporary.string(), "cannot be written");
        }
    }
    std::error_code error;
    if (fault_point("ready.rename"))
    {
        error = std::make_error_code(std::errc::io_error);
    }
    else
    {
        std::filesystem::rename(temporary, state / "ready.json", error);
    }
    if (error)
    {
        return fail(Errc::io, (state / "ready.json").string(), error.message());
    }
    log::info("ringpostd.ready", {{"domain", config_.gateway.domain},
                                  {"smtp", mta_->endpoints().front().port},
                                  {"pop3", mailbox_->endpoints().front().port},
                                  {"http", public_address_},
                                  {"exchange", exchange_.exchange->name()},
                                  {"control", config_.control_socket().string()}});
    return {};
}

void Daemon::withdraw_ready() const
{
    std::error_code ignored;
    std::filesystem::remove(std::filesystem::path(config_.gateway.state_dir) / "ready.json", ignored);
}
} // namespace ringpost
