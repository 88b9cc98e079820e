// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/connection.h"

#include "core/fault_point.h"
#include "mta/relay/dot_stuffer.h"
#include "store/spool.h"

#include <boost/asio/ip/address.hpp>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t piece = 64 * 1024;
constexpr Duration quit_time = 5s;

bool is_loopback(const std::string& host)
{
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return host == "localhost" || (!error && address.is_loopback());
}
} // namespace

ClientOptions options_for(const directory::Destination& destination, const std::string& own_domain,
                          const RelayConfig& config)
{
    ClientOptions options;
    options.greeting_timeout = config.greeting_timeout;
    options.command_timeout = config.command_timeout;
    options.data_end_timeout = config.data_end_timeout;
    options.helo_name = own_domain;
    if (!destination.login.empty() && is_loopback(destination.host))
    {
        options.credentials = Credentials{destination.login, destination.secret};
    }
    return options;
}

boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
RelayConnection::open(boost::asio::any_io_executor executor, std::string host, std::uint16_t port,
                      ClientOptions options, RelayConfig config)
{
    auto stream = co_await LineStream::connect(executor, host, port, config.connect_timeout);
    if (stream.has_error())
    {
        co_return stream.error();
    }
    std::unique_ptr<RelayConnection> connection(new RelayConnection(std::move(*stream), std::move(options), config));
    const auto next = co_await connection->converse(connection->dialog_.start());
    if (next != ClientDialog::Next::ready)
    {
        co_return connection->dialog_.failure().value_or(fail(Errc::closed, host, "the server ended the connection"));
    }
    connection->usable_ = true;
    co_return connection;
}

boost::asio::awaitable<std::vector<Outcome>> RelayConnection::send(Envelope envelope, RelayBody body)
{
    envelope.declared_size = body.size;
    auto next = co_await converse(dialog_.send(envelope));
    if (next == ClientDialog::Next::send_body)
    {
        next = co_await send_body(body);
    }
    usable_ = next == ClientDialog::Next::ready;
    co_return dialog_.outcomes();
}

boost::asio::awaitable<ClientDialog::Next> RelayConnection::send_body(const RelayBody& body)
{
    const auto written = co_await write_body(body);
    if (written.has_error())
    {
        co_return co_await converse(dialog_.on_end(written.error()));
    }
    static_cast<void>(fault_point("relay.body-sent"));
    co_return co_await converse(dialog_.on_body_sent());
}

boost::asio::awaitable<Result<>> RelayConnection::write_body(const RelayBody& body)
{
    DotStuffer stuffer;
    std::string encoded = stuffer.encode(body.head);
    std::optional<store::MappedFile> mapped;
    std::string_view content = body.content;
    if (!body.file.empty())
    {
        auto opened = store::MappedFile::open(body.file);
        if (opened.has_error())
        {
            co_return opened.error();
        }
        mapped.emplace(std::move(*opened));
        content = mapped->octets();
    }
    while (!content.empty())
    {
        encoded += stuffer.encode(content.substr(0, piece));
        content.remove_prefix(std::min(piece, content.size()));
        if (!content.empty())
        {
            const auto written = co_await stream_.write(encoded, dialog_.timeout());
            if (written.has_error())
            {
                co_return written.error();
            }
            encoded.clear();
        }
    }
    encoded += stuffer.finish();
    co_return co_await stream_.write(encoded, dialog_.timeout());
}

boost::asio::awaitable<ClientDialog::Next> RelayConnection::converse(ClientDialog::Step step)
{
    for (;;)
    {
        if (!step.send.empty())
        {
            const auto written = co_await stream_.write(step.send, config_.command_timeout);
            if (written.has_error() && step.next == ClientDialog::Next::read)
            {
                step = dialog_.on_end(written.error());
                continue;
            }
        }
        if (step.next != ClientDialog::Next::read)
        {
            co_return step.next;
        }
        const auto octets = co_await stream_.read_some(dialog_.timeout());
        if (octets.has_error())
        {
            step = dialog_.on_end(octets.error());
            continue;
        }
        const std::string taken(*octets);
        stream_.consume(taken.size());
        step = dialog_.on_octets(taken);
    }
}

boost::asio::awaitable<Result<std::string>> RelayConnection::ask(std::string line)
{
    if (!offers().xringpost)
    {
        co_return fail(Errc::unsupported, stream_.peer_address(), "is no Ringpost gateway");
    }
    const auto next = co_await converse(dialog_.ask(line));
    usable_ = next == ClientDialog::Next::ready;
    const auto& answer = dialog_.answer();
    if (!usable_ || !answer)
    {
        co_return dialog_.failure().value_or(fail(Errc::closed, stream_.peer_address(), "ended the connection"));
    }
    std::string text;
    for (const auto& part : answer->lines)
    {
        // Each line begins with the enhanced code (RFC 2034 4).
        const std::size_t blank = part.find(' ');
        text += part.substr(blank == std::string::npos ? part.size() : blank + 1);
    }
    if (!is_success(*answer))
    {
        co_return fail(Errc::refused, stream_.peer_address(), std::move(text));
    }
    co_return text;
}

boost::asio::awaitable<void> RelayConnection::quit()
{
    if (usable_)
    {
        usable_ = false;
        static_cast<void>(co_await converse(dialog_.quit()));
    }
    co_await stream_.finish(quit_time);
}
} // namespace ringpost::mta
