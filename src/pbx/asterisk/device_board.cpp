// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/device_board.h"

namespace ringpost::pbx::asterisk
{
namespace
{
bool off_hook(DeviceState state)
{
    return state == DeviceState::talking || state == DeviceState::held;
}
} // namespace

std::optional<DeviceState> DeviceBoard::state(const std::string& number) const
{
    const auto found = devices_.find(number);
    return found == devices_.end() ? std::nullopt : std::optional(found->second.state);
}

std::uint64_t DeviceBoard::heard(const std::string& number) const
{
    const auto found = devices_.find(number);
    return found == devices_.end() ? 0 : found->second.heard;
}

std::vector<std::string> DeviceBoard::numbers() const
{
    std::vector<std::string> numbers;
    numbers.reserve(devices_.size());
    for (const auto& [number, device] : devices_)
    {
        numbers.push_back(number);
    }
    return numbers;
}

void DeviceBoard::monitor(const std::string& number, bool wanted)
{
    if (wanted)
    {
        monitored_.insert(number);
    }
    else
    {
        monitored_.erase(number);
    }
}

std::vector<Event> DeviceBoard::now(const std::string& number, DeviceState state)
{
    if (state == DeviceState::no_such)
    {
        devices_.erase(number);
        return {};
    }
    Device& device = devices_[number];
    const DeviceState before = device.state;
    ++device.heard;
    device.state = state;
    const bool used = device.used;
    device.used = off_hook(state) || (device.used && in_use(state));

    std::vector<Event> events;
    const auto tell = [&](Event::Kind kind, bool was_answered = false) {
        if (monitored_.contains(number))
        {
            Event event;
            event.kind = kind;
            event.device = {number};
            event.was_answered = was_answered;
            events.push_back(std::move(event));
        }
    };
    if (before == state || before == DeviceState::cannot_know || state == DeviceState::cannot_know)
    {
        // The first look at a device, in whatever state it is, is no event.
        return events;
    }
    if (state == DeviceState::unreachable)
    {
        tell(Event::Kind::device_out_of_service);
        return events;
    }
    if (before == DeviceState::unreachable)
    {
        tell(Event::Kind::device_in_service);
    }
    if (off_hook(state) && !off_hook(before))
    {
        tell(Event::Kind::device_in_use);
    }
    if (state == DeviceState::idle && in_use(before))
    {
        tell(Event::Kind::device_released, used);
    }
    return events;
}
} // namespace ringpost::pbx::asterisk
