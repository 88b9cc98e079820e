// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/connection.h"

#include "core/fault_point.h"
#include "core/log.h"
#include "core/net_address.h"
#include "mta/relay/dot_stuffer.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace ringpost::mta
{
namespace
{
constexpr std::size_t piece = 64 * 1024;
constexpr Duration quit_time = 5s;

Failure broken()
{
    return fail(Errc::io, "fault point", "the connection broke");
}
} // namespace

ClientOptions options_for(const directory::Destination& destination, const Config& config)
{
    ClientOptions options;
    options.greeting_timeout = config.relay.greeting_timeout;
    options.command_timeout = config.relay.command_timeout;
    options.data_start_timeout = config.relay.data_start_timeout;
    options.data_block_timeout = config.relay.data_block_timeout;
    options.data_end_timeout = config.relay.data_end_timeout;
    options.handshake_timeout = config.tls.handshake_timeout;
    options.helo_name = config.gateway.domain;
    options.tls = destination.tls;
    options.credentials_in_clear = is_loopback(destination.host);
    if (!destination.login.empty())
    {
        options.credentials = Credentials{destination.login, destination.secret};
    }
    return options;
}

void drop(std::unique_ptr<RelayConnection> connection)
{
    auto executor = connection->executor();
    std::shared_ptr<RelayConnection> last = std::move(connection);
    boost::asio::post(executor, [last = std::move(last)] {});
}

boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
RelayConnection::open(boost::asio::any_io_executor executor, directory::Destination destination, std::string address,
                      ClientOptions options, const TlsClient& tls, RelayConfig config)
{
    auto opened = co_await try_open(executor, destination, address, options, tls, config);
    // It speaks a TLS that we do not: in clear is what opportunistic means (RFC 7435), but not with a secret.
    const bool no_tls = opened.has_error() && opened.error().code() == Errc::unsupported;
    if (no_tls && destination.tls == HopTls::opportunistic && (!options.credentials || options.credentials_in_clear))
    {
        log::warning("relay.no-tls", {{"host", destination.host}, {"why", opened.error().text()}});
        options.tls = HopTls::none;
        opened =
            co_await try_open(executor, std::move(destination), std::move(address), std::move(options), tls, config);
    }
    co_return opened;
}

boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
RelayConnection::try_open(boost::asio::any_io_executor executor, directory::Destination destination,
                          std::string address, ClientOptions options, const TlsClient& tls, RelayConfig config)
{
    address = address.empty() ? destination.host : address;
    if (fault_point("relay.connect"))
    {
        co_return broken();
    }
    auto stream = co_await LineStream::connect(executor, address, destination.port, config.connect_timeout);
    if (stream.has_error())
    {
        co_return stream.error();
    }
    const Duration timeout = options.handshake_timeout;
    std::unique_ptr<RelayConnection> connection(
        new RelayConnection(std::move(*stream), destination.host, std::move(options), std::move(config)));
    auto greeted = co_await connection->greet(std::move(destination), tls, timeout);
    if (greeted.has_error())
    {
        co_return greeted.error();
    }
    if (connection->offers().xringpost && !connection->gateway())
    {
        log::warning("relay.no-login", {{"host", connection->host()},
                                        {"why", "it is a gateway, but the destination database has no login for it: "
                                                "what goes there is ordinary mail"}});
    }
    connection->usable_ = true;
    co_return connection;
}

boost::asio::awaitable<Result<>> RelayConnection::greet(directory::Destination destination, const TlsClient& tls,
                                                        Duration timeout)
{
    if (destination.tls == HopTls::implicit)
    {
        auto shaken = co_await shake_hands(destination, tls, timeout);
        if (shaken.has_error())
        {
            co_return shaken;
        }
    }
    auto next = co_await converse(dialog_.start());
    if (next == ClientDialog::Next::start_tls)
    {
        auto shaken = co_await shake_hands(destination, tls, timeout);
        if (shaken.has_error())
        {
            co_return shaken;
        }
        next = co_await converse(dialog_.on_tls_started());
    }
    if (next != ClientDialog::Next::ready)
    {
        co_return dialog_.failure().value_or(fail(Errc::closed, destination.host, "the server ended the connection"));
    }
    co_return Result<>{};
}

/// Errc::refused: it is not who it should be; Errc::unsupported: whatever else went wrong.
boost::asio::awaitable<Result<>> RelayConnection::shake_hands(directory::Destination destination, const TlsClient& tls,
                                                              Duration timeout)
{
    TlsPeer peer{destination.host, is_verified(destination.tls), destination.fingerprint};
    const auto shaken = co_await stream_.start_tls(tls, std::move(peer), timeout);
    if (shaken.has_value() || shaken.error().code() == Errc::refused)
    {
        co_return shaken;
    }
    co_return fail(Errc::unsupported, destination.host, "no TLS could be agreed on: " + shaken.error().text());
}

boost::asio::awaitable<std::vector<Outcome>> RelayConnection::send(Envelope envelope, RelayBody body)
{
    envelope.declared_size = body.size;
    mail_end_ = std::chrono::steady_clock::now() + config_.mail_timeout;
    spoke_early_ = false;
    auto next = co_await converse(dialog_.send(envelope));
    if (next == ClientDialog::Next::send_body)
    {
        next = co_await send_body(body);
    }
    mail_end_ = std::chrono::steady_clock::time_point::max();
    usable_ = next == ClientDialog::Next::ready && !spoke_early_;
    if (unreadable_)
    {
        co_return std::vector<Outcome>(envelope.recipients.size(), unreadable_mail());
    }
    co_return dialog_.outcomes();
}

boost::asio::awaitable<ClientDialog::Next> RelayConnection::send_body(RelayBody& body)
{
    const auto written = co_await write_body(body);
    // The answer to a whole mail has a time of its own: who does not wait for it makes two mails of one (RFC 1047).
    mail_end_ = std::chrono::steady_clock::time_point::max();
    if (written.has_error() && !unreadable_ && stream_.is_open())
    {
        co_return co_await converse(dialog_.on_body_cut(written.error()));
    }
    if (written.has_error())
    {
        co_return co_await converse(dialog_.on_end(written.error()));
    }
    if (fault_point("relay.body-sent"))
    {
        // The answer is lost: whether the mail was taken is not known.
        stream_.close();
        co_return co_await converse(dialog_.on_end(broken()));
    }
    co_return co_await converse(dialog_.on_body_sent());
}

boost::asio::awaitable<Result<>> RelayConnection::write_body(RelayBody& body)
{
    DotStuffer stuffer;
    std::string encoded = stuffer.encode(body.head);
    for (;;)
    {
        const auto more = body.content.next();
        if (more.has_error())
        {
            log::error("mta.mail-unreadable", {{"host", host_}, {"why", more.error().message()}});
            unreadable_ = true;
            co_return more.error();
        }
        if (more->empty())
        {
            break;
        }
        if (encoded.size() >= piece)
        {
            const auto written = co_await send_piece(encoded);
            if (written.has_error())
            {
                co_return written.error();
            }
            encoded.clear();
        }
        encoded += stuffer.encode(*more);
    }
    encoded += stuffer.finish();
    // Who answers before the end may take what follows for commands, and answer these too: to the next mail.
    spoke_early_ = stream_.input_pending();
    co_return co_await send_piece(encoded);
}

boost::asio::awaitable<Result<>> RelayConnection::send_piece(const std::string& octets)
{
    if (fault_point("relay.body"))
    {
        stream_.close();
        co_return broken();
    }
    const auto written = co_await stream_.write(octets, std::min(dialog_.timeout(), mail_time_left()));
    if (written.has_error() && mail_time_left() <= Duration{})
    {
        co_return fail(Errc::timeout, stream_.peer_address(),
                       "the peer took too long for the mail as a whole (relay.mail_timeout)");
    }
    co_return written;
}

Duration RelayConnection::mail_time_left() const
{
    return std::chrono::duration_cast<Duration>(mail_end_ - std::chrono::steady_clock::now());
}

boost::asio::awaitable<Result<>> RelayConnection::send_command(const std::string& line)
{
    if (fault_point("relay.command"))
    {
        stream_.close();
        co_return broken();
    }
    co_return co_await stream_.write(line, config_.command_timeout);
}

boost::asio::awaitable<ClientDialog::Next> RelayConnection::converse(ClientDialog::Step step)
{
    for (;;)
    {
        if (!step.send.empty())
        {
            const auto written = co_await send_command(step.send);
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
        step = co_await read_reply();
    }
}

/// The time is for the whole reply: a server that sends it octet by octet must not hold the mail for ever.
boost::asio::awaitable<ClientDialog::Step> RelayConnection::read_reply()
{
    const auto deadline = std::chrono::steady_clock::now() + std::min(dialog_.timeout(), mail_time_left());
    const std::size_t known = dialog_.replies();
    for (;;)
    {
        const auto left = std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
        if (left <= Duration{})
        {
            co_return dialog_.on_end(fail(Errc::timeout, stream_.peer_address(), "the peer took too long"));
        }
        const auto octets = co_await stream_.read_some(left);
        if (octets.has_error())
        {
            co_return dialog_.on_end(octets.error());
        }
        const std::string taken(*octets);
        stream_.consume(taken.size());
        ClientDialog::Step step = dialog_.on_octets(taken);
        if (step.next != ClientDialog::Next::read || dialog_.replies() != known)
        {
            co_return step;
        }
    }
}

boost::asio::awaitable<Result<std::string>> RelayConnection::ask(std::string line)
{
    if (!gateway())
    {
        co_return fail(Errc::unsupported, stream_.peer_address(),
                       "is no Ringpost gateway, or the destination database has no login for it");
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
