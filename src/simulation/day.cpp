// SPDX-License-Identifier: Apache-2.0
#include "simulation/day.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ringpost::simulation
{
std::string replay_line(const CityOptions& options)
{
    return fmt::format("ringpost simulate --telephones {} --camp-ons {} --lines {} --hours {} --seed {}",
                       options.telephones, options.camp_ons, options.lines, options.day / Duration{1h}, options.seed);
}

void Outcomes::add(const Witness::Known& request)
{
    ++requests;
    ++ends.at(static_cast<std::size_t>(request.cause));
    if (request.state == RequestState::connected && request.begun)
    {
        waits.push_back(request.since - *request.begun);
    }
}

void Outcomes::sort()
{
    std::sort(waits.begin(), waits.end());
}

std::size_t Outcomes::connected_within(Duration wait) const
{
    return static_cast<std::size_t>(std::upper_bound(waits.begin(), waits.end(), wait) - waits.begin());
}

Duration Outcomes::quantile(double share) const
{
    if (waits.empty())
    {
        return {};
    }
    // The nearest rank: a wait that somebody really had.
    const double rank = std::ceil(share * static_cast<double>(waits.size()));
    return waits.at(std::min(waits.size(), std::max<std::size_t>(1, static_cast<std::size_t>(rank))) - 1);
}
} // namespace ringpost::simulation
