// SPDX-License-Identifier: Apache-2.0
// The registry of what the control socket can be asked: verb → handler, and verb → stream of events. Filled once at
// start-up by the register_…_verbs functions, read-only afterwards. Belongs to the control executor; must outlive the
// execution context that its handlers run on.
#pragma once

#include "core/result.h"

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace ringpost::control
{
/// How many rows an answer has at most.
inline constexpr int list_limit = 10'000;

/// A stream that a client watches; its destruction ends it. Never destroyed from inside its own sink.
class Subscription
{
public:
    virtual ~Subscription() = default;
};

/// Answers one request. `arguments` is always a JSON object.
using Handler = std::function<boost::asio::awaitable<Result<nlohmann::json>>(nlohmann::json arguments)>;
/// A handler that has nothing to wait for.
using ImmediateHandler = std::function<Result<nlohmann::json>(const nlohmann::json& arguments)>;
/// Takes events on the control executor; may be called as long as the Subscription lives, also before it is returned.
using Sink = std::function<void(nlohmann::json event)>;
using StreamHandler = std::function<Result<std::unique_ptr<Subscription>>(nlohmann::json arguments, Sink sink)>;

class Verbs
{
public:
    /// A verb is registered once; a second time is a defect and throws std::logic_error.
    void add(std::string verb, Handler handler);
    void add_immediate(std::string verb, ImmediateHandler handler);
    void add_stream(std::string verb, StreamHandler handler);

    [[nodiscard]] bool is_stream(std::string_view verb) const { return streams_.contains(verb); }

    /// Errc::unsupported for an unknown verb; what a handler throws becomes Errc::internal and a log line.
    [[nodiscard]] boost::asio::awaitable<Result<nlohmann::json>> call(std::string verb, nlohmann::json arguments) const;
    /// As call(), for stream verbs.
    [[nodiscard]] Result<std::unique_ptr<Subscription>> subscribe(const std::string& verb, nlohmann::json arguments,
                                                                  Sink sink) const;

private:
    void require_new(const std::string& verb) const;

    std::map<std::string, Handler, std::less<>> handlers_;
    std::map<std::string, StreamHandler, std::less<>> streams_;
};
} // namespace ringpost::control
