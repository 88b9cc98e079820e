// SPDX-License-Identifier: Apache-2.0
// One WebSocket of the Asterisk REST Interface on which the events of an application come (RFC 6455). It connects once;
// whoever wants another connection opens another socket.
#pragma once

#include "core/clock.h"
#include "pbx/asterisk/rest.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ringpost::pbx::asterisk
{
class EventSocket
{
public:
    struct Sinks
    {
        std::function<void()> opened;
        std::function<void(std::string text)> message;
        /// Once, and nothing after it: why there is no connection (any more).
        std::function<void(std::string why)> closed;
    };

    /// Connects to `<account.url>/events?app=<application><parameters>`. The sinks are called on `executor`, never from
    /// inside this call. Texts beyond 1 MiB, and 25 s without a sign of life in spite of pings, close the connection.
    EventSocket(boost::asio::any_io_executor executor, Clock& clock, const Account& account,
                const std::string& application, const std::string& parameters, Sinks sinks);
    /// Cuts the connection; no sink is called any more. May happen inside a sink.
    ~EventSocket();
    EventSocket(const EventSocket&) = delete;
    EventSocket& operator=(const EventSocket&) = delete;

private:
    std::shared_ptr<class EventSocketConnection> connection_;
};
} // namespace ringpost::pbx::asterisk
