// SPDX-License-Identifier: Apache-2.0
// A whole service in virtual time: scheduler, database in memory, simulated exchange, people beside the telephones, and
// a second office behind a trunk. The gateway can die at any point and be started anew.
#pragma once

#include "core/virtual_clock.h"
#include "cut_exchange.h"
#include "directory/directory.h"
#include "pbx/simulated/exchange.h"
#include "service/order.h"
#include "service/scheduler.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ringpost::service::test
{
struct RigOptions
{
    SchedulerOptions scheduler;
    CampOnRules rules;
    std::vector<std::string> extensions{"2000", "2001", "2002", "2003", "2004", "2005"};
    std::size_t trunk_lines = 256;
};

/// A telephone began to ring; `at` counts from the beginning of the test.
struct Ring
{
    Duration at{};
    std::string number;
    bool operator==(const Ring&) const = default;
};

class Rig
{
public:
    explicit Rig(RigOptions options = {});
    ~Rig();
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    static inline const std::string far_prefix = "+81442222"; ///< numbers of the other office: the prefix, 2000 or 2001

    // ---- time and people
    void run_for(Duration span) { clock_.run_for(span); }
    [[nodiscard]] Duration elapsed() const { return clock_.now() - start_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }
    /// Runs `action` when so much time has passed since the beginning.
    void at(Duration when, std::function<void()> action);
    void answers(const std::string& number, Duration after = 1s, std::optional<Duration> talk = std::nullopt);
    void never_answers(const std::string& number);
    void rejects(const std::string& number);
    /// Lifts the receiver and dials, by hand; throws where the telephone is not idle.
    void calls(const std::string& from, const std::string& to);
    void hangs_up(const std::string& number);
    [[nodiscard]] pbx::DeviceState state(const std::string& number) const;
    pbx::SimulatedExchange& exchange() { return *exchange_; }
    pbx::SimulatedExchange& other() { return *other_; }
    boost::asio::io_context& context() { return context_; }
    VirtualClock& clock() { return clock_; }
    CutExchange& line() { return line_; }
    pbx::simulated::MemoryTrunk& trunk() { return *to_other_; }

    // ---- requests
    /// A request of an own user, not stored yet.
    [[nodiscard]] store::Request order(const std::string& destination, const std::string& source);
    /// Stores a request and hands it to the service: by reception, or at once for system-recognition.
    RequestId ask(store::Request request);
    /// The addressee of all requests is not to be rung then (UTC; a test begins at 08:00); empty: at any time.
    void not_to_be_rung(const std::string& hours);
    RequestId ask(const std::string& destination, const std::string& source) { return ask(order(destination, source)); }
    /// Stores it only, in the state waiting and due now.
    RequestId store_due(store::Request request);
    void look_again() { scheduler_->look_again(); }
    [[nodiscard]] Result<store::Request> cancel(RequestId id);
    [[nodiscard]] store::Request request(RequestId id);
    [[nodiscard]] std::vector<store::Attempt> attempts(RequestId id);
    /// `connected`, `failed busy`, `waiting use`: state, cause, and what it waits for.
    [[nodiscard]] std::string standing(RequestId id);
    /// Result notices in the queue about it, as `failed busy 3` (state, cause, attempts).
    [[nodiscard]] std::vector<std::string> results(RequestId id);
    /// The same of all requests, by request number.
    [[nodiscard]] std::map<std::string, std::vector<std::string>> all_results();
    [[nodiscard]] std::vector<Ring> rings(const std::string& number = {}) const;
    /// Seconds from the beginning, of every ring of a telephone.
    [[nodiscard]] std::vector<double> ring_times(const std::string& number) const;

    template <class T>
    T with(std::function<T(store::Connection&)> unit)
    {
        return database_
            ->write_now<T>("test", [&](store::Connection& connection) -> Result<T> { return unit(connection); })
            .value();
    }
    void execute(const std::string& sql);
    void change_directory(const directory::Directory::Edit& edit);

    store::Database& database() { return *database_; }
    Scheduler& scheduler() { return *scheduler_; }
    RequestBook& book() { return *book_; }
    Notices& notices() { return *notices_; }
    directory::Directory& directory() { return *directory_; }
    [[nodiscard]] bool running() const { return scheduler_ != nullptr; }

    // ---- the gateway's own life
    /// Performs the contents of mails, in this life and all that follow.
    void perform_with(ContentController& contents);
    /// The process dies; with `exchange_too` its exchange dies with it, otherwise calls ring and talk on.
    void crash(bool exchange_too);
    void stop();
    void start();

    /// Completes a coroutine that needs no time.
    template <class T>
    T complete(boost::asio::awaitable<T> work)
    {
        std::optional<T> result;
        std::exception_ptr trouble;
        boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown, T value) {
            trouble = std::move(thrown);
            result = std::move(value);
        });
        clock_.run_for(Duration{0});
        if (trouble)
        {
            std::rethrow_exception(trouble);
        }
        if (!result)
        {
            throw std::runtime_error("a coroutine of the test has not come to its end");
        }
        return std::move(*result);
    }

private:
    void open_exchange();
    void open_other();
    void end_scheduler();

    RigOptions options_;
    boost::asio::io_context context_;
    VirtualClock clock_;
    Instant start_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<directory::Directory> directory_;
    std::unique_ptr<Notices> notices_;
    std::unique_ptr<RequestBook> book_;
    std::unique_ptr<pbx::SimulatedExchange> other_;
    std::unique_ptr<pbx::simulated::MemoryTrunk> to_other_;
    std::unique_ptr<pbx::SimulatedExchange> exchange_;
    std::unique_ptr<pbx::Watch> watch_;
    std::unique_ptr<pbx::Watch> watch_other_;
    CutExchange line_;
    std::unique_ptr<Scheduler> scheduler_;
    ContentController* contents_ = nullptr;
    std::vector<Timer> timers_;
    std::vector<Ring> rings_;
    int orders_ = 0;
};
} // namespace ringpost::service::test
