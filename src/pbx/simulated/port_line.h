// SPDX-License-Identifier: Apache-2.0
// What joins a port (the gateway's voice board, or a machine at an extension) and the call that it is connected with;
// either may end first.
#pragma once

#include "pbx/port_outlet.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <span>

namespace ringpost::pbx::simulated
{
class PortLine
{
public:
    struct Call
    {
        std::function<void(std::span<const std::int16_t>)> hear;
        std::function<void()> left; ///< the port was destroyed
    };

    PortLine(const boost::asio::any_io_executor& executor, Call call) : outlet_(executor), call_(std::move(call)) {}

    /// The end of the gateway or of the machine. To be made once.
    [[nodiscard]] static std::unique_ptr<AudioPort> make_port(std::shared_ptr<PortLine> line);

    /// The call's end: the other side speaks; a key was pressed; it is over, or goes on without the port.
    void audio(std::span<const std::int16_t> samples) { outlet_.audio({samples.begin(), samples.end()}); }
    void digit(char digit) { outlet_.digit(digit); }
    void end();

private:
    class Port;
    PortOutlet outlet_;
    Call call_;
};
} // namespace ringpost::pbx::simulated
