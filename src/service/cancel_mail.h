// SPDX-License-Identifier: Apache-2.0
// Mails that cancel an earlier request (spec 2.2, `Request: cancel`): a person writes one, and a gateway sends one by
// itself where a request ends whose mail may be with another gateway (Notices::queue_cancel).
#pragma once

#include "service/order.h"

namespace ringpost::service
{
[[nodiscard]] bool cancels(const ExchangeField& field);
/// The value of Ringpost-Exchange where it orders that; otherwise nullopt.
[[nodiscard]] std::optional<ExchangeField> read_cancel(std::string_view exchange);

/// A gateway has written it itself: the sender of the request has been told its end, and waits for nothing more.
[[nodiscard]] bool written_by_gateway(const ExchangeField& cancel);
} // namespace ringpost::service
