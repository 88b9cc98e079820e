// SPDX-License-Identifier: Apache-2.0
// Voice board ports: an external media channel of ours and the first leg, in a bridge of two. Whatever ends a port
// frees channel and bridge; what could not be freed, because the link was lost or the gateway died, is found by its id.
#include "core/log.h"
#include "core/spawn.h"
#include "pbx/asterisk/driver.h"
#include "pbx/asterisk/media_socket.h"
#include "pbx/asterisk/rtp_stream.h"

#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

namespace
{
constexpr Duration longest_start = 5s;

Failure gone(const Port& port)
{
    return fail(Errc::not_found, port.id(), "the call or the port has ended");
}

Result<asio::ip::udp::endpoint> endpoint_of(const ExternalMedia& media)
{
    boost::system::error_code error;
    const auto address = asio::ip::make_address(media.address, error);
    std::uint16_t port = 0;
    const char* const end = media.port.data() + media.port.size();
    const auto read = std::from_chars(media.port.data(), end, port);
    if (error || read.ec != std::errc{} || read.ptr != end)
    {
        return fail(Errc::malformed, "external media", "the exchange names no address to send to");
    }
    return asio::ip::udp::endpoint(address, port);
}
} // namespace

Result<> Driver::port_possible(AttemptId attempt) const
{
    const Attempt* const known = attempts_.find(attempt);
    const std::string where = "attempt " + std::to_string(attempt.value);
    if (known == nullptr || !known->answered(Leg::first))
    {
        return fail(Errc::not_found, where, "has no first leg that has answered");
    }
    if (!known->waits_alone() || ports_.contains(attempt))
    {
        return fail(Errc::conflict, where, "has no first leg alone, or that has a port already");
    }
    return need_link();
}

asio::awaitable<Result<std::unique_ptr<AudioPort>>> Driver::connect_port(Self self, AttemptId attempt)
{
    const auto possible = self->port_possible(attempt);
    if (possible.has_error())
    {
        co_return possible.error();
    }
    const auto port = std::make_shared<Port>(self->executor_, self->ids_.port(attempt, ++self->last_port_));
    self->ports_.emplace(attempt, port);
    Result<> done = co_await open_media(self, attempt, port);
    if (done.has_value())
    {
        done = co_await join_port(self, attempt, port);
    }
    if (done.has_error())
    {
        self->end_port(attempt, port);
        // Once more even where it was ended meanwhile: a request of ours may have come after that.
        co_await free_port(self, port->id());
        co_return done.error();
    }
    co_return Port::make_end(port, [weak = self->weak_from_this(), attempt, port] {
        if (const auto driver = weak.lock())
        {
            driver->leave_port(attempt, port);
        }
    });
}

/// How audio goes: else by RTP. Asked once for each time that the link is up.
asio::awaitable<Result<bool>> Driver::audio_by_web_socket(Self self)
{
    if (!self->by_web_socket_)
    {
        const auto runs = co_await self->rest_.module_runs("chan_websocket.so");
        if (runs.has_error())
        {
            co_return runs.error();
        }
        self->by_web_socket_ = *runs;
        log::info("pbx.audio", {{"exchange", self->options_.account.url}, {"by", *runs ? "WebSocket" : "RTP"}});
    }
    co_return *self->by_web_socket_;
}

/// Makes the channel and a way for its audio.
Driver::Done Driver::open_media(Self self, AttemptId attempt, PortRef port)
{
    const auto by_web_socket = co_await audio_by_web_socket(self);
    if (by_web_socket.has_error())
    {
        co_return by_web_socket.error();
    }
    Result<> done;
    if (*by_web_socket)
    {
        done = co_await open_media_socket(self, attempt, port);
    }
    else
    {
        done = co_await open_rtp(self, attempt, port);
    }
    if (done.has_value())
    {
        done = co_await started(self, port, *by_web_socket);
    }
    co_return done;
}

Driver::Done Driver::open_media_socket(Self self, AttemptId attempt, PortRef port)
{
    const Attempt* const known = self->attempts_.find(attempt);
    const SoundFormat format = known != nullptr && known->call().fax ? SoundFormat::slin : SoundFormat::ulaw;
    const auto media = co_await self->rest_.external_media(port->id(), self->link_.options().application, format, "");
    if (media.has_error())
    {
        co_return media.error();
    }
    if (port->over() || self->closed_)
    {
        co_return gone(*port);
    }
    port->media = std::make_unique<MediaSocket>(self->executor_, self->clock_, self->options_.account,
                                                media->connection, format, self->media_sinks(attempt, port));
    co_return Result<>{};
}

Driver::Done Driver::open_rtp(Self self, AttemptId attempt, PortRef port)
{
    const auto address = self->rtp_address();
    if (address.has_error())
    {
        co_return address.error();
    }
    auto stream = RtpStream::open(self->executor_, self->clock_, *address, self->media_sinks(attempt, port));
    if (stream.has_error())
    {
        co_return stream.error();
    }
    const auto local = (*stream)->local();
    const std::string host = address->is_v6() ? "[" + address->to_string() + "]" : address->to_string();
    const auto media = co_await self->rest_.external_media(
        port->id(), self->link_.options().application, SoundFormat::ulaw, host + ":" + std::to_string(local.port()));
    if (media.has_error())
    {
        co_return media.error();
    }
    const auto peer = endpoint_of(*media);
    if (peer.has_error())
    {
        co_return peer.error();
    }
    if (port->over() || self->closed_)
    {
        co_return gone(*port);
    }
    (*stream)->connect(*peer);
    port->media = std::move(*stream);
    co_return Result<>{};
}

/// The configured one, or that from which ARI is reached.
Result<asio::ip::address> Driver::rtp_address() const
{
    if (options_.rtp_address.empty())
    {
        return link_.local_address();
    }
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.rtp_address, error);
    return error ? Result<asio::ip::address>(fail(Errc::malformed, options_.rtp_address, error.message())) : address;
}

Media::Sinks Driver::media_sinks(AttemptId attempt, const PortRef& port)
{
    Media::Sinks sinks;
    sinks.opened = [weak = std::weak_ptr(port)] {
        if (const auto opened = weak.lock())
        {
            opened->progress.push(Port::Progress::opened);
        }
    };
    sinks.audio = [weak = std::weak_ptr(port)](std::vector<std::int16_t> samples) {
        if (const auto heard = weak.lock())
        {
            heard->outlet.audio(std::move(samples));
        }
    };
    sinks.closed = [self = weak_from_this(), attempt, weak = std::weak_ptr(port)](const std::string& why) {
        const auto driver = self.lock();
        const auto closed = weak.lock();
        if (driver && closed && !closed->over())
        {
            log::info("pbx.audio-ended", {{"port", closed->id()}, {"why", why}});
            driver->leave_port(attempt, closed);
        }
    };
    return sinks;
}

/// Its channel comes into our hands when the audio has its way.
Driver::Done Driver::started(Self self, PortRef port, bool by_web_socket)
{
    const Timer limit = self->clock_.after(longest_start, [weak = std::weak_ptr(port)] {
        if (const auto late = weak.lock())
        {
            late->progress.push(Port::Progress::late);
        }
    });
    bool opened = !by_web_socket;
    bool in_our_hands = false;
    while (!opened || !in_our_hands)
    {
        const Port::Progress now = co_await port->progress.next();
        if (now == Port::Progress::over)
        {
            co_return gone(*port);
        }
        if (now == Port::Progress::late)
        {
            co_return fail(Errc::timeout, port->id(), "the exchange does not connect its audio");
        }
        opened = opened || now == Port::Progress::opened;
        in_our_hands = in_our_hands || now == Port::Progress::started;
    }
    co_return Result<>{};
}

Driver::Done Driver::join_port(Self self, AttemptId attempt, PortRef port)
{
    const std::string leg = self->ids_.leg(attempt, Leg::first);
    // It may hear ring-back; where it does not, that is as well.
    static_cast<void>(co_await self->rest_.ring(leg, false));
    Result<> done = port->over() ? Result<>(gone(*port)) : Result<>();
    if (done.has_value())
    {
        done = co_await self->rest_.make_bridge(port->id());
    }
    if (done.has_value() && !port->over())
    {
        std::vector<std::string> channels{leg, port->id()};
        done = co_await self->rest_.join(port->id(), std::move(channels));
    }
    if (done.has_value() && port->over())
    {
        done = gone(*port);
    }
    co_return done;
}

/// What the exchange tells of the channel of a port.
void Driver::on_port(AttemptId attempt, const AriEvent& event)
{
    const auto found = ports_.find(attempt);
    if (found == ports_.end() || found->second->id() != event.channel)
    {
        return;
    }
    const PortRef port = found->second;
    if (event.kind == AriEvent::Kind::stasis_start)
    {
        port->progress.push(Port::Progress::started);
    }
    else if (event.kind == AriEvent::Kind::destroyed)
    {
        leave_port(attempt, port);
    }
}

void Driver::on_digit(AttemptId attempt, Leg leg, char digit)
{
    const auto found = ports_.find(attempt);
    if (found != ports_.end() && leg == Leg::first)
    {
        found->second->outlet.digit(digit);
    }
}

/// False where that port has been ended before. Whoever ends it frees it.
bool Driver::end_port(AttemptId attempt, const PortRef& port)
{
    const auto found = ports_.find(attempt);
    if (found == ports_.end() || found->second != port)
    {
        return false;
    }
    ports_.erase(found);
    port->end();
    return true;
}

void Driver::leave_port(AttemptId attempt, PortRef port)
{
    if (end_port(attempt, port) && !closed_)
    {
        leaving_[attempt] = port->id();
        spawn(executor_, "pbx.free-port", free_leaving(shared_from_this(), attempt, port->id()));
    }
}

asio::awaitable<void> Driver::free_leaving(Self self, AttemptId attempt, std::string id)
{
    co_await free_port(self, id);
    const auto found = self->leaving_.find(attempt);
    if (found != self->leaving_.end() && found->second == id)
    {
        self->leaving_.erase(found);
    }
}

void Driver::leave_port(AttemptId attempt)
{
    if (const auto found = ports_.find(attempt); found != ports_.end())
    {
        leave_port(attempt, found->second);
    }
}

/// Ends the port of an attempt, if there is one, and waits until the leg is free of it.
asio::awaitable<void> Driver::take_port(Self self, AttemptId attempt)
{
    std::string id;
    if (const auto found = self->ports_.find(attempt); found != self->ports_.end())
    {
        const PortRef port = found->second;
        id = port->id();
        self->end_port(attempt, port);
    }
    else if (const auto leaving = self->leaving_.find(attempt); leaving != self->leaving_.end())
    {
        // Its user has just left it: the leg is in its bridge until that is over. Freeing it twice does no harm.
        id = leaving->second;
    }
    if (!id.empty())
    {
        co_await free_port(self, id);
    }
}

asio::awaitable<void> Driver::free_port(Self self, std::string id)
{
    const auto channel = co_await self->rest_.hang_up(id);
    const auto bridge = co_await self->rest_.end_bridge(id);
    const bool bridge_left = bridge.has_error() && bridge.error().code() != Errc::not_found;
    if ((channel.has_error() || bridge_left) && !self->closed_)
    {
        // It is looked for again when the link is back.
        log::warning("pbx.port-left", {{"port", id}});
    }
}

void Driver::leave_all_ports()
{
    while (!ports_.empty())
    {
        const auto [attempt, port] = *ports_.begin();
        leave_port(attempt, port);
    }
}

/// Frees what carries the id of a port that is none (any more).
asio::awaitable<void> Driver::free_left_ports(Self self, std::set<std::string> ids)
{
    for (const std::string& id : ids)
    {
        const auto attempt = self->ids_.read_port(id);
        const auto found = attempt ? self->ports_.find(*attempt) : self->ports_.end();
        const bool used = found != self->ports_.end() && found->second->id() == id;
        if (attempt && !used)
        {
            log::warning("pbx.orphan", {{"attempt", *attempt}, {"port", id}});
            co_await free_port(self, id);
        }
    }
}
} // namespace ringpost::pbx::asterisk
