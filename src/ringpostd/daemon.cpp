// SPDX-License-Identifier: Apache-2.0
#include "ringpostd/daemon.h"

#include "core/log.h"

#include <csignal>
#include <cstdlib>

namespace ringpost
{
namespace
{
/// After SIGTERM sessions and connections get this long; what is stored is safe whenever the process ends.
constexpr Duration drain_limit = 10s;
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
