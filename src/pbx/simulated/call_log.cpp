// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/call_log.h"

#include "core/fault_point.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost::pbx::simulated
{
namespace
{
const char* name_of(CallLogEntry::What what)
{
    switch (what)
    {
    case CallLogEntry::What::ring:
        return "ring";
    case CallLogEntry::What::answer:
        return "answer";
    case CallLogEntry::What::fail:
        return "fail";
    case CallLogEntry::What::end:
        break;
    }
    return "end";
}

std::string line_of(const CallLogEntry& entry)
{
    nlohmann::ordered_json line{
        {"time", to_micros(entry.time)},
        {"event", name_of(entry.what)},
        {"origin", entry.origin},
        {"attempt", entry.attempt.value},
        {"leg", entry.leg == Leg::first ? 1 : 2},
        {"number", entry.number},
        {"with", entry.with},
    };
    if (entry.what == CallLogEntry::What::fail)
    {
        line["cause"] = std::string(word(entry.cause));
    }
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}
} // namespace

CallLog::~CallLog()
{
    if (descriptor_ >= 0)
    {
        ::close(descriptor_);
    }
}

CallLog::CallLog(CallLog&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

CallLog& CallLog::operator=(CallLog&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Result<CallLog> CallLog::open(const std::filesystem::path& path)
{
    if (path.empty())
    {
        return CallLog();
    }
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0)
    {
        return fail(Errc::io, path.string(),
                    "the call log cannot be opened: " + std::generic_category().message(errno));
    }
    return CallLog(descriptor);
}

bool CallLog::append(const CallLogEntry& entry)
{
    if (descriptor_ < 0)
    {
        return true;
    }
    if (fault_point("call-log.append"))
    {
        return false;
    }
    const std::string line = line_of(entry);
    ssize_t written = -1;
    do
    {
        written = ::write(descriptor_, line.data(), line.size());
    } while (written < 0 && errno == EINTR);
    return written == static_cast<ssize_t>(line.size());
}
} // namespace ringpost::pbx::simulated
