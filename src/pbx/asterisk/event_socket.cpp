// SPDX-License-Identifier: Apache-2.0
// The only file that knows Beast, because of the time that its templates take to compile.
#include "pbx/asterisk/event_socket.h"

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
constexpr std::size_t message_octets = 1 << 20;
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

std::string basic(const Account& account)
{
    const std::string plain = account.user + ":" + account.password;
    std::string encoded(beast::detail::base64::encoded_size(plain.size()), '\0');
    encoded.resize(beast::detail::base64::encode(encoded.data(), plain.data(), plain.size()));
    return "Basic " + encoded;
}
} // namespace

class EventSocketConnection : public std::enable_shared_from_this<EventSocketConnection>
{
public:
    EventSocketConnection(const asio::any_io_executor& executor, Clock& clock, const Account& account,
                          EventSocket::Sinks sinks)
        : clock_(clock), sinks_(std::move(sinks)), stream_(executor), resolver_(executor), account_(account)
    {}

    void start(std::string application, std::string parameters)
    {
        spawn(stream_.get_executor(), "pbx.events",
              run(shared_from_this(), std::move(application), std::move(parameters)));
        limit_time(connect_time, "no answer in time");
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
    static asio::awaitable<void> run(std::shared_ptr<EventSocketConnection> self, std::string application,
                                     std::string parameters)
    {
        const std::string why = co_await self->connect(application + parameters);
        std::string ended = why;
        if (ended.empty() && !self->cut_)
        {
            self->opened();
            ended = co_await self->read();
        }
        self->close(ended);
    }

    /// Why not; empty where the connection stands.
    asio::awaitable<std::string> connect(std::string query)
    {
        const auto address = address_of(account_.url);
        if (!address)
        {
            co_return account_.url + " is no http:// address";
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
        websocket::response_type response;
        const std::string target = address->path + "/events?app=" + query;
        co_await stream_.async_handshake(response, address->host + ":" + address->port, target,
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
        stream_.read_message_max(message_octets);
        stream_.set_option(
            websocket::stream_base::decorator([authorization = basic(account_)](websocket::request_type& request) {
                request.set(beast::http::field::authorization, authorization);
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
            std::string text = beast::buffers_to_string(buffer.data());
            buffer.consume(buffer.size());
            // A copy: the sink may destroy the EventSocket.
            if (const auto message = sinks_.message)
            {
                message(std::move(text));
            }
        }
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
    EventSocket::Sinks sinks_;
    websocket::stream<tcp::socket> stream_;
    tcp::resolver resolver_;
    Account account_;
    Timer timer_;
    Timer ping_;
    std::string timed_out_;
    bool heard_ = false;
    bool cut_ = false;
};

EventSocket::EventSocket(asio::any_io_executor executor, Clock& clock, const Account& account,
                         const std::string& application, const std::string& parameters, Sinks sinks)
    : connection_(std::make_shared<EventSocketConnection>(executor, clock, account, std::move(sinks)))
{
    connection_->start(percent_encoded(application), parameters);
}

EventSocket::~EventSocket()
{
    connection_->cut();
}
} // namespace ringpost::pbx::asterisk
