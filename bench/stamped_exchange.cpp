// SPDX-License-Identifier: Apache-2.0
#include "bench/stamped_exchange.h"

namespace ringpost::bench
{
void StampedExchange::expect(const std::string& device, bool from_release)
{
    expected_[device] = from_release ? Steady::time_point{} : Steady::now();
}

void StampedExchange::on_event(std::function<void(const pbx::Event&)> sink)
{
    behind_.on_event([this, sink = std::move(sink)](const pbx::Event& event) {
        if (event.kind == pbx::Event::Kind::device_released)
        {
            const auto found = expected_.find(event.device.number);
            if (found != expected_.end() && found->second == Steady::time_point{})
            {
                found->second = Steady::now();
            }
        }
        sink(event);
    });
}

void StampedExchange::note_call(const std::string& device)
{
    ++calls_;
    const auto found = expected_.find(device);
    if (found != expected_.end() && found->second != Steady::time_point{})
    {
        latencies_.add(Steady::now() - found->second);
        expected_.erase(found);
    }
}

boost::asio::awaitable<Result<>> StampedExchange::make_call(pbx::MakeCall call)
{
    note_call(call.first.number);
    return behind_.make_call(std::move(call));
}

Result<> StampedExchange::monitor_start(const pbx::DeviceId& device)
{
    if (monitored_.insert(device.number).second)
    {
        last_monitored_ = Steady::now();
    }
    return behind_.monitor_start(device);
}
} // namespace ringpost::bench
