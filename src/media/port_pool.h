// SPDX-License-Identifier: Apache-2.0
// The ports of the voice board are a bounded pool. Whoever performs a content has a place before anybody is rung for
// it, so that nobody answers and then waits for a free port.
#pragma once

#include "core/ids.h"
#include "core/result.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace ringpost::media
{
/// On the control executor.
class PortPool
{
public:
    /// One of the ports, to its destruction, which may be later than that of the pool.
    class Place;

    PortPool(boost::asio::any_io_executor executor, std::size_t ports);
    ~PortPool();
    PortPool(const PortPool&) = delete;
    PortPool& operator=(const PortPool&) = delete;

    /// Waits until a port is free, in the order of those who wait. An attempt that has a place shares it: what follows
    /// in the same call does not wait again. Errc::unavailable: stop() was called.
    boost::asio::awaitable<Result<std::shared_ptr<Place>>> place_for(AttemptId attempt);
    /// Nobody gets a place any more who has none.
    void stop();
    [[nodiscard]] std::size_t free() const;

private:
    class State;
    std::shared_ptr<State> state_;
};
} // namespace ringpost::media
