// SPDX-License-Identifier: Apache-2.0
// External media by RTP over UDP, for Asterisk 16.6 to 22.5. Here the gateway is who plays in time: a packet every 20
// ms.
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "pbx/asterisk/framer.h"
#include "pbx/asterisk/media.h"
#include "pbx/asterisk/rtp_packet.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/udp.hpp>

#include <memory>

namespace ringpost::pbx::asterisk
{
class RtpStream : public Media
{
public:
    /// A free port of that address of ours. Errc::io. Silent until connect().
    [[nodiscard]] static Result<std::unique_ptr<RtpStream>> open(const boost::asio::any_io_executor& executor,
                                                                 Clock& clock, const boost::asio::ip::address& address,
                                                                 Sinks sinks);
    ~RtpStream() override;
    RtpStream(const RtpStream&) = delete;
    RtpStream& operator=(const RtpStream&) = delete;

    [[nodiscard]] boost::asio::ip::udp::endpoint local() const { return local_; }
    /// Where to send, and from where alone to listen.
    void connect(const boost::asio::ip::udp::endpoint& peer);

    void send(std::span<const std::int16_t> samples) override;

private:
    struct Receiver;
    RtpStream(Clock& clock, std::shared_ptr<Receiver> receiver, boost::asio::ip::udp::endpoint local);
    void begin_to_play();
    void play();

    Clock& clock_;
    std::shared_ptr<Receiver> receiver_;
    boost::asio::ip::udp::endpoint local_;
    Framer framer_;
    Timer next_;
    Duration due_{};   ///< steady time of the next packet
    Duration ended_{}; ///< when the last packet before a pause was over
    RtpHeader header_;
    bool playing_ = false;
    bool late_ = false;
};
} // namespace ringpost::pbx::asterisk
