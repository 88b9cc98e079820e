// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/trunk.h"

#include <boost/asio/post.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace ringpost::pbx::simulated
{
/// What both ends share. `generation` counts the cuts: what was under way at a cut does not arrive.
class MemoryTrunk::Wire : public std::enable_shared_from_this<MemoryTrunk::Wire>
{
public:
    static constexpr std::size_t near = 0;
    static constexpr std::size_t far = 1;
    using Slot = std::shared_ptr<TrunkLink::Handlers>;

    explicit Wire(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    [[nodiscard]] bool up() const { return up_; }
    [[nodiscard]] std::size_t generation() const { return generation_; }
    void attach(std::size_t end, Slot handlers) { ends_.at(end) = std::move(handlers); }
    /// An end that is destroyed is a closed connection to the other one.
    void detach(std::size_t end, std::size_t generation);
    void send(std::size_t from, const TrunkMessage& message);
    void mend() { up_ = true; }
    void cut();

private:
    void tell_down(const Slot& slot);

    boost::asio::any_io_executor executor_;
    std::array<Slot, 2> ends_;
    std::size_t generation_ = 0;
    bool up_ = true;
};

void MemoryTrunk::Wire::detach(std::size_t end, std::size_t generation)
{
    if (end == far && generation != generation_)
    {
        return;
    }
    ends_.at(end).reset();
    if (up_)
    {
        cut();
    }
}

void MemoryTrunk::Wire::send(std::size_t from, const TrunkMessage& message)
{
    if (!up_)
    {
        return;
    }
    auto deliver = [self = shared_from_this(), to = 1 - from, generation = generation_, sent = message] {
        const Slot handlers = self->ends_.at(to);
        if (self->generation_ == generation && handlers)
        {
            handlers->on_message(sent);
        }
    };
    boost::asio::post(executor_, std::move(deliver));
}

void MemoryTrunk::Wire::cut()
{
    up_ = false;
    ++generation_;
    tell_down(ends_.at(near));
    tell_down(std::exchange(ends_.at(far), nullptr));
}

void MemoryTrunk::Wire::tell_down(const Slot& slot)
{
    auto tell = [weak = std::weak_ptr(slot)] {
        if (const auto handlers = weak.lock())
        {
            handlers->on_down();
        }
    };
    boost::asio::post(executor_, std::move(tell));
}

namespace
{
class MemoryEnd : public TrunkLink
{
public:
    MemoryEnd(std::shared_ptr<MemoryTrunk::Wire> wire, std::size_t end)
        : wire_(std::move(wire)), end_(end), generation_(wire_->generation())
    {}
    ~MemoryEnd() override { wire_->detach(end_, generation_); }
    MemoryEnd(const MemoryEnd&) = delete;
    MemoryEnd& operator=(const MemoryEnd&) = delete;

    [[nodiscard]] bool up() const override { return wire_->up() && current(); }
    void send(const TrunkMessage& message) override
    {
        if (current())
        {
            wire_->send(end_, message);
        }
    }
    void start(Handlers handlers) override
    {
        handlers_ = std::make_shared<Handlers>(std::move(handlers));
        if (current())
        {
            wire_->attach(end_, handlers_);
        }
    }

private:
    [[nodiscard]] bool current() const { return end_ == MemoryTrunk::Wire::near || generation_ == wire_->generation(); }

    std::shared_ptr<MemoryTrunk::Wire> wire_;
    std::size_t end_;
    std::size_t generation_;
    std::shared_ptr<Handlers> handlers_;
};
} // namespace

MemoryTrunk::MemoryTrunk(boost::asio::any_io_executor executor, Accept accept)
    : wire_(std::make_shared<Wire>(std::move(executor))), accept_(std::move(accept))
{
    accept_(std::make_unique<MemoryEnd>(wire_, Wire::far));
}

std::unique_ptr<TrunkLink> MemoryTrunk::take_near()
{
    return std::make_unique<MemoryEnd>(wire_, Wire::near);
}

void MemoryTrunk::set_up(bool up)
{
    if (up == wire_->up())
    {
        return;
    }
    if (!up)
    {
        wire_->cut();
        return;
    }
    wire_->mend();
    accept_(std::make_unique<MemoryEnd>(wire_, Wire::far));
}
} // namespace ringpost::pbx::simulated
