// SPDX-License-Identifier: Apache-2.0
#include "media/voice_board.h"

#include <algorithm>

namespace ringpost::media
{
VoiceBoard::VoiceBoard(boost::asio::any_io_executor control, Clock& clock, Threads threads)
    : control_(std::move(control)), clock_(clock), kind_(threads)
{}

VoiceBoard::~VoiceBoard()
{
    stop(); // all of them first: what is destroyed with one may look at another
    shared_.reset();
    for (auto& thread : own_)
    {
        thread.reset();
    }
}

void VoiceBoard::stop()
{
    for (const auto& thread : own_)
    {
        thread->stop();
    }
    if (shared_)
    {
        shared_->stop();
    }
}

boost::asio::awaitable<Result<std::unique_ptr<VoiceBoard::Port>>> VoiceBoard::connect(pbx::Exchange& exchange,
                                                                                      AttemptId attempt, Needs needs)
{
    auto port = co_await exchange.connect_port(attempt);
    if (port.has_error())
    {
        if (port.error().code() == Errc::not_found)
        {
            co_return std::unique_ptr<Port>();
        }
        co_return port.error();
    }
    co_return use(std::move(*port), needs);
}

std::unique_ptr<VoiceBoard::Port> VoiceBoard::use(std::unique_ptr<pbx::AudioPort> port, Needs needs)
{
    return std::make_unique<Port>(control_, clock_, std::move(port), thread_for(needs), needs == Needs::own_thread);
}

/// nullptr: that of the control executor.
AudioThread* VoiceBoard::thread_for(Needs needs)
{
    if (kind_ == Threads::control)
    {
        return nullptr;
    }
    if (needs == Needs::shared_thread)
    {
        if (!shared_)
        {
            shared_ = std::make_unique<AudioThread>();
        }
        return shared_.get();
    }
    const auto idle = std::find_if(own_.begin(), own_.end(), [](const auto& thread) { return !*thread->taken; });
    auto& thread =
        idle != own_.end() ? *idle : own_.emplace_back(std::make_unique<AudioThread>(AudioThread::Priority::behind));
    *thread->taken = true;
    return thread.get();
}

VoiceBoard::Port::Port(boost::asio::any_io_executor control, Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                       AudioThread* thread, bool alone)
    : taken_(alone && thread != nullptr ? thread->taken : nullptr),
      audio_(thread != nullptr ? thread->executor() : control), clock_(thread != nullptr ? thread->clock() : clock),
      line_(std::move(control), audio_, std::move(port))
{}

VoiceBoard::Port::~Port()
{
    if (taken_)
    {
        *taken_ = false;
    }
}
} // namespace ringpost::media
