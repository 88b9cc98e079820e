// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/rtp_stream.h"

#include "core/g711.h"
#include "core/log.h"
#include "pbx/asterisk/jitter_buffer.h"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;
using asio::ip::udp;

namespace
{
constexpr std::size_t most_waiting = 16'000; // 2 s
constexpr std::size_t datagram_octets = 2048;
/// For a packet that is missing; the buffer holds as much.
constexpr Duration longest_wait = 100ms;
/// A time in which nothing ran is not made good packet by packet.
constexpr Duration longest_lag = 100ms;

std::uint32_t random_number()
{
    std::random_device device;
    return static_cast<std::uint32_t>(device());
}
} // namespace

struct RtpStream::Receiver : std::enable_shared_from_this<RtpStream::Receiver>
{
    Receiver(udp::socket bound, Clock& time, Sinks wanted)
        : socket(std::move(bound)), clock(time), sinks(std::move(wanted))
    {}

    void receive();
    void take(std::size_t count);
    void hear(const std::vector<std::string>& packets);
    void close(const std::string& why);

    udp::socket socket;
    Clock& clock;
    Sinks sinks;
    JitterBuffer order;
    Timer missing; ///< runs while packets wait for one that is missing
    udp::endpoint peer;
    udp::endpoint sender;
    std::array<char, datagram_octets> datagram{};
};

void RtpStream::Receiver::receive()
{
    auto received = [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
        if (error == asio::error::operation_aborted || !self->socket.is_open())
        {
            return;
        }
        // A port that nobody listens at any more is told by ICMP: the exchange has ended the channel, and says so.
        if (error && error != asio::error::connection_refused)
        {
            self->close(error.message());
            return;
        }
        if (!error)
        {
            self->take(count);
        }
        if (self->socket.is_open())
        {
            self->receive();
        }
    };
    socket.async_receive_from(asio::buffer(datagram), sender, std::move(received));
}

void RtpStream::Receiver::take(std::size_t count)
{
    const auto audio = sender == peer ? audio_of_rtp({datagram.data(), count}) : std::nullopt;
    if (!audio)
    {
        return;
    }
    const auto packets = order.put(*audio);
    if (!order.waits() || !packets.empty())
    {
        missing.cancel(); // what is missing now is another one
    }
    hear(packets);
    if (order.waits() && !missing.set() && socket.is_open())
    {
        missing = clock.after(longest_wait, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
            {
                self->missing.cancel();
                self->hear(self->order.flush());
            }
        });
    }
}

void RtpStream::Receiver::hear(const std::vector<std::string>& packets)
{
    for (const auto& mulaw : packets)
    {
        // A copy: the sink may destroy the stream.
        if (const auto audio = sinks.audio)
        {
            audio(decode_g711(G711::mu, mulaw));
        }
    }
}

void RtpStream::Receiver::close(const std::string& why)
{
    const auto closed = std::exchange(sinks, {}).closed;
    missing.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
    if (closed)
    {
        closed(why);
    }
}

Result<std::unique_ptr<RtpStream>> RtpStream::open(const asio::any_io_executor& executor, Clock& clock,
                                                   const asio::ip::address& address, Sinks sinks)
{
    boost::system::error_code error;
    udp::socket socket(executor);
    socket.open(address.is_v6() ? udp::v6() : udp::v4(), error);
    if (!error)
    {
        socket.bind(udp::endpoint(address, 0), error);
    }
    const udp::endpoint local = error ? udp::endpoint() : socket.local_endpoint(error);
    if (error)
    {
        return fail(Errc::io, "RTP at " + address.to_string(), error.message());
    }
    socket.non_blocking(true, error);
    auto receiver = std::make_shared<Receiver>(std::move(socket), clock, std::move(sinks));
    // The constructor is private: std::make_unique cannot reach it.
    return std::unique_ptr<RtpStream>(new RtpStream(clock, std::move(receiver), local));
}

RtpStream::RtpStream(Clock& clock, std::shared_ptr<Receiver> receiver, udp::endpoint local)
    : clock_(clock), receiver_(std::move(receiver)), local_(local), ended_(clock.steady())
{
    // RFC 3550 5.1: all three begin at random.
    header_.sequence = static_cast<std::uint16_t>(random_number());
    header_.timestamp = random_number();
    header_.source = random_number();
}

RtpStream::~RtpStream()
{
    receiver_->sinks = {};
    receiver_->missing.cancel();
    boost::system::error_code ignored;
    receiver_->socket.close(ignored);
}

void RtpStream::connect(const udp::endpoint& peer)
{
    receiver_->peer = peer;
    receiver_->receive();
}

void RtpStream::send(std::span<const std::int16_t> samples)
{
    if (framer_.size() + samples.size() > most_waiting)
    {
        if (!std::exchange(late_, true))
        {
            log::warning("pbx.audio-dropped", {{"why", "more than 2 s wait to be played"}});
        }
        return;
    }
    framer_.add(samples);
    if (!playing_ && framer_.size() > 0)
    {
        begin_to_play();
    }
}

void RtpStream::begin_to_play()
{
    playing_ = true;
    // A frame in hand: whoever sends one every 20 ms may be a little late.
    due_ = clock_.steady() + AudioPort::frame_time;
    // The timestamp goes on through the pause (RFC 3550 5.1).
    const auto pause = std::max(due_ - ended_, Duration{0});
    header_.timestamp += static_cast<std::uint32_t>(pause / 125us);
    header_.marker = true;
    next_ = clock_.after(AudioPort::frame_time, [this] { play(); });
}

/// All packets that are due, and then the timer of the next.
void RtpStream::play()
{
    const Duration now = clock_.steady();
    due_ = std::clamp(due_, now - longest_lag, now + AudioPort::frame_time);
    while (due_ <= now && playing_)
    {
        auto frame = framer_.take_one();
        if (!frame && framer_.size() > 0)
        {
            framer_.fill();
            frame = framer_.take_one();
        }
        if (!frame)
        {
            playing_ = false;
            ended_ = due_;
            return;
        }
        boost::system::error_code ignored; // a packet that is lost is lost
        receiver_->socket.send_to(asio::buffer(rtp_packet(header_, encode_g711(G711::mu, *frame))), receiver_->peer, 0,
                                  ignored);
        ++header_.sequence;
        header_.timestamp += AudioPort::frame_samples;
        header_.marker = false;
        due_ += AudioPort::frame_time;
    }
    next_ = clock_.after(std::max(due_ - clock_.steady(), Duration{0}), [this] { play(); });
}
} // namespace ringpost::pbx::asterisk
