// SPDX-License-Identifier: Apache-2.0
// Which devices the gateway itself is using at this moment, and what is known of those that somebody waits for.
// Memory holds only devices in use; the waiting requests are in the database. Used on the control executor.
#pragma once

#include "core/clock.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace ringpost::service
{
/// Both devices of an attempt, taken together or not at all; given back by destruction.
class Reservation
{
public:
    using GiveBack = std::function<void(const std::string& first, const std::string& second)>;

    Reservation(std::string first, std::string second, GiveBack give_back)
        : first_(std::move(first)), second_(std::move(second)), give_back_(std::move(give_back))
    {}
    ~Reservation() { give_back_(first_, second_); }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    [[nodiscard]] const std::string& first() const { return first_; }
    [[nodiscard]] const std::string& second() const { return second_; }

private:
    std::string first_;
    std::string second_;
    GiveBack give_back_;
};

class DeviceBoard
{
public:
    struct Device
    {
        bool reserved = false;
        bool released =
            false;         ///< its release has been reported and the guard time is over: the next in the queue may go
        bool used = false; ///< somebody has spoken over it since those who wait for its next use were looked at
        bool examined = false; ///< a coroutine looks through its queue
        bool again = false;    ///< … and must begin anew
        Timer guard;           ///< runs from a release until the next attempt
    };

    [[nodiscard]] bool reserved(const std::string& device) const;
    /// nullptr if one of them is taken; `second` may be empty.
    [[nodiscard]] std::unique_ptr<Reservation> reserve(const std::string& first, const std::string& second);
    [[nodiscard]] Device& at(const std::string& device) { return devices_[device]; }
    [[nodiscard]] const Device* find(const std::string& device) const;
    /// Forgets a device of which there is nothing to remember.
    void tidy(const std::string& device);
    [[nodiscard]] std::size_t size() const { return devices_.size(); }
    [[nodiscard]] std::size_t reserved_count() const { return reserved_count_; }

private:
    std::unordered_map<std::string, Device> devices_;
    std::size_t reserved_count_ = 0;
};
} // namespace ringpost::service
