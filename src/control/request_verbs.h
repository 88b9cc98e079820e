// SPDX-License-Identifier: Apache-2.0
// Verbs about requests: `request.list`, `request.show`, `request.cancel`, and the stream `watch`.
#pragma once

#include "control/verbs.h"
#include "service/scheduler.h"

#include <map>
#include <memory>

namespace ringpost::control
{
/// Asks the gateway that performs a request about it (spec 1, "request"): `SHOW` or `CANCEL` and its number.
using AskPerformer =
    std::function<boost::asio::awaitable<Result<nlohmann::json>>(std::string word, store::Request request)>;

/// Everything refers to what must outlive `verbs`.
void register_request_verbs(Verbs& verbs, store::Database& database, service::RequestBook& book,
                            service::Scheduler& scheduler, AskPerformer ask);

/// A request as a row of `request list`: `asked` RFC 3339; of one that has not ended `cause` is that of its last
/// attempt.
[[nodiscard]] nlohmann::json to_json(const store::Request& request);
/// The row, each attempt, and what comes next.
[[nodiscard]] nlohmann::json to_json(const store::Request& request, const std::vector<store::Attempt>& attempts);

/// The row, attempts and next step of a request of this gateway.
[[nodiscard]] boost::asio::awaitable<Result<nlohmann::json>> show_request(store::Database& database,
                                                                          std::string number);
} // namespace ringpost::control
