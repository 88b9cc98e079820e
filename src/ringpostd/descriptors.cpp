// SPDX-License-Identifier: Apache-2.0
#include "ringpostd/descriptors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/resource.h>

namespace ringpost
{
namespace
{
/// Database, log, control socket, exchange, converters, listeners.
constexpr std::uint64_t reserve = 200;
} // namespace

std::uint64_t descriptors_needed(const Config& config)
{
    // The socket of a session, and the file of the mail that it is about.
    return reserve + 2 * (config.mta.session_limit + config.mailbox.session_limit + config.relay.connections) +
           config.console.session_limit;
}

Result<> raise_descriptor_limit(std::uint64_t needed)
{
    constexpr const char* where = "open files";
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    {
        return fail(Errc::io, where, std::strerror(errno));
    }
    if (limit.rlim_cur >= needed)
    {
        return {};
    }
    limit.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    {
        return fail(Errc::io, where, std::strerror(errno));
    }
    if (limit.rlim_cur < needed)
    {
        return fail(Errc::full, where,
                    fmt::format("the session limits ask for {}, the system allows {}: raise its limit (LimitNOFILE=, "
                                "ulimit -Hn) or lower mta.session_limit and mailbox.session_limit",
                                needed, limit.rlim_cur));
    }
    return {};
}
} // namespace ringpost
