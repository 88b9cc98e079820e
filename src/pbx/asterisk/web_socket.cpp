// SPDX-License-Identifier: Apache-2.0
// The only file here that knows Beast, because of the time that its templates take to compile.
#include "pbx/asterisk/web_socket.h"

#include "core/spawn.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <optional>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

namespace
{
constexpr Duration connect_time = 10s;
/// Asterisk sends nothing by itself: our pings ask whether it is still there.
constexpr Duration ping_every = 10s;
constexpr Duration silence = 25s;
constexpr Duration look_every = 5s;

struct Address
{
    std::string host;
    std::string port;
    std::string path;
};

std::optional<Address> address_of(std::string_view url)
{
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme))
    {
        return std::nullopt;
    }
    url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    const std::string_view authority = url.substr(0, slash);
    Address address;
    address.path = slash == std::string_view::npos ? "" : std::string(url.substr(slash));
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    const bool with_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    address.host = std::string(authority.substr(0, with_port ? colon : authority.size()));
    address.port = with_port ? std::string(authority.substr(colon + 1)) : "80";
    if (address.host.starts_with('[') && address.host.ends_with(']'))
    {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    return address;
}

std::string basic(const WebSocket::Target& target)
{
    const std::string plain = target.user + ":" + target.password;
    std::string encoded(beast::detail::base64::encoded_size(plain.size()), '\0');
    encoded.resize(beast::detail::base64::encode(encoded.data(), plain.data(), plain.size()));
    return "Basic " + encoded;
}
} // namespace

class WebSocketConnection : public std::enable_shared_from_this<WebSocketConnection>
{
public:
    WebSocketConnection(const asio::any_io_executor& executor, Clock& clock, WebSocket::Target target,
                        WebSocket::Sinks sinks)
        : clock_(clock), sinks_(std::move(sinks)), stream_(executor), resolver_(executor), target_(std::move(target))
    {}

    void start()
    {
        spawn(stream_.get_executor(), "pbx.web-socket", run(shared_from_this()));
        limit_time(connect_time, "no answer in time");
    }

    bool send(std::string octets)
    {
        if (!open_ || cut_ || queued_ + octets.size() > target_.longest_queue)
        {
            return false;
        }
        queued_ += octets.size();
        unsent_.push_back(std::move(octets));
        if (unsent_.size() == 1)
        {
            write();
        }
        return true;
    }

    [[nodiscard]] std::optional<asio::ip::address> local_address() const
    {
        boost::system::error_code error;
        const auto local = stream_.next_layer().local_endpoint(error);
        return error ? std::nullopt : std::optional(local.address());
    }

    void cut()
    {
        cut_ = true;
        sinks_ = {};
        timer_.cancel();
        ping_.cancel();
        resolver_.cancel();
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

private:
    static asio::awaitable<void> run(std::shared_ptr<WebSocketConnection> self)
    {
        const std::string why = co_await self->connect();
        std::string ended = why;
        if (ended.empty() && !self->cut_)
        {
            self->opened();
            ended = co_await self->read();
        }
        self->close(ended);
    }

    /// Why not; empty where the connection stands.
    asio::awaitable<std::string> connect()
    {
        const auto address = address_of(target_.url);
        if (!address)
        {
            co_return target_.url + " is no http:// address";
        }
        boost::system::error_code error;
        const auto found = co_await resolver_.async_resolve(address->host, address->port,
                                                            asio::redirect_error(asio::use_awaitable, error));
        if (error)
        {
            co_return trouble(error);
        }
        co_await asio::async_connect(stream_.next_layer(), found, asio::redirect_error(asio::use_awaitable, error));
        if (error)
        {
            co_return trouble(error);
        }
        prepare();
        limit_time(connect_time, std::string(WebSocket::unanswered));
        websocket::response_type response;
        co_await stream_.async_handshake(response, address->host + ":" + address->port, address->path,
                                         asio::redirect_error(asio::use_awaitable, error));
        if (error == websocket::error::upgrade_declined)
        {
            co_return "the exchange answered " + std::to_string(response.result_int());
        }
        co_return error ? trouble(error) : std::string{};
    }

    void prepare()
    {
        boost::system::error_code ignored;
        stream_.next_layer().set_option(tcp::no_delay(true), ignored);
        stream_.read_message_max(target_.longest_message);
        stream_.binary(true);
        stream_.set_option(websocket::stream_base::decorator(
            [authorization = basic(target_), subprotocol = target_.subprotocol](websocket::request_type& request) {
                request.set(beast::http::field::authorization, authorization);
                if (!subprotocol.empty())
                {
                    request.set(beast::http::field::sec_websocket_protocol, subprotocol);
                }
            }));
        stream_.control_callback([weak = weak_from_this()](websocket::frame_type, beast::string_view) {
            if (const auto self = weak.lock())
            {
                self->heard_ = true;
            }
        });
    }

    void opened()
    {
        open_ = true;
        limit_silence();
        ping_later();
        if (const auto opened = sinks_.opened)
        {
            opened();
        }
    }

    asio::awaitable<std::string> read()
    {
        beast::flat_buffer buffer;
        for (;;)
        {
            boost::system::error_code error;
            co_await stream_.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
            if (error || cut_)
            {
                co_return trouble(error);
            }
            heard_ = true;
            std::string octets = beast::buffers_to_string(buffer.data());
            buffer.consume(buffer.size());
            // A copy: the sink may destroy the WebSocket.
            if (const auto message = stream_.got_binary() ? sinks_.binary : sinks_.message)
            {
                message(std::move(octets));
            }
        }
    }

    /// One message at a time. A reader is always under way: an error shows there.
    void write()
    {
        auto written = [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
            self->queued_ -= self->unsent_.front().size();
            self->unsent_.pop_front();
            if (!error && !self->cut_ && !self->unsent_.empty())
            {
                self->write();
            }
        };
        stream_.async_write(asio::buffer(unsent_.front()), std::move(written));
    }

    void close(const std::string& why)
    {
        const auto closed = std::move(sinks_.closed);
        cut();
        if (closed)
        {
            closed(why);
        }
    }

    [[nodiscard]] std::string trouble(const boost::system::error_code& error) const
    {
        return timed_out_.empty() ? error.message() : timed_out_;
    }

    /// Closing the socket ends whatever is awaited.
    void limit_time(Duration time, std::string why)
    {
        timer_ = clock_.after(time, [weak = weak_from_this(), why = std::move(why)] {
            if (const auto self = weak.lock())
            {
                self->give_up(why);
            }
        });
    }

    void give_up(const std::string& why)
    {
        timed_out_ = why;
        resolver_.cancel();
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

    void limit_silence(Duration silent_for = Duration{0})
    {
        heard_ = false;
        timer_ = clock_.after(look_every, [weak = weak_from_this(), silent_for] {
            const auto self = weak.lock();
            if (!self)
            {
                return;
            }
            const Duration now = self->heard_ ? Duration{0} : silent_for + look_every;
            if (now < silence)
            {
                self->limit_silence(now);
            }
            else
            {
                self->give_up("no sign of life");
            }
        });
    }

    void ping_later()
    {
        ping_ = clock_.after(ping_every, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self || self->cut_)
            {
                return;
            }
            // A reader is always under way: an error shows there.
            self->stream_.async_ping({}, [weak](const boost::system::error_code& error) {
                const auto pinged = weak.lock();
                if (pinged && !pinged->cut_ && !error)
                {
                    pinged->ping_later();
                }
            });
        });
    }

    Clock& clock_;
    WebSocket::Sinks sinks_;
    websocket::stream<tcp::socket> stream_;
    tcp::resolver resolver_;
    WebSocket::Target target_;
    std::deque<std::string> unsent_;
    std::size_t queued_ = 0;
    Timer timer_;
    Timer ping_;
    std::string timed_out_;
    bool heard_ = false;
    bool open_ = false;
    bool cut_ = false;
};

WebSocket::WebSocket(const asio::any_io_executor& executor, Clock& clock, Target target, Sinks sinks)
    : connection_(std::make_shared<WebSocketConnection>(executor, clock, std::move(target), std::move(sinks)))
{
    connection_->start();
}

WebSocket::~WebSocket()
{
    connection_->cut();
}

std::optional<asio::ip::address> WebSocket::local_address() const
{
    return connection_->local_address();
}

bool WebSocket::send(std::string octets)
{
    return connection_->send(std::move(octets));
}
} // namespace ringpost::pbx::asterisk
