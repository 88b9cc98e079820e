// SPDX-License-Identifier: Apache-2.0
#include "core/http_transfer.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringpost
{
namespace
{
constexpr std::size_t header_limit = 256 * 1024;
/// Asterisk closes a connection that has been idle for 15 s; one that is about to be closed is not worth using.
constexpr long longest_idle_s = 10;
constexpr Duration longest_time = 366 * 24h;

struct UrlCleanup
{
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// A part of a parsed URL; empty where it has none.
std::string part_of(CURLU* url, CURLUPart part)
{
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
    {
        return {};
    }
    std::string copy(text);
    curl_free(text);
    return copy;
}
} // namespace

Result<std::string> named_host(const HttpRequest& request)
{
    const std::unique_ptr<CURLU, UrlCleanup> url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK)
    {
        return fail(Errc::malformed, "URL", "is not one");
    }
    const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
    const std::string host = part_of(url.get(), CURLUPART_HOST);
    if ((scheme != "http" && scheme != "https") || host.empty())
    {
        return fail(Errc::malformed, "URL", "is not one of http or https");
    }
    if (request.method.empty() || !std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; }))
    {
        return fail(Errc::malformed, host, "the method is not a word of capital letters");
    }
    const std::string port = part_of(url.get(), CURLUPART_PORT);
    return port.empty() ? host : host + ":" + port;
}

HttpTransfer::HttpTransfer(HttpRequest request, std::string host, std::size_t reply_octets, Done done)
    : request_(std::move(request)), host_(std::move(host)), reply_octets_(reply_octets), done_(std::move(done)),
      deadline_(std::chrono::steady_clock::now() + std::clamp(request_.time, Duration{}, longest_time))
{}

HttpTransfer::~HttpTransfer()
{
    handle_.reset();
    curl_slist_free_all(fields_);
}

Result<> HttpTransfer::begin(EasyHandle handle)
{
    handle_ = std::move(handle);
    if (!handle_)
    {
        return failure(Errc::unavailable, "no memory for the request");
    }
    set_peer();
    set_contents();
    set_limits();
    if (!options_taken_)
    {
        return failure(Errc::unavailable, "libcurl does not take the request");
    }
    return {};
}

template <class Value>
void HttpTransfer::set(CURLoption option, Value value)
{
    options_taken_ = options_taken_ && curl_easy_setopt(handle_.get(), option, value) == CURLE_OK;
}

void HttpTransfer::set_peer()
{
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    // The environment of the daemon says nothing about where its exchange is.
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_MAXAGE_CONN, longest_idle_s);
    if (!request_.user.empty())
    {
        set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        set(CURLOPT_USERNAME, request_.user.c_str());
        set(CURLOPT_PASSWORD, request_.password.c_str());
    }
}

void HttpTransfer::set_contents()
{
    const bool has_contents = !request_.body.empty() || request_.method == "POST" || request_.method == "PUT";
    if (has_contents)
    {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    else if (request_.method == "HEAD")
    {
        set(CURLOPT_NOBODY, 1L);
    }
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    // The empty ones take back what libcurl would send by itself for a POST: a form's type, and a wait for 100.
    for (const char* const field : {request_.body.empty() ? "Content-Type:" : "Content-Type: application/json",
                                    "Accept: application/json, */*;q=0.5", "Expect:"})
    {
        curl_slist* const longer = curl_slist_append(fields_, field);
        options_taken_ = options_taken_ && longer != nullptr;
        fields_ = longer != nullptr ? longer : fields_;
    }
    set(CURLOPT_HTTPHEADER, fields_);
}

void HttpTransfer::set_limits()
{
    set(CURLOPT_NOSIGNAL, 1L);
    // A name that is still being looked up when the time is over does not hold up the other transfers.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(reply_octets_));
    set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_PREREQFUNCTION, &HttpTransfer::on_send);
    set(CURLOPT_PREREQDATA, this);
}

bool HttpTransfer::idempotent() const
{
    // RFC 9110 9.2.2
    static constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    return std::ranges::find(methods, request_.method) != methods.end();
}

std::size_t HttpTransfer::on_body(char* octets, std::size_t size, std::size_t count, void* self)
{
    auto& transfer = *static_cast<HttpTransfer*>(self);
    if (size * count > transfer.reply_octets_ - transfer.reply_.body.size())
    {
        transfer.too_large_ = true;
        return 0;
    }
    transfer.reply_.body.append(octets, size * count);
    return size * count;
}

/// Called with each line of each header block.
std::size_t HttpTransfer::on_header(char* octets, std::size_t size, std::size_t count, void* self)
{
    auto& transfer = *static_cast<HttpTransfer*>(self);
    const std::string_view line(octets, size * count);
    transfer.header_octets_ += line.size();
    if (transfer.header_octets_ > header_limit)
    {
        transfer.too_large_ = true;
        return 0;
    }
    if (line.starts_with("HTTP/"))
    {
        transfer.header_ended_ = false; // a further one after 1xx
    }
    transfer.header_ended_ = transfer.header_ended_ || line == "\r\n" || line == "\n";
    return line.size();
}

/// Called before each sending: the second time it is libcurl's own repetition on a new connection. A POST may have been
/// obeyed though its connection was closed without a reply, and a call must not be dialled twice.
int HttpTransfer::on_send(void* self, char*, char*, int, int)
{
    auto& transfer = *static_cast<HttpTransfer*>(self);
    if (transfer.sent_ && !transfer.idempotent())
    {
        return CURL_PREREQFUNC_ABORT;
    }
    transfer.sent_ = true;
    return CURL_PREREQFUNC_OK;
}

Result<HttpReply> HttpTransfer::outcome(CURLcode code)
{
    if (too_large_ || code == CURLE_FILESIZE_EXCEEDED)
    {
        return failure(Errc::too_large, fmt::format("the reply has more than {} octets", reply_octets_));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK)
    {
        return failure(Errc::unavailable, "the connection was closed before the reply");
    }
    if (code != CURLE_OK)
    {
        const std::string_view text(error_.data());
        return failure(code == CURLE_OPERATION_TIMEDOUT ? Errc::timeout : Errc::unavailable,
                       std::string(text.empty() ? curl_easy_strerror(code) : text));
    }
    // RFC 9112 8: incomplete; libcurl takes it for a reply without body.
    if (!header_ended_)
    {
        return failure(Errc::unavailable, "the connection was closed within the header of the reply");
    }
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status < 100 || status > 599)
    {
        return failure(Errc::unavailable, fmt::format("{} is not a status of HTTP", status));
    }
    reply_.status = static_cast<int>(status);
    return std::move(reply_);
}

EasyHandle HttpTransfer::release()
{
    if (handle_)
    {
        curl_easy_reset(handle_.get());
    }
    return std::move(handle_);
}
} // namespace ringpost
