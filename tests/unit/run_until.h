// SPDX-License-Identifier: Apache-2.0
// Real sockets in a test: a context is run until something has happened.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>

namespace ringpost::test
{
/// False: it has not happened within 10 s.
inline bool run_until(boost::asio::io_context& context, const std::function<bool()>& condition)
{
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < limit)
    {
        if (condition())
        {
            return true;
        }
        context.restart();
        context.run_one_for(std::chrono::milliseconds(20));
    }
    return false;
}
} // namespace ringpost::test
