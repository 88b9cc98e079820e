// SPDX-License-Identifier: Apache-2.0
// The audio of an external media channel of Asterisk, whatever carries it: a WebSocket, or RTP. 8 kHz.
#pragma once

#include "core/duration.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ringpost::pbx::asterisk
{
/// How Asterisk is sent sound, and sends it: names of its codecs.
enum class SoundFormat
{
    ulaw,
    slin ///< for FAXes: see Rest::external_media()
};

class Media
{
public:
    struct Sinks
    {
        std::function<void()> opened; ///< it can be sent to
        std::function<void(std::vector<std::int16_t>)> audio;
        /// Once, and nothing after it: why it has ended. May destroy the Media, as audio may.
        std::function<void(std::string why)> closed;
    };

    virtual ~Media() = default;
    virtual void send(std::span<const std::int16_t> samples) = 0;
};
} // namespace ringpost::pbx::asterisk
