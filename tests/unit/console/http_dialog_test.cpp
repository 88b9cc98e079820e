// SPDX-License-Identifier: Apache-2.0
#include "console/http_dialog.h"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace ringpost;
using namespace ringpost::console;

namespace
{
/// Fri, 20 Nov 2026 09:56:01 GMT
constexpr Instant now{std::chrono::seconds(1795168561)};
constexpr std::string_view continued = "HTTP/1.1 100 Continue\r\n\r\n";

std::string in_words(const Request& request)
{
    const std::string method = request.method == Method::get ? "GET" : request.method == Method::head ? "HEAD" : "POST";
    return method + " " + request.target + " " + request.content_type + " [" + request.body + "]";
}

/// What a connection saw: requests that were asked for, and what was written. Each request is answered with a page
/// that holds its number.
struct Course
{
    std::vector<std::string> requests;
    std::string written;
    std::size_t continues = 0;
    bool closed = false;

    void follow(HttpDialog& dialog, Step step)
    {
        for (;;)
        {
            if (const auto at = step.reply.find(continued); at != std::string::npos)
            {
                step.reply.erase(at, continued.size());
                ++continues;
            }
            written += step.reply;
            closed = step.next == Next::close;
            if (step.next != Next::answer)
            {
                return;
            }
            requests.push_back(in_words(dialog.request()));
            step = dialog.on_response({200, {{"X", "y"}}, std::to_string(requests.size())}, now);
        }
    }
};

Course run(std::string_view input, std::size_t piece, const HttpLimits& limits = {})
{
    HttpDialog dialog(limits);
    Course course;
    while (!input.empty() && !course.closed)
    {
        course.follow(dialog, dialog.feed(input.substr(0, piece), now));
        input.remove_prefix(std::min(piece, input.size()));
    }
    return course;
}

/// The course of the whole input, which must be that of its octets one by one, and of pieces of 7.
Course run(std::string_view input, const HttpLimits& limits = {})
{
    Course whole = run(input, input.size(), limits);
    for (const std::size_t piece : {1U, 7U})
    {
        CAPTURE(piece);
        const Course pieces = run(input, piece, limits);
        CHECK(pieces.requests == whole.requests);
        CHECK(pieces.written == whole.written);
        CHECK(pieces.closed == whole.closed);
    }
    return whole;
}

std::string answer(const std::string& body, const std::string& connection = {})
{
    return "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 09:56:01 GMT\r\nX: y\r\n" + connection +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string close_field = "Connection: close\r\n";
const std::string host = "Host: h\r\n";
} // namespace

TEST_CASE("A request is asked for with what it carries, and its response is written whole")
{
    struct Row
    {
        std::string input;
        std::string request;
    };
    const std::vector<Row> rows{
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /  []"},
        {"GET /a?b=%20 HTTP/1.1\r\nhOsT:h:80\r\nX-Other: \xe5\xa4\xaa\r\n\r\n", "GET /a?b=%20  []"},
        {"\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n", "GET /  []"},
        {"GET http://h.example/a/b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a/b  []"},
        {"GET HTTPS://h.example?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?q  []"},
        {"GET http://h.example HTTP/1.1\r\nHost: h\r\n\r\n", "GET /  []"},
        {"GET /a://b/c HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a://b/c  []"},
        {"POST /p HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\na=b\r\n",
         "POST /p text/plain [a=b\r\n]"},
        {"POST /p HTTP/1.1\r\nHost: h\r\n\r\n", "POST /p  []"},
        {"GET /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "GET /p  [abc]"},
    };
    for (const auto& [input, request] : rows)
    {
        CAPTURE(input);
        const Course course = run(input);
        CHECK(course.requests == std::vector{request});
        CHECK(course.written == answer("1"));
        CHECK_FALSE(course.closed);
    }
}

TEST_CASE("The response to HEAD has the length of the body without the body")
{
    const Course course = run("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(course.requests == std::vector<std::string>{"HEAD /a  []"});
    const std::string whole = answer("1");
    REQUIRE(course.written == whole.substr(0, whole.size() - 1));
}

TEST_CASE("A connection is kept or closed as version and Connection say")
{
    struct Row
    {
        std::string request;
        std::string connection;
        bool closed;
    };
    const std::vector<Row> rows{
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", "", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n", "Connection: close\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: x, close\r\n\r\n", "Connection: close\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", "Connection: close\r\n", true},
        {"GET / HTTP/1.0\r\nHost: h\r\n\r\n", "Connection: close\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "Connection: keep-alive\r\n", false},
    };
    for (const auto& [request, connection, closed] : rows)
    {
        CAPTURE(request);
        const Course course = run(request);
        CHECK(course.requests.size() == 1);
        CHECK(course.written == answer("1", connection));
        CHECK(course.closed == closed);
    }
}

TEST_CASE("Pipelined requests are answered one after the other in their order")
{
    const Course course = run("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                              "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
                              "\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n"
                              "PUT /4 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
                              "GET /5 HTTP/1.0\r\n\r\nGET /6 HTTP/1.0\r\n\r\n");
    REQUIRE(course.requests == std::vector<std::string>{"GET /1  []", "POST /2  [ab]", "GET /3  []", "GET /5  []"});
    const auto refused = course.written.find("HTTP/1.1 405 Method Not Allowed\r\n");
    REQUIRE(course.written.substr(0, refused) == answer("1") + answer("2") + answer("3"));
    REQUIRE(course.written.ends_with(answer("4", close_field)));
    REQUIRE(course.closed);
}

TEST_CASE("While a request is being answered nothing more is read")
{
    HttpDialog dialog;
    REQUIRE(dialog.feed("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHo", now).next == Next::answer);
    REQUIRE_THROWS_AS(dialog.feed("x", now), std::logic_error);
    const Step first = dialog.on_response({200, {}, "1"}, now);
    REQUIRE(first.next == Next::read);
    REQUIRE(first.reply.ends_with("\r\n\r\n1"));
    REQUIRE_THROWS_AS(dialog.on_response({200, {}, "1"}, now), std::logic_error);
    REQUIRE(dialog.feed("st: h\r\n\r\n", now).next == Next::answer);
    REQUIRE(dialog.request().target == "/2");
}

TEST_CASE("What cannot be a request is answered 400 and the connection closed")
{
    const auto input = GENERATE(as<std::string>{}, "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
                                "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
                                "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n",
                                "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n",
                                "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                                "\r\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n",
                                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CAPTURE(input);
    const Course course = run(input + "GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(course.requests.empty());
    REQUIRE(course.written.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    REQUIRE(course.written.find(close_field) != std::string::npos);
    REQUIRE(course.written.ends_with("\r\n\r\nBad Request\r\n"));
    REQUIRE(course.closed);
}

TEST_CASE("A line that ends without CR is refused at once, and not only when the client gives up")
{
    for (const std::string input : {"GET / HTTP/1.1\nHost: h\n\n", "\n", "GET / HTTP/1.1\r\nHost: h\n"})
    {
        CAPTURE(input);
        const Course course = run(input);
        CHECK(course.written.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        CHECK(course.closed);
    }
}

TEST_CASE("A body whose length is not told is not read, and the connection closed")
{
    struct Row
    {
        std::string coding;
        std::string reply;
    };
    const std::vector<Row> rows{
        {"chunked", "HTTP/1.1 411 Length Required\r\n"},       {"gzip, Chunked", "HTTP/1.1 411 Length Required\r\n"},
        {"gzip", "HTTP/1.1 501 Not Implemented\r\n"},          {"identity", "HTTP/1.1 501 Not Implemented\r\n"},
        {"chunked, gzip", "HTTP/1.1 501 Not Implemented\r\n"}, {"xchunked", "HTTP/1.1 501 Not Implemented\r\n"}};
    for (const auto& [coding, reply] : rows)
    {
        CAPTURE(coding);
        const Course course = run("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + coding +
                                  "\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(course.requests.empty());
        CHECK(course.written.starts_with(reply));
        CHECK(course.closed);
    }
}

TEST_CASE("Other methods are answered 405 with those that are allowed, and the connection stays")
{
    const auto method = GENERATE(as<std::string>{}, "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "BREW");
    const Course course =
        run(method + " /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxyGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(course.written.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    REQUIRE(course.written.find("\r\nAllow: GET, HEAD, POST\r\n") != std::string::npos);
    REQUIRE(course.requests == std::vector<std::string>{"GET /b  []"});
    REQUIRE_FALSE(course.closed);
}

TEST_CASE("A header at its limit is read, one octet more is answered 431")
{
    const HttpLimits limits{.header = 200, .body = 10, .requests = 100};
    const std::string line = "GET / HTTP/1.1\r\nHost: h\r\n";
    const auto with_header_of = [&](std::size_t octets) {
        return line + "X: " + std::string(octets - line.size() - 7, 'x') + "\r\n\r\n";
    };
    REQUIRE(with_header_of(200).size() == 200);
    REQUIRE(run(with_header_of(200), limits).requests.size() == 1);
    // The limit is that of each header, not of what is buffered.
    REQUIRE(run(with_header_of(200) + with_header_of(200), limits).requests.size() == 2);
    for (const auto& input : {with_header_of(201), "GET /" + std::string(500, 'a'), std::string(500, 'a')})
    {
        CAPTURE(input);
        const Course course = run(input, limits);
        REQUIRE(course.requests.empty());
        REQUIRE(course.written.starts_with("HTTP/1.1 431 "));
        REQUIRE(course.closed);
    }
    REQUIRE(run("GET /" + std::string(8 * 1024, 'a')).written.starts_with("HTTP/1.1 431 "));
    REQUIRE(run("GET /" + std::string(8 * 1024 - 40, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n").requests.size() == 1);
}

TEST_CASE("A body at its limit is read, a longer one is answered 413")
{
    const HttpLimits limits{.header = 200, .body = 10, .requests = 100};
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
    REQUIRE(run(post + "Content-Length: 10\r\n\r\n0123456789", limits).requests.size() == 1);
    const auto input = GENERATE_COPY(as<std::string>{}, post + "Content-Length: 11\r\n\r\n01234567890",
                                     post + "Content-Length: 9999999999\r\n\r\n");
    CAPTURE(input);
    const Course course = run(input, limits);
    REQUIRE(course.requests.empty());
    REQUIRE(course.written.starts_with("HTTP/1.1 413 "));
    REQUIRE(course.closed);
}

TEST_CASE("A refusal of a HEAD request has no body")
{
    const Course course = run("HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
    REQUIRE(course.written.starts_with("HTTP/1.1 413 "));
    REQUIRE(course.written.ends_with("\r\n\r\n"));
    REQUIRE(course.written.find("\r\n\r\n") == course.written.size() - 4);
}

TEST_CASE("The last request that a connection may bring is told so, and no further one is read")
{
    const HttpLimits limits{.header = 200, .body = 10, .requests = 3};
    std::string input;
    for (int i = 0; i < 5; ++i)
    {
        input += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    const Course course = run(input, limits);
    REQUIRE(course.requests.size() == 3);
    REQUIRE(course.written == answer("1") + answer("2") + answer("3", close_field));
    REQUIRE(course.closed);
    // Those that are refused count too.
    REQUIRE(
        run("X / HTTP/1.1\r\n" + host + "\r\nX / HTTP/1.1\r\n" + host + "\r\nX / HTTP/1.1\r\n" + host + "\r\n", limits)
            .closed);
}

TEST_CASE("A client that expects it is told once to go on with its body")
{
    const std::string header = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    const Course trickled = run(header + "ab", 1);
    REQUIRE(trickled.continues == 1);
    REQUIRE(trickled.requests == std::vector<std::string>{"POST /  [ab]"});
    REQUIRE(run(header + "ab", 1000).continues == 0);
    // Never for a body that is too large, and not to HTTP/1.0 (RFC 9110 10.1.1).
    REQUIRE(run("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n", 1).continues ==
            0);
    REQUIRE(run("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", 1).continues == 0);
}

TEST_CASE("A timeout is told to a client that has begun a request, and closes the connection")
{
    HttpDialog idle;
    const Step silent = idle.on_timeout(now);
    REQUIRE(silent.next == Next::close);
    REQUIRE(silent.reply.empty());
    REQUIRE_THROWS_AS(idle.feed("G", now), std::logic_error);

    HttpDialog begun;
    REQUIRE(begun.feed("GET / HT", now).next == Next::read);
    const Step told = begun.on_timeout(now);
    REQUIRE(told.next == Next::close);
    REQUIRE(told.reply.starts_with("HTTP/1.1 408 Request Timeout\r\n"));

    HttpDialog kept;
    REQUIRE(kept.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n", now).next == Next::answer);
    REQUIRE(kept.on_response({}, now).next == Next::read);
    REQUIRE(kept.on_timeout(now).reply.empty());
}

TEST_CASE("At the shutdown the request that is being answered is the last one")
{
    HttpDialog dialog;
    REQUIRE(dialog.feed("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", now).next ==
            Next::answer);
    dialog.end_after_response();
    const Step step = dialog.on_response({200, {{"X", "y"}}, "1"}, now);
    REQUIRE(step.reply == answer("1", close_field));
    REQUIRE(step.next == Next::close);
    HttpDialog idle;
    REQUIRE(idle.on_shutdown().next == Next::close);
}
