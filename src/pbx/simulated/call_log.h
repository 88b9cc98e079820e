// SPDX-License-Identifier: Apache-2.0
// The call log of the simulated exchange: a file to which every ring, answer and end is appended before it happens, so
// that what telephones went through can be counted over restarts and crashes. One line of JSON for each:
//   {"time":<UTC microseconds>,"event":"ring|answer|end|fail","origin":"office-a","attempt":7,"leg":1,
//    "number":"2000","with":"2100","cause":"busy"}
// A leg that is reached over a trunk is written by the exchange that has the telephone.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "pbx/exchange.h"

#include <filesystem>
#include <string>

namespace ringpost::pbx::simulated
{
struct CallLogEntry
{
    enum class What
    {
        ring,
        answer,
        end, ///< was answered, or its caller gave up
        fail ///< ended without an answer, `cause` says why
    };
    Instant time;
    What what{};
    std::string origin;  ///< the exchange that made the call
    AttemptId attempt{}; ///< there; 0: dialled by hand
    Leg leg = Leg::first;
    std::string number;
    std::string with; ///< the number that it displays
    Cause cause = Cause::none;
};

class CallLog
{
public:
    /// A log that keeps nothing.
    CallLog() = default;
    ~CallLog();
    CallLog(CallLog&& other) noexcept;
    CallLog& operator=(CallLog&& other) noexcept;

    /// Opens for appending, made where it is missing (mode 0640); an empty path keeps nothing. Errc::io.
    [[nodiscard]] static Result<CallLog> open(const std::filesystem::path& path);

    /// One write(2) for the whole line. False: it is not in the file.
    [[nodiscard]] bool append(const CallLogEntry& entry);

private:
    explicit CallLog(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};
} // namespace ringpost::pbx::simulated
