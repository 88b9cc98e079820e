// SPDX-License-Identifier: Apache-2.0
// The stored requests: reads a request, asks step() what an event makes of it, and stores the answer with all that
// belongs to it (attempt row, notice, delivery, audit) in one transaction. Reading and writing are one unit of the one
// writer, so no event is ever applied to an old state.
#pragma once

#include "core/clock.h"
#include "directory/directory.h"
#include "service/camp_on.h"
#include "service/notices.h"
#include "store/database.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace ringpost::service
{
class RequestBook
{
public:
    /// Runs before the event in the same transaction; false: the event is not applied (and nothing undone).
    using Also = std::function<Result<bool>(store::Connection&)>;

    RequestBook(store::Database& database, Clock& clock, directory::Directory& directory, Notices& notices,
                const CampOnRules& rules)
        : database_(database), clock_(clock), directory_(directory), notices_(notices), rules_(rules)
    {}

    /// Applies the events in turn, up to the first that does not concern the stored state, all in one transaction;
    /// answers the last transition that was applied. Errc::not_found: no such request. Events that are too late are no
    /// error: Transition::applied is false. Without events only `also` is stored.
    boost::asio::awaitable<Result<Transition>> apply(RequestId request, std::vector<RequestEvent> events,
                                                     Also also = {});

    /// Something is being stored that may end a request: apply() says so itself; a unit of somebody else that uses
    /// apply_in() keeps one of these until followed(). Without an id it may be any request.
    class UnderWay
    {
    public:
        explicit UnderWay(RequestBook& book, RequestId request = {});
        ~UnderWay();
        UnderWay(const UnderWay&) = delete;
        UnderWay& operator=(const UnderWay&) = delete;

    private:
        RequestBook& book_;
        RequestId request_;
    };

    /// Completes when nothing is under way that may end this request, or the one whose part it is: before a telephone
    /// is rung. Whoever stored it has told its attempt by then.
    boost::asio::awaitable<void> others_done(Request request);

    /// The same inside another unit, for a request that was read in it.
    Transition apply_in(store::Connection& connection, const Request& request, const RequestEvent& event, Instant now);

    boost::asio::awaitable<Result<Request>> find(std::string number);
    /// Its addressee is not to be rung now: event::Dial will hold it.
    [[nodiscard]] bool to_be_held(const Request& request) const;
    /// In which its addressee is not to be rung.
    [[nodiscard]] std::optional<directory::Hours> quiet_hours(const Request& request) const;

    /// Hears of every change of a request with a scenario or of a part of one, inside its transaction, and answers what
    /// it has changed by apply_in() and begin_part(). Set once, at start.
    using Follow = std::function<std::vector<Transition>(store::Connection&, const Transition&, Instant)>;
    void follow_with(Follow follow) { follow_ = std::move(follow); }
    /// Stores a new request and lets it begin.
    Transition begin_part(store::Connection& connection, Request part, const event::Begin& begin, Instant now);
    /// Hears of such changes after the commit, on the caller's executor.
    void on_follow_up(std::function<void(const Transition&)> listener) { followed_ = std::move(listener); }
    /// For transitions of apply_in(), after their commit.
    void followed(const Transition& transition);

    /// Called on the caller's executor after a transition that queued a notice has been committed.
    void on_notice(std::function<void()> poke) { poke_ = std::move(poke); }
    void notice_queued() const;

    /// Hears of every stored change of a request, for as long as the answer is kept (`ringpost watch`).
    using Listening = std::shared_ptr<const std::function<void(const Request&)>>;
    [[nodiscard]] Listening on_change(std::function<void(const Request&)> listener);
    /// For changes that were stored by apply_in().
    void changed(const Request& request);

private:
    [[nodiscard]] CampOnRules rules_for(const Request& request) const;
    bool call_back(store::Connection& connection, Transition& transition, Instant now) const;
    Result<Transition> apply_all(store::Connection& connection, RequestId id, const std::vector<RequestEvent>& events);

    store::Database& database_;
    Clock& clock_;
    directory::Directory& directory_;
    Notices& notices_;
    CampOnRules rules_;
    std::map<RequestId, int> under_way_; ///< how many units have not been answered
    std::vector<std::function<void(bool)>> waiting_;
    std::function<void()> poke_;
    Follow follow_;
    std::function<void(const Transition&)> followed_;
    std::vector<std::weak_ptr<const std::function<void(const Request&)>>> listeners_;
};
} // namespace ringpost::service
