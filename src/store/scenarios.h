// SPDX-License-Identifier: Apache-2.0
// Rows of `scenario`: what is to be done with the contents of a mail, and how far it is. Both texts are those of
// scenario/.
#pragma once

#include "store/sqlite.h"

#include <optional>
#include <string>

namespace ringpost::store
{
struct ScenarioRow
{
    RequestId request{};
    std::string script;
    bool connects = true; ///< telephones, and does not only send recordings and FAXes
    std::string run;
};

class Scenarios
{
public:
    explicit Scenarios(Connection& connection) : connection_(connection) {}

    void insert(const ScenarioRow& row);
    [[nodiscard]] std::optional<ScenarioRow> find(RequestId request);
    void save_run(RequestId request, const std::string& run);

private:
    Connection& connection_;
};
} // namespace ringpost::store
