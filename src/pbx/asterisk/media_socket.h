// SPDX-License-Identifier: Apache-2.0
// External media by chan_websocket (Asterisk 20.16, 21.11, 22.6 and later). Asterisk keeps a queue of its own and plays
// it in time; what comes in a message need be whole frames, as Asterisk fills the last one with silence. Source:
// channels/chan_websocket.c of Asterisk 22; measured with 22.10.
#pragma once

#include "core/clock.h"
#include "pbx/asterisk/framer.h"
#include "pbx/asterisk/media.h"
#include "pbx/asterisk/rest.h"
#include "pbx/asterisk/web_socket.h"

#include <memory>
#include <string>

namespace ringpost::pbx::asterisk
{
class MediaSocket : public Media
{
public:
    /// `connection`: MEDIA_WEBSOCKET_CONNECTION_ID of the channel, whose sound is coded so.
    MediaSocket(const boost::asio::any_io_executor& executor, Clock& clock, const Account& account,
                const std::string& connection, SoundFormat format, Sinks sinks);

    void send(std::span<const std::int16_t> samples) override;

private:
    void write(std::string octets);

    Clock& clock_;
    SoundFormat format_;
    Framer framer_;
    Timer rest_;
    bool late_ = false;
    WebSocket socket_;
};
} // namespace ringpost::pbx::asterisk
