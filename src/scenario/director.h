// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios of requests. A request with a scenario waits while other requests, its parts, perform the contents
// one by one; every change of one of them that moves the scenario on moves it in the same transaction, so that a
// restart finds nothing half done and needs no recovery of its own.
#pragma once

#include "directory/directory.h"
#include "scenario/player.h"
#include "service/request_book.h"

#include <set>
#include <string>
#include <vector>

namespace ringpost::scenario
{
class Director
{
public:
    /// Follows the changes of `book` from now on; both live as long.
    Director(service::RequestBook& book, const service::Notices& notices, const directory::Directory& directory,
             Duration inquiry_time);
    Director(const Director&) = delete;
    Director& operator=(const Director&) = delete;

    /// Where the pages of inquiries are: the address in front of a token. Without it their mails have no link.
    void pages_at(std::string link) { link_ = std::move(link); }

    /// The answer to an inquiry that came by mail or page, in a transaction. The changes are follow-ups of what it
    /// answers. Where the question is being asked in one of the `running` calls, that call goes on.
    service::Transition answered(store::Connection& connection, RequestId request, int step, bool ok,
                                 const std::set<AttemptId>& running, Instant now);

    /// Stores the scenario of a request that was just inserted. `script` is canonical().
    static void store(store::Connection& connection, RequestId request, const std::string& script);
    /// The same for a request that has none and makes its connection itself: with one it can be asked for first.
    static void store_connection(store::Connection& connection, RequestId request);

private:
    using Changes = std::vector<service::Transition>;

    [[nodiscard]] bool asks_first(const store::Request& request) const;

    Changes follow(store::Connection& connection, const service::Transition& change, Instant now);
    Changes part_ended(store::Connection& connection, const service::Transition& change, Instant now);
    /// `call`: the attempt whose call with the addressee is open.
    Changes advance(store::Connection& connection, RequestId request, const Event& event, Instant now,
                    AttemptId call = {});
    /// `call` is taken by the first content that can be performed over it.
    void perform(store::Connection& connection, RequestId request, const Action& action, Instant now, AttemptId& call,
                 Changes& changes);
    void begin(store::Connection& connection, const store::Request& request, const action::Begin& what, Instant now,
               AttemptId& call, Changes& changes);
    /// A confidential FAX waits until the addressee has keyed in the PIN at the telephone; `call` as for perform().
    void begin_fax(store::Connection& connection, const store::Request& request, store::Request part, AttemptId& call,
                   Instant now, Changes& changes);
    void begin_part(store::Connection& connection, const store::Request& request, store::Request part,
                    const service::event::Begin& begin, Instant now, Changes& changes);
    /// The addressee's machine, or whatever number was asked for; empty: there is none.
    [[nodiscard]] std::string fax_number(const store::Request& request) const;
    void stop(store::Connection& connection, const store::Request& request, const action::Stop& what, Instant now,
              Changes& changes);
    void ask(store::Connection& connection, const store::Request& request, const action::Ask& what, Instant now,
             AttemptId call, Changes& changes);
    void close(store::Connection& connection, const store::Request& request, const action::CloseInquiry& what,
               Instant now, Changes& changes);

    service::RequestBook& book_;
    const service::Notices& notices_;
    const directory::Directory& directory_;
    Duration inquiry_time_;
    std::string link_;
};
} // namespace ringpost::scenario
