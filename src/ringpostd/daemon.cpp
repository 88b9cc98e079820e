// SPDX-License-Identifier: Apache-2.0
#include "ringpostd/daemon.h"

#include "console/inquiry_page.h"
#include "control/arguments.h"
#include "core/fault_point.h"
#include "core/log.h"
#include "ringpostd/inputs.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>

namespace ringpost
{
namespace
{
/// After SIGTERM sessions and connections get this long; what is stored is safe whenever the process ends.
constexpr Duration drain_limit = 10s;

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

Daemon::~Daemon()
{
    if (threads_.empty())
    {
        // It did not come to run(): the loops of those who listen have yet to begin, and end as soon as they do.
        for (auto* listener : {mta_.get(), lmtp_.get(), mailbox_.get(), console_.get()})
        {
            if (listener != nullptr)
            {
                listener->stop();
            }
        }
        if (socket_)
        {
            socket_->stop();
        }
        control_.poll();
    }
    for (auto& context : io_)
    {
        context->stop();
    }
    for (auto& thread : threads_)
    {
        thread.join();
    }
    if (authentication_)
    {
        authentication_->stop();
    }
    // In the order in which one refers to the other; what their ends put into the contexts is run before those go.
    socket_.reset();
    console_.reset();
    mailbox_.reset();
    lmtp_.reset();
    mta_.reset();
    signals_.reset();
    queue_.reset();
    dns_.reset();
    resolver_.reset();
    if (board_)
    {
        board_->stop(); // what still plays
    }
    scheduler_.reset();
    inquiry_.reset();
    fax_.reset();
    voice_.reset();
    pins_.reset();
    sandbox_.reset();
    exchange_ = {};
    // Its ports tell who plays over them that they have ended, on executors of the board.
    control_.restart();
    control_.poll();
    board_.reset();
    control_.restart();
    control_.poll();
    database_.reset();
}

Result<> Daemon::start()
{
    auto lock = store::StateLock::take(config_.gateway.state_dir);
    if (lock.has_error())
    {
        return lock.error();
    }
    lock_.emplace(std::move(*lock));
    for (std::size_t i = 0; i < config_.gateway.io_threads; ++i)
    {
        io_.push_back(std::make_unique<boost::asio::io_context>(1));
        io_contexts_.push_back(io_.back().get());
    }
    clock_ = std::make_unique<RealClock>(executor());
    board_ = std::make_unique<media::VoiceBoard>(executor(), *clock_);
    for (auto step :
         {&Daemon::open_tls, &Daemon::open_store, &Daemon::open_directory, &Daemon::open_exchange, &Daemon::open_dns})
    {
        if (auto done = (this->*step)(); done.has_error())
        {
            return done;
        }
    }
    build();
    for (auto step : {&Daemon::settle_restored, &Daemon::listen, &Daemon::open_control})
    {
        if (auto done = (this->*step)(); done.has_error())
        {
            return done;
        }
    }
    // Before anybody is told that it runs: a signal must find its handler.
    signals_ = std::make_unique<boost::asio::signal_set>(control_, SIGTERM, SIGINT, SIGHUP);
    await_signal();
    return announce_ready();
}

/// At start, and again at SIGHUP: certificates are renewed every few weeks.
Result<> Daemon::open_tls()
{
    if (auto loaded = tls_client_.load(config_.tls); loaded.has_error())
    {
        return loaded;
    }
    if (auto loaded = tls_server_.load(config_.tls); loaded.has_error())
    {
        return loaded;
    }
    if (tls_server_.offered())
    {
        const auto validity = tls_server_.validity();
        const auto event = validity.ends_soon ? log::warning : log::info;
        event("tls.certificate", {{"file", config_.tls.certificate}, {"valid_until", validity.until}});
        warn_of_open_key(config_.tls);
    }
    return {};
}

Result<> Daemon::open_store()
{
    const std::filesystem::path state(config_.gateway.state_dir);
    store::DatabaseOptions options;
    options.file = state / "ringpost.db";
    options.queue_limit = config_.store.queue_limit;
    options.readers = static_cast<int>(config_.store.readers);
    options.log_limit = config_.store.log_limit;
    auto database = store::Database::open(options);
    if (database.has_error())
    {
        return database.error();
    }
    database_ = std::move(*database);
    auto vault = open_vault(config_);
    if (vault.has_error())
    {
        return vault.error();
    }
    auto spool = store::Spool::open(state / "spool", std::move(*vault));
    if (spool.has_error())
    {
        return spool.error();
    }
    spool_.emplace(std::move(*spool));
    dead_files_.emplace(*database_, *spool_);
    return sweep();
}

Result<> Daemon::open_directory()
{
    const auto seed = seed_options(config_);
    const auto people = people_file(config_);
    if (people.has_error())
    {
        return people.error();
    }
    const auto seeded = directory::seed_if_empty(*database_, people->text, people->name, seed);
    if (seeded.has_error())
    {
        return seeded.error();
    }
    if (*seeded)
    {
        log::info("directory.seeded", {{"from", people->name}});
    }
    directory::OfficeOptions office;
    office.own_domains = {config_.gateway.domain};
    office.own_domains.insert(office.own_domains.end(), config_.gateway.extra_domains.begin(),
                              config_.gateway.extra_domains.end());
    office.representative = config_.gateway.representative;
    office.plan = plan_from(config_);
    if (config_.exchange.driver == "simulated")
    {
        office.extensions = config_.exchange.simulated_extensions;
    }
    directory_ = std::make_unique<directory::Directory>(*database_, std::move(office));
    if (auto loaded = directory_->load_now(); loaded.has_error())
    {
        return loaded;
    }
    warn_of_unread_people(*people, *directory_->current());
    tell_of_postmaster(config_, *directory_->current());
    directory::AuthenticationOptions options;
    options.cost = seed.cost;
    options.threads = config_.authentication.threads;
    options.delays = {config_.authentication.free_failures, config_.authentication.delay_first,
                      config_.authentication.delay_most, config_.authentication.delay_forget,
                      config_.authentication.delay_accounts};
    auto authentication = directory::Authentication::create(*directory_, options, executor(), *clock_);
    if (authentication.has_error())
    {
        return authentication.error();
    }
    authentication_ = std::move(*authentication);
    return {};
}

Result<> Daemon::open_exchange()
{
    pbx::simulated::Numbering numbering;
    auto* directory = directory_.get();
    numbering.external_number = [directory](const std::string& extension) {
        return directory::external_form(*directory->current(), extension);
    };
    numbering.extension_of = [directory](const std::string& e164) -> std::optional<std::string> {
        return directory->current()->conversions().extension_of(e164);
    };
    numbering.normalise = [directory](const std::string& written) {
        const auto target = directory::read_number(*directory->current(), written);
        return target.has_value() ? target->device : directory::digits_of(written);
    };
    auto as_dialled = [plan = plan_from(config_)](const std::string& e164) {
        return directory::to_national(plan, e164);
    };
    auto machines = open_machines();
    if (machines.has_error())
    {
        return machines.error();
    }
    auto parts = pbx::open_exchange(executor(), *clock_, config_, std::move(numbering), std::move(as_dialled),
                                    std::move(*machines));
    if (parts.has_error())
    {
        return parts.error();
    }
    exchange_ = std::move(*parts);
    return {};
}

/// FAX machines at simulated extensions, where there are to be some.
Result<pbx::simulated::Machines> Daemon::open_machines()
{
    pbx::simulated::Machines machines;
    const auto& numbers = config_.exchange.simulated_fax_machines;
    if (config_.exchange.driver != "simulated" || numbers.empty())
    {
        return machines;
    }
    auto opened = media::FaxMachines::open(executor(), *board_, config_.faxes(), config_.media.fax_time);
    if (opened.has_error())
    {
        return opened.error();
    }
    fax_machines_.emplace(std::move(*opened));
    machines.extensions = {numbers.begin(), numbers.end()};
    machines.answered = [this](const std::string& extension, std::unique_ptr<pbx::AudioPort> port) {
        fax_machines_->answer(extension, std::move(port));
    };
    return machines;
}

/// Where mail is to be routed by it.
Result<> Daemon::open_dns()
{
    const auto& relay = config_.relay;
    if (!relay.dns)
    {
        return {};
    }
    auto resolver = Resolver::open(executor(), *clock_, {relay.dns_servers, relay.dns_timeout, relay.dns_tries});
    if (resolver.has_error())
    {
        return resolver.error();
    }
    resolver_ = std::move(*resolver);
    dns_ = std::make_unique<mta::DnsRouter>(
        *resolver_, config_.relay, [this](std::string_view host) { return directory_->current()->own_domain(host); });
    return {};
}

void Daemon::build()
{
    const auto& service = config_.service;
    notices_ = std::make_unique<service::Notices>(service::NoticeOptions{config_.gateway.domain, config_.relay.expiry,
                                                                         service.monitor_time_cap, spool_->path(""),
                                                                         config_.media.fax_copy_octets},
                                                  *directory_);
    notices_->deliver_own();
    book_ = std::make_unique<service::RequestBook>(
        *database_, *clock_, *directory_, *notices_,
        service::CampOnRules{service.monitor_time_cap, service.default_periodic, service.unreachable_retry,
                             static_cast<int>(service.fax_calls)});
    scheduler_ = std::make_unique<service::Scheduler>(
        executor(), *clock_, *database_, *directory_, *exchange_.exchange, *book_,
        service::SchedulerOptions{service.guard_time, service.attempts_at_once, service.attempts_per_second,
                                  config_.media.ports, service.release_relook});
    sandbox_ = std::make_unique<media::Sandbox>(config_.media.convert_at_once, config_.media.convert_waiting);
    pins_ = std::make_unique<media::PinDesk>(*board_, *directory_, *authentication_, *sandbox_, config_);
    voice_ = std::make_unique<media::VoiceController>(*board_, *database_, *spool_, *sandbox_, *pins_, config_);
    inquiry_ = std::make_unique<media::InquiryController>(*board_, *directory_, *sandbox_, config_);
    fax_ = std::make_unique<media::FaxController>(*board_, *database_, *spool_, *sandbox_, config_);
    contents_.add(Medium::voice, *voice_);
    contents_.add(Medium::fax, *fax_);
    contents_.add(Medium::inquiry, *inquiry_);
    contents_.add(Medium::pin, *pins_);
    scheduler_->perform_with(contents_);
    director_ = std::make_unique<scenario::Director>(*book_, *notices_, *directory_, config_.scenario.inquiry_time);
    inquiries_ =
        std::make_unique<scenario::Inquiries>(*clock_, *database_, *directory_, *book_, *scheduler_, *director_);
    determination_ = std::make_unique<mta::Determination>(*clock_, *database_, *directory_, *notices_, *book_,
                                                          *scheduler_, *inquiries_);
    desk_ = std::make_unique<service::QueueDesk>(*clock_, *database_, *book_, *notices_, config_.relay.expiry);
    fallback_ = std::make_unique<mta::Fallback>(config_, *clock_, *directory_, *notices_, *book_, *scheduler_);
    queue_ =
        std::make_unique<mta::QueueRunner>(executor(), io_contexts_, config_, *clock_, *database_, *spool_, *directory_,
                                           *notices_, *determination_, tls_client_, *desk_, *fallback_);
    if (dns_)
    {
        queue_->route_by(*dns_);
    }
    desk_->on_change([this] { queue_->poke(); });
    book_->on_notice([this] { queue_->poke(); });
    acceptance_ = std::make_unique<mta::Acceptance>(config_, *clock_, *database_, *spool_, *directory_, *notices_);
    acceptance_->on_queued([this] { queue_->poke(); });
    acceptance_->determine_with(*determination_, executor());
    reception_ = std::make_unique<mailbox::Reception>(*clock_, *database_, *directory_, *book_, *scheduler_);
    mta_context_ = std::make_unique<mta::ServerContext>(
        mta::ServerContext{config_, *clock_, *directory_, *authentication_, *spool_, *acceptance_,
                           [this](std::string word, std::string number, std::string peer) {
                               return answer_peer(std::move(word), std::move(number), std::move(peer));
                           },
                           tls_server_});
    mailbox_context_ = std::make_unique<mailbox::ServerContext>(
        mailbox::ServerContext{config_, executor(), *database_, *spool_, *directory_, *authentication_, maildrop_locks_,
                               *reception_, tls_server_});
    console_context_ =
        std::make_unique<console::ServerContext>(console::ServerContext{config_, *clock_, executor(), *inquiries_});
}

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

int Daemon::run()
{
    scheduler_->start();
    queue_->start();
    tasks_.spawn(executor(), "housekeeping", housekeeping());
    tasks_.spawn(executor(), "clock", watch_clock());
    for (auto& context : io_)
    {
        threads_.emplace_back([&context] {
            const auto work = boost::asio::make_work_guard(*context);
            context->run();
        });
    }
    const auto work = boost::asio::make_work_guard(control_);
    control_.run();
    withdraw_ready();
    log::info("ringpostd.stopped");
    return EXIT_SUCCESS;
}

void Daemon::withdraw_ready() const
{
    std::error_code ignored;
    std::filesystem::remove(std::filesystem::path(config_.gateway.state_dir) / "ready.json", ignored);
}

void Daemon::await_signal()
{
    signals_->async_wait([this](boost::system::error_code error, int number) {
        if (error)
        {
            return;
        }
        await_signal();
        if (number == SIGHUP)
        {
            log::info("ringpostd.reload");
            tasks_.spawn(executor(), "reload", reload());
            return;
        }
        if (!stopping_)
        {
            drain();
        }
    });
}

/// What cannot be read stays as it was.
boost::asio::awaitable<void> Daemon::reload()
{
    if (const auto loaded = open_tls(); loaded.has_error())
    {
        log::error("ringpostd.not-reloaded", {{"why", loaded.error().message()}});
    }
    const auto reloaded = co_await directory_->reload();
    if (reloaded.has_error())
    {
        log::error("ringpostd.not-reloaded", {{"why", reloaded.error().message()}});
    }
}

void Daemon::drain()
{
    stopping_ = true;
    log::info("ringpostd.stopping");
    socket_->stop();
    mta_->stop();
    lmtp_->stop();
    mailbox_->stop();
    console_->stop();
    authentication_->end_delays();
    queue_->stop();
    if (resolver_)
    {
        resolver_->cancel();
    }
    scheduler_->stop();
    spawn(executor(), "drain", drained());
}

/// Whoever has answered a call is brought to its end; a session or connection that does not end by itself is cut:
/// everything promised is on stable storage, so ending the process then loses nothing.
boost::asio::awaitable<void> Daemon::drained()
{
    const auto cut = [this] {
        log::warning("ringpostd.cut", {{"smtp", mta_->sessions()},
                                       {"lmtp", lmtp_->sessions()},
                                       {"pop3", mailbox_->sessions()},
                                       {"http", console_->sessions()}});
        withdraw_ready();
        std::_Exit(EXIT_SUCCESS);
    };
    const Timer calls =
        clock_->after(2 * config_.service.max_ring_time + config_.exchange.announcement_time + drain_limit, cut);
    co_await scheduler_->stopped();
    const Timer sessions = clock_->after(drain_limit, cut);
    co_await mta_->stopped();
    co_await lmtp_->stopped();
    co_await mailbox_->stopped();
    co_await console_->stopped();
    co_await queue_->stopped();
    control_.stop();
}
} // namespace ringpost
