// SPDX-License-Identifier: Apache-2.0
// A voice board port: an audio stream between the gateway and a device, 8 kHz, one channel, 16 bit linear.
#pragma once

#include "core/duration.h"

#include <cstdint>
#include <functional>
#include <span>

namespace ringpost::pbx
{
/// Used on the control executor, as the exchange is. Its destruction takes it from the call and frees what it held at
/// the exchange; the leg stays. Nothing is called any more after destruction, and none of the functions from inside a
/// call of this page.
class AudioPort
{
public:
    static constexpr Duration frame_time = 20ms;
    static constexpr std::size_t frame_samples = 160;

    struct Sinks
    {
        std::function<void(std::span<const std::int16_t>)> audio; ///< what the device says, in any portions
        std::function<void(char)> digit; ///< DTMF, as RFC 4733 or as the exchange reports it: 0-9 * # A-D
        std::function<void()> closed;    ///< once: the call or the stream has ended; nothing follows
    };

    virtual ~AudioPort() = default;
    /// Set once, before anything is sent; what comes earlier waits.
    virtual void listen(Sinks sinks) = 0;
    /// What the device is to hear next, in order. The caller sends no faster than it is played: as a rule one frame
    /// every frame_time, at most 200 ms ahead. Dropped after closed.
    virtual void send(std::span<const std::int16_t> samples) = 0;
};
} // namespace ringpost::pbx
