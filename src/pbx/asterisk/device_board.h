// SPDX-License-Identifier: Apache-2.0
// What is known of the own devices: a cache that lives from the events of Asterisk, and what monitored ones have to
// tell. No I/O.
#pragma once

#include "pbx/exchange.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::pbx::asterisk
{
class DeviceBoard
{
public:
    /// nullopt: never heard of it.
    [[nodiscard]] std::optional<DeviceState> state(const std::string& number) const;
    /// Counts what was heard of a device, so that a look that was overtaken by an event is known to be stale.
    [[nodiscard]] std::uint64_t heard(const std::string& number) const;
    [[nodiscard]] std::vector<std::string> numbers() const;

    void monitor(const std::string& number, bool wanted);

    /// The device is in that state now; the events of it, where it is monitored. no_such forgets it.
    std::vector<Event> now(const std::string& number, DeviceState state);

private:
    struct Device
    {
        DeviceState state = DeviceState::cannot_know;
        bool used = false; ///< was off-hook since it was last idle
        std::uint64_t heard = 0;
    };
    std::map<std::string, Device> devices_;
    std::set<std::string> monitored_;
};
} // namespace ringpost::pbx::asterisk
