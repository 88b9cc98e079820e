// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace ringpost;

namespace
{
/// Logs to a file of its own while it lives.
class LogFile
{
public:
    explicit LogFile(log::Level level) { REQUIRE(log::start(level, path_.string()).has_value()); }
    ~LogFile()
    {
        log::stop();
        std::filesystem::remove(path_);
    }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    [[nodiscard]] std::vector<std::string> lines() const
    {
        std::ifstream in(path_);
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);)
        {
            all.push_back(line);
        }
        return all;
    }

private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("ringpost-log-test-" + std::to_string(::getpid()));
};
} // namespace

TEST_CASE("An event is one line with time, level, name and fields")
{
    const LogFile file(log::Level::info);
    log::info("mta.accepted", {{"mail", MailId{17}}, {"from", "a b"}, {"tls", true}, {"size", std::size_t{9}}});
    log::debug("mta.quiet");
    log::warning("mta.bare");
    const auto lines = file.lines();
    REQUIRE(lines.size() == 2);
    const std::regex form(
        R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info mta\.accepted mail=17 from="a b" tls=true size=9)");
    REQUIRE(std::regex_match(lines[0], form));
    REQUIRE(lines[1].ends_with("Z warning mta.bare"));
}

TEST_CASE("A value cannot forge a line or a field")
{
    struct Row
    {
        std::string value;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({{"", "\"\""},
                                           {"plain@office.example", "plain@office.example"},
                                           {"<a@b>", "<a@b>"},
                                           {"{}", "{}"},
                                           {"x y=z", "\"x y=z\""},
                                           {"a=b", "\"a=b\""},
                                           {"a\nb\r\tc", R"("a\nb\r\tc")"},
                                           {"say \"hi\" \\", R"("say \"hi\" \\")"},
                                           {std::string("\0\x1b\x7f", 3), R"("\x00\x1b\x7f")"},
                                           {"\xe3\x81\x82", R"("\xe3\x81\x82")"}}));
    REQUIRE(log::Value(row.value).text() == row.text);
    const LogFile file(log::Level::debug);
    log::error("test.hostile", {{"value", row.value}});
    REQUIRE(file.lines().size() == 1);
    REQUIRE(file.lines()[0].ends_with("value=" + row.text));
}

TEST_CASE("A value is cut at 1 KiB")
{
    const std::string just_fits(1024, 'a');
    REQUIRE(log::Value(just_fits).text() == just_fits);
    for (const char c : {'a', '\n', '\x01', ' '})
    {
        const std::string text = log::Value(std::string(100000, c)).text();
        REQUIRE(text.size() <= 1024);
        REQUIRE(text.size() > 1000);
        REQUIRE(text.ends_with("...\""));
    }
}

TEST_CASE("A log file that cannot be opened is an error, and nothing is logged before the start")
{
    log::stop();
    log::error("test.nowhere");
    const auto result = log::start(log::Level::info, "/proc/no/such/file");
    REQUIRE(result.has_error());
    REQUIRE(result.error().code() == Errc::io);
    REQUIRE(log::level_from("warning") == log::Level::warning);
    REQUIRE_FALSE(log::level_from("warn").has_value());
}

TEST_CASE("Lines of several threads are whole")
{
    const LogFile file(log::Level::info);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
    {
        threads.emplace_back([i] {
            for (int k = 0; k < 50; ++k)
            {
                log::info("test.thread", {{"number", i}, {"text", "two words"}});
            }
        });
    }
    threads.clear();
    const auto lines = file.lines();
    REQUIRE(lines.size() == 200);
    for (const auto& line : lines)
    {
        REQUIRE(line.ends_with("text=\"two words\""));
    }
}
