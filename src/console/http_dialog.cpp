// SPDX-License-Identifier: Apache-2.0
// The only file here that knows Beast, because of the time that its templates take to compile.
#include "console/http_dialog.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ringpost::console
{
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace
{
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

std::string text_of(beast::string_view text)
{
    return {text.data(), text.size()};
}

/// RFC 9110 5.6.7: as in a mail, but for the zone's name.
std::string http_date(Instant now)
{
    std::string text = format_mail_date(now);
    text.replace(text.rfind(' ') + 1, std::string::npos, "GMT");
    return text;
}

/// Proxies may name the server too (absolute form, RFC 9112 3.2.2).
std::string origin_form(std::string target)
{
    const std::size_t authority = target.find("://");
    if (target.starts_with('/') || authority == std::string::npos)
    {
        return target;
    }
    const std::size_t path = target.find_first_of("/?", authority + 3);
    if (path == std::string::npos)
    {
        return "/";
    }
    return target[path] == '/' ? target.substr(path) : "/" + target.substr(path);
}

unsigned status_of(const beast::error_code& error)
{
    if (error == http::error::header_limit)
    {
        return 431;
    }
    return error == http::error::body_limit || error == http::error::buffer_overflow ? 413 : 400;
}

Response refusing(unsigned status)
{
    const auto reason = http::obsolete_reason(http::int_to_status(status));
    return {status,
            {{"Content-Type", "text/plain; charset=utf-8"},
             {"Cache-Control", "no-store"},
             {"X-Content-Type-Options", "nosniff"}},
            text_of(reason) + "\r\n"};
}

std::string written(const Response& response, bool head, std::string_view connection, Instant now)
{
    http::response<http::string_body> message(http::int_to_status(response.status), 11, response.body);
    message.set(http::field::date, http_date(now));
    for (const auto& [name, value] : response.fields)
    {
        message.set(beast::string_view(name.data(), name.size()), beast::string_view(value.data(), value.size()));
    }
    if (!connection.empty())
    {
        message.set(http::field::connection, beast::string_view(connection.data(), connection.size()));
    }
    message.prepare_payload();
    http::response_serializer<http::string_body> serializer(message);
    serializer.split(head);
    std::string octets;
    beast::error_code error;
    while (!error && !(head ? serializer.is_header_done() : serializer.is_done()))
    {
        serializer.next(error, [&](beast::error_code&, const auto& buffers) {
            octets += beast::buffers_to_string(buffers);
            serializer.consume(beast::buffer_bytes(buffers));
        });
    }
    return octets;
}
} // namespace

/// A request that is being read.
class HttpDialog::Message
{
public:
    explicit Message(const HttpLimits& limits) : limits_(limits)
    {
        parser_.eager(true);
        parser_.body_limit(limits.body);
        // The limit is kept by scan_header(): Beast's would count otherwise when the octets come in pieces.
        parser_.header_limit(static_cast<std::uint32_t>(2 * limits.header));
    }

    /// Takes octets of this message from the front of `input` and says how many; the rest is to be given again.
    std::size_t take(std::string_view input)
    {
        std::size_t used = 0;
        if (!parser_.is_header_done())
        {
            used = take_header(input);
        }
        if (parser_.is_header_done() && refused_ == 0)
        {
            used += take_body(input.substr(used));
        }
        return used;
    }

    [[nodiscard]] bool complete() const { return refused_ == 0 && parser_.is_done(); }
    /// A status, and the connection is to be closed; 0: nothing is wrong.
    [[nodiscard]] unsigned refused() const { return refused_; }

    /// Once: the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    [[nodiscard]] bool take_expectation() { return std::exchange(expects_, false) && !body_begun_; }

    /// Known from the request line on; none: another one.
    [[nodiscard]] std::optional<Method> method() const
    {
        switch (parser_.get().method())
        {
        case http::verb::get:
            return Method::get;
        case http::verb::head:
            return Method::head;
        case http::verb::post:
            return Method::post;
        default:
            return std::nullopt;
        }
    }
    [[nodiscard]] bool old() const { return parser_.get().version() == 10; }
    [[nodiscard]] bool keep_alive() const { return complete() && parser_.keep_alive(); }

    [[nodiscard]] Request take_request()
    {
        auto& message = parser_.get();
        return {method().value_or(Method::get), origin_form(text_of(message.target())),
                text_of(message[http::field::content_type]), std::move(message.body())};
    }

private:
    /// The length of the header with its empty line; 0: its end is not there.
    std::size_t scan_header(std::string_view input)
    {
        for (; scanned_ < input.size() && refused_ == 0; ++scanned_)
        {
            if (scanned_ >= limits_.header)
            {
                refused_ = 431;
            }
            else if (input[scanned_] == '\n' && (scanned_ == 0 || input[scanned_ - 1] != '\r'))
            {
                refused_ = 400;
            }
            else if (scanned_ >= 3 && input.substr(scanned_ - 3, 4) == "\r\n\r\n")
            {
                return scanned_ + 1;
            }
        }
        return 0;
    }

    std::size_t take_header(std::string_view input)
    {
        const std::size_t length = scan_header(input);
        if (length == 0)
        {
            return 0;
        }
        beast::error_code error;
        const std::size_t used = parser_.put(boost::asio::buffer(input.data(), length), error);
        if (error && error != http::error::need_more)
        {
            refused_ = status_of(error);
        }
        else if (used != length || !parser_.is_header_done())
        {
            refused_ = 400;
        }
        else
        {
            check_header();
        }
        return used;
    }

    void check_header()
    {
        const auto& message = parser_.get();
        const auto hosts = message.count(http::field::host);
        const bool coded = message.count(http::field::transfer_encoding) > 0;
        // RFC 9112 3.2, and 6.1 for a transfer coding in HTTP/1.0.
        if (hosts > 1 || (hosts == 0 && !old()) || (coded && old()))
        {
            refused_ = 400;
        }
        else if (coded)
        {
            // Where the body ends cannot be told, or only by Beast 1.81, which asserts, and counts a chunk twice, when
            // chunks come in pieces. Browsers send forms with their length.
            refused_ = parser_.chunked() ? 411 : 501;
        }
        expects_ = !old() && beast::iequals(message[http::field::expect], "100-continue");
    }

    std::size_t take_body(std::string_view input)
    {
        if (parser_.is_done() || input.empty())
        {
            return 0;
        }
        beast::error_code error;
        const std::size_t used = parser_.put(boost::asio::buffer(input.data(), input.size()), error);
        if (error && error != http::error::need_more)
        {
            refused_ = status_of(error);
        }
        body_begun_ = true;
        return used;
    }

    const HttpLimits& limits_;
    http::request_parser<http::string_body> parser_;
    std::size_t scanned_ = 0;
    unsigned refused_ = 0;
    bool expects_ = false;
    bool body_begun_ = false;
};

HttpDialog::HttpDialog(HttpLimits limits) : limits_(limits) {}
HttpDialog::~HttpDialog() = default;

Step HttpDialog::feed(std::string_view octets, Instant now)
{
    if (answering_ || ended_)
    {
        throw std::logic_error("HttpDialog::feed() when nothing is to be read");
    }
    input_.erase(0, std::exchange(begin_, 0));
    input_ += octets;
    return advance({}, now);
}

const Request& HttpDialog::request() const
{
    return request_;
}

Step HttpDialog::on_response(const Response& response, Instant now)
{
    if (!answering_)
    {
        throw std::logic_error("HttpDialog::on_response() without a request");
    }
    answering_ = false;
    std::string reply = respond(response, now);
    return ended_ ? Step{std::move(reply), Next::close} : advance(std::move(reply), now);
}

Step HttpDialog::on_timeout(Instant now)
{
    const bool begun = message_ != nullptr;
    ended_ = true;
    return {begun ? refusal(408, now) : std::string{}, Next::close};
}

Step HttpDialog::on_shutdown()
{
    ended_ = true;
    return {{}, Next::close};
}

void HttpDialog::end_after_response()
{
    last_ = true;
}

Step HttpDialog::advance(std::string reply, Instant now)
{
    while (message_ || begin_message())
    {
        begin_ += message_->take(std::string_view(input_).substr(begin_));
        if (message_->refused() != 0)
        {
            reply += refusal(message_->refused(), now);
            return {std::move(reply), Next::close};
        }
        if (!message_->complete())
        {
            reply += message_->take_expectation() ? go_on : std::string_view{};
            break;
        }
        if (message_->method())
        {
            request_ = message_->take_request();
            answering_ = true;
            return {std::move(reply), Next::answer};
        }
        Response refused = refusing(405);
        refused.fields.push_back({"Allow", "GET, HEAD, POST"});
        reply += respond(refused, now);
        if (ended_)
        {
            return {std::move(reply), Next::close};
        }
    }
    return {std::move(reply), Next::read};
}

/// False: nothing of a further request is there.
bool HttpDialog::begin_message()
{
    // Old clients send an empty line after a body (RFC 9112 2.2).
    while (std::string_view(input_).substr(begin_).starts_with("\r\n"))
    {
        begin_ += 2;
    }
    const auto rest = std::string_view(input_).substr(begin_);
    if (rest.empty() || rest == "\r")
    {
        return false;
    }
    ++taken_;
    message_ = std::make_unique<Message>(limits_);
    return true;
}

/// Writes the response to the present message, which ends here.
std::string HttpDialog::respond(const Response& response, Instant now)
{
    const bool keep = message_->keep_alive() && taken_ < limits_.requests && !last_;
    const std::string_view kept = message_->old() ? "keep-alive" : "";
    std::string reply = written(response, message_->method() == Method::head, keep ? kept : "close", now);
    ended_ = !keep;
    message_.reset();
    return reply;
}

/// Where a message ends is not known after it: the connection is closed.
std::string HttpDialog::refusal(unsigned status, Instant now)
{
    last_ = true;
    return respond(refusing(status), now);
}
} // namespace ringpost::console
