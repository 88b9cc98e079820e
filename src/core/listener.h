// SPDX-License-Identifier: Apache-2.0
// Accepts TCP connections for one protocol and keeps its sessions: limits in all and for one address, each session
// pinned to one of the I/O contexts, and an orderly end. Lives on the control executor.
#pragma once

#include "core/clock.h"
#include "core/config.h"
#include "core/line_stream.h"
#include "core/socket_file.h"
#include "core/spawn.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace ringpost
{
/// A session as its listener sees it. All calls on the executor of its stream.
class ListenerSession
{
public:
    virtual ~ListenerSession() = default;
    virtual boost::asio::awaitable<void> serve() = 0;
    /// Ends as soon as nothing is half done.
    virtual void stop() = 0;
};

struct ListenerOptions
{
    std::string name; ///< `mta`, `mailbox`: for the log
    std::size_t session_limit = 500;
    std::size_t sessions_per_address = 50;
    std::string refusal;            ///< written to a connection beyond the limits, with CRLF
    const TlsServer* tls = nullptr; ///< for connections that begin with TLS; outlives the listener
    Duration handshake_timeout = 30s;
};

/// What a connection begins with.
enum class Begin
{
    in_clear,
    with_tls ///< RFC 8314
};

class Listener
{
public:
    using Open = std::function<std::unique_ptr<ListenerSession>(LineStream stream)>;

    Listener(boost::asio::any_io_executor control, Clock& clock, std::vector<boost::asio::io_context*> contexts,
             ListenerOptions options, Open open);
    ~Listener();

    /// Errc::unavailable names address and port that cannot be taken. `[::]` takes IPv4 connections too.
    Result<> listen(const Endpoint& endpoint, Begin begin = Begin::in_clear);
    /// A socket in the file system, for everybody who may go to its directory. Errors as SocketFile::listen().
    Result<> listen_local(const std::string& path);
    /// Where it listens, real ports.
    [[nodiscard]] const std::vector<Endpoint>& endpoints(Begin begin = Begin::in_clear) const
    {
        return begin == Begin::with_tls ? tls_endpoints_ : endpoints_;
    }
    [[nodiscard]] std::size_t sessions() const;

    /// Accepts no more and asks all sessions to end.
    void stop();
    /// When the last session has ended.
    boost::asio::awaitable<void> stopped() { return tasks_.when_empty(); }

private:
    struct Live;
    class Ending;
    boost::asio::awaitable<void> accept_loop(std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor, Begin begin);
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, std::shared_ptr<Live> live);
    boost::asio::awaitable<void> run(boost::asio::ip::tcp::socket socket, std::shared_ptr<Live> live);
    boost::asio::awaitable<bool> shake_hands(LineStream& stream, Live& live);
    [[nodiscard]] bool has_room(const std::string& network) const;

    boost::asio::any_io_executor control_;
    Clock& clock_;
    std::vector<boost::asio::io_context*> contexts_;
    std::size_t next_context_ = 0;
    ListenerOptions options_;
    Open open_;
    std::vector<std::shared_ptr<boost::asio::ip::tcp::acceptor>> acceptors_;
    std::vector<Endpoint> endpoints_;
    std::vector<Endpoint> tls_endpoints_;
    std::vector<SocketFile> files_; ///< of listen_local()
    std::unordered_map<std::uint64_t, std::shared_ptr<Live>> live_;
    std::unordered_map<std::string, std::size_t> by_network_; ///< sessions, of network_around() each
    std::uint64_t next_id_ = 1;
    std::size_t refusing_ = 0; ///< connections beyond the limits that are being told so
    bool stopping_ = false;
    TaskGroup tasks_;
};
} // namespace ringpost
