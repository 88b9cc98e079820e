// SPDX-License-Identifier: Apache-2.0
#include "control/socket.h"

#include "core/log.h"
#include "core/socket_file.h"
#include "core/spawn.h"

#include <boost/asio/buffer.hpp>

#include <cstdint>
#include <map>

namespace ringpost::control
{
namespace
{
using Protocol = boost::asio::local::stream_protocol;

/// After a failed accept (no descriptors left, mostly): the next try, without a busy loop.
constexpr Duration accept_pause = 200ms;
} // namespace

/// Shared with the sessions' coroutines, which may end after the ControlSocket.
class ControlSocket::Server : public std::enable_shared_from_this<Server>
{
public:
    Server(const boost::asio::any_io_executor& executor, Clock& clock, const Verbs& verbs, SocketFile file,
           const SocketLimits& limits)
        : clock_(clock), verbs_(verbs), limits_(limits), file_(std::move(file)), acceptor_(executor)
    {}

    Result<> start();
    void stop();
    void abort();
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

private:
    using SessionNumber = std::uint64_t;

    void accept();
    void take(Protocol::socket peer);
    void refuse(Protocol::socket peer) const;
    static boost::asio::awaitable<void> serve(std::shared_ptr<Server> server, std::shared_ptr<Session> session,
                                              SessionNumber number);

    Clock& clock_;
    const Verbs& verbs_;
    const SocketLimits limits_;
    SocketFile file_;
    Protocol::acceptor acceptor_;
    Timer pause_;
    std::map<SessionNumber, std::weak_ptr<Session>> sessions_;
    SessionNumber last_number_ = 0;
};

Result<> ControlSocket::Server::start()
{
    boost::system::error_code error;
    acceptor_.assign(Protocol(), file_.release_descriptor(), error);
    if (error)
    {
        return fail(Errc::io, file_.path(), error.message());
    }
    accept();
    return {};
}

void ControlSocket::Server::accept()
{
    acceptor_.async_accept([self = shared_from_this()](const boost::system::error_code& error, Protocol::socket peer) {
        if (!self->acceptor_.is_open())
        {
            return;
        }
        if (error)
        {
            log::warning("control.accept_failed", {{"error", error.message()}});
            self->pause_ = self->clock_.after(accept_pause, [weak = self->weak_from_this()] {
                if (const auto server = weak.lock())
                {
                    server->accept();
                }
            });
            return;
        }
        self->take(std::move(peer));
        self->accept();
    });
}

void ControlSocket::Server::take(Protocol::socket peer)
{
    if (sessions_.size() >= limits_.sessions)
    {
        refuse(std::move(peer));
        return;
    }
    const auto session = std::make_shared<Session>(std::move(peer), verbs_, clock_, limits_);
    const SessionNumber number = ++last_number_;
    sessions_.emplace(number, session);
    spawn(acceptor_.get_executor(), "control.session", serve(shared_from_this(), session, number));
}

/// One try without waiting: a fresh socket has room for a line.
void ControlSocket::Server::refuse(Protocol::socket peer) const
{
    log::warning("control.session_refused", {{"sessions", sessions_.size()}});
    const std::string line =
        reply_line(fail(Errc::unavailable, "", "too many commands are connected; try again later"), limits_.protocol);
    boost::system::error_code ignored;
    peer.non_blocking(true, ignored);
    peer.write_some(boost::asio::buffer(line), ignored);
}

boost::asio::awaitable<void> ControlSocket::Server::serve(std::shared_ptr<Server> server,
                                                          std::shared_ptr<Session> session, SessionNumber number)
{
    struct Entry
    {
        Server& server;
        SessionNumber number;
        ~Entry() { server.sessions_.erase(number); }
    };
    const Entry entry{*server, number};
    co_await session->run();
}

void ControlSocket::Server::stop()
{
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    file_.remove();
    for (const auto& [number, weak] : sessions_)
    {
        if (const auto session = weak.lock())
        {
            session->finish();
        }
    }
}

void ControlSocket::Server::abort()
{
    stop();
    for (const auto& [number, weak] : sessions_)
    {
        if (const auto session = weak.lock())
        {
            session->close();
        }
    }
}

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const boost::asio::any_io_executor& executor, Clock& clock,
                                                           const Verbs& verbs, const std::string& path,
                                                           const SocketLimits& limits)
{
    auto file = SocketFile::listen(path);
    if (!file)
    {
        return file.error();
    }
    auto server = std::make_shared<Server>(executor, clock, verbs, std::move(*file), limits);
    const auto started = server->start();
    if (!started)
    {
        return started.error();
    }
    return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(server)));
}

ControlSocket::ControlSocket(std::shared_ptr<Server> server) : server_(std::move(server)) {}

ControlSocket::~ControlSocket()
{
    server_->abort();
}

void ControlSocket::stop()
{
    server_->stop();
}

std::size_t ControlSocket::sessions() const
{
    return server_->sessions();
}
} // namespace ringpost::control
