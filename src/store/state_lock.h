// SPDX-License-Identifier: Apache-2.0
// The lock file of a state directory: taken by ringpostd for as long as it runs, and by the commands that work on a
// directory whose gateway is stopped.
#pragma once

#include "core/result.h"

#include <filesystem>

namespace ringpost::store
{
/// Holds a file lock: one gateway for one state directory.
class StateLock
{
public:
    /// Errc::conflict: another gateway has it.
    [[nodiscard]] static Result<StateLock> take(const std::filesystem::path& state_dir);
    ~StateLock();
    StateLock(StateLock&& other) noexcept;
    StateLock& operator=(StateLock&&) = delete;
    StateLock(const StateLock&) = delete;
    StateLock& operator=(const StateLock&) = delete;

private:
    explicit StateLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};
} // namespace ringpost::store
