// SPDX-License-Identifier: Apache-2.0
// Timers in the order in which they are due; what both clocks are made of. Private to core. One executor only.
// When the execution context that it was made for is destroyed, the queue empties itself: the coroutines that sleep in
// it must not outlive their context.
#pragma once

#include "core/clock.h"

#include <boost/asio/execution_context.hpp>

#include <map>

namespace ringpost
{
class TimerQueue : public std::enable_shared_from_this<TimerQueue>
{
public:
    /// `at_shutdown` is called when `context` is about to be destroyed, if the queue still lives then.
    [[nodiscard]] static std::shared_ptr<TimerQueue> create(boost::asio::execution_context& context,
                                                            std::function<void()> at_shutdown = {});

    /// `when`: microseconds on whatever scale the clock counts by. Those due at once fire in the order of add().
    [[nodiscard]] Timer add(Duration when, std::function<void()> action);

    /// When the first is due; Duration::max() where there is none.
    [[nodiscard]] Duration earliest() const;

    /// A bound for take_due(): what is added from now on does not belong to this round.
    [[nodiscard]] std::uint64_t round() const { return next_; }
    /// Takes out the first action that is due at `now` and was added before `round`; empty where there is none.
    [[nodiscard]] std::function<void()> take_due(Duration now, std::uint64_t round);

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    /// Drops all actions without calling them.
    void clear();
    void shut_down();

private:
    using Key = std::pair<Duration, std::uint64_t>;
    class Entry;

    TimerQueue() = default;
    void remove(Key key);

    std::map<Key, std::function<void()>> entries_;
    std::uint64_t next_ = 0;
    std::function<void()> at_shutdown_;
};
} // namespace ringpost
