// SPDX-License-Identifier: Apache-2.0
#include "media/sandbox_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace ringpost::media
{
namespace
{
constexpr int nobody = 65534;      // user nobody and group nogroup of Debian
constexpr int most_processes = 16; // converters have few threads; a fork bomb has many
constexpr int most_files = 64;
constexpr std::size_t longest_line = 200;

void append(std::vector<std::string>& list, std::initializer_list<std::string> more)
{
    list.insert(list.end(), more);
}
} // namespace

std::vector<std::string> sandbox_arguments(const SandboxCommand& command, const SandboxLimits& limits, bool as_nobody)
{
    std::vector<std::string> list;
    if (as_nobody)
    {
        append(list, {"/usr/bin/setpriv", fmt::format("--reuid={}", nobody), fmt::format("--regid={}", nobody),
                      "--clear-groups", "--"});
    }
    append(list, {"/usr/bin/bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
                  "--new-session", "--cap-drop", "ALL", "--json-status-fd", "3"});
    append(list, {"--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
                  "--symlink", "usr/bin", "/bin", "--dev", "/dev"});
    append(list, {"--size", fmt::format("{}", std::max<std::size_t>(limits.scratch, 4 * KiB)), "--tmpfs", "/tmp"});
    for (const auto& path : command.readable)
    {
        append(list, {"--ro-bind-try", path, path});
    }
    const auto seconds = std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(limits.time).count(), 1);
    append(list, {"--chdir", "/tmp", "--", "/usr/bin/prlimit", fmt::format("--as={}", limits.memory),
                  fmt::format("--cpu={}:{}", seconds, seconds + 1), fmt::format("--nproc={}", most_processes),
                  fmt::format("--nofile={}", most_files), "--core=0", "--", command.program});
    list.insert(list.end(), command.arguments.begin(), command.arguments.end());
    return list;
}

std::string last_line(std::string_view text)
{
    constexpr std::string_view ends = "\r\n \t";
    const auto end = text.find_last_not_of(ends);
    if (end == std::string_view::npos)
    {
        return {};
    }
    text = text.substr(0, end + 1);
    const auto before = text.find_last_of("\r\n");
    text = text.substr(before == std::string_view::npos ? 0 : before + 1, longest_line);
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}
} // namespace ringpost::media
