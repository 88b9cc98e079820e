// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/media_socket.h"

#include "core/g711.h"
#include "core/log.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace ringpost::pbx::asterisk
{
namespace
{
/// What Asterisk sends has 160 or 320 octets, its texts some hundred.
constexpr std::size_t message_octets = 64 * 1024;
/// 2 s: whatever waits longer comes too late.
constexpr std::size_t queue_octets = 32'000;

/// ARI is served at `…/ari`, media beside it.
WebSocket::Target media_target(const Account& account, const std::string& connection)
{
    constexpr std::string_view ari = "/ari";
    WebSocket::Target target;
    target.url = account.url;
    if (target.url.ends_with(ari))
    {
        target.url.resize(target.url.size() - ari.size());
    }
    target.url += "/media/" + percent_encoded(connection);
    target.user = account.user;
    target.password = account.password;
    target.subprotocol = "media";
    target.longest_message = message_octets;
    target.longest_queue = queue_octets;
    return target;
}

/// Linear sound of Asterisk: 16 bit, the lower octet first as on all machines that it runs on in offices.
std::string octets_of(SoundFormat format, std::span<const std::int16_t> samples)
{
    if (format == SoundFormat::ulaw)
    {
        return encode_g711(G711::mu, samples);
    }
    std::string octets;
    octets.reserve(2 * samples.size());
    for (const std::int16_t sample : samples)
    {
        const auto bits = static_cast<std::uint16_t>(sample);
        octets += static_cast<char>(bits & 0xffU);
        octets += static_cast<char>(bits >> 8U);
    }
    return octets;
}

std::vector<std::int16_t> samples_of(SoundFormat format, const std::string& octets)
{
    if (format == SoundFormat::ulaw)
    {
        return decode_g711(G711::mu, octets);
    }
    std::vector<std::int16_t> samples(octets.size() / 2);
    for (std::size_t i = 0; i < samples.size(); ++i)
    {
        const auto low = static_cast<unsigned char>(octets[2 * i]);
        const auto high = static_cast<unsigned char>(octets[2 * i + 1]);
        samples[i] = static_cast<std::int16_t>(low | high << 8U);
    }
    return samples;
}

/// Texts tell of the queue and of keys; the keys come as events of the leg too, and are taken from there.
WebSocket::Sinks socket_sinks(SoundFormat format, Media::Sinks sinks)
{
    WebSocket::Sinks made;
    made.opened = std::move(sinks.opened);
    made.binary = [audio = std::move(sinks.audio), format](const std::string& octets) {
        audio(samples_of(format, octets));
    };
    made.closed = std::move(sinks.closed);
    return made;
}
} // namespace

MediaSocket::MediaSocket(const boost::asio::any_io_executor& executor, Clock& clock, const Account& account,
                         const std::string& connection, SoundFormat format, Sinks sinks)
    : clock_(clock), format_(format),
      socket_(executor, clock, media_target(account, connection), socket_sinks(format, std::move(sinks)))
{}

void MediaSocket::send(std::span<const std::int16_t> samples)
{
    framer_.add(samples);
    rest_.cancel();
    write(octets_of(format_, framer_.take_whole()));
    if (framer_.size() > 0)
    {
        rest_ = clock_.after(AudioPort::frame_time, [this] {
            framer_.fill();
            write(octets_of(format_, framer_.take_whole()));
        });
    }
}

void MediaSocket::write(std::string octets)
{
    if (!octets.empty() && !socket_.send(std::move(octets)) && !std::exchange(late_, true))
    {
        log::warning("pbx.audio-dropped", {{"why", "more than 2 s wait for the exchange"}});
    }
}
} // namespace ringpost::pbx::asterisk
