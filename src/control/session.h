// SPDX-License-Identifier: Apache-2.0
// One client of the control socket: requests and replies, or, after a stream verb, events until it closes.
// Belongs to the control executor, on which everything here is called.
#pragma once

#include "control/protocol.h"
#include "control/verbs.h"
#include "core/clock.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace ringpost::control
{
struct SocketLimits
{
    ProtocolLimits protocol;
    std::size_t sessions = 64;
    std::size_t event_queue = 1000; ///< events that wait for a watcher; one more and it is dropped
    Duration idle_timeout = 5min;   ///< for a whole request line to come, and for a reply to be taken
};

class Session : public std::enable_shared_from_this<Session>
{
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    /// `verbs` and `limits` must outlive the execution context of the socket; `clock` only until close().
    Session(Socket socket, const Verbs& verbs, Clock& clock, const SocketLimits& limits);

    /// Serves until the client closes, a limit is reached, or finish() or close() is called.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// Takes no further request; a reply that is being worked out is still given.
    void finish();
    /// Ends at once. Safe to call from inside a sink: the subscription is destroyed later, by run().
    void close();

private:
    [[nodiscard]] boost::asio::awaitable<bool> read_chunk();
    [[nodiscard]] boost::asio::awaitable<bool> answer(LineSplitter::Line line);
    [[nodiscard]] boost::asio::awaitable<bool> answer_verb(VerbRequest request);
    [[nodiscard]] boost::asio::awaitable<bool> write(std::string line);
    [[nodiscard]] boost::asio::awaitable<bool> stream(VerbRequest request);
    void start_events(std::unique_ptr<Subscription> subscription);
    void push(const nlohmann::json& event);
    void send_next_event();
    void start_deadline();

    Socket socket_;
    const Verbs& verbs_;
    Clock& clock_;
    const SocketLimits& limits_;
    LineSplitter lines_;
    std::array<char, std::size_t{16} * 1024> chunk_{};
    Timer deadline_;
    std::deque<std::string> events_;
    std::unique_ptr<Subscription> subscription_;
    bool sending_events_ = false;
    bool working_ = false;
    bool finishing_ = false;
    bool closed_ = false;
};
} // namespace ringpost::control
