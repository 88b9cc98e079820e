// SPDX-License-Identifier: Apache-2.0
// The command's side of the control socket (src/control/protocol.h): plain blocking POSIX calls, one request at a time.
#pragma once

#include "core/result.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace ringpost::command
{
/// What the gateway answered: `result`, or its refusal as it wrote it.
struct Answer
{
    bool ok = false;
    nlohmann::json result;
    std::string code; ///< `not-found`, `conflict`, …
    std::string where;
    std::string text;
};

class GatewayClient
{
public:
    /// Errc::unavailable: nobody answers at `path`; the text says what was tried.
    [[nodiscard]] static Result<GatewayClient> connect(const std::string& path);

    GatewayClient(GatewayClient&& other) noexcept;
    GatewayClient& operator=(GatewayClient&&) = delete;
    GatewayClient(const GatewayClient&) = delete;
    GatewayClient& operator=(const GatewayClient&) = delete;
    ~GatewayClient();

    /// Sends a request and waits for its answer, at most so long. Failures are those of the connection only.
    [[nodiscard]] Result<Answer> call(const std::string& verb, const nlohmann::json& arguments,
                                      std::chrono::seconds patience);

    /// After call() of a stream verb has been answered ok: gives each event to `sink` until that returns false, or
    /// until standard output has lost its reader; then success. Errc::closed: the gateway has ended.
    [[nodiscard]] Result<> watch(const std::function<bool(const nlohmann::json& event)>& sink);

private:
    GatewayClient(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    [[nodiscard]] Result<> send_line(const std::string& line);
    /// Waits for one line; `watching` waits for ever, and Errc::timeout then means: nobody reads our output any more.
    [[nodiscard]] Result<nlohmann::json> read_object(bool watching);
    [[nodiscard]] Result<> receive(bool watching);

    int descriptor_ = -1;
    std::string path_;
    std::chrono::seconds patience_{};
    std::string buffer_;
    std::size_t scanned_ = 0;
};
} // namespace ringpost::command
