// SPDX-License-Identifier: Apache-2.0
// Limits for what strangers may send. Each is a configuration key of the same name (docs/configuration.md).
#pragma once

#include <cstddef>

namespace ringpost
{
/// Limits of the header reader and structure scan (spec 2.2; facts of mimetic: quadratic in header length, recursive).
struct ScanLimits
{
    std::size_t header_line = 64 * 1024; ///< octets in one header field, folded lines together
    std::size_t headers = 256 * 1024;    ///< octets in all header blocks of a mail together
    std::size_t fields = 1000;           ///< fields in one header block
    std::size_t levels = 50;             ///< nesting of multiparts
    std::size_t parts = 1000;            ///< leaf parts
    std::size_t order_part = 64 * 1024;  ///< decoded octets of an exchange-information or scenario part
};

/// Limits of a scenario (spec 2.9).
struct ScenarioLimits
{
    std::size_t octets = 16 * 1024; ///< of the decoded text
    std::size_t steps = 50;
    std::size_t references = 10; ///< contents that one step plays at the same time
};
} // namespace ringpost
