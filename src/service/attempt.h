// SPDX-License-Identifier: Apache-2.0
// One attempt of a two-point connection, from the stored intent to its end: a coroutine that reads top to bottom.
// Each step is stored before the exchange hears of the next one.
#pragma once

#include "core/inbox.h"
#include "pbx/exchange.h"
#include "service/device_board.h"
#include "service/request_book.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace ringpost::service
{
/// How an attempt left its devices.
struct AttemptEnd
{
    bool first_answered = false; ///< who was rung first had answered
    std::optional<Side> silent;  ///< this device rang until its ring time was over
    /// Exchange or database failed: what is stored and what rings may differ, and Scheduler must settle it.
    bool unsettled = false;
};

class Attempt
{
public:
    /// Ends the attempt: its request has ended by cancel or by its monitor time, which is stored already.
    struct Stop
    {};

    /// `request` is in the state dialling-first with its attempt id, as committed.
    Attempt(boost::asio::any_io_executor executor, pbx::Exchange& exchange, RequestBook& book, Request request,
            std::unique_ptr<Reservation> reservation, pbx::MakeCall call)
        : exchange_(exchange), book_(book), request_(std::move(request)), reservation_(std::move(reservation)),
          call_(std::move(call)), inbox_(std::move(executor))
    {}

    [[nodiscard]] const Request& request() const { return request_; }
    /// After run(): who may still ring keeps the devices.
    [[nodiscard]] std::unique_ptr<Reservation> take_reservation() { return std::move(reservation_); }
    void push(const pbx::Event& event) { inbox_.push(event); }
    void stop()
    {
        stopped_ = true;
        inbox_.push(Stop{});
    }

    /// Returns when nothing of the attempt rings or waits any more; a conversation goes on without it.
    boost::asio::awaitable<AttemptEnd> run();

private:
    boost::asio::awaitable<void> on_event(const pbx::Event& event);
    boost::asio::awaitable<void> on_first_answered();
    boost::asio::awaitable<void> on_second_answered();
    boost::asio::awaitable<void> on_failed(pbx::Leg leg, Cause cause);
    boost::asio::awaitable<void> on_second_failed();
    [[nodiscard]] bool release_will_be_told(const pbx::DeviceId& device, Cause cause) const;
    boost::asio::awaitable<void> clear();
    enum class Stored
    {
        yes,
        too_late, ///< the request has ended otherwise
        no        ///< the database failed
    };
    /// Unless it was stored the attempt is over; its legs are still up.
    boost::asio::awaitable<Stored> store(RequestEvent event);

    pbx::Exchange& exchange_;
    RequestBook& book_;
    Request request_;
    std::unique_ptr<Reservation> reservation_;
    pbx::MakeCall call_;
    Inbox<std::variant<pbx::Event, Stop>> inbox_;
    bool stopped_ = false;
    bool over_ = false;
    AttemptEnd end_;
};
} // namespace ringpost::service
