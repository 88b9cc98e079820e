// SPDX-License-Identifier: Apache-2.0
// What all contents have in common that are performed over a port: their place in the pool, the port, and its end.
#pragma once

#include "media/voice_board.h"
#include "service/content.h"

#include <memory>
#include <optional>
#include <utility>

namespace ringpost::media
{
class PortContent : public service::Content
{
public:
    PortContent(VoiceBoard& board, std::shared_ptr<PortPool::Place> place) : board_(board), place_(std::move(place)) {}

    void stop() override
    {
        stopped_ = true;
        if (port_ != nullptr)
        {
            port_->close();
        }
    }

protected:
    /// Runs `session` over a port of the attempt's first leg. nullopt: who has answered has hung up at once.
    template <class T>
    boost::asio::awaitable<Result<std::optional<T>>>
    over_port(pbx::Exchange& exchange, AttemptId attempt, VoiceBoard::Needs needs, VoiceBoard::Port::Session<T> session)
    {
        using Over = Result<std::optional<T>>;
        const auto port = co_await board_.connect(exchange, attempt, needs);
        if (port.has_error())
        {
            co_return Over(boost::system::in_place_error, port.error()); // T may be a Result too
        }
        if (*port == nullptr)
        {
            co_return Over(boost::system::in_place_value);
        }
        port_ = port->get();
        if (stopped_)
        {
            port_->close();
        }
        T answer = co_await port_->run(std::move(session));
        port_ = nullptr;
        co_return Over(boost::system::in_place_value, std::move(answer));
    }

private:
    VoiceBoard& board_;
    std::shared_ptr<PortPool::Place> place_;
    VoiceBoard::Port* port_ = nullptr; ///< while it is performed
    bool stopped_ = false;
};
} // namespace ringpost::media
