// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/softphone.h"

#include "core/log.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ringpost::pbx::baresip
{
namespace asio = boost::asio;

namespace
{
constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 2s;
constexpr Duration longest_wait = 5s;
constexpr Duration longest_habit = 366 * 24h;
} // namespace

void Softphone::start(TaskGroup& tasks, Changed changed)
{
    tasks_ = &tasks;
    changed_ = std::move(changed);
    pause_ = first_pause;
    connect();
}

void Softphone::close()
{
    tasks_ = nullptr;
    changed_ = nullptr;
    again_.cancel();
    patience_.cancel();
    person_.cancel();
    shut_socket();
}

Result<> Softphone::act(const std::function<Result<>(Line&)>& deed)
{
    auto done = deed(dialog_.line());
    settle();
    return done;
}

void Softphone::connect()
{
    give_up_after(longest_wait, "connecting took too long");
    tasks_->spawn(socket_.get_executor(), "softphone " + line().number(), attend(shared_from_this()));
}

asio::awaitable<void> Softphone::attend(std::shared_ptr<Softphone> self)
{
    if (self->closed())
    {
        co_return; // a socket that is closed would be opened again
    }
    boost::system::error_code error;
    co_await self->socket_.async_connect(self->peer_, asio::redirect_error(asio::use_awaitable, error));
    if (!error && !self->closed())
    {
        self->on_connected();
    }
    std::array<char, 4096> chunk{};
    while (!error && !self->closed())
    {
        const std::size_t count = co_await self->socket_.async_read_some(
            asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, error));
        if (!error && !self->closed() && !self->take({chunk.data(), count}))
        {
            break;
        }
    }
    self->on_lost();
}

void Softphone::on_connected()
{
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    patience_.cancel();
    connected_ = true;
    log::info("pbx.softphone_connected", {{"number", line().number()}});
    dialog_.link_up();
    settle();
}

/// False: the connection is to be ended.
bool Softphone::take(std::string_view octets)
{
    const auto taken = dialog_.receive(octets);
    if (taken.has_error())
    {
        log::warning("pbx.softphone_unreadable", {{"number", line().number()}, {"what", taken.error().message()}});
        return false;
    }
    if (line().known())
    {
        pause_ = first_pause;
    }
    settle();
    return true;
}

void Softphone::on_lost()
{
    shut_socket();
    if (closed())
    {
        return;
    }
    if (std::exchange(connected_, false))
    {
        log::info("pbx.softphone_lost", {{"number", line().number()}});
    }
    awaited_.reset();
    patience_.cancel();
    dialog_.link_lost();
    settle();
    again_ = later(pause_, [](Softphone& phone) { phone.connect(); });
    pause_ = std::min(pause_ * 2, longest_pause);
}

void Softphone::write(std::string octets)
{
    writing_ = true;
    const auto kept = std::make_shared<std::string>(std::move(octets));
    auto written = [self = shared_from_this(), kept](const boost::system::error_code& error, std::size_t) {
        self->writing_ = false;
        if (error)
        {
            self->shut_socket(); // attend() sees it
        }
        else if (!self->closed())
        {
            self->settle();
        }
    };
    asio::async_write(socket_, asio::buffer(*kept), std::move(written));
}

/// After everything that may have changed the line.
void Softphone::settle()
{
    if (closed())
    {
        return;
    }
    if (connected_ && !writing_)
    {
        if (auto octets = dialog_.take_output(); !octets.empty())
        {
            write(std::move(octets));
        }
        expect_reply();
    }
    expect_person();
    tell_change();
}

void Softphone::expect_reply()
{
    const auto unanswered = dialog_.unanswered();
    if (unanswered == awaited_)
    {
        return;
    }
    awaited_ = unanswered;
    patience_.cancel();
    if (awaited_)
    {
        give_up_after(longest_wait, "a command was not answered");
    }
}

void Softphone::expect_person()
{
    const Intention& intention = line().intention();
    if (intention.number == intended_)
    {
        return;
    }
    intended_ = intention.number;
    person_.cancel();
    if (intention.act != Intention::Act::none)
    {
        person_ = later(std::clamp(intention.after, Duration{}, longest_habit), [](Softphone& phone) {
            phone.dialog_.line().act();
            phone.settle();
        });
    }
}

void Softphone::tell_change()
{
    const DeviceState state = line().state();
    auto with = line().with();
    if (state == told_state_ && with == told_with_)
    {
        return;
    }
    told_state_ = state;
    told_with_ = std::move(with);
    changed_(line());
}

void Softphone::give_up_after(Duration time, const char* why)
{
    patience_ = later(time, [why](Softphone& phone) {
        log::warning("pbx.softphone_silent", {{"number", phone.line().number()}, {"what", why}});
        phone.shut_socket();
    });
}

void Softphone::shut_socket()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}

Timer Softphone::later(Duration delay, std::function<void(Softphone&)> action)
{
    return clock_.after(delay, [weak = weak_from_this(), action = std::move(action)] {
        const auto self = weak.lock();
        if (self && !self->closed())
        {
            action(*self);
        }
    });
}
} // namespace ringpost::pbx::baresip
