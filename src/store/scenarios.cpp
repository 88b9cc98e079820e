// SPDX-License-Identifier: Apache-2.0
#include "store/scenarios.h"

namespace ringpost::store
{
void Scenarios::insert(const ScenarioRow& row)
{
    connection_.prepare("INSERT INTO scenario (request_id, script, run) VALUES (?, ?, ?)")
        .bind(row.request, row.script, row.run)
        .run();
}

std::optional<ScenarioRow> Scenarios::find(RequestId request)
{
    auto query = connection_.prepare("SELECT script, run FROM scenario WHERE request_id = ?");
    query.bind(request);
    return query.step() ? std::optional(ScenarioRow{request, query.text(0), query.text(1)}) : std::nullopt;
}

void Scenarios::save_run(RequestId request, const std::string& run)
{
    connection_.prepare("UPDATE scenario SET run = ? WHERE request_id = ?").bind(run, request).run();
}
} // namespace ringpost::store
