// SPDX-License-Identifier: Apache-2.0
// How a sub-command ends, and the way its output takes.
#pragma once

#include "ringpost/gateway_client.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace ringpost::command
{
/// Exit codes of the command (ringpost(1)).
enum class Exit
{
    done = 0,
    refused = 1,    ///< the gateway said no, or the output could not be written
    usage = 2,      ///< the command line is wrong
    unreachable = 3 ///< no gateway answers
};

/// What all sub-commands share.
struct Options
{
    std::string gateway;                ///< path of the control socket
    bool json = false;                  ///< print the result as it came
    std::chrono::seconds patience{120}; ///< for an answer; a cancel may have to be passed on to another office
};

/// Writes to standard output at once. False where nobody reads it any more or it cannot be written.
bool put(std::string_view text);

/// `ringpost: …` to standard error.
void complain(std::string_view text);

/// The result of a request as one JSON line.
[[nodiscard]] std::string json_line(const nlohmann::json& result);

using Printer = std::function<std::string(const nlohmann::json& result)>;

/// Asks the gateway and prints its answer, by `print` or as JSON. `doing` names the action in complaints.
[[nodiscard]] Exit ask(const Options& options, const std::string& verb, const nlohmann::json& arguments,
                       const std::string& doing, const Printer& print);
/// As ask(); a result that is not `good` is printed too and ends in Exit::refused.
[[nodiscard]] Exit ask_whether(const Options& options, const std::string& verb, const nlohmann::json& arguments,
                               const std::string& doing, const Printer& print,
                               const std::function<bool(const nlohmann::json& result)>& good);

/// Prints the events of a stream verb until the gateway or the reader of the output ends.
[[nodiscard]] Exit watch(const Options& options, const std::string& verb, const std::string& doing);
} // namespace ringpost::command
