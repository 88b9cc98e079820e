// SPDX-License-Identifier: Apache-2.0
// Stands between the service and an exchange: notes what is dialled, and cuts the service off at any chosen point, as
// the death of the process does.
#pragma once

#include "pbx/exchange.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ringpost::service::test
{
/// Leaves every call of the exchange once the gateway is dead. No std::exception: nobody who is dead deals with it.
struct Dead
{};

class CutExchange : public pbx::Exchange
{
public:
    /// Puts it in front of `behind`; the service set its sink before, or sets it afterwards.
    void connect(pbx::Exchange& behind);

    /// The point at which the service dies: each call of the exchange has one before and one after it, each event too.
    /// 0: it lives.
    void die_at(int point);
    void cut();
    /// A new life: nothing is cut any more.
    void revive();
    [[nodiscard]] bool dead() const { return dead_; }
    [[nodiscard]] int points() const { return points_; }
    /// Wakes those who wait for an event that never comes.
    void lose_waiters();

    /// The exchange takes requests and never replies.
    void mute(bool mute) { mute_ = mute; }

    /// Nothing that rings can be ended or found: the exchange refuses.
    void refuse(bool refuse) { refuse_ = refuse; }
    /// The link to the exchange, which goes on without us.
    void link(bool up);

    /// The exchange does not tell of releases.
    void silent_about_releases(bool silent) { silent_about_releases_ = silent; }
    /// The telephones have no other word for it than busy, as many have not (SIP 486).
    void rejects_by_busy(bool busy) { rejects_by_busy_ = busy; }

    /// Every attempt id that was given to the exchange, over all lives of the gateway.
    [[nodiscard]] const std::vector<pbx::MakeCall>& dialled() const { return dialled_; }
    /// How often a second telephone was to be rung.
    [[nodiscard]] std::size_t alerted() const { return alerted_; }
    /// What must never happen and did.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    void fault(std::string what) { faults_.push_back(std::move(what)); }
    std::function<void(const pbx::MakeCall&)> on_dial;

    [[nodiscard]] bool supports(pbx::Capability capability) const override { return behind_->supports(capability); }
    [[nodiscard]] std::string name() const override { return behind_->name(); }
    [[nodiscard]] bool link_up() const override { return link_up_ && behind_->link_up(); }
    void on_event(std::function<void(const pbx::Event&)> sink) override { sink_ = std::move(sink); }
    boost::asio::awaitable<Result<>> make_call(pbx::MakeCall call) override;
    boost::asio::awaitable<Result<>> alert_second(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_call(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> announce(AttemptId attempt, pbx::Announcement announcement) override;
    boost::asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> connect_port(AttemptId attempt) override;
    boost::asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> find_attempt(AttemptId attempt) override;
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> keep) override;
    boost::asio::awaitable<Result<std::vector<pbx::Finding>>> check() override { return behind_->check(); }
    [[nodiscard]] pbx::DeviceState snapshot_device(const pbx::DeviceId& device) const override
    {
        return behind_->snapshot_device(device);
    }
    [[nodiscard]] bool lines_free(const std::vector<pbx::DeviceId>& devices) const override
    {
        return behind_->lines_free(devices);
    }
    Result<> monitor_start(const pbx::DeviceId& device) override { return behind_->monitor_start(device); }
    void monitor_stop(const pbx::DeviceId& device) override { behind_->monitor_stop(device); }

private:
    void point();
    void note_dialled(const pbx::MakeCall& call);
    void deliver(const pbx::Event& event);

    pbx::Exchange* behind_ = nullptr;
    std::function<void(const pbx::Event&)> sink_;
    std::set<AttemptId> ids_;
    std::vector<pbx::MakeCall> dialled_;
    std::size_t alerted_ = 0;
    std::vector<std::string> faults_;
    int points_ = 0;
    int die_at_ = 0;
    bool dead_ = false;
    bool mute_ = false;
    bool refuse_ = false;
    bool link_up_ = true;
    bool silent_about_releases_ = false;
    bool rejects_by_busy_ = false;
};
} // namespace ringpost::service::test
