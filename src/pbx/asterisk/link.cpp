// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/link.h"

#include "core/log.h"

#include <algorithm>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace
{
constexpr Duration lately = 10min;

WebSocket::Target event_target(const Account& account, const std::string& applications)
{
    WebSocket::Target target;
    target.url = account.url + "/events?app=" + percent_encoded(applications);
    target.user = account.user;
    target.password = account.password;
    return target;
}
} // namespace

Link::Link(boost::asio::any_io_executor executor, Clock& clock, const Account& account, Options options, Sinks sinks)
    : executor_(std::move(executor)), clock_(clock), account_(account), options_(std::move(options)),
      sinks_(std::move(sinks)), wait_(options_.least)
{}

void Link::start()
{
    retry_ = clock_.after(Duration{0}, [this] { connect(); });
}

void Link::close()
{
    closed_ = true;
    up_ = false;
    sinks_ = {};
    retry_.cancel();
    legs_.reset();
    devices_.reset();
}

void Link::try_again()
{
    retry_.cancel();
    if (yielding_ && sinks_.ask_taken)
    {
        sinks_.ask_taken(round_);
        return;
    }
    connect();
}

void Link::connect()
{
    retry_.cancel();
    ++round_;
    open_ = 0;
    open(legs_, options_.application);
    open(devices_, device_application() + "," + presence_application());
}

void Link::open(std::optional<WebSocket>& socket, const std::string& applications)
{
    WebSocket::Sinks sinks;
    sinks.opened = [this] { opened(); };
    sinks.message = [this](std::string text) {
        // A copy: what comes of it may close the link.
        if (const auto message = sinks_.message)
        {
            message(std::move(text));
        }
    };
    sinks.closed = [this](const std::string& why) {
        unanswered_ = why == WebSocket::unanswered;
        lose(why, wait_);
    };
    socket.emplace(executor_, clock_, event_target(account_, applications), std::move(sinks));
}

void Link::opened()
{
    ++open_;
    if (open_ == 2 && sinks_.connected)
    {
        sinks_.connected(round_);
    }
}

bool Link::up(std::uint64_t round)
{
    if (!current(round))
    {
        return false;
    }
    up_ = true;
    wait_ = options_.least;
    trouble_.clear();
    unanswered_ = false;
    log::info("pbx.link-up", {{"exchange", account_.url}, {"application", options_.application}});
    return true;
}

void Link::broken(std::uint64_t round, const Failure& why)
{
    if (current(round))
    {
        unanswered_ = why.code() == Errc::timeout;
        lose(why.message(), wait_);
    }
}

void Link::replaced()
{
    replaced_at_ = clock_.now();
    yielding_ = true;
    unanswered_ = false;
    log::error("pbx.application-replaced", {{"exchange", account_.url}, {"application", options_.application}});
    lose("another gateway uses the application " + options_.application, options_.most);
}

Result<boost::asio::ip::address> Link::local_address() const
{
    const auto address = legs_ ? legs_->local_address() : std::nullopt;
    return address ? Result<boost::asio::ip::address>(*address)
                   : fail(Errc::unavailable, account_.url, "is not connected");
}

void Link::taken(std::uint64_t round, bool still)
{
    if (!current(round))
    {
        return;
    }
    if (still)
    {
        retry_ = clock_.after(options_.most, [this] { try_again(); });
        return;
    }
    yielding_ = false;
    connect();
}

bool Link::was_replaced() const
{
    return yielding_ || (replaced_at_ && clock_.now() - *replaced_at_ < lately);
}

void Link::lose(const std::string& why, Duration wait)
{
    if (closed_)
    {
        return;
    }
    // What is still being read belongs to the past.
    ++round_;
    legs_.reset();
    devices_.reset();
    const bool was_up = std::exchange(up_, false);
    if (trouble_ != why)
    {
        log::warning("pbx.link-down", {{"exchange", account_.url}, {"why", why}});
        trouble_ = why;
    }
    retry_ = clock_.after(wait, [this] { try_again(); });
    wait_ = std::min(std::max(2 * wait, options_.least), options_.most);
    if (was_up && sinks_.lost)
    {
        sinks_.lost();
    }
}
} // namespace ringpost::pbx::asterisk
