// SPDX-License-Identifier: Apache-2.0
// The server side of an HTTP/1.1 connection without its I/O: fed with octets, it gives one request after the other and
// writes their responses. Only what a small page needs: GET, HEAD and POST, small bodies of a known length (RFC
// 9112 6.3 lets a server ask for it: 411), no ranges. Source: RFC 9110 (semantics), RFC 9112 (messages). No socket or
// clock.
#pragma once

#include "core/duration.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::console
{
enum class Method
{
    get,
    head,
    post
};

struct Request
{
    Method method = Method::get;
    std::string target;       ///< origin form, as it was sent: path and query, nothing decoded
    std::string content_type; ///< as it was sent; empty if none
    std::string body;
};

/// Names and values are literals of ours.
struct ResponseField
{
    std::string_view name;
    std::string_view value;
};

/// The dialog adds Date, Content-Length and Connection.
struct Response
{
    unsigned status = 200;
    std::vector<ResponseField> fields;
    std::string body; ///< the answer to HEAD has its length only
};

struct HttpLimits
{
    std::size_t header = 8 * 1024; ///< octets of request line and fields together: beyond it 431
    std::size_t body = 1024;       ///< octets of a body: beyond it 413
    unsigned requests = 100;       ///< of one connection; the last one is answered with Connection: close
};

/// What the session does after it has written Step::reply.
enum class Next
{
    read,   ///< read octets; then feed(), on_timeout() or on_shutdown()
    answer, ///< work on request(); then on_response()
    close   ///< close the connection
};

struct Step
{
    std::string reply; ///< octets to write first; may be empty
    Next next = Next::read;
};

class HttpDialog
{
public:
    explicit HttpDialog(HttpLimits limits = {});
    ~HttpDialog();
    HttpDialog(const HttpDialog&) = delete;
    HttpDialog& operator=(const HttpDialog&) = delete;

    /// Takes all of `octets`. What follows a request is kept until that is answered (pipelining): it is no more than
    /// the piece in which the request ended. `now` is for Date. Requests that cannot be served are answered here:
    /// 400, 411, 413, 431, 501 and then `close`; 405.
    [[nodiscard]] Step feed(std::string_view octets, Instant now);
    /// The one that `answer` asks for.
    [[nodiscard]] const Request& request() const;
    [[nodiscard]] Step on_response(const Response& response, Instant now);
    /// A request that has begun is answered 408 (RFC 9110 15.5.9); an idle connection is just closed.
    [[nodiscard]] Step on_timeout(Instant now);
    [[nodiscard]] Step on_shutdown();
    /// The response to the request that is being answered will be the last one.
    void end_after_response();

private:
    class Message;

    /// Goes on with what has been fed; `reply` is what is to be written already.
    [[nodiscard]] Step advance(std::string reply, Instant now);
    [[nodiscard]] bool begin_message();
    [[nodiscard]] std::string respond(const Response& response, Instant now);
    [[nodiscard]] std::string refusal(unsigned status, Instant now);

    HttpLimits limits_;
    std::string input_;     ///< fed, but not yet part of a message
    std::size_t begin_ = 0; ///< what is before it in input_ has been used
    std::unique_ptr<Message> message_;
    Request request_;
    unsigned taken_ = 0; ///< requests that have begun
    bool answering_ = false;
    bool last_ = false; ///< no further request is taken
    bool ended_ = false;
};
} // namespace ringpost::console
