// SPDX-License-Identifier: Apache-2.0
#include "core/fault_point.h"

#if defined(RINGPOST_FAULTS) && RINGPOST_FAULTS
#include "core/log.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace ringpost
{
Result<FaultPlan::Fault> FaultPlan::parse(std::string_view text)
{
    const auto bad = [text] {
        return fail(Errc::malformed, "RINGPOST_FAULT", "not name:nth:kill|eio|slow: " + std::string(text));
    };
    // From the right: names have colons of their own (`commit:mail.accept:before`).
    const std::size_t second = text.rfind(':');
    const std::size_t first = second == text.npos || second == 0 ? text.npos : text.rfind(':', second - 1);
    if (first == 0 || first == text.npos)
    {
        return bad();
    }
    Fault fault;
    fault.name = text.substr(0, first);
    fault.prefix = fault.name.ends_with('*');
    if (fault.prefix)
    {
        fault.name.pop_back();
    }
    std::string_view nth = text.substr(first + 1, second - first - 1);
    fault.lasting = nth.ends_with('+');
    nth.remove_suffix(fault.lasting ? 1 : 0);
    const auto [end, error] = std::from_chars(nth.data(), nth.data() + nth.size(), fault.left);
    const std::string_view action = text.substr(second + 1);
    fault.action = action == "kill"   ? Action::kill
                   : action == "eio"  ? Action::eio
                   : action == "slow" ? Action::slow
                                      : Action::none;
    if (error != std::errc{} || end != nth.data() + nth.size() || fault.left == 0 || fault.action == Action::none)
    {
        return bad();
    }
    return fault;
}

Result<> FaultPlan::add(std::string_view text)
{
    std::vector<Fault> read;
    for (bool more = !text.empty(); more;)
    {
        const std::size_t comma = text.find(',');
        const auto fault = parse(text.substr(0, comma));
        if (!fault)
        {
            return fault.error();
        }
        read.push_back(*fault);
        more = comma != text.npos;
        text.remove_prefix(more ? comma + 1 : text.size());
    }
    const std::lock_guard lock(mutex_);
    faults_.insert(faults_.end(), read.begin(), read.end());
    return {};
}

FaultPlan::Action FaultPlan::hit(std::string_view name)
{
    const std::lock_guard lock(mutex_);
    Action action = Action::none;
    for (Fault& fault : faults_)
    {
        const bool named = fault.prefix ? name.starts_with(fault.name) : name == fault.name;
        const bool happened = fault.left == 0;
        if (named && !happened)
        {
            --fault.left;
        }
        if (named && fault.left == 0 && (!happened || fault.lasting))
        {
            action = std::max(action, fault.action);
        }
    }
    return action;
}

namespace
{
/// What a bad disk takes for a write.
constexpr std::chrono::milliseconds slowness(200);

/// What the environment asks for; made with the first point that is passed, the same for the whole process.
class Environment
{
public:
    Environment()
    {
        if (const char* plan = std::getenv("RINGPOST_FAULT"))
        {
            if (const auto added = plan_.add(plan); !added)
            {
                throw std::invalid_argument(added.error().message());
            }
        }
        if (const char* file = std::getenv("RINGPOST_FAULT_TRACE"))
        {
            trace_ = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
            if (trace_ < 0)
            {
                throw std::invalid_argument("RINGPOST_FAULT_TRACE cannot be opened");
            }
        }
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment()
    {
        if (trace_ >= 0)
        {
            ::close(trace_);
        }
    }

    FaultPlan::Action pass(std::string_view name)
    {
        if (trace_ >= 0)
        {
            const std::string line = std::string(name) + '\n';
            if (::write(trace_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            {
                throw std::invalid_argument("RINGPOST_FAULT_TRACE cannot be written");
            }
        }
        return plan_.hit(name);
    }

private:
    FaultPlan plan_;
    int trace_ = -1;
};
} // namespace

bool fault_point(std::string_view name)
{
    static Environment environment;
    const FaultPlan::Action action = environment.pass(name);
    if (action == FaultPlan::Action::kill)
    {
        // As a power cut would end it: no handler, no destructor, no flush.
        std::raise(SIGKILL);
    }
    if (action == FaultPlan::Action::slow)
    {
        std::this_thread::sleep_for(slowness);
    }
    if (action == FaultPlan::Action::eio)
    {
        log::warning("core.fault", {{"point", name}});
    }
    return action == FaultPlan::Action::eio;
}

void crash_point(std::string_view name)
{
    static_cast<void>(fault_point(name));
}
} // namespace ringpost
#endif
