// SPDX-License-Identifier: Apache-2.0
#include "service/outlook.h"

#include <fmt/format.h>

namespace ringpost::service
{
namespace
{
std::string time_of(const std::optional<Instant>& instant)
{
    return instant ? format_rfc3339(*instant) : "its time";
}

std::string waiting_for(const store::Request& request)
{
    switch (request.wait)
    {
    case store::Wait::release:
        return fmt::format("tried when {} is released", request.destination_device);
    case store::Wait::use:
        return fmt::format("tried when {} has been used and released", request.destination_device);
    case store::Wait::port:
        return "tried when a port of the voice board is free";
    default:
        return fmt::format("tried at {}", time_of(request.wake_at));
    }
}
} // namespace

std::string next_step(const store::Request& request)
{
    if (!request.performer.empty() && !is_end(request.state))
    {
        return request.state == RequestState::held ? "the mail waits for its time, or for the other gateway"
                                                   : fmt::format("performed by {}", request.performer);
    }
    switch (request.state)
    {
    case RequestState::awaiting_reception:
        return fmt::format("begins when {} fetches the mail", request.addressee);
    case RequestState::held:
        return fmt::format("begins at {}", time_of(request.wake_at));
    case RequestState::waiting:
        return waiting_for(request);
    case RequestState::suspended:
        return fmt::format("tried when the source {} is free", request.source_device);
    case RequestState::dialling_first:
    case RequestState::dialling_second:
        return "being dialled now";
    default:
        return fmt::format("nothing: it ended at {}", time_of(request.ended_at));
    }
}
} // namespace ringpost::service
