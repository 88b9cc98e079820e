// SPDX-License-Identifier: Apache-2.0
// All attempts that this gateway makes, by id, and the legs that must not live: those that were given up while Asterisk
// may still have been about to ring them. No I/O.
#pragma once

#include "pbx/asterisk/attempt.h"
#include "pbx/asterisk/dial_plan.h"

#include <cstddef>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace ringpost::pbx::asterisk
{
/// The newest ids of something, at most so many.
template <class T>
class Newest
{
public:
    explicit Newest(std::size_t limit) : limit_(limit) {}
    /// False where it is known already.
    bool add(const T& id)
    {
        if (!known_.insert(id).second)
        {
            return false;
        }
        order_.push_back(id);
        if (order_.size() > limit_)
        {
            known_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }
    [[nodiscard]] bool contains(const T& id) const { return known_.contains(id); }

private:
    std::size_t limit_;
    std::unordered_set<T> known_;
    std::deque<T> order_;
};

class AttemptBook
{
public:
    /// Where in the life of a leg a device stands, as far as an attempt of ours holds it.
    enum class Use
    {
        none,
        dialling, ///< not answered; may ring
        ringing,
        answered
    };

    /// A call that was handed over is in the hands of the PBX and of the people, who may transfer it.
    enum class Calls
    {
        ours,
        handed_over_too
    };

    AttemptBook();

    /// Errc::conflict: that id was used before; Errc::malformed: it is none.
    Result<> make_call(const MakeCall& call);
    /// Asterisk was never asked: the id is still good.
    void forget(AttemptId attempt);
    /// Errc::not_found: the attempt is over; Errc::conflict: as Attempt says.
    Result<> alert_second(AttemptId attempt);
    Result<Step> announce(AttemptId attempt, Announcement announcement);
    [[nodiscard]] bool condemned(AttemptId attempt, Leg leg) const;
    /// An attempt that is not known has nothing to end here.
    Step clear(AttemptId attempt);

    /// As in Attempt; an attempt that is over answers with what ends the leg.
    Step looked(AttemptId attempt, Leg leg, Cause cause);
    Step placed(AttemptId attempt, Leg leg, Cause cause);
    Step not_rung(AttemptId attempt, Leg leg);
    Step not_placed(AttemptId attempt, Leg leg);
    Step connected(AttemptId attempt, Connection connection);
    Step ring_time_over(AttemptId attempt, Leg leg);
    Step announcement_over(AttemptId attempt);
    Step gone(AttemptId attempt, Leg leg);
    Step found(AttemptId attempt, Leg leg, ChannelState state);
    /// An event of a channel that is ours.
    Step on(AttemptId attempt, Leg leg, const AriEvent& event);

    [[nodiscard]] const Attempt* find(AttemptId attempt) const;
    [[nodiscard]] std::vector<AttemptId> all() const;
    /// What our attempts do with an own device; the busiest where several do.
    [[nodiscard]] Use use_of(const std::string& number, Calls calls) const;

private:
    template <class Action>
    Step with(AttemptId attempt, Action action);
    void condemn(const Step& step);

    std::map<AttemptId, Attempt> attempts_;
    Newest<AttemptId> dialled_;
    Newest<std::string> condemned_;
};
} // namespace ringpost::pbx::asterisk
