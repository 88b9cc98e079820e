// SPDX-License-Identifier: Apache-2.0
// The office of an addressee has no gateway (spec 2.4): there the mail is an ordinary one. What it asks for at once
// this gateway performs with its own exchange; anything else has nobody who could perform it.
#pragma once

#include "core/config.h"
#include "directory/directory.h"
#include "service/request_book.h"
#include "service/scheduler.h"
#include "store/queue.h"

namespace ringpost::mta
{
/// What this gateway performs in place of the one that is not there: periodically, the destination by its external
/// number. `followed` is the first gateway's row. Errc::unsupported: it was to wait for the reception; Errc::not_found:
/// the destination has no number that is known here; Errc::malformed: what cannot be asked. The text is for its sender.
[[nodiscard]] Result<store::Request>
performed_instead(const store::Request& followed, const directory::Snapshot& directory, const ServiceConfig& limits);

class Fallback
{
public:
    Fallback(const Config& config, Clock& clock, directory::Directory& directory, service::Notices& notices,
             service::RequestBook& book, service::Scheduler& scheduler)
        : config_(config), clock_(clock), directory_(directory), notices_(notices), book_(book), scheduler_(scheduler)
    {}

    struct Outcome
    {
        std::optional<service::Transition> begun; ///< this gateway performs the request from now on
        std::optional<store::Request> changed;    ///< it has ended here, or is with the other gateway
        bool notice = false;                      ///< a mail was queued
    };
    /// In a unit of the store: the mail of `item` is an ordinary one where it goes. Its request is taken over, or ends
    /// here, and the item has no request any more. Without one that waits for its mail nothing is done.
    Outcome take_over(store::Connection& connection, const store::QueueItem& item) const;
    /// After the commit, on the control executor.
    void committed(const Outcome& outcome) const;

private:
    void end(store::Connection& connection, store::Request request, Cause cause, const std::string& why,
             Outcome& outcome) const;

    const Config& config_;
    Clock& clock_;
    directory::Directory& directory_;
    service::Notices& notices_;
    service::RequestBook& book_;
    service::Scheduler& scheduler_;
};
} // namespace ringpost::mta
