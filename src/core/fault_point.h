// SPDX-License-Identifier: Apache-2.0
// Named places at which a test build can be made to fail or to die (tests/faults). In other builds: nothing.
//   RINGPOST_FAULT=store.commit:3:kill,spool.*:1:eio    the third commit kills the process, the first spool point fails
//   RINGPOST_FAULT=commit:*:5+:eio                      from the fifth on every commit fails
//   RINGPOST_FAULT=commit:*:1+:slow                     every commit takes its time; for threads that may wait
//   RINGPOST_FAULT_TRACE=FILE                           every point that is passed is appended to FILE, one a line
// The environment is read once, when the first point is passed.
#pragma once

#include <string_view>

#if defined(RINGPOST_FAULTS) && RINGPOST_FAULTS
#include "core/result.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace ringpost
{
/// What RINGPOST_FAULT asks for. Thread-safe.
class FaultPlan
{
public:
    enum class Action
    {
        none,
        slow,
        eio,
        kill ///< of several at one passing the last of these happens
    };

    FaultPlan() = default;

    /// `name:nth:kill|eio|slow`, several separated by `,`; nth from 1, `nth+` from then on; a `*` at the end
    /// of a name stands for any rest, and all its points are counted together. Errc::malformed; nothing of it is then
    /// taken over.
    [[nodiscard]] Result<> add(std::string_view text);

    /// Counts one passing of a point.
    [[nodiscard]] Action hit(std::string_view name);

private:
    struct Fault
    {
        std::string name;
        bool prefix = false;
        std::uint64_t left = 0; ///< passings until it happens; 0: it has happened
        bool lasting = false;   ///< and happens again at each passing
        Action action = Action::none;
    };
    [[nodiscard]] static Result<Fault> parse(std::string_view text);

    std::mutex mutex_;
    std::vector<Fault> faults_;
};

/// True: fail now as if the operating system had refused (EIO). Throws std::invalid_argument if the plan in the
/// environment cannot be read: a test that fails nothing must not pass.
[[nodiscard]] bool fault_point(std::string_view name);

/// The same where nothing can fail any more, as behind a commit: only `kill` means something there.
void crash_point(std::string_view name);
} // namespace ringpost
#else
namespace ringpost
{
constexpr bool fault_point(std::string_view)
{
    return false;
}
constexpr void crash_point(std::string_view) {}
} // namespace ringpost
#endif
