// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/tcp_trunk.h"

#include "pbx/simulated/tcp_connection.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 2s;
/// After a failed accept (no descriptors left): the listener must not spin.
constexpr Duration accept_pause = 100ms;
constexpr int accept_backlog = 16;

Result<tcp::endpoint> endpoint_of(const TrunkAddress& address)
{
    boost::system::error_code error;
    const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
    const auto parsed = asio::ip::make_address(host, error);
    if (error)
    {
        return fail(Errc::malformed, address.host, "a trunk of the simulated exchange needs a numeric address");
    }
    if (!parsed.is_loopback())
    {
        return fail(Errc::refused, address.host, "trunks of the simulated exchange stay on the loopback interface");
    }
    return tcp::endpoint(parsed, address.port);
}

class AcceptedTrunk : public TrunkLink
{
public:
    explicit AcceptedTrunk(std::shared_ptr<TcpConnection> connection) : connection_(std::move(connection)) {}
    ~AcceptedTrunk() override { connection_->close(); }
    AcceptedTrunk(const AcceptedTrunk&) = delete;
    AcceptedTrunk& operator=(const AcceptedTrunk&) = delete;

    [[nodiscard]] bool up() const override { return connection_->open(); }
    void send(const TrunkMessage& message) override { connection_->send(message); }
    void start(Handlers handlers) override { connection_->start(std::move(handlers)); }

private:
    std::shared_ptr<TcpConnection> connection_;
};

/// The calling end behind its TrunkLink: shared with the handlers of the connect that is under way.
class Connector : public std::enable_shared_from_this<Connector>
{
public:
    Connector(const asio::any_io_executor& executor, Clock& clock, tcp::endpoint peer)
        : executor_(executor), clock_(clock), peer_(std::move(peer))
    {}

    void start(TrunkLink::Handlers handlers);
    void close();
    [[nodiscard]] const std::shared_ptr<TcpConnection>& connection() const { return connection_; }

private:
    void connect();
    void on_connected();
    void on_down();
    void connect_later();

    asio::any_io_executor executor_;
    Clock& clock_;
    tcp::endpoint peer_;
    std::shared_ptr<TrunkLink::Handlers> handlers_; ///< null once closed
    std::shared_ptr<tcp::socket> connecting_;
    std::shared_ptr<TcpConnection> connection_;
    Duration pause_ = first_pause;
    Timer again_;
};

void Connector::start(TrunkLink::Handlers handlers)
{
    handlers_ = std::make_shared<TrunkLink::Handlers>(std::move(handlers));
    connect();
}

void Connector::close()
{
    handlers_.reset();
    again_.cancel();
    if (connecting_)
    {
        boost::system::error_code ignored;
        connecting_->close(ignored);
    }
    if (connection_)
    {
        connection_->close();
    }
}

void Connector::connect()
{
    connecting_ = std::make_shared<tcp::socket>(executor_);
    auto connected = [self = shared_from_this()](const boost::system::error_code& error) {
        if (self->handlers_)
        {
            error ? self->connect_later() : self->on_connected();
        }
    };
    connecting_->async_connect(peer_, std::move(connected));
}

void Connector::on_connected()
{
    pause_ = first_pause;
    connection_ = std::make_shared<TcpConnection>(std::move(*connecting_));
    connecting_.reset();
    const std::weak_ptr<Connector> weak = weak_from_this();
    connection_->start({[weak](const TrunkMessage& message) {
                            const auto self = weak.lock();
                            if (const auto handlers = self ? self->handlers_ : nullptr)
                            {
                                handlers->on_message(message);
                            }
                        },
                        [weak] {
                            if (const auto self = weak.lock())
                            {
                                self->on_down();
                            }
                        }});
}

void Connector::on_down()
{
    connection_.reset();
    connect_later();
    if (const auto handlers = handlers_)
    {
        handlers->on_down();
    }
}

void Connector::connect_later()
{
    const std::weak_ptr<Connector> weak = weak_from_this();
    again_ = clock_.after(pause_, [weak] {
        const auto self = weak.lock();
        if (self && self->handlers_)
        {
            self->connect();
        }
    });
    pause_ = std::min(pause_ * 2, longest_pause);
}

class ConnectedTrunk : public TrunkLink
{
public:
    explicit ConnectedTrunk(std::shared_ptr<Connector> connector) : connector_(std::move(connector)) {}
    ~ConnectedTrunk() override { connector_->close(); }
    ConnectedTrunk(const ConnectedTrunk&) = delete;
    ConnectedTrunk& operator=(const ConnectedTrunk&) = delete;

    [[nodiscard]] bool up() const override { return connector_->connection() && connector_->connection()->open(); }
    void send(const TrunkMessage& message) override
    {
        if (const auto connection = connector_->connection())
        {
            connection->send(message);
        }
    }
    void start(Handlers handlers) override { connector_->start(std::move(handlers)); }

private:
    std::shared_ptr<Connector> connector_;
};
} // namespace

Result<std::unique_ptr<TrunkLink>> connect_trunk(const asio::any_io_executor& executor, Clock& clock,
                                                 const TrunkAddress& peer)
{
    const auto endpoint = endpoint_of(peer);
    if (endpoint.has_error())
    {
        return endpoint.error();
    }
    auto connector = std::make_shared<Connector>(executor, clock, *endpoint);
    return std::unique_ptr<TrunkLink>(std::make_unique<ConnectedTrunk>(std::move(connector)));
}

class TrunkListener::State : public std::enable_shared_from_this<TrunkListener::State>
{
public:
    State(const asio::any_io_executor& executor, Clock& clock, Accept accept)
        : acceptor_(executor), clock_(clock), accept_(std::move(accept))
    {}

    [[nodiscard]] boost::system::error_code open(const tcp::endpoint& endpoint)
    {
        boost::system::error_code error;
        acceptor_.open(endpoint.protocol(), error);
        if (!error)
        {
            acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        }
        if (!error)
        {
            acceptor_.bind(endpoint, error);
        }
        if (!error)
        {
            acceptor_.listen(accept_backlog, error);
        }
        return error;
    }

    void wait()
    {
        auto accepted = [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            if (self->accept_)
            {
                error ? self->wait_later() : self->on_accepted(std::move(socket));
            }
        };
        acceptor_.async_accept(std::move(accepted));
    }

    void close()
    {
        accept_ = nullptr;
        again_.cancel();
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }

    [[nodiscard]] std::uint16_t port() const
    {
        boost::system::error_code error;
        const auto endpoint = acceptor_.local_endpoint(error);
        return error ? std::uint16_t{0} : endpoint.port();
    }

private:
    void on_accepted(tcp::socket socket)
    {
        // A copy: whoever takes the trunk may close the listener.
        const Accept accept = accept_;
        accept(std::make_unique<AcceptedTrunk>(std::make_shared<TcpConnection>(std::move(socket))));
        if (accept_)
        {
            wait();
        }
    }

    void wait_later()
    {
        again_ = clock_.after(accept_pause, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self && self->accept_)
            {
                self->wait();
            }
        });
    }

    tcp::acceptor acceptor_;
    Clock& clock_;
    Accept accept_;
    Timer again_;
};

TrunkListener::TrunkListener(std::shared_ptr<State> state) : state_(std::move(state)) {}
TrunkListener::TrunkListener(TrunkListener&&) noexcept = default;

TrunkListener& TrunkListener::operator=(TrunkListener&& other) noexcept
{
    std::swap(state_, other.state_);
    return *this;
}

TrunkListener::~TrunkListener()
{
    if (state_)
    {
        state_->close();
    }
}

Result<TrunkListener> TrunkListener::open(const asio::any_io_executor& executor, Clock& clock,
                                          const TrunkAddress& address, Accept accept)
{
    const auto endpoint = endpoint_of(address);
    if (endpoint.has_error())
    {
        return endpoint.error();
    }
    auto state = std::make_shared<State>(executor, clock, std::move(accept));
    if (const auto error = state->open(*endpoint))
    {
        return fail(Errc::io, address.host + ":" + std::to_string(address.port),
                    "the trunk listener cannot be opened: " + error.message());
    }
    state->wait();
    return TrunkListener(std::move(state));
}

std::uint16_t TrunkListener::port() const
{
    return state_->port();
}
} // namespace ringpost::pbx::simulated
