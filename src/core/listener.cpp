// SPDX-License-Identifier: Apache-2.0
#include "core/listener.h"

#include "core/log.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace ringpost
{
namespace
{
using boost::asio::ip::tcp;

/// The kernel drops connections beyond it; clients then stall for seconds.
constexpr int backlog = 512;
constexpr Duration refusal_time = 2s;
/// So many at once are told why; a flood is just closed.
constexpr std::size_t refusals_at_once = 50;
} // namespace

/// A session that runs. `session` is used on the executor of its stream only.
struct Listener::Live
{
    std::uint64_t id = 0;
    std::string address;
    boost::asio::any_io_executor executor;
    std::unique_ptr<ListenerSession> session;
    bool stop_asked = false; ///< before the session was opened
};

Listener::Listener(boost::asio::any_io_executor control, Clock& clock, std::vector<boost::asio::io_context*> contexts,
                   ListenerOptions options, Open open)
    : control_(std::move(control)), clock_(clock), contexts_(std::move(contexts)), options_(std::move(options)),
      open_(std::move(open))
{}

Listener::~Listener() = default;

Result<> Listener::listen(const Endpoint& endpoint)
{
    const std::string where = fmt::format("{}:{}", endpoint.host, endpoint.port);
    boost::system::error_code error;
    tcp::resolver resolver(control_);
    const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive, error);
    if (error || found.empty())
    {
        return fail(Errc::unavailable, where, "cannot be listened on: " + error.message());
    }
    auto acceptor = std::make_shared<tcp::acceptor>(control_);
    const tcp::endpoint address = found.begin()->endpoint();
    acceptor->open(address.protocol(), error);
    acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    acceptor->bind(address, error);
    if (!error)
    {
        acceptor->listen(backlog, error);
    }
    if (error)
    {
        return fail(Errc::unavailable, where, fmt::format("cannot be listened on: {}", error.message()));
    }
    endpoints_.push_back({endpoint.host, acceptor->local_endpoint().port()});
    acceptors_.push_back(acceptor);
    tasks_.spawn(control_, options_.name + ".accept", accept_loop(acceptor));
    return {};
}

std::size_t Listener::sessions() const
{
    return live_.size();
}

void Listener::stop()
{
    stopping_ = true;
    for (const auto& acceptor : acceptors_)
    {
        boost::system::error_code ignored;
        acceptor->close(ignored);
    }
    for (const auto& [id, live] : live_)
    {
        boost::asio::post(live->executor, [live = live] {
            live->stop_asked = true;
            if (live->session)
            {
                live->session->stop();
            }
        });
    }
}

bool Listener::has_room(const std::string& address) const
{
    const auto found = by_address_.find(address);
    const std::size_t of_address = found == by_address_.end() ? 0 : found->second;
    return live_.size() < options_.session_limit && of_address < options_.sessions_per_address;
}

boost::asio::awaitable<void> Listener::accept_loop(std::shared_ptr<tcp::acceptor> acceptor)
{
    while (!stopping_)
    {
        boost::asio::io_context& context = *contexts_[next_context_++ % contexts_.size()];
        boost::system::error_code error;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, error);
        tcp::socket socket = co_await acceptor->async_accept(context.get_executor(), token);
        if (error == boost::asio::error::operation_aborted || stopping_)
        {
            co_return;
        }
        if (error)
        {
            // No file descriptor left, most likely: sessions must end first.
            log::warning(options_.name + ".accept-failed", {{"why", error.message()}});
            co_await clock_.sleep_for(100ms);
            continue;
        }
        socket.set_option(tcp::no_delay(true), error);
        auto live = std::make_shared<Live>();
        const auto remote = socket.remote_endpoint(error);
        live->address = error ? std::string{} : remote.address().to_string();
        live->executor = context.get_executor();
        if (has_room(live->address))
        {
            live->id = next_id_++;
            live_.emplace(live->id, live);
            ++by_address_[live->address];
        }
        else if (refusing_ >= refusals_at_once)
        {
            continue;
        }
        else
        {
            ++refusing_;
        }
        tasks_.spawn(control_, options_.name + ".session", serve(std::move(socket), std::move(live)));
    }
}

boost::asio::awaitable<void> Listener::serve(tcp::socket socket, std::shared_ptr<Live> live)
{
    if (live->id == 0)
    {
        log::warning(options_.name + ".too-many-sessions", {{"peer", live->address}});
    }
    auto on_its_context = [](Listener& listener, tcp::socket peer,
                             std::shared_ptr<Live> entry) -> boost::asio::awaitable<void> {
        LineStream stream(std::move(peer));
        if (entry->id == 0)
        {
            const auto written = co_await stream.write(listener.options_.refusal, refusal_time);
            if (written.has_value())
            {
                co_await stream.finish(refusal_time);
            }
            co_return;
        }
        entry->session = listener.open_(std::move(stream));
        if (entry->stop_asked)
        {
            entry->session->stop();
        }
        co_await entry->session->serve();
        entry->session.reset();
    };
    try
    {
        co_await boost::asio::co_spawn(live->executor, on_its_context(*this, std::move(socket), live),
                                       boost::asio::use_awaitable);
    }
    catch (const std::exception& error)
    {
        log::error(options_.name + ".session-failed", {{"peer", live->address}, {"why", error.what()}});
    }
    if (live->id == 0)
    {
        --refusing_;
        co_return;
    }
    live_.erase(live->id);
    if (--by_address_[live->address] == 0)
    {
        by_address_.erase(live->address);
    }
}
} // namespace ringpost
