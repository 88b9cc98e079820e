// SPDX-License-Identifier: Apache-2.0
// What a voice board port has to tell whoever listens, in order; for the drivers. Everything is posted, so that no sink
// is ever called from inside a call of pbx/audio_port.h. What comes before listen() waits, within limits.
#pragma once

#include "pbx/audio_port.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace ringpost::pbx
{
class PortOutlet
{
public:
    explicit PortOutlet(boost::asio::any_io_executor executor);
    /// Nothing is told afterwards.
    ~PortOutlet();
    PortOutlet(const PortOutlet&) = delete;
    PortOutlet& operator=(const PortOutlet&) = delete;

    void listen(AudioPort::Sinks sinks);
    /// Nobody listens any more.
    void silence();

    /// Dropped where 2 s (frames of 20 ms) wait already.
    void audio(std::vector<std::int16_t> samples);
    /// Anything that is no DTMF digit is not told; small letters become large.
    void digit(char digit);
    /// The last word; more than once is once.
    void close();
    [[nodiscard]] bool closed() const;

private:
    struct State;
    void wake();

    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};
} // namespace ringpost::pbx
