// SPDX-License-Identifier: Apache-2.0
// Decides which waiting request is tried when: the queue of each device, releases, guard times, due times, limits on
// attempts (spec 3). The waiting requests themselves are rows; what is here can be rebuilt from them at any time.
// Everything runs on the control executor.
#pragma once

#include "core/signal.h"
#include "core/spawn.h"
#include "pbx/exchange.h"
#include "service/attempt.h"
#include "service/authorise.h"
#include "service/device_board.h"
#include "service/request_book.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace ringpost::service
{
struct SchedulerOptions
{
    Duration guard_time = 2s;
    std::size_t attempts_at_once = 50;
    std::size_t attempts_per_second = 50;
    std::size_t ports = 50; ///< of the voice board: contents that are performed at once
    /// So often every device that somebody waits for is looked at, should its release have got lost on the way to us.
    Duration release_relook = 5min;
};

class Scheduler
{
public:
    Scheduler(boost::asio::any_io_executor executor, Clock& clock, store::Database& database,
              directory::Directory& directory, pbx::Exchange& exchange, RequestBook& book, SchedulerOptions options);

    /// Settles what the last run of the gateway left (design rule 1), then begins to work. Called once.
    void start();
    /// Begins no attempt any more and ends those that ring; what waits stays stored. The running coroutines end.
    void stop();
    /// Completes when nothing of it runs any more; after stop().
    boost::asio::awaitable<void> stopped() { return tasks_.when_empty(); }

    /// Performs the contents of mails; to be set before start(). Without it they are not offered.
    void perform_with(ContentController& contents) { contents_ = &contents; }

    /// A request has come into the state waiting, or its wake_at was set, in somebody else's transaction.
    void handed_over(const Request& request);
    /// Something due may have been stored.
    void look_again() { wake_.notify(); }

    /// The addressee has received the mail (spec 2.6): what `also` stores, the change of state and, where nothing
    /// stands against it, the first attempt are one transaction.
    boost::asio::awaitable<Result<>> receive(Request request, RequestBook::Also also);

    /// Ends a request by order of the one who asked, or an administrator. Errc::conflict: it has ended already.
    boost::asio::awaitable<Result<Request>> cancel(Request request, event::Cancel how = {});

    [[nodiscard]] std::size_t attempts() const { return attempts_.size(); }
    /// Whose calls are in our hands.
    [[nodiscard]] std::set<AttemptId> running() const;
    /// That may still ring at the exchange, or are not stored as they ended.
    [[nodiscard]] std::size_t unsettled() const { return unsettled_.size(); }
    /// Devices that attempts hold, unsettled ones too.
    [[nodiscard]] std::size_t devices_reserved() const { return board_.reserved_count(); }
    [[nodiscard]] const pbx::Exchange& exchange() const { return exchange_; }
    [[nodiscard]] pbx::Exchange& exchange() { return exchange_; }

private:
    /// After an error of the database, or of what had to be settled: until it is tried again.
    static constexpr Duration breath = 5s;

    // recovery.cpp
    boost::asio::awaitable<void> recover();
    boost::asio::awaitable<void> settle_left();
    boost::asio::awaitable<bool> settle_once();
    boost::asio::awaitable<bool> settle(Request request);
    boost::asio::awaitable<bool> clear_left(AttemptId attempt);
    void keep_unsettled(AttemptId attempt, std::unique_ptr<Reservation> reservation);
    void let_go(AttemptId attempt);
    boost::asio::awaitable<bool> clear_orphans();
    boost::asio::awaitable<void> look_at_waited(store::Requests::Silent silent);
    boost::asio::awaitable<void> relook();
    void relook_later();
    void settle_later();

    // scheduler.cpp
    boost::asio::awaitable<void> wake_loop();
    boost::asio::awaitable<void> rest(Instant until);
    [[nodiscard]] bool due_to_be_tried(const Request& request) const;
    void note_time(const Request& changed);
    boost::asio::awaitable<bool> wake_all(std::vector<Request> due);
    boost::asio::awaitable<void> wake_one(const Request& request, bool& well);
    boost::asio::awaitable<bool> wake(const Request& request);
    void on_event(const pbx::Event& event);
    void on_released(const std::string& device, bool used);
    boost::asio::awaitable<void> free_source(std::string device, bool used);
    void stop_attempt(const Transition& ended);
    void answered(const Transition& inquiry);

    // device_queue.cpp
    void ready(const std::string& device, bool express);
    [[nodiscard]] std::optional<std::string> take_ready();
    void pump();
    boost::asio::awaitable<void> examine(std::string device);
    boost::asio::awaitable<bool> examine_head(const std::string& device);
    boost::asio::awaitable<bool> queue_up(Request request);
    boost::asio::awaitable<bool> look(Request request, Side side, Cause cause = Cause::busy);
    void not_stored(const Request& request, const Failure& failure);
    boost::asio::awaitable<bool> dial(Request request, std::vector<RequestEvent> events, RequestBook::Also also);
    boost::asio::awaitable<AttemptEnd> end_of(std::shared_ptr<Attempt> attempt);
    boost::asio::awaitable<void> run(std::shared_ptr<Attempt> attempt);
    void after_attempt(const Request& request, const AttemptEnd& end);
    [[nodiscard]] bool in_use(const std::string& device) const;
    [[nodiscard]] bool source_busy(const Request& request) const;
    [[nodiscard]] bool no_line(const Request& request) const;
    [[nodiscard]] bool monitor(const std::string& device);
    [[nodiscard]] bool at_work() const { return settled_ && exchange_.link_up(); }
    [[nodiscard]] bool may_begin();
    void count_begun();
    [[nodiscard]] pbx::MakeCall call_for(const Request& request) const;
    [[nodiscard]] RequestBook::Also with_audit(const Request& request, const Verdict& verdict,
                                               RequestBook::Also also) const;
    [[nodiscard]] SourceTaken take_source(const Request& request);
    [[nodiscard]] RequestBook::Also with_heard(RequestId request) const;
    [[nodiscard]] Verdict judge(const Request& request) const;

    // port_queue.cpp
    [[nodiscard]] bool may_have_port(const std::string& device) const;
    boost::asio::awaitable<bool> wait_for_port(Request request);
    void offer_ports();
    boost::asio::awaitable<void> offer_in_turn();

    boost::asio::any_io_executor executor_;
    Clock& clock_;
    store::Database& database_;
    directory::Directory& directory_;
    pbx::Exchange& exchange_;
    RequestBook& book_;
    SchedulerOptions options_;
    ContentController* contents_ = nullptr;

    bool stopping_ = false;
    DeviceBoard board_;
    PortPool ports_;
    bool port_wanted_ = true;       ///< somebody may wait for a port
    std::set<std::string> offered_; ///< devices whose turn it is, and which were not looked at yet
    bool offering_ = false;
    std::map<AttemptId, std::shared_ptr<Attempt>> attempts_;
    std::set<RequestId> beginning_; ///< whose attempt's row is being stored
    /// May still ring at the exchange, or are not stored as they ended: nobody else gets their devices. nullptr: whose
    /// devices they are is not known here any more.
    std::map<AttemptId, std::unique_ptr<Reservation>> unsettled_;
    /// What was left by the last run, and by the last loss of the link, is settled; before, anything may still ring.
    bool settled_ = false;
    Timer settle_again_;
    Timer relook_;
    bool settling_ = false;
    bool settle_anew_ = false;
    bool clearing_ = false; ///< of what the exchange still has of attempts that are over
    std::deque<std::string> ready_express_;
    std::deque<std::string> ready_;
    std::map<std::string, bool> in_ready_; ///< express or not; what is in a queue and not here is passed over
    Timer pause_;                          ///< runs after an error of the database: nothing is begun until it is over
    std::size_t examining_ = 0;
    Instant second_{}; ///< in which begun_ attempts were begun
    std::size_t begun_ = 0;
    Timer next_second_;
    RequestBook::Listening listening_;
    Signal wake_;
    Instant cursor_{}; ///< rows that are due were read up to here, and whose turn it is not, were passed over
    RequestId cursor_id_{};
    Instant rests_until_ = Instant::max(); ///< what becomes due before ends the rest; max while there is none
    bool passed_over_ = false;             ///< when the rest began, rows that were due had been passed over
    TaskGroup tasks_;
};
} // namespace ringpost::service
