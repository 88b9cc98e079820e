// SPDX-License-Identifier: Apache-2.0
// What a bench measures with, and how it says what came out.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ringpost::bench
{
using Steady = std::chrono::steady_clock;

/// One line of the report.
struct Row
{
    std::string what;
    std::string goal; ///< empty: told for comparison only
    std::string measured;
    bool ok = true;
};

class Latencies
{
public:
    void add(Steady::duration one) { milliseconds_.push_back(std::chrono::duration<double, std::milli>(one).count()); }
    [[nodiscard]] std::size_t size() const { return milliseconds_.size(); }
    /// In milliseconds; `share` from 0 to 1. Not for none.
    [[nodiscard]] double at(double share) const;
    /// `p50 1.20 ms, p99 3.40 ms, worst 5.60 ms of 3000`
    [[nodiscard]] std::string text() const;

private:
    std::vector<double> milliseconds_;
};

[[nodiscard]] double seconds_since(Steady::time_point begun);

/// A line of /proc/self/status in MiB: `VmRSS`, `VmHWM`.
[[nodiscard]] double process_mib(const std::string& line);

/// The machine's limit: one row, one commit, one after the other, with the settings of the gateway's database.
struct OneRowCommits
{
    double per_second = 0;
    Latencies latencies;
};
[[nodiscard]] OneRowCommits one_row_commits(const std::filesystem::path& directory, std::chrono::seconds how_long);

/// JSON: [{"what","goal","measured","ok"}]
[[nodiscard]] std::string as_json(const std::vector<Row>& rows);
} // namespace ringpost::bench
