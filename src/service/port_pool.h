// SPDX-License-Identifier: Apache-2.0
// How many ports the voice board has, and who has one. A content has its port before anybody is rung for it, so that
// nobody answers and then waits for one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace ringpost::service
{
/// On the control executor.
class PortPool
{
public:
    /// One of the ports, to its destruction; the pool lives longer.
    class Place
    {
    public:
        explicit Place(PortPool& pool) : pool_(pool) { --pool_.free_; }
        ~Place()
        {
            ++pool_.free_;
            pool_.freed_();
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        PortPool& pool_;
    };

    /// `freed` is called whenever a place has been given back.
    PortPool(std::size_t ports, std::function<void()> freed) : free_(ports), freed_(std::move(freed)) {}

    [[nodiscard]] std::size_t free() const { return free_; }
    /// nullptr: none is free.
    [[nodiscard]] std::unique_ptr<Place> take() { return free_ == 0 ? nullptr : std::make_unique<Place>(*this); }

private:
    std::size_t free_;
    std::function<void()> freed_;
};
} // namespace ringpost::service
