// SPDX-License-Identifier: Apache-2.0
// The link to Asterisk: two event sockets, one of the application that our legs are in and one of the application that
// hears of the devices. It stands when both are open and everything has been read. After a loss it is made anew,
// first soon, then more and more seldom.
#pragma once

#include "core/clock.h"
#include "pbx/asterisk/rest.h"
#include "pbx/asterisk/web_socket.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ringpost::pbx::asterisk
{
class Link
{
public:
    struct Options
    {
        std::string application = "ringpost";
        Duration least = 1s; ///< wait before the first new try
        Duration most = 30s;
    };
    struct Sinks
    {
        std::function<void(std::string text)> message;
        /// Both sockets are open; `round` counts the times. Whoever has read everything calls up(round).
        std::function<void(std::uint64_t round)> connected;
        std::function<void()> lost; ///< it was up
        /// Whether somebody still uses the application that was taken from us is to be found out; taken(round) is told.
        std::function<void(std::uint64_t round)> ask_taken;
    };

    Link(boost::asio::any_io_executor executor, Clock& clock, const Account& account, Options options, Sinks sinks);

    void start();
    /// Cuts it for good; no sink is called any more.
    void close();

    [[nodiscard]] bool up() const { return up_; }
    /// False where that round is over.
    bool up(std::uint64_t round);
    [[nodiscard]] bool current(std::uint64_t round) const { return !closed_ && round == round_; }
    /// What is to be read cannot be: everything anew.
    void broken(std::uint64_t round, const Failure& why);
    /// Somebody else has taken an application of that name: we are deaf. It is left to them, for whoever takes it back
    /// cuts their calls, until they are gone.
    void replaced();
    /// The answer to Sinks::ask_taken.
    void taken(std::uint64_t round, bool still);

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] std::string device_application() const { return options_.application + "-mon"; }
    /// Is there exactly as long as a gateway is connected: it hears of nothing. The others outlive their gateway.
    [[nodiscard]] std::string presence_application() const { return options_.application + "-here"; }
    /// Ours, from which the exchange is reached. Errc::unavailable: it is not now.
    [[nodiscard]] Result<boost::asio::ip::address> local_address() const;
    /// Why it is down; empty while it is up, or before the first failure.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    /// It is down because Asterisk took the connection, or the first requests, and did not answer.
    [[nodiscard]] bool unanswered() const { return unanswered_; }
    /// Now or lately: a link that is made anew takes the application without a word.
    [[nodiscard]] bool was_replaced() const;

private:
    void try_again();
    void connect();
    void open(std::optional<WebSocket>& socket, const std::string& applications);
    void opened();
    void lose(const std::string& why, Duration wait);

    boost::asio::any_io_executor executor_;
    Clock& clock_;
    Account account_;
    Options options_;
    Sinks sinks_;
    std::optional<WebSocket> legs_;
    std::optional<WebSocket> devices_;
    Timer retry_;
    Duration wait_;
    std::uint64_t round_ = 0;
    int open_ = 0;
    bool up_ = false;
    bool closed_ = false;
    bool unanswered_ = false;
    bool yielding_ = false; ///< the application is somebody else's
    std::optional<Instant> replaced_at_;
    std::string trouble_;
};
} // namespace ringpost::pbx::asterisk
