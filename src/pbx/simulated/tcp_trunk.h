// SPDX-License-Identifier: Apache-2.0
// Trunks between simulated exchanges of different processes on one machine: lines of JSON (trunk.h) over TCP. There is
// no proof of who calls, so both ends are held to the loopback interface.
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "pbx/simulated/trunk.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ringpost::pbx::simulated
{
/// A host (`127.0.0.1`, `::1` or `localhost`) and a port.
struct TrunkAddress
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
};

/// The calling end: connects, and again after each loss (0.1 s, doubled up to 2 s). Errc::malformed: the host is no
/// address; Errc::refused: it is not the loopback interface.
[[nodiscard]] Result<std::unique_ptr<TrunkLink>> connect_trunk(const boost::asio::any_io_executor& executor,
                                                               Clock& clock, const TrunkAddress& peer);

/// Accepts trunks until it is destroyed.
class TrunkListener
{
public:
    using Accept = std::function<void(std::unique_ptr<TrunkLink>)>;

    /// Port 0: any free one. Errc::malformed and Errc::refused as above; Errc::io: the port cannot be had.
    [[nodiscard]] static Result<TrunkListener> open(const boost::asio::any_io_executor& executor, Clock& clock,
                                                    const TrunkAddress& address, Accept accept);
    ~TrunkListener();
    TrunkListener(TrunkListener&&) noexcept;
    TrunkListener& operator=(TrunkListener&&) noexcept;

    [[nodiscard]] std::uint16_t port() const;

private:
    class State;
    explicit TrunkListener(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};
} // namespace ringpost::pbx::simulated
