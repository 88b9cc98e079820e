// SPDX-License-Identifier: Apache-2.0
// LineStream::connect() to a name with several addresses, of which the first swallows everything.
#include "core/line_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <array>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <string_view>

using namespace ringpost;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
constexpr const char* name_of_two = "two-addresses.test";
constexpr std::array addresses_of_two{"127.0.0.2", "127.0.0.3"};
} // namespace

/// Stands before that of the C library, which would look the name up: in its order, with the port of `service`.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result)
{
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (name == nullptr || std::string_view(name) != name_of_two)
    {
        return real(name, service, hints, result);
    }
    addrinfo** next = result;
    for (const char* const address : addresses_of_two)
    {
        if (const int failed = real(address, service, hints, next); failed != 0)
        {
            return failed;
        }
        next = &(*next)->ai_next;
    }
    return 0;
}

namespace
{
/// Takes no connection beyond the one that waits to be accepted: the kernel drops what others send.
class Hole
{
public:
    explicit Hole(asio::io_context& context) : acceptor_(context, tcp::v4()), waiting_(context)
    {
        acceptor_.bind({asio::ip::make_address(addresses_of_two.front()), 0});
        acceptor_.listen(0);
        waiting_.connect(acceptor_.local_endpoint());
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    tcp::acceptor acceptor_;
    tcp::socket waiting_;
};
} // namespace

TEST_CASE("An address that swallows everything does not take the time of the next one")
{
    asio::io_context context;
    const Hole hole(context);
    tcp::acceptor answering(context, tcp::endpoint(asio::ip::make_address(addresses_of_two.back()), hole.port()));
    std::optional<Result<LineStream>> connected;
    const auto connecting = [&]() -> asio::awaitable<void> {
        auto stream = co_await LineStream::connect(context.get_executor(), name_of_two, hole.port(), 6s);
        connected.emplace(std::move(stream));
    };
    // A connection within this machine is made at once, so that it would succeed at the very end of the time too.
    bool late = false;
    asio::steady_timer nearly_over(context, 4500ms);
    nearly_over.async_wait([&late](const boost::system::error_code& error) { late = !error; });
    bool done = false;
    asio::co_spawn(context, connecting(), [&done](const std::exception_ptr&) { done = true; });
    while (!done && context.run_one() > 0)
    {
    }
    REQUIRE(connected);
    CHECK_FALSE(late);
    INFO((connected->has_error() ? connected->error().message() : ""));
    REQUIRE(connected->has_value());
    CHECK((*connected)->peer_address() == addresses_of_two.back());
}
