// SPDX-License-Identifier: Apache-2.0
// The benches. Each works in an empty directory (recover: in that of accept), and returns its lines of the report.
#pragma once

#include "bench/measure.h"
#include "core/duration.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace ringpost::bench
{
struct Size
{
    std::filesystem::path directory;
    std::int64_t waiting = 0;  ///< camp-ons that wait
    std::size_t devices = 0;   ///< for which they wait
    std::size_t samples = 0;   ///< measured calls
    std::size_t rate = 0;      ///< of them a second
    std::size_t doublings = 0; ///< so often twice as many are tried
};

/// Requests stored a second by 20 sessions, and the machine's own commits a second.
[[nodiscard]] std::vector<Row> accept(const Size& size);
/// Start of the service over what accept() has stored, every device in use: time until it serves, memory.
[[nodiscard]] std::vector<Row> recover(const Size& size);
/// From a device's release to the next call asked of the exchange.
[[nodiscard]] std::vector<Row> release(const Size& size);
/// From the end of RETR to the call asked of the exchange.
[[nodiscard]] std::vector<Row> reception(const Size& size);
/// How long it takes to find the devices that are looked at anew, and how many monitor times can end in a second.
[[nodiscard]] std::vector<Row> looks(const Size& size);
[[nodiscard]] std::vector<Row> expiries(const Size& size);
/// Recordings of `samples` seconds that one core plays at the same time: `devices` of them, and how many more; memory.
[[nodiscard]] std::vector<Row> playbacks(const Size& size);
/// The same of FAX transmissions.
[[nodiscard]] std::vector<Row> faxes(const Size& size);
/// `devices` FAX transmissions that begin in one moment beside `waiting` recordings of `samples` seconds.
[[nodiscard]] std::vector<Row> storm(const Size& size);
/// Puts waiting requests into the database of a gateway that does not run. Nothing is measured.
[[nodiscard]] std::vector<Row> prepare(const Size& size);
} // namespace ringpost::bench
