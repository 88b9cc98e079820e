// SPDX-License-Identifier: Apache-2.0
// What a controller of a medium does for an attempt: reads the content before anything rings, performs it over the leg
// that has answered. Implemented in media/.
#pragma once

#include "pbx/exchange.h"
#include "service/performance.h"
#include "store/requests.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace ringpost::service
{
class Content
{
public:
    virtual ~Content() = default;
    /// To be told what is to be stored before the end; called on the control executor.
    using Told = std::function<void(Progress)>;
    /// Returns when it is over, also because the leg has ended. Errors: it could not begin.
    virtual boost::asio::awaitable<Result<Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                Told told) = 0;
    /// Of a voice that is being played: how much was heard by now.
    [[nodiscard]] virtual std::optional<Duration> heard() const { return std::nullopt; }
    /// What is performed, or begins to be, ends as if the leg had ended; the leg stays. On the control executor.
    virtual void stop() = 0;
};

class ContentController
{
public:
    virtual ~ContentController() = default;
    /// The content of a request whose medium is not the exchange. Errc::unavailable: not at this moment. All
    /// others: never, and the text tells its sender why.
    virtual boost::asio::awaitable<Result<std::shared_ptr<Content>>> prepare(store::Request request) = 0;
};
} // namespace ringpost::service
