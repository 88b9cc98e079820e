// SPDX-License-Identifier: Apache-2.0
// Carries the sound of a port between the thread of the exchange and the thread that makes it (design rule 4). Each
// thread has its own end; what passes is posted, within limits, and neither ever waits for the other.
#pragma once

#include "pbx/audio_port.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace ringpost::media
{
/// Made and destroyed on the control executor. Its destruction gives the port back; whoever still has the other end
/// speaks to nobody then.
class AudioLine
{
public:
    /// `audio` runs one handler at a time and lives longer than the line.
    AudioLine(boost::asio::any_io_executor control, boost::asio::any_io_executor audio,
              std::unique_ptr<pbx::AudioPort> port);
    ~AudioLine();
    AudioLine(const AudioLine&) = delete;
    AudioLine& operator=(const AudioLine&) = delete;

    /// The end to be used, and destroyed, on the audio executor, in the same way as the port itself, which goes with
    /// it. To be taken once. Who listens without a sink for audio spares the way of it. More than 2 s of sound that
    /// wait for the other thread are dropped.
    [[nodiscard]] std::unique_ptr<pbx::AudioPort> take_end();
    /// Gives the port back now; for the other end the call has ended.
    void close();

private:
    struct Crossing;
    class End;
    std::shared_ptr<Crossing> crossing_;
};
} // namespace ringpost::media
