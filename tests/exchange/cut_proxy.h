// SPDX-License-Identifier: Apache-2.0
// A TCP proxy in the test's own thread, whose connections can be cut and refused.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace ringpost::pbx::conformance
{
class CutProxy
{
public:
    CutProxy(boost::asio::io_context& context, boost::asio::ip::tcp::endpoint behind);
    ~CutProxy();
    CutProxy(const CutProxy&) = delete;
    CutProxy& operator=(const CutProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Down: cuts every connection, and each new one at once.
    void set_up(bool up);

private:
    struct State;
    static boost::asio::awaitable<void> accept(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};
} // namespace ringpost::pbx::conformance
