// SPDX-License-Identifier: Apache-2.0
// What all contents have in common that are performed over a port: the port, and its end.
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
    explicit PortContent(VoiceBoard& board) : board_(board) {}

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
        const Used used(*this, **port);
        if (stopped_)
        {
            (*port)->close();
        }
        T answer = co_await (*port)->run(std::move(session));
        co_return Over(boost::system::in_place_value, std::move(answer));
    }

private:
    /// While this lives stop() finds the port; a session may end by an exception.
    class Used
    {
    public:
        Used(PortContent& content, VoiceBoard::Port& port) : content_(content) { content_.port_ = &port; }
        ~Used() { content_.port_ = nullptr; }
        Used(const Used&) = delete;
        Used& operator=(const Used&) = delete;

    private:
        PortContent& content_;
    };

    VoiceBoard& board_;
    VoiceBoard::Port* port_ = nullptr; ///< while it is performed
    bool stopped_ = false;
};
} // namespace ringpost::media
