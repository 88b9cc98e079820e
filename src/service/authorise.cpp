// SPDX-License-Identifier: Apache-2.0
#include "service/authorise.h"

#include "pbx/exchange.h"

namespace ringpost::service
{
namespace
{
directory::DialTarget target_of(const directory::Snapshot& directory, const std::string& device,
                                const std::optional<NetworkType>& network)
{
    const auto read = directory::read_number(directory, device);
    if (read.has_value())
    {
        return *read;
    }
    // Digits that are neither an own extension nor an external number: the own exchange is asked, and has no such
    // device.
    const bool external = pbx::DeviceId{device}.external();
    return {device, external ? network.value_or(NetworkType::public_network) : NetworkType::own};
}
} // namespace

Verdict authorise(const directory::Snapshot& directory, const store::Request& request, Instant now)
{
    if (request.submitter.standing != Standing::own_user && request.submitter.standing != Standing::peer)
    {
        return {false, "only own users and peer gateways may have calls made"};
    }
    if (request.submitter.standing == Standing::peer)
    {
        auto named = directory::peer_may_name_source(directory, request.submitter.name,
                                                     directory::external_form(directory, request.source_device));
        if (!named.allowed)
        {
            return named;
        }
    }
    auto destination = directory::may_dial(directory, request.submitter,
                                           target_of(directory, request.destination_device, std::nullopt), now);
    if (!destination.allowed)
    {
        return destination;
    }
    return directory::may_dial(directory, request.submitter,
                               target_of(directory, request.source_device, request.network), now);
}

Verdict authorise_relay(const directory::Snapshot& directory, const Submitter& submitter, const std::string& number,
                        Instant now)
{
    if (submitter.standing != Standing::own_user)
    {
        return {false, "only own users may send requests to other offices"};
    }
    if (directory.kill_switch())
    {
        return {false, "kill-switch"};
    }
    if (number.empty())
    {
        return {true, "judged by the performing office"};
    }
    const auto target = directory::read_number(directory, number);
    if (target.has_error())
    {
        // An extension of the other office: only that office can judge it.
        return {true, "judged by the performing office"};
    }
    return directory::may_dial(directory, submitter, *target, now);
}
} // namespace ringpost::service
