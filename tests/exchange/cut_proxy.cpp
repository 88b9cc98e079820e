// SPDX-License-Identifier: Apache-2.0
#include "exchange/cut_proxy.h"

#include "core/spawn.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace ringpost::pbx::conformance
{
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
struct Pair
{
    explicit Pair(const asio::any_io_executor& executor) : near(executor), far(executor) {}

    void cut()
    {
        boost::system::error_code ignored;
        near.close(ignored);
        far.close(ignored);
    }

    tcp::socket near;
    tcp::socket far;
};

asio::awaitable<void> pump(std::shared_ptr<Pair> pair, tcp::socket& from, tcp::socket& to)
{
    std::array<char, 16384> octets{};
    boost::system::error_code error;
    while (!error)
    {
        const std::size_t read =
            co_await from.async_read_some(asio::buffer(octets), asio::redirect_error(asio::use_awaitable, error));
        if (!error)
        {
            co_await asio::async_write(to, asio::buffer(octets.data(), read),
                                       asio::redirect_error(asio::use_awaitable, error));
        }
    }
    pair->cut();
}
} // namespace

struct CutProxy::State
{
    State(asio::io_context& context, tcp::endpoint to)
        : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), behind(std::move(to))
    {}

    void cut()
    {
        for (const auto& pair : pairs)
        {
            if (const auto open = pair.lock())
            {
                open->cut();
            }
        }
        pairs.clear();
    }

    tcp::acceptor acceptor;
    tcp::endpoint behind;
    std::vector<std::weak_ptr<Pair>> pairs;
    bool up = true;
};

CutProxy::CutProxy(asio::io_context& context, tcp::endpoint behind)
    : state_(std::make_shared<State>(context, std::move(behind)))
{
    spawn(context.get_executor(), "proxy", accept(state_));
}

CutProxy::~CutProxy()
{
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->cut();
}

std::uint16_t CutProxy::port() const
{
    return state_->acceptor.local_endpoint().port();
}

void CutProxy::set_up(bool up)
{
    state_->up = up;
    if (!up)
    {
        state_->cut();
    }
}

asio::awaitable<void> CutProxy::accept(std::shared_ptr<State> state)
{
    for (;;)
    {
        const auto executor = state->acceptor.get_executor();
        auto pair = std::make_shared<Pair>(executor);
        boost::system::error_code error;
        co_await state->acceptor.async_accept(pair->near, asio::redirect_error(asio::use_awaitable, error));
        if (error)
        {
            co_return;
        }
        if (!state->up)
        {
            continue;
        }
        co_await pair->far.async_connect(state->behind, asio::redirect_error(asio::use_awaitable, error));
        if (error || !state->up)
        {
            continue;
        }
        state->pairs.push_back(pair);
        spawn(executor, "proxy.in", pump(pair, pair->near, pair->far));
        spawn(executor, "proxy.out", pump(pair, pair->far, pair->near));
    }
}
} // namespace ringpost::pbx::conformance
