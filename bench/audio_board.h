// SPDX-License-Identifier: Apache-2.0
// A simulated exchange with a telephone for each session, the gateway's voice board, and sessions over its ports that
// are watched: how late each frame is, what they cost together.
#pragma once

#include "bench/measure.h"
#include "core/real_clock.h"
#include "media/voice_board.h"
#include "pbx/simulated/exchange.h"

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ringpost::bench
{
using Session = media::VoiceBoard::Port::Session<bool>; ///< true: it has succeeded

/// Sessions of one kind.
struct Batch
{
    std::size_t count = 0;
    media::VoiceBoard::Needs needs{};
    Session session;
    Session machine{};         ///< at the other end, where a machine is to answer
    Duration begins{};         ///< after the others
    bool in_one_moment = true; ///< or 20 ms apart
    Latencies late{};
    std::size_t failed = 0;
};

class Board
{
public:
    explicit Board(std::vector<Batch>& batches);

    /// Connects a port with each telephone, then begins the sessions over them; returns when all have ended.
    void run();

    double seconds = 0;
    double cpu = 0; ///< seconds
    double mib = 0; ///< that all sessions have taken, when the first ends

private:
    boost::asio::awaitable<void> begin();
    boost::asio::awaitable<void> one(Batch& batch, Session session, std::unique_ptr<pbx::AudioPort> port);
    boost::asio::awaitable<void> machine(Batch& batch, std::unique_ptr<pbx::AudioPort> port);

    std::vector<Batch>& batches_;
    std::size_t sessions_ = 0;
    boost::asio::io_context context_{1};
    RealClock clock_;
    std::map<std::string, std::unique_ptr<pbx::AudioPort>> waiting_;
    std::unique_ptr<pbx::SimulatedExchange> exchange_;
    media::VoiceBoard board_; ///< ends first: what is over its ports is told
    std::size_t ended_ = 0;
    Steady::time_point begun_;
    double before_ = 0;
    double cpu_ = 0;
};
} // namespace ringpost::bench
