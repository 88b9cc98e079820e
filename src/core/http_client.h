// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP by libcurl: all transfers of a client share one thread and its kept-alive connections.
#pragma once

#include "core/duration.h"
#include "core/result.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace ringpost
{
struct HttpRequest
{
    std::string method = "GET";
    std::string url{};      ///< http:// or https://
    std::string user{};     ///< HTTP Basic; none where empty
    std::string password{}; ///< never logged
    std::string body{};     ///< sent as application/json; none where empty
    Duration time = 10s;    ///< for the whole of it, connecting included
};

struct HttpReply
{
    int status = 0; ///< 100 to 599; every status is a reply, none a failure
    std::string body;
};

class HttpClient
{
public:
    struct Limits
    {
        std::size_t reply_octets = 16 << 20;
        std::size_t connections_per_host = 8; ///< further requests wait for one
    };

    explicit HttpClient(Limits limits);
    /// Ends the thread; what is under way fails with Errc::unavailable. To be destroyed before the contexts of callers.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Resumes on the caller's executor. Redirects are not followed. Thread-safe. Where a kept-alive connection turns
    /// out to be closed the request is sent anew, but never one with a method that is not idempotent (POST, PATCH).
    /// Errors name the host: Errc::unavailable (not reached, connection lost), Errc::timeout, Errc::too_large;
    /// Errc::malformed: not such a URL or method.
    boost::asio::awaitable<Result<HttpReply>> perform(HttpRequest request);

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};
} // namespace ringpost
