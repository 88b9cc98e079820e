// SPDX-License-Identifier: Apache-2.0
#include "service/device_board.h"

namespace ringpost::service
{
bool DeviceBoard::reserved(const std::string& device) const
{
    const auto* known = find(device);
    return known != nullptr && known->reserved;
}

std::unique_ptr<Reservation> DeviceBoard::reserve(const std::string& first, const std::string& second)
{
    if (reserved(first) || reserved(second))
    {
        return nullptr;
    }
    at(first).reserved = true;
    ++reserved_count_;
    if (!second.empty())
    {
        at(second).reserved = true;
        ++reserved_count_;
    }
    return std::make_unique<Reservation>(first, second, [this](const std::string& one, const std::string& other) {
        for (const auto* device : {&one, &other})
        {
            if (!device->empty())
            {
                at(*device).reserved = false;
                --reserved_count_;
                tidy(*device);
            }
        }
    });
}

const DeviceBoard::Device* DeviceBoard::find(const std::string& device) const
{
    const auto found = devices_.find(device);
    return found == devices_.end() ? nullptr : &found->second;
}

void DeviceBoard::tidy(const std::string& device)
{
    const auto found = devices_.find(device);
    if (found == devices_.end())
    {
        return;
    }
    const Device& known = found->second;
    if (!known.reserved && !known.released && !known.used && !known.examined && !known.guard.set())
    {
        devices_.erase(found);
    }
}
} // namespace ringpost::service
