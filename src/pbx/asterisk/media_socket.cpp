// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/media_socket.h"

#include "core/log.h"

#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
/// What Asterisk sends has 160 octets, its texts some hundred.
constexpr std::size_t message_octets = 64 * 1024;
/// 2 s: whatever waits longer comes too late.
constexpr std::size_t queue_octets = 16'000;

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

/// Texts tell of the queue and of keys; the keys come as events of the leg too, and are taken from there.
WebSocket::Sinks socket_sinks(Media::Sinks sinks)
{
    WebSocket::Sinks made;
    made.opened = std::move(sinks.opened);
    made.binary = [audio = std::move(sinks.audio)](const std::string& octets) { audio(decode_g711(G711::mu, octets)); };
    made.closed = std::move(sinks.closed);
    return made;
}
} // namespace

MediaSocket::MediaSocket(const boost::asio::any_io_executor& executor, Clock& clock, const Account& account,
                         const std::string& connection, Sinks sinks)
    : clock_(clock), socket_(executor, clock, media_target(account, connection), socket_sinks(std::move(sinks)))
{}

void MediaSocket::send(std::span<const std::int16_t> samples)
{
    framer_.add(samples);
    rest_.cancel();
    write(framer_.take_whole());
    if (framer_.size() > 0)
    {
        rest_ = clock_.after(AudioPort::frame_time, [this] {
            framer_.fill();
            write(framer_.take_whole());
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
