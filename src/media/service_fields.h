// SPDX-License-Identifier: Apache-2.0
// Service types of a mail: the field `Ringpost-Service:` and the standard fields that ask for the same
// (Deferred-Delivery of RFC 2156, Importance and Sensitivity of RFC 2156/4021, Priority, X-Priority).
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "media/header_block.h"

#include <optional>

namespace ringpost::media
{
struct Service
{
    std::optional<Instant> at;                ///< `time; at=`
    std::optional<Duration> after;            ///< `time; after=`; 1s to 30d
    std::optional<Instant> deferred_delivery; ///< Deferred-Delivery:
    bool express_ringpost = false;            ///< `express`
    bool express_standard = false;            ///< Importance: high, Priority: urgent or X-Priority: 1
    bool confidential_ringpost = false;       ///< `confidential`
    bool sensitivity_private = false;         ///< Sensitivity: private or company-confidential

    [[nodiscard]] bool express() const { return express_ringpost || express_standard; }
    [[nodiscard]] bool confidential() const { return confidential_ringpost || sensitivity_private; }
    bool operator==(const Service&) const = default;
};

/// What was read before an error, and the error: Errc::malformed, where() is the field's name.
struct ServiceReading
{
    std::optional<Service> service; ///< nullopt: none is asked for
    std::optional<Failure> error;
};

[[nodiscard]] ServiceReading read_service_fields(const HeaderBlock& header);
} // namespace ringpost::media
