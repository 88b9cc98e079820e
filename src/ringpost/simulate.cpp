// SPDX-License-Identifier: Apache-2.0
#include "ringpost/simulate.h"

#include "ringpost/print.h"
#include "simulation/city.h"
#include "simulation/report.h"
#include "simulation/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <unistd.h>

namespace ringpost::command
{
namespace
{
using nlohmann::json;
using simulation::CityOptions;
using simulation::Day;
using simulation::Study;

constexpr std::size_t most_lines = 100'000;

struct Wished
{
    CityOptions city;
    std::int64_t hours = 8;
    std::vector<std::string> lines{"auto"};
    double goal = 1;
    std::string report;
};

std::string check_lines(const std::string& text)
{
    std::size_t lines = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), lines);
    const bool number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return text == "auto" || (number && lines >= 1 && lines <= most_lines)
               ? ""
               : fmt::format("{} is neither auto nor a number of lines from 1 to {}", text, most_lines);
}

/// Not a number is in no range, and outside none.
std::string check_goal(const std::string& text)
{
    double percent = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), percent);
    const bool number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return number && percent >= 0 && percent <= 100 ? "" : fmt::format("{} is no percentage from 0 to 100", text);
}

/// The page is written beside its place, under a name that nobody has, and moved there when it is complete.
class ReportFile
{
public:
    explicit ReportFile(const std::string& path) : path_(path), part_(fmt::format("{}.{}.part", path, ::getpid()))
    {
        if (!path.empty())
        {
            file_.reset(std::fopen(part_.c_str(), "wbxe")); // only a new file
        }
    }
    ~ReportFile()
    {
        if (file_)
        {
            std::error_code ignored;
            std::filesystem::remove(part_, ignored);
        }
    }
    ReportFile(const ReportFile&) = delete;
    ReportFile& operator=(const ReportFile&) = delete;

    [[nodiscard]] bool good() const { return path_.empty() || file_ != nullptr; }
    [[nodiscard]] bool write(const std::string& page)
    {
        return std::fwrite(page.data(), 1, page.size(), file_.get()) == page.size() && std::fflush(file_.get()) == 0 &&
               std::rename(part_.c_str(), path_.c_str()) == 0;
    }

private:
    struct Close
    {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::string path_;
    std::string part_;
    std::unique_ptr<std::FILE, Close> file_;
};

/// Says on standard error how far it is: a city of thousands takes a while.
Day live(const CityOptions& options)
{
    const auto begun = std::chrono::steady_clock::now();
    simulation::City city(options);
    Day day = city.live();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print(stderr, "{}: {} simulated, {} events in {:.1f} s, digest {:016x}\n", simulation::lines_of(day),
               format_duration(std::chrono::floor<std::chrono::seconds>(day.lasted)), day.events, took.count(),
               day.digest);
    return day;
}

Study study(const Wished& given)
{
    CityOptions city = given.city;
    city.day = std::chrono::hours(given.hours);
    const double goal = given.goal / 100;
    if (given.lines.front() == "auto")
    {
        return simulation::find_lines(city, goal, live);
    }
    std::vector<std::size_t> lines;
    std::transform(given.lines.begin(), given.lines.end(), std::back_inserter(lines),
                   [](const std::string& text) { return std::stoul(text); });
    return simulation::compare(city, std::move(lines), goal, live);
}

std::string table_of(const Study& study)
{
    std::vector<Column> columns;
    json rows = json::array();
    for (const auto& day : study.days)
    {
        columns.clear();
        json row;
        for (const auto& cell : simulation::cells_of(day))
        {
            columns.push_back({cell.heading, cell.heading});
            row[cell.heading] = cell.value;
        }
        rows.push_back(std::move(row));
    }
    return table(rows, columns, "");
}

Exit simulate(const Wished& given)
{
    if (given.lines.size() > 1 && std::find(given.lines.begin(), given.lines.end(), "auto") != given.lines.end())
    {
        complain("--lines is either auto or numbers, not both");
        return Exit::usage;
    }
    ReportFile report(given.report);
    if (!report.good())
    {
        complain(fmt::format("{} cannot be written: {}", given.report, std::generic_category().message(errno)));
        return Exit::refused;
    }
    const Study found = study(given);
    const auto broken =
        std::find_if(found.days.begin(), found.days.end(), [](const Day& day) { return !day.broken.empty(); });
    if (broken != found.days.end())
    {
        complain(simulation::trouble_of(*broken));
        return Exit::refused;
    }
    const bool shown = put(fmt::format("{}\n\n{}\n{}\n", simulation::description_of(found), table_of(found),
                                       simulation::advice_of(found)));
    if (!given.report.empty() && !report.write(simulation::page_of(found)))
    {
        complain(fmt::format("{} cannot be written: {}", given.report, std::generic_category().message(errno)));
        return Exit::refused;
    }
    return shown ? Exit::done : Exit::refused;
}
} // namespace

void add_simulate_command(CLI::App& app, Exit& outcome)
{
    auto* const command = app.add_subcommand(
        "simulate", "Try out, in a simulated city of two offices, how many lines between them are enough");
    const auto given = std::make_shared<Wished>();
    command->add_option("--telephones", given->city.telephones, "Telephones of both offices together")
        ->check(CLI::Range(std::size_t{10}, std::size_t{200'000}))
        ->capture_default_str();
    command->add_option("--camp-ons", given->city.camp_ons, "How many camp-ons are asked for")
        ->check(CLI::Range(std::size_t{0}, std::size_t{10'000'000}))
        ->capture_default_str();
    command
        ->add_option("--lines", given->lines,
                     "Lines between the offices: numbers with commas, or auto, which looks for the least that do")
        ->delimiter(',')
        ->check(CLI::Validator(check_lines, "NUMBER or auto"))
        ->capture_default_str();
    command->add_option("--hours", given->hours, "How long people call and ask")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{240}))
        ->capture_default_str();
    command->add_option("--goal", given->goal, "Percent of the calls between the offices that may find all lines taken")
        ->check(CLI::Validator(check_goal, "PERCENT"))
        ->capture_default_str();
    command->add_option("--seed", given->city.seed, "The same seed gives the same day")->capture_default_str();
    command->add_option("--report", given->report, "File for a page (HTML) with the figures and a picture");
    command->callback([&outcome, given] { outcome = simulate(*given); });
}
} // namespace ringpost::command
