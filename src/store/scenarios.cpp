// SPDX-License-Identifier: Apache-2.0
#include "store/scenarios.h"

namespace ringpost::store
{
void Scenarios::insert(const ScenarioRow& row)
{
    connection_.prepare("INSERT INTO scenario (request_id, script, connects, run) VALUES (?, ?, ?, ?)")
        .bind(row.request, row.script, row.connects, row.run)
        .run();
}

std::optional<ScenarioRow> Scenarios::find(RequestId request)
{
    auto query = connection_.prepare("SELECT script, connects, run FROM scenario WHERE request_id = ?");
    query.bind(request);
    return query.step() ? std::optional(ScenarioRow{request, query.text(0), query.boolean(1), query.text(2)})
                        : std::nullopt;
}

void Scenarios::save_run(RequestId request, const std::string& run)
{
    connection_.prepare("UPDATE scenario SET run = ? WHERE request_id = ?").bind(run, request).run();
}
} // namespace ringpost::store
