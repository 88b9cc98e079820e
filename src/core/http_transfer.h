// SPDX-License-Identifier: Apache-2.0
// One request of HttpClient on one easy handle of libcurl. Private to core.
#pragma once

#include "core/http_client.h"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace ringpost
{
struct EasyCleanup
{
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;

/// `host` or `host:port` of an HTTP request: what errors name, without user, password, path or query.
/// Errc::malformed: the URL is none of http and https, or the method is not a word of capital letters.
[[nodiscard]] Result<std::string> named_host(const HttpRequest& request);

class HttpTransfer
{
public:
    using Done = std::function<void(Result<HttpReply>)>;
    using Time = std::chrono::steady_clock::time_point;

    /// `host` is that of named_host(); `done` is called once, on any thread. Its time begins now.
    HttpTransfer(HttpRequest request, std::string host, std::size_t reply_octets, Done done);
    ~HttpTransfer();
    HttpTransfer(const HttpTransfer&) = delete;
    HttpTransfer& operator=(const HttpTransfer&) = delete;

    [[nodiscard]] Time deadline() const { return deadline_; }
    /// Sets the handle up, which must be a new or a reset one. Errc::unavailable: libcurl does not take an option.
    [[nodiscard]] Result<> begin(EasyHandle handle);
    [[nodiscard]] CURL* handle() const { return handle_.get(); } ///< null before begin()
    [[nodiscard]] const std::string& host() const { return host_; }
    /// The reply, or what `code` means for this request.
    [[nodiscard]] Result<HttpReply> outcome(CURLcode code);
    [[nodiscard]] Failure failure(Errc code, std::string text) const { return fail(code, host_, std::move(text)); }
    void done(Result<HttpReply> result) { done_(std::move(result)); }
    /// The handle for another transfer.
    [[nodiscard]] EasyHandle release();

private:
    template <class Value>
    void set(CURLoption option, Value value);
    void set_peer();
    void set_contents();
    void set_limits();
    [[nodiscard]] bool idempotent() const;
    static std::size_t on_body(char* octets, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* octets, std::size_t size, std::size_t count, void* self);
    static int on_send(void* self, char*, char*, int, int);

    HttpRequest request_;
    std::string host_;
    std::size_t reply_octets_;
    Done done_;
    Time deadline_;
    EasyHandle handle_;
    curl_slist* fields_ = nullptr;
    bool options_taken_ = true;
    std::array<char, CURL_ERROR_SIZE> error_{};
    HttpReply reply_;
    std::size_t header_octets_ = 0;
    bool header_ended_ = false;
    bool too_large_ = false;
    bool sent_ = false;
};
} // namespace ringpost
