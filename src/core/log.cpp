// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace ringpost::log
{
namespace
{
constexpr std::size_t longest_value = 1024;
constexpr const char* logger_name = "ringpost";

constexpr std::array<std::pair<std::string_view, Level>, 4> level_names{
    {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}}};

spdlog::level::level_enum spdlog_level(Level level)
{
    switch (level)
    {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

bool printable(char c)
{
    return c >= ' ' && c <= '~';
}

bool bare(std::string_view text)
{
    return !text.empty() && text.size() <= longest_value && std::all_of(text.begin(), text.end(), [](char c) {
        return printable(c) && c != ' ' && c != '"' && c != '=' && c != '\\';
    });
}

void append_escaped(std::string& out, char c)
{
    switch (c)
    {
    case '"':
    case '\\':
        out += '\\';
        out += c;
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        break;
    }
    if (printable(c))
    {
        out += c;
        return;
    }
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t longest_escape = 4;
    constexpr std::string_view cut_end = "...\"";
    std::string out = "\"";
    for (const char c : text)
    {
        if (out.size() + longest_escape + cut_end.size() > longest_value)
        {
            return out.append(cut_end);
        }
        append_escaped(out, c);
    }
    out += '"';
    return out;
}

/// Ours, or none: what spdlog creates by itself writes elsewhere and in another form.
spdlog::logger* our_logger()
{
    spdlog::logger* const logger = spdlog::default_logger_raw();
    return logger != nullptr && logger->name() == logger_name ? logger : nullptr;
}

spdlog::sink_ptr open_sink(const std::string& file)
{
    if (file.empty())
    {
        return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}
} // namespace

std::optional<Level> level_from(std::string_view text)
{
    const auto found =
        std::find_if(level_names.begin(), level_names.end(), [&](const auto& each) { return each.first == text; });
    return found == level_names.end() ? std::nullopt : std::optional(found->second);
}

std::string Value::text() const
{
    if (const auto* text = std::get_if<std::string_view>(&value_))
    {
        return bare(*text) ? std::string(*text) : quoted(*text);
    }
    if (const auto* truth = std::get_if<bool>(&value_))
    {
        return *truth ? "true" : "false";
    }
    if (const auto* number = std::get_if<std::int64_t>(&value_))
    {
        return std::to_string(*number);
    }
    return std::to_string(std::get<std::uint64_t>(value_));
}

Result<> start(Level level, const std::string& file)
{
    try
    {
        auto logger = std::make_shared<spdlog::logger>(logger_name, open_sink(file));
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        logger->set_level(spdlog_level(level));
        // A line that is still in a buffer when the process is killed is the one that would have told why.
        logger->flush_on(spdlog::level::trace);
        spdlog::set_default_logger(std::move(logger));
        return {};
    }
    catch (const spdlog::spdlog_ex& error)
    {
        return fail(Errc::io, file, error.what());
    }
}

void stop()
{
    spdlog::set_default_logger(nullptr);
}

void event(Level level, std::string_view name, Fields fields)
{
    spdlog::logger* const logger = our_logger();
    if (logger == nullptr || !logger->should_log(spdlog_level(level)))
    {
        return;
    }
    std::string line(name);
    for (const Field& field : fields)
    {
        line.append(" ").append(field.key).append("=").append(field.value.text());
    }
    logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}
} // namespace ringpost::log
