// SPDX-License-Identifier: Apache-2.0
// One office of the city: the service of a gateway as the daemon wires it, over a database in memory and a simulated
// exchange; what a daemon does with mails is done here by functions. Its people are in people.h.
#pragma once

#include "core/virtual_clock.h"
#include "directory/directory.h"
#include "pbx/simulated/exchange.h"
#include "service/notices.h"
#include "service/request_book.h"
#include "service/scheduler.h"
#include "simulation/watched_exchange.h"
#include "simulation/witness.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ringpost::simulation
{
struct OfficeOptions
{
    std::string domain;
    std::string prefix; ///< E.164, of its numbers: prefix and extension
    std::string other_domain;
    std::string other_prefix;
    std::size_t telephones = 0;
    std::size_t lines = 0;
};

/// Extensions are `200000`, `200001`, …
[[nodiscard]] std::string extension(std::size_t index);
[[nodiscard]] std::size_t index_of(const std::string& extension);

class Office
{
public:
    Office(boost::asio::any_io_executor executor, VirtualClock& clock, OfficeOptions options);
    ~Office();
    Office(const Office&) = delete;
    Office& operator=(const Office&) = delete;

    [[nodiscard]] const OfficeOptions& options() const { return options_; }
    [[nodiscard]] std::string external(std::size_t index) const { return options_.prefix + extension(index); }
    [[nodiscard]] std::string address(std::size_t index) const { return extension(index) + "@" + options_.domain; }

    /// The mail has been determined (spec 2.5): stores the request, tells its sender, and hands it to the service.
    store::Request determine(store::Request request);
    /// The addressee has fetched the mail, or has deleted it without.
    void receive(const store::Request& request);
    void delete_unread(const store::Request& request);
    void cancel(const store::Request& request);
    /// Takes the notices out of the mail queue, as their relay would.
    void send_notices();

    /// The rules that can be looked at between two events.
    void check()
    {
        witness_.check_reservations(scheduler_.attempts(), scheduler_.unsettled(), scheduler_.devices_reserved());
    }
    void check_patience();
    /// Everything must have come to its end: account, rows, telephones and lines.
    void check_end();
    /// Ends the service; the clock must go on until it has stopped.
    void stop();
    [[nodiscard]] bool stopped() const { return stopped_; }

    pbx::SimulatedExchange& exchange() { return *exchange_; }
    [[nodiscard]] const Witness& witness() const { return witness_; }
    Witness& witness() { return witness_; }
    store::Database& database() { return *database_; }

private:
    void seed();
    void check_rows();
    void check_row(const store::Request& row, const std::vector<store::Attempt>& attempts);
    void check_telephones();

    OfficeOptions options_;
    boost::asio::any_io_executor executor_;
    VirtualClock& clock_;
    service::SchedulerOptions limits_;
    std::unique_ptr<store::Database> database_;
    directory::Directory directory_;
    service::Notices notices_;
    service::RequestBook book_;
    std::unique_ptr<pbx::SimulatedExchange> exchange_;
    Witness witness_;
    WatchedExchange line_;
    service::Scheduler scheduler_;
    service::RequestBook::Listening listening_;
    bool stopping_ = false;
    bool stopped_ = false;
};
} // namespace ringpost::simulation
