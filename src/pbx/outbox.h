// SPDX-License-Identifier: Apache-2.0
// What a driver has to tell, in order: events to the gateway, changes to whoever watches its telephones. Everything is
// posted to the executor, so that no sink is ever called from inside a call of the exchange.
#pragma once

#include "core/ids.h"
#include "pbx/exchange.h"
#include "pbx/telephones.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace ringpost::pbx
{
class Outbox
{
public:
    explicit Outbox(boost::asio::any_io_executor executor);
    /// Nothing is delivered after destruction.
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }
    void on_event(std::function<void(const Event&)> sink);
    [[nodiscard]] std::unique_ptr<Watch> watch(std::function<void(const TelephoneEvent&)> sink);

    void post(Event event);
    void post(TelephoneEvent event);
    /// Takes back what is posted for an attempt and not delivered yet.
    void drop(AttemptId attempt);
    /// Takes back everything; no event is delivered any more.
    void close();

private:
    struct State;
    void post_delivery();

    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};
} // namespace ringpost::pbx
