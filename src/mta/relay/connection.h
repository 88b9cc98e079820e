// SPDX-License-Identifier: Apache-2.0
// One SMTP connection to another server, used for several mails one after the other (RFC 5321 as client). Moves octets
// between ClientDialog and LineStream; used on the executor of its stream.
#pragma once

#include "core/config.h"
#include "core/line_stream.h"
#include "directory/destinations.h"
#include "mta/relay/client_dialog.h"
#include "store/mail_body.h"

#include <memory>
#include <string>
#include <vector>

namespace ringpost::mta
{
/// The octets of a mail to be relayed: `head`, then the content.
struct RelayBody
{
    std::string head;
    store::MailBody content;
    std::uint64_t size = 0; ///< of both
    bool confidential = false;
};

/// How to speak to a gateway of the destination database.
[[nodiscard]] ClientOptions options_for(const directory::Destination& destination, const Config& config);

class RelayConnection
{
public:
    /// Connects and goes through greeting, EHLO, STARTTLS and AUTH. Where opportunistic TLS fails it is tried once more
    /// without. The failure says why mails cannot be sent there now. `tls` outlives the connection. `address`: where
    /// destination.host is, numeric; empty: the system looks it up (/etc/hosts, DNS).
    [[nodiscard]] static boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
    open(boost::asio::any_io_executor executor, directory::Destination destination, std::string address,
         ClientOptions options, const TlsClient& tls, RelayConfig config);

    /// One outcome for each recipient of the envelope. After it usable() tells whether another mail may follow, and
    /// answered() whether the server has said anything about this one: when not, the outcomes are no word of its.
    boost::asio::awaitable<std::vector<Outcome>> send(Envelope envelope, RelayBody body);
    [[nodiscard]] bool usable() const { return usable_; }
    [[nodiscard]] bool answered() const { return dialog_.answered(); }
    /// That of the destination.
    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] const ServerOffers& offers() const { return dialog_.offers(); }
    /// XRINGPOST is announced to everybody, but what it promises is kept to those who have logged in.
    [[nodiscard]] bool gateway() const { return offers().xringpost && dialog_.authenticated(); }
    /// A gateway that keeps confidential mail as it is meant.
    [[nodiscard]] bool keeps_confidential() const { return gateway() && offers().confidential; }
    /// nullopt: everything is sent in clear.
    [[nodiscard]] const std::optional<TlsInfo>& tls() const { return stream_.tls(); }
    /// XRINGPOST `line`; the text of a success, its lines joined. Errc::unsupported: no gateway for who is not logged
    /// in; refused: its answer.
    boost::asio::awaitable<Result<std::string>> ask(std::string line);
    boost::asio::awaitable<void> quit();
    /// All of the above are called there.
    [[nodiscard]] boost::asio::any_io_executor executor() const { return stream_.executor(); }

private:
    RelayConnection(LineStream stream, std::string host, ClientOptions options, RelayConfig config)
        : stream_(std::move(stream)), host_(std::move(host)), dialog_(std::move(options)), config_(std::move(config))
    {}
    [[nodiscard]] static boost::asio::awaitable<Result<std::unique_ptr<RelayConnection>>>
    try_open(boost::asio::any_io_executor executor, directory::Destination destination, std::string address,
             ClientOptions options, const TlsClient& tls, RelayConfig config);
    /// From the greeting until mails can be sent.
    boost::asio::awaitable<Result<>> greet(directory::Destination destination, const TlsClient& tls, Duration timeout);
    boost::asio::awaitable<Result<>> shake_hands(directory::Destination destination, const TlsClient& tls,
                                                 Duration timeout);
    /// Writes and reads until the dialog wants something else than reading.
    boost::asio::awaitable<ClientDialog::Next> converse(ClientDialog::Step step);
    /// What the dialog wants after the next reply.
    boost::asio::awaitable<ClientDialog::Step> read_reply();
    boost::asio::awaitable<Result<>> send_command(const std::string& line);
    boost::asio::awaitable<Result<>> send_piece(const std::string& octets);
    boost::asio::awaitable<ClientDialog::Next> send_body(RelayBody& body);
    boost::asio::awaitable<Result<>> write_body(RelayBody& body);
    [[nodiscard]] Duration mail_time_left() const;

    LineStream stream_;
    std::string host_;
    ClientDialog dialog_;
    RelayConfig config_;
    std::chrono::steady_clock::time_point mail_end_ = std::chrono::steady_clock::time_point::max(); ///< while sending
    bool usable_ = false;
    bool spoke_early_ = false; ///< before the end of the mail that was sent last
    bool unreadable_ = false;  ///< the mail that was sent last
};

/// A connection belongs to the thread of its executor, its end too.
void drop(std::unique_ptr<RelayConnection> connection);
} // namespace ringpost::mta
