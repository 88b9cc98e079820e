// SPDX-License-Identifier: Apache-2.0
// The inquiries that are open (spec 2.10), and the answers that come by link and by reply. Those of the call come as
// the end of a part of the scenario (Director).
#pragma once

#include "directory/directory.h"
#include "scenario/director.h"
#include "scenario/inquiry_desk.h"
#include "service/order.h"
#include "service/scheduler.h"
#include "store/database.h"

#include <string>

namespace ringpost::scenario
{
class Inquiries : public InquiryDesk
{
public:
    Inquiries(Clock& clock, store::Database& database, directory::Directory& directory, service::RequestBook& book,
              const service::Scheduler& scheduler, Director& director)
        : clock_(clock), database_(database), directory_(directory), book_(book), scheduler_(scheduler),
          director_(director)
    {}

    boost::asio::awaitable<Result<InquiryView>> look(std::string token) override;
    boost::asio::awaitable<Result<>> answer(std::string token, bool ok) override;
    /// By a reply to the inquiry mail. `also` is stored with the answer. Errc::not_found: it is over; Errc::refused:
    /// somebody else was asked.
    boost::asio::awaitable<Result<>> reply(service::InquiryReply reply, Submitter from,
                                           std::function<void(store::Connection&)> also);

private:
    boost::asio::awaitable<Result<>> store(std::function<Result<service::Transition>(store::Connection&)> unit);

    Clock& clock_;
    store::Database& database_;
    directory::Directory& directory_;
    service::RequestBook& book_;
    const service::Scheduler& scheduler_;
    Director& director_;
};
} // namespace ringpost::scenario
