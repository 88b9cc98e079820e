// SPDX-License-Identifier: Apache-2.0
// The language of the control socket: one JSON object (RFC 8259) a line in each direction.
//   request  {"verb":"phone.list","arguments":{…}}
//   reply    {"ok":true,"result":…}  or  {"ok":false,"error":{"code":"not-found","where":"…","text":"…"}}
//   stream   after the reply {"ok":true,"result":null}, lines {"event":…} until the client closes
// No I/O here; what comes in is bounded in octets, nesting and number of values.
#pragma once

#include "core/result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::control
{
struct ProtocolLimits
{
    std::size_t request_line = std::size_t{1024} * 1024;    ///< octets of a request, without its line end
    std::size_t reply_line = std::size_t{16} * 1024 * 1024; ///< octets of a reply or event
    std::size_t nesting = 32;                               ///< levels of arrays and objects in a request
    std::size_t values = 20000;                             ///< values in a request, about
};

struct VerbRequest
{
    std::string verb;
    nlohmann::json arguments; ///< an object, empty where the client sent none
};

/// Reads one request line. Errc::malformed or Errc::too_large, with a sentence for the one who wrote the client.
[[nodiscard]] Result<VerbRequest> parse_request(std::string_view line, const ProtocolLimits& limits);

/// The line, with its line end, that answers a request. A result beyond `reply_line` becomes an error too-large.
[[nodiscard]] std::string reply_line(const Result<nlohmann::json>& outcome, const ProtocolLimits& limits);

/// The line of a streamed event; nullopt beyond `reply_line`.
[[nodiscard]] std::optional<std::string> event_line(const nlohmann::json& event, const ProtocolLimits& limits);

/// Cuts a stream of octets into lines; holds at most `limit` octets and one chunk, whatever the peer sends.
class LineSplitter
{
public:
    struct Line
    {
        std::string text;      ///< without LF or CRLF; empty when too long
        bool too_long = false; ///< the line was longer than the limit and has been dropped
    };

    explicit LineSplitter(std::size_t limit) : limit_(limit) {}

    /// Adds octets as they came. Call next() until it has nothing before adding more.
    void append(std::string_view octets);
    /// The next whole line, or nullopt when more octets are needed.
    [[nodiscard]] std::optional<Line> next();

private:
    [[nodiscard]] Line take(std::size_t end);
    void drop_unfinished();

    std::size_t limit_;
    std::string buffer_;
    std::size_t start_ = 0;   ///< where the unfinished line begins
    std::size_t scanned_ = 0; ///< no LF before this
    bool dropping_ = false;
};
} // namespace ringpost::control
