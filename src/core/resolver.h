// SPDX-License-Identifier: Apache-2.0
// Questions to the DNS (RFC 1035) by c-ares, without a thread: its sockets are watched on the executor that everything
// here is called on, which is that of `clock`. Answers are those of the configured name servers; they are bounded, and
// nothing in them is believed to be a well-formed name.
#pragma once

#include "core/clock.h"
#include "core/result.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ringpost
{
struct ResolverOptions
{
    std::vector<std::string> servers; ///< `192.0.2.1`, `192.0.2.1:53`, `[2001:db8::1]:53`; empty: /etc/resolv.conf
    Duration timeout = 5s;            ///< of the first try of each server; doubled for each further one
    std::size_t tries = 3;
};

/// An MX record (RFC 5321 5.1).
struct MailExchanger
{
    unsigned preference = 0;
    std::string host; ///< any octets, escaped as in zone files; empty: the root, that is nobody (RFC 7505)
};

class Resolver
{
public:
    /// Errc::malformed names what is no server; Errc::unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Resolver>> open(const boost::asio::any_io_executor& executor,
                                                                Clock& clock, const ResolverOptions& options);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// In the order of the answer, as many as one holds (64 KiB); empty: the name exists, but has none.
    /// Errc::not_found: there is no such name; Errc::unavailable: nobody could say, which may change.
    boost::asio::awaitable<Result<std::vector<MailExchanger>>> mail_exchangers(std::string domain);

    /// Of both kinds in turn, IPv6 first, at most 20 each; aliases are followed. Errors likewise; Errc::not_found also
    /// for a name that has none.
    boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> addresses(std::string host);

    /// All questions, those of later too, end with Errc::unavailable.
    void cancel();

private:
    class Channel;
    explicit Resolver(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
    /// The answer as it came; empty: nothing of this kind. Errors as above.
    boost::asio::awaitable<Result<std::string>> ask(std::string name, int type);
    boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> addresses_of(std::string host, int type);

    std::shared_ptr<Channel> channel_;
};
} // namespace ringpost
