// SPDX-License-Identifier: Apache-2.0
// Remembers ids without growing: by this a driver knows what it has dialled, or given up, before.
#pragma once

#include <cstddef>
#include <deque>
#include <unordered_set>

namespace ringpost::pbx
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
} // namespace ringpost::pbx
