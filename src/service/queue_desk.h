// SPDX-License-Identifier: Apache-2.0
// What an administrator does with the mail queue: hold, release, retry, delete. The queue runner asks here before it
// works on an item, so that none is changed while it is being sent, and none is sent while it is being changed. On the
// control executor.
#pragma once

#include "service/request_book.h"
#include "store/queue.h"

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

namespace ringpost::service
{
class QueueDesk
{
public:
    /// `expiry`: how long an item is tried from the time it was first due.
    QueueDesk(Clock& clock, store::Database& database, RequestBook& book, Notices& notices, Duration expiry)
        : clock_(clock), database_(database), book_(book), notices_(notices), expiry_(expiry)
    {}
    QueueDesk(const QueueDesk&) = delete;
    QueueDesk& operator=(const QueueDesk&) = delete;

    // ---- for the queue runner

    /// The runner works on it from now until end(). False: leave it, the queue has to be read anew.
    [[nodiscard]] bool begin(QueueItemId item);
    void end(QueueItemId item) { under_way_.erase(item); }
    /// It begins to read the queue: what it reads shows every change that was made before.
    void reading() { changed_.clear(); }
    /// Called when a change may have made an item due.
    void on_change(std::function<void()> poke) { poke_ = std::move(poke); }

    // ---- for administrators

    enum class State
    {
        sending, ///< or being determined
        held,    ///< by an administrator
        timed,   ///< nothing has been tried yet, because its sender has named a time
        waiting, ///< to be tried again
        due      ///< its turn has not come yet
    };
    [[nodiscard]] State state(const store::QueueItem& item) const;

    /// Which items; the first that is given counts.
    struct Selection
    {
        std::vector<QueueItemId> items;
        std::string domain; ///< of the recipient
        bool all = false;
    };
    enum class Action
    {
        hold,
        release,        ///< due when it was before, or at once where that time has passed
        retry,          ///< due now; not for one that is held or waits for the time that its sender has named
        remove,         ///< the sender is told by a bounce, as NOTIFY wants it
        remove_silently ///< no bounce; a request's sender gets its one result nevertheless
    };
    /// An item that was not changed.
    struct Left
    {
        QueueItemId item;
        std::string why;
    };
    struct Done
    {
        std::size_t changed = 0;
        std::size_t told = 0; ///< senders to whom a bounce or a result was queued
        std::vector<Left> left;
    };
    /// A deleted item with a request ends that request (`cancelled`). Many items are changed in several transactions: a
    /// failure leaves those that have not been reached yet.
    /// `by` is for the log.
    boost::asio::awaitable<Result<Done>> act(Action action, Selection selection, std::string by = "administrator");

private:
    struct Change
    {
        std::optional<Transition> ended; ///< its request
        bool changed = false;
        bool told = false;
        std::string why_not;
        std::int64_t octets = 0; ///< that the store has less of
    };
    boost::asio::awaitable<Result<std::vector<QueueItemId>>> chosen(Selection selection);
    boost::asio::awaitable<Result<>> act_on(Action action, std::vector<QueueItemId> items, Done& done);
    [[nodiscard]] bool under_way(QueueItemId item) const { return under_way_.contains(item); }
    [[nodiscard]] bool timed(const store::QueueItem& item) const;
    [[nodiscard]] std::vector<Change> change_some(store::Connection& connection, Action action,
                                                  const std::vector<QueueItemId>& items, std::size_t at) const;
    [[nodiscard]] Change change(store::Connection& connection, Action action, QueueItemId item) const;
    [[nodiscard]] Change remove(store::Connection& connection, const store::QueueItem& item, bool tell) const;
    void settle(const Change& change, QueueItemId item, Done& done);

    Clock& clock_;
    store::Database& database_;
    RequestBook& book_;
    Notices& notices_;
    Duration expiry_;
    std::function<void()> poke_;
    std::unordered_set<QueueItemId> under_way_;
    std::unordered_set<QueueItemId> changing_;
    std::unordered_set<QueueItemId> changed_; ///< since the runner began to read the queue
};
} // namespace ringpost::service

template <>
struct ringpost::Spelling<ringpost::service::QueueDesk::State>
{
    using State = service::QueueDesk::State;
    static constexpr std::array<std::pair<State, std::string_view>, 5> words{{
        {State::sending, "sending"},
        {State::held, "held"},
        {State::timed, "timed"},
        {State::waiting, "waiting"},
        {State::due, "due"},
    }};
};
