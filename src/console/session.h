// SPDX-License-Identifier: Apache-2.0
// One HTTP connection: moves octets between LineStream and HttpDialog and asks the inquiry desk on the control
// executor. One coroutine on one I/O context.
#pragma once

#include "console/http_dialog.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/line_stream.h"
#include "core/listener.h"
#include "scenario/inquiry_desk.h"

#include <chrono>

namespace ringpost::console
{
/// What all sessions share; outlives them.
struct ServerContext
{
    const Config& config;
    Clock& clock;
    boost::asio::any_io_executor control;
    scenario::InquiryDesk& desk;
};

/// Written by the listener to a connection beyond its limits.
inline constexpr std::string_view too_many_sessions = "HTTP/1.1 503 Service Unavailable\r\n"
                                                      "Retry-After: 10\r\n"
                                                      "Content-Length: 0\r\n"
                                                      "Connection: close\r\n\r\n";

class Session : public ListenerSession
{
public:
    Session(ServerContext& context, LineStream stream);

    boost::asio::awaitable<void> serve() override;
    void stop() override;

private:
    boost::asio::awaitable<Step> advance(Next next);
    boost::asio::awaitable<Step> read();
    boost::asio::awaitable<Step> answer();
    boost::asio::awaitable<Response> ask_desk();

    ServerContext& context_;
    LineStream stream_;
    HttpDialog dialog_;
    /// When the next request must be whole: a client that trickles has no more time than one that is silent.
    std::chrono::steady_clock::time_point due_;
    bool waiting_ = false;
    bool stopping_ = false;
    bool gone_ = false; ///< the connection has ended, nothing more is written
};
} // namespace ringpost::console
