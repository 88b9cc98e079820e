// SPDX-License-Identifier: Apache-2.0
#include "scenario/offered.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost::scenario
{
namespace
{
bool can_perform(const std::vector<media::Content>& contents, Reference reference)
{
    const auto found = std::find_if(contents.begin(), contents.end(),
                                    [&](const auto& content) { return content.number == reference.number; });
    return found == contents.end() || found->body.kind == media::ContentKind::exchange_information ||
           found->body.kind == media::ContentKind::voice;
}
} // namespace

Result<> offered(const Script& script, const std::vector<media::Content>& contents)
{
    for (const auto& step : script.steps)
    {
        const std::string where = fmt::format("line {}", step.line);
        for (const Reference reference : contents_of(step))
        {
            if (!can_perform(contents, reference))
            {
                return fail(Errc::unsupported, where,
                            to_string(reference) +
                                " is neither voice nor exchange information: that is not offered by this gateway");
            }
        }
    }
    return {};
}
} // namespace ringpost::scenario
