// SPDX-License-Identifier: Apache-2.0
#include "core/listener.h"

#include "core/log.h"
#include "core/net_address.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
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
constexpr unsigned short single_address_v4 = 32;
} // namespace

/// A session that runs. `session` is used on the executor of its stream only.
struct Listener::Live
{
    std::uint64_t id = 0;
    std::string address;
    std::string network; ///< what counts as one peer
    boost::asio::any_io_executor executor;
    Begin begin = Begin::in_clear;
    LineStream* shaking_hands = nullptr; ///< before the session is opened
    std::unique_ptr<ListenerSession> session;
    bool stop_asked = false; ///< before the session was opened
};

/// Takes the session down where it has run, also after an exception.
class Listener::Ending
{
public:
    explicit Ending(Live& live) : live_(live) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() { live_.session.reset(); }

private:
    Live& live_;
};

Listener::Listener(boost::asio::any_io_executor control, Clock& clock, std::vector<boost::asio::io_context*> contexts,
                   ListenerOptions options, Open open)
    : control_(std::move(control)), clock_(clock), contexts_(std::move(contexts)), options_(std::move(options)),
      open_(std::move(open))
{}

Listener::~Listener() = default;

Result<> Listener::listen(const Endpoint& endpoint, Begin begin)
{
    const std::string where = fmt::format("{}:{}", endpoint.host, endpoint.port);
    boost::system::error_code error;
    const auto not_possible = [&] {
        return fail(Errc::unavailable, where, fmt::format("cannot be listened on: {}", error.message()));
    };
    tcp::resolver resolver(control_);
    const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive, error);
    if (error || found.empty())
    {
        return not_possible();
    }
    auto acceptor = std::make_shared<tcp::acceptor>(control_);
    const tcp::endpoint address = found.begin()->endpoint();
    acceptor->open(address.protocol(), error);
    if (error)
    {
        return not_possible();
    }
    acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    if (address.address().is_v6() && address.address().is_unspecified())
    {
        acceptor->set_option(boost::asio::ip::v6_only(false), error); // whatever the system's default is
    }
    acceptor->bind(address, error);
    if (!error)
    {
        acceptor->listen(backlog, error);
    }
    if (error)
    {
        return not_possible();
    }
    auto& endpoints = begin == Begin::with_tls ? tls_endpoints_ : endpoints_;
    endpoints.push_back({endpoint.host, acceptor->local_endpoint().port()});
    acceptors_.push_back(acceptor);
    tasks_.spawn(control_, options_.name + ".accept", accept_loop(acceptor, begin));
    return {};
}

Result<> Listener::listen_local(const std::string& path)
{
    auto file = SocketFile::listen(path, SocketAccess::everybody);
    if (file.has_error())
    {
        return file.error();
    }
    // To the kernel a stream socket is one, whatever its family; so sessions need not know of a second kind.
    auto acceptor = std::make_shared<tcp::acceptor>(control_);
    boost::system::error_code error;
    acceptor->assign(tcp::v4(), file->release_descriptor(), error);
    if (error)
    {
        return fail(Errc::io, path, error.message());
    }
    files_.push_back(std::move(*file));
    acceptors_.push_back(acceptor);
    tasks_.spawn(control_, options_.name + ".accept", accept_loop(acceptor, Begin::in_clear));
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
    files_.clear();
    for (const auto& [id, live] : live_)
    {
        boost::asio::post(live->executor, [live = live] {
            live->stop_asked = true;
            if (live->shaking_hands != nullptr)
            {
                live->shaking_hands->close();
            }
            if (live->session)
            {
                live->session->stop();
            }
        });
    }
}

bool Listener::has_room(const std::string& network) const
{
    const auto found = by_network_.find(network);
    const std::size_t of_network = found == by_network_.end() ? 0 : found->second;
    return live_.size() < options_.session_limit && of_network < options_.sessions_per_address;
}

boost::asio::awaitable<void> Listener::accept_loop(std::shared_ptr<tcp::acceptor> acceptor, Begin begin)
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
        auto live = std::make_shared<Live>();
        live->address = peer_of(socket);
        live->network = network_around(live->address, single_address_v4);
        live->executor = context.get_executor();
        live->begin = begin;
        if (has_room(live->network))
        {
            live->id = next_id_++;
            live_.emplace(live->id, live);
            ++by_network_[live->network];
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
    try
    {
        auto running = run(std::move(socket), live);
        co_await boost::asio::co_spawn(live->executor, std::move(running), boost::asio::use_awaitable);
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
    if (--by_network_[live->network] == 0)
    {
        by_network_.erase(live->network);
    }
}

/// On the context of the connection.
boost::asio::awaitable<void> Listener::run(tcp::socket socket, std::shared_ptr<Live> live)
{
    LineStream stream(std::move(socket));
    if (live->id == 0)
    {
        // Who waits for a handshake could not read it.
        const std::string refusal = live->begin == Begin::with_tls ? std::string{} : options_.refusal;
        const auto written = co_await stream.write(refusal, refusal_time);
        if (written.has_value())
        {
            co_await stream.finish(refusal_time);
        }
        co_return;
    }
    if (live->begin == Begin::with_tls)
    {
        const bool shaken = co_await shake_hands(stream, *live);
        if (!shaken)
        {
            co_return;
        }
    }
    live->session = open_(std::move(stream));
    const Ending ending(*live);
    if (live->stop_asked)
    {
        live->session->stop();
    }
    co_await live->session->serve();
}

boost::asio::awaitable<bool> Listener::shake_hands(LineStream& stream, Live& live)
{
    live.shaking_hands = &stream;
    const auto shaken = co_await stream.start_tls(*options_.tls, options_.handshake_timeout);
    live.shaking_hands = nullptr;
    if (shaken.has_error())
    {
        log::info(options_.name + ".no-tls", {{"peer", live.address}, {"why", shaken.error().text()}});
        co_await stream.finish(refusal_time);
    }
    co_return shaken.has_value();
}
} // namespace ringpost
