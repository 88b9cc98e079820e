// SPDX-License-Identifier: Apache-2.0
// The service as the daemon wires it, without mail: real clock, database on a file with its threads, simulated exchange
// behind a StampedExchange, scheduler on one control context.
#pragma once

#include "bench/stamped_exchange.h"
#include "core/real_clock.h"
#include "directory/directory.h"
#include "mailbox/reception.h"
#include "pbx/simulated/exchange.h"
#include "service/request_book.h"
#include "service/scheduler.h"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace ringpost::bench
{
/// Telephones by kind and number: destinations that somebody waits for (`100000`…), sources of the requests, partners
/// with whom the destinations talk at the beginning, and idle ones.
enum class Phone
{
    destination = 1,
    source = 2,
    partner = 3,
    idle = 4,
    idle_source = 5
};
[[nodiscard]] std::string phone(Phone kind, std::size_t number);

struct GatewayOptions
{
    std::filesystem::path state;
    std::size_t devices = 0; ///< destinations, each with its source and its partner
    std::size_t idle = 0;    ///< idle telephones, each with its source
    service::SchedulerOptions scheduler;
};

class Gateway
{
public:
    /// Opens the database and, where it is new, puts one user and their permissions into it. Throws what is in the way.
    explicit Gateway(const GatewayOptions& options);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Every destination talks with its partner.
    void occupy_all();
    /// Runs `work` on the control context, then stops the service. An exception of `work` comes out.
    void run(const std::function<boost::asio::awaitable<void>()>& work);
    /// One transaction, blocking.
    void write(const std::function<void(store::Connection&)>& unit);

    static inline const std::string user = "taro@bench.example";
    boost::asio::any_io_executor executor() { return context_.get_executor(); }
    Clock& clock() { return *clock_; }
    store::Database& database() { return *database_; }
    pbx::SimulatedExchange& exchange() { return *exchange_; }
    StampedExchange& line() { return *line_; }
    service::Scheduler& scheduler() { return *scheduler_; }
    mailbox::Reception& reception() { return *reception_; }
    [[nodiscard]] UserId user_id() const { return directory_->current()->user_by_address(user)->id; }

private:
    void open_exchange();
    void seed();
    boost::asio::awaitable<void> work_then_stop(std::function<boost::asio::awaitable<void>()> work);

    GatewayOptions options_;
    boost::asio::io_context context_{1};
    std::unique_ptr<RealClock> clock_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<directory::Directory> directory_;
    std::unique_ptr<service::Notices> notices_;
    std::unique_ptr<service::RequestBook> book_;
    std::unique_ptr<pbx::SimulatedExchange> exchange_;
    std::unique_ptr<StampedExchange> line_;
    std::unique_ptr<service::Scheduler> scheduler_;
    std::unique_ptr<mailbox::Reception> reception_;
};
} // namespace ringpost::bench
