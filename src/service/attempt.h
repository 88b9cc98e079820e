// SPDX-License-Identifier: Apache-2.0
// One attempt of a two-point connection, from the stored intent to its end: a coroutine that reads top to bottom.
// Each step is stored before the exchange hears of the next one.
#pragma once

#include "core/inbox.h"
#include "core/spawn.h"
#include "directory/permissions.h"
#include "pbx/exchange.h"
#include "service/content.h"
#include "service/device_board.h"
#include "service/port_pool.h"
#include "service/request_book.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace ringpost::service
{
/// What it takes to ring the source out of a call with the destination (spec 2.8, key 9; 2.10).
struct SourceTaken
{
    directory::Verdict verdict;
    std::unique_ptr<Reservation> device; ///< nullptr: it is in use
    RequestBook::Also also;              ///< the audit row
};
using TakeSource = std::function<SourceTaken(const Request&)>;

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
    /// The content is over, or could not begin.
    struct Performed
    {};
    /// What the content asks was answered in another way.
    struct Answered
    {};

    /// `request` is in the state dialling-first with its attempt id, as committed.
    /// `contents` performs what is no exchange information, over the port that `place` stands for, and `take_source` is
    /// asked where the addressee then wants to be connected; nullptr: there is no such request.
    Attempt(boost::asio::any_io_executor executor, pbx::Exchange& exchange, RequestBook& book,
            ContentController* contents, TakeSource take_source, Request request,
            std::unique_ptr<Reservation> reservation, std::unique_ptr<PortPool::Place> place, pbx::MakeCall call)
        : executor_(executor), exchange_(exchange), book_(book), contents_(contents),
          take_source_(std::move(take_source)), request_(std::move(request)), reservation_(std::move(reservation)),
          place_(std::move(place)), call_(std::move(call)), inbox_(std::move(executor))
    {}

    /// The one that goes on with the call: after a voice, for example, the inquiry, and then the connection.
    [[nodiscard]] const Request& request() const { return request_; }
    /// How much of its voice was heard by now; nullopt: none is being played.
    [[nodiscard]] std::optional<Duration> heard() const { return performing_ ? content_->heard() : std::nullopt; }
    /// After run(): who may still ring keeps the devices.
    [[nodiscard]] std::unique_ptr<Reservation> take_reservation();
    /// The exchange has been told to call, so that somebody may ring.
    [[nodiscard]] bool called() const { return called_; }
    void push(const pbx::Event& event) { inbox_.push(event); }
    void stop()
    {
        stopped_ = true;
        inbox_.push(Stop{});
    }

    /// The inquiry that it performs was answered in another way, and has ended with that; what is stored to go on with
    /// the call, if anything is.
    void answered(std::optional<Request> next)
    {
        answered_ = true;
        next_ = std::move(next);
        inbox_.push(Answered{});
    }

    /// Returns when nothing of the attempt rings or waits any more; a conversation goes on without it.
    boost::asio::awaitable<AttemptEnd> run();
    /// After an exception of run(): returns when nothing of it is performed any more.
    boost::asio::awaitable<void> give_up();

private:
    enum class Stored
    {
        yes,
        too_late, ///< the request has ended otherwise
        no        ///< the database failed
    };

    boost::asio::awaitable<Result<std::shared_ptr<Content>>> read_content();
    boost::asio::awaitable<bool> prepare();
    boost::asio::awaitable<void> on_event(const pbx::Event& event);
    boost::asio::awaitable<void> perform();
    boost::asio::awaitable<void> on_performed();
    boost::asio::awaitable<void> on_progress(Progress progress);
    boost::asio::awaitable<void> on_answered();
    boost::asio::awaitable<void> store_performance();
    boost::asio::awaitable<Stored> store_performed(const Performance& performance);
    boost::asio::awaitable<void> go_on();
    boost::asio::awaitable<void> begin_over_call();
    boost::asio::awaitable<void> keep_progress();
    boost::asio::awaitable<Result<Performance>> performed();
    boost::asio::awaitable<void> ring_second();
    boost::asio::awaitable<void> on_first_answered();
    boost::asio::awaitable<void> on_second_answered();
    boost::asio::awaitable<void> on_failed(pbx::Leg leg, Cause cause);
    boost::asio::awaitable<void> on_second_failed();
    [[nodiscard]] bool release_will_be_told(const pbx::DeviceId& device, Cause cause) const;
    boost::asio::awaitable<void> clear();
    /// Unless it was stored the attempt is over; its legs are still up.
    boost::asio::awaitable<Stored> store(RequestEvent event);

    boost::asio::any_io_executor executor_;
    pbx::Exchange& exchange_;
    RequestBook& book_;
    ContentController* contents_;
    TakeSource take_source_;
    Request request_;
    std::optional<Request> next_; ///< that goes on with this attempt's call
    std::unique_ptr<Reservation> reservation_;
    std::unique_ptr<Reservation> source_; ///< taken out of the call
    std::unique_ptr<PortPool::Place> place_;
    pbx::MakeCall call_;
    Inbox<std::variant<pbx::Event, Stop, Performed, Progress, Answered>> inbox_;
    std::shared_ptr<Content> content_;
    bool called_ = false;
    bool performing_ = false;
    std::optional<Result<Performance>> performance_;
    bool answered_ = false;
    bool first_gone_ = false; ///< hung up while the content was performed
    TaskGroup tasks_;
    bool stopped_ = false;
    bool over_ = false;
    AttemptEnd end_;
};
} // namespace ringpost::service
