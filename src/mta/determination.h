// SPDX-License-Identifier: Apache-2.0
// Message determination (spec 2.5): what a mail for an own addressee does now that its time has come. Delivered to the
// mailbox, or handed to the service, with the completed notice, in one transaction.
#pragma once

#include "directory/directory.h"
#include "scenario/inquiries.h"
#include "service/scheduler.h"
#include "store/queue.h"

namespace ringpost::mta
{
class Determination
{
public:
    Determination(Clock& clock, store::Database& database, directory::Directory& directory, service::Notices& notices,
                  service::RequestBook& book, service::Scheduler& scheduler, scenario::Inquiries& inquiries)
        : clock_(clock), database_(database), directory_(directory), notices_(notices), book_(book),
          scheduler_(scheduler), inquiries_(inquiries)
    {}

    /// On the control executor. A failure leaves the item where it is: to be tried again.
    boost::asio::awaitable<Result<>> determine(store::QueueItem item);

    struct Outcome
    {
        std::optional<service::Transition> determined; ///< its request is handed over
        bool delivered = false;                        ///< into a mailbox
        bool notice = false;
    };
    /// Whether a mail with this Ringpost-Exchange need not be in the queue. Cancels and replies to inquiries must: what
    /// becomes of them is more than one transaction.
    [[nodiscard]] static bool at_once(const std::string& exchange);
    /// What becomes of an item that is not in the queue, or no longer, in a unit of the store. `request`: that of the
    /// item as it is stored, nullptr: none. The caller releases the mail.
    Outcome determine_in(store::Connection& connection, const store::QueueItem& item, const store::Mail& mail,
                         const store::Request* request) const;
    /// After the commit of determine_in(): with a request on the control executor, before it hears of any later commit.
    void committed(const Outcome& outcome);

private:
    Result<Outcome> store(store::Connection& connection, const store::QueueItem& item) const;
    Outcome go_on(store::Connection& connection, const store::Mail& mail, const store::QueueItem& item,
                  const directory::User* user, const store::Request& request) const;
    boost::asio::awaitable<Result<>> reply(store::QueueItem item, service::InquiryReply reply);
    boost::asio::awaitable<Result<>> cancel(store::QueueItem item, std::string reference);
    boost::asio::awaitable<Result<>> cancel_here(store::QueueItem item, store::Mail mail, store::Request request);
    boost::asio::awaitable<Result<>> pass_on(store::QueueItem item, store::Request request);
    boost::asio::awaitable<Result<>> finish_cancel(store::QueueItem item, store::Mail mail, Cause cause,
                                                   std::string why);

    Clock& clock_;
    store::Database& database_;
    directory::Directory& directory_;
    service::Notices& notices_;
    service::RequestBook& book_;
    service::Scheduler& scheduler_;
    scenario::Inquiries& inquiries_;
};
} // namespace ringpost::mta
