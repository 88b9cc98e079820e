// SPDX-License-Identifier: Apache-2.0
#include "bench/measure.h"

#include "store/sqlite.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace ringpost::bench
{
double Latencies::at(double share) const
{
    std::vector<double> sorted = milliseconds_;
    std::sort(sorted.begin(), sorted.end());
    // Nearest rank: p99 of 100 is the 99th.
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted.at(std::max<std::size_t>(rank, 1) - 1);
}

std::string Latencies::text() const
{
    if (milliseconds_.empty())
    {
        return "none";
    }
    return fmt::format("p50 {:.2f} ms, p99 {:.2f} ms, worst {:.2f} ms of {}", at(0.5), at(0.99), at(1.0), size());
}

double seconds_since(Steady::time_point begun)
{
    return std::chrono::duration<double>(Steady::now() - begun).count();
}

double process_mib(const std::string& line)
{
    std::ifstream status("/proc/self/status");
    for (std::string text; std::getline(status, text);)
    {
        if (text.starts_with(line + ":"))
        {
            return std::stod(text.substr(line.size() + 1)) / 1024;
        }
    }
    throw std::runtime_error("/proc/self/status has no " + line);
}

OneRowCommits one_row_commits(const std::filesystem::path& directory, std::chrono::seconds how_long)
{
    const auto file = directory / "one-row.db";
    OneRowCommits measured;
    {
        store::Connection connection(file, store::Connection::Mode::read_write);
        connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                           "CREATE TABLE peer (id INTEGER PRIMARY KEY, text TEXT) STRICT");
        const auto begun = Steady::now();
        while (Steady::now() - begun < how_long)
        {
            const auto one = Steady::now();
            connection.prepare("INSERT INTO peer (text) VALUES (?)").bind("one row").run();
            measured.latencies.add(Steady::now() - one);
        }
        measured.per_second = static_cast<double>(measured.latencies.size()) / seconds_since(begun);
    }
    for (const char* suffix : {"", "-wal", "-shm"})
    {
        std::filesystem::remove(file.string() + suffix);
    }
    return measured;
}

std::string as_json(const std::vector<Row>& rows)
{
    nlohmann::json list = nlohmann::json::array();
    for (const Row& row : rows)
    {
        list.push_back({{"what", row.what}, {"goal", row.goal}, {"measured", row.measured}, {"ok", row.ok}});
    }
    return list.dump(1);
}
} // namespace ringpost::bench
