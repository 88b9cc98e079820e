// SPDX-License-Identifier: Apache-2.0
#include "core/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

using namespace ringpost;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{
struct Seen
{
    int connection = 0;
    std::string head;
    std::string body;
};

struct Answer
{
    std::string octets;
    bool close = false;
};

std::string with_length(const std::string& status, const std::string& body)
{
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// An HTTP server on a thread of its own that answers as `script` says.
class Server
{
public:
    using Script = std::function<Answer(const Seen&)>;

    explicit Server(Script script) : script_(std::move(script))
    {
        asio::co_spawn(context_, accept(), [](const std::exception_ptr&) {});
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Server()
    {
        context_.stop();
        thread_.join();
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::string url(const std::string& path = "/") const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
    }

    [[nodiscard]] std::vector<Seen> seen() const
    {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    /// Blocks until it has read the first request.
    void wait_for_request() { first_.get_future().wait(); }

private:
    asio::awaitable<void> accept()
    {
        for (int number = 1;; ++number)
        {
            tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(context_, serve(std::move(socket), number), [](const std::exception_ptr&) {});
        }
    }

    asio::awaitable<void> serve(tcp::socket socket, int number)
    {
        std::string buffer;
        for (;;)
        {
            Seen seen;
            seen.connection = number;
            const std::size_t head =
                co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
            seen.head = buffer.substr(0, head);
            buffer.erase(0, head);
            const auto at = seen.head.find("Content-Length: ");
            const std::size_t length = at == std::string::npos ? 0 : std::stoul(seen.head.substr(at + 16));
            if (buffer.size() < length)
            {
                co_await asio::async_read(socket, asio::dynamic_buffer(buffer),
                                          asio::transfer_exactly(length - buffer.size()), asio::use_awaitable);
            }
            seen.body = buffer.substr(0, length);
            buffer.erase(0, length);
            const Answer answer = script_(seen);
            note(std::move(seen));
            co_await asio::async_write(socket, asio::buffer(answer.octets), asio::use_awaitable);
            if (answer.close)
            {
                co_return;
            }
        }
    }

    void note(Seen seen)
    {
        const std::lock_guard lock(mutex_);
        seen_.push_back(std::move(seen));
        if (seen_.size() == 1)
        {
            first_.set_value();
        }
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    Script script_;
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    std::promise<void> first_;
    std::thread thread_;
};

/// A client, and the context that its callers run on.
struct Rig
{
    asio::io_context context;
    std::optional<HttpClient> client{HttpClient::Limits{}};

    void begin(HttpRequest request, std::optional<Result<HttpReply>>& result)
    {
        asio::co_spawn(context, client->perform(std::move(request)),
                       [&result](const std::exception_ptr& thrown, Result<HttpReply> value) {
                           if (thrown)
                           {
                               std::rethrow_exception(thrown);
                           }
                           result.emplace(std::move(value));
                       });
    }

    Result<HttpReply> perform(HttpRequest request)
    {
        std::optional<Result<HttpReply>> result;
        begin(std::move(request), result);
        context.restart();
        context.run();
        return result.value();
    }

    Result<HttpReply> get(const std::string& url) { return perform({.url = url}); }
};

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}
} // namespace

TEST_CASE_METHOD(Rig, "A reply is its status and body, whatever the status")
{
    struct Row
    {
        std::string line;
        int status;
        std::string body;
    };
    const auto row = GENERATE(values<Row>({{"200 OK", 200, "{\"a\":1}"},
                                           {"204 No Content", 204, ""},
                                           {"302 Found\r\nLocation: /elsewhere", 302, "moved"},
                                           {"401 Unauthorized", 401, ""},
                                           {"404 Not Found", 404, "no such channel"},
                                           {"500 Allocation failed", 500, "{}"}}));
    Server server([&row](const Seen&) { return Answer{with_length(row.line, row.body)}; });
    const auto reply = get(server.url());
    REQUIRE(reply.value().status == row.status);
    REQUIRE(reply.value().body == row.body);
    REQUIRE(server.seen().size() == 1);
    REQUIRE(has(server.seen()[0].head, "GET / HTTP/1.1\r\n"));
}

TEST_CASE_METHOD(Rig, "A body is sent as JSON, and its reply may come in chunks")
{
    Server server([](const Seen&) {
        return Answer{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
    });
    const std::string body = "{\"endpoint\":\"PJSIP/2001\",\"x\":\"" + std::string(5000, 'y') + "\"}";
    const auto reply = perform({.method = "POST", .url = server.url("/ari/channels?app=a"), .body = body});
    REQUIRE(reply.value().body == "abcde");
    const Seen seen = server.seen().at(0);
    REQUIRE(has(seen.head, "POST /ari/channels?app=a HTTP/1.1\r\n"));
    REQUIRE(has(seen.head, "Content-Type: application/json\r\n"));
    REQUIRE_FALSE(has(seen.head, "Expect"));
    REQUIRE(seen.body == body);
}

TEST_CASE_METHOD(Rig, "Methods are sent as they are named, with or without a body")
{
    Server server([](const Seen&) { return Answer{with_length("204 No Content", "")}; });
    for (const std::string method : {"DELETE", "POST", "PUT", "GET"})
    {
        REQUIRE(perform({.method = method, .url = server.url()}).value().status == 204);
        const Seen seen = server.seen().back();
        REQUIRE(has(seen.head, method + " / HTTP/1.1\r\n"));
        REQUIRE_FALSE(has(seen.head, "Content-Type"));
        REQUIRE(has(seen.head, "Content-Length: 0\r\n") == (method == "POST" || method == "PUT"));
    }
    REQUIRE(perform({.method = "DELETE", .url = server.url(), .body = "{}"}).has_value());
    REQUIRE(server.seen().back().body == "{}");
}

TEST_CASE_METHOD(Rig, "User and password are sent as HTTP Basic, and nothing without a user")
{
    Server server([](const Seen&) { return Answer{with_length("200 OK", "")}; });
    REQUIRE(perform({.url = server.url(), .user = "ringpost", .password = "secret"}).has_value());
    REQUIRE(has(server.seen().back().head, "Authorization: Basic cmluZ3Bvc3Q6c2VjcmV0\r\n"));
    REQUIRE(get(server.url()).has_value());
    REQUIRE_FALSE(has(server.seen().back().head, "Authorization"));
}

TEST_CASE_METHOD(Rig, "Two requests use one connection")
{
    Server server([](const Seen&) { return Answer{with_length("200 OK", "x")}; });
    REQUIRE(get(server.url("/1")).has_value());
    REQUIRE(get(server.url("/2")).has_value());
    REQUIRE(server.seen().size() == 2);
    REQUIRE(server.seen()[1].connection == 1);
}

TEST_CASE("Further requests wait for a connection, and their time runs meanwhile")
{
    Rig rig;
    rig.client.emplace(HttpClient::Limits{.connections_per_host = 2});
    Server server([](const Seen& seen) { return Answer{has(seen.head, "/slow") ? "" : with_length("200 OK", "x")}; });
    std::vector<std::optional<Result<HttpReply>>> slow(2);
    for (auto& result : slow)
    {
        rig.begin({.url = server.url("/slow"), .time = 300ms}, result);
    }
    std::optional<Result<HttpReply>> overdue;
    std::optional<Result<HttpReply>> patient;
    rig.begin({.url = server.url("/overdue"), .time = 50ms}, overdue);
    rig.begin({.url = server.url("/patient"), .time = 20s}, patient);
    rig.context.run();
    REQUIRE(slow[0]->error().code() == Errc::timeout);
    REQUIRE(slow[1]->error().code() == Errc::timeout);
    REQUIRE(overdue->error().code() == Errc::timeout);
    REQUIRE(patient->value().body == "x");
    REQUIRE(server.seen().size() == 3);
}

TEST_CASE("Many requests at once are all answered, each with its own reply")
{
    Rig rig;
    Server server([](const Seen& seen) {
        const auto end = seen.head.find(' ', 4);
        return Answer{with_length("200 OK", seen.head.substr(4, end - 4))};
    });
    std::vector<std::optional<Result<HttpReply>>> results(100);
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        rig.begin({.url = server.url("/" + std::to_string(i))}, results[i]);
    }
    rig.context.run();
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        REQUIRE(results[i]->value().body == "/" + std::to_string(i));
    }
    for (const Seen& seen : server.seen())
    {
        REQUIRE(seen.connection <= 8);
    }
}

TEST_CASE("A reply at the limit is taken, a longer one is refused, announced or not")
{
    Rig rig;
    rig.client.emplace(HttpClient::Limits{.reply_octets = 100000});
    const std::size_t size = GENERATE(0, 99999, 100000, 100001, 1000000);
    const bool announced = GENERATE(true, false);
    Server server([&](const Seen&) {
        const std::string body(size, 'b');
        return announced ? Answer{with_length("200 OK", body)} : Answer{"HTTP/1.1 200 OK\r\n\r\n" + body, true};
    });
    const auto reply = rig.get(server.url());
    if (size <= 100000)
    {
        REQUIRE(reply.value().body.size() == size);
    }
    else
    {
        REQUIRE(reply.error().code() == Errc::too_large);
        REQUIRE(has(reply.error().text(), "100000"));
    }
}

TEST_CASE_METHOD(Rig, "Endless header fields are too large")
{
    std::string fields = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 20000; ++i)
    {
        fields += "X-Filler: " + std::string(50, 'f') + "\r\n";
    }
    Server server([&fields](const Seen&) { return Answer{fields}; });
    REQUIRE(get(server.url()).error().code() == Errc::too_large);
}

TEST_CASE_METHOD(Rig, "A server that takes too long is a time-out that names the host only")
{
    Server server([](const Seen&) { return Answer{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}; });
    const auto begin = std::chrono::steady_clock::now();
    const auto reply =
        perform({.url = server.url("/path?token=hidden"), .user = "ringpost", .password = "secret", .time = 100ms});
    const auto took = std::chrono::steady_clock::now() - begin;
    REQUIRE(reply.error().code() == Errc::timeout);
    REQUIRE(reply.error().where() == server.url("").substr(7));
    REQUIRE_FALSE(has(reply.error().message(), "hidden"));
    REQUIRE_FALSE(has(reply.error().message(), "secret"));
    REQUIRE(took >= 100ms);
    REQUIRE(took < 5s);
}

TEST_CASE_METHOD(Rig, "Nobody there is unavailable")
{
    asio::io_context other;
    tcp::acceptor bound(other);
    bound.open(tcp::v4());
    bound.bind({asio::ip::address_v4::loopback(), 0}); // not listening
    const std::string host = "127.0.0.1:" + std::to_string(bound.local_endpoint().port());
    const auto reply = perform({.url = "http://user:secret@" + host + "/p?token=hidden"});
    REQUIRE(reply.error().code() == Errc::unavailable);
    REQUIRE(reply.error().where() == host);
    REQUIRE_FALSE(reply.error().text().empty());
    REQUIRE_FALSE(has(reply.error().text(), "secret"));
    REQUIRE_FALSE(has(reply.error().text(), "hidden"));
}

TEST_CASE_METHOD(Rig, "A connection that is cut in the middle is unavailable")
{
    const std::string octets =
        GENERATE(as<std::string>(), "", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\n",
                 "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "no HTTP\r\n\r\n",
                 "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n");
    Server server([&octets](const Seen&) { return Answer{octets, true}; });
    const auto reply = get(server.url());
    INFO(octets);
    REQUIRE(reply.has_error());
    REQUIRE(reply.error().code() == Errc::unavailable);
    REQUIRE(server.seen().size() == 1);
}

TEST_CASE_METHOD(Rig, "A kept connection that is closed at a request: GET is sent anew, POST is not")
{
    Server server([](const Seen& seen) {
        return has(seen.head, "/cut") && seen.connection == 1 ? Answer{"", true} : Answer{with_length("200 OK", "x")};
    });
    const std::string method = GENERATE("GET", "DELETE", "POST", "PATCH");
    const bool anew = method == "GET" || method == "DELETE";
    REQUIRE(get(server.url("/kept")).has_value());
    const auto reply = perform({.method = method, .url = server.url("/cut")});
    REQUIRE(reply.has_value() == anew);
    REQUIRE(server.seen().size() == (anew ? 3 : 2));
    if (!anew)
    {
        REQUIRE(reply.error().code() == Errc::unavailable);
    }
    REQUIRE(get(server.url("/afterwards")).has_value());
}

TEST_CASE_METHOD(Rig, "What is no HTTP URL or method is malformed and not sent")
{
    struct Row
    {
        std::string method;
        std::string url;
    };
    const auto row = GENERATE(values<Row>({{"GET", ""},
                                           {"GET", "127.0.0.1"},
                                           {"GET", "file:///etc/passwd"},
                                           {"GET", "ftp://127.0.0.1/"},
                                           {"GET", "http://"},
                                           {"GET", "http://127.0.0.1:99999/secret"},
                                           {"", "http://127.0.0.1/secret"},
                                           {"GET / HTTP/1.1\r\nX: y\r\n\r\n", "http://127.0.0.1/secret"}}));
    const auto reply = perform({.method = row.method, .url = row.url});
    INFO(row.url);
    REQUIRE(reply.error().code() == Errc::malformed);
    REQUIRE_FALSE(has(reply.error().message(), "secret"));
}

TEST_CASE("Destruction fails what is under way at once, and what waits for a connection")
{
    Rig rig;
    rig.client.emplace(HttpClient::Limits{.connections_per_host = 1});
    Server server([](const Seen&) { return Answer{}; });
    std::optional<Result<HttpReply>> sent;
    std::optional<Result<HttpReply>> waiting;
    rig.begin({.url = server.url(), .time = 1h}, sent);
    rig.begin({.url = server.url(), .time = 1h}, waiting);
    asio::post(rig.context, [&] {
        server.wait_for_request();
        rig.client.reset();
    });
    const auto start = std::chrono::steady_clock::now();
    rig.context.run();
    REQUIRE(sent->error().code() == Errc::unavailable);
    REQUIRE(waiting->error().code() == Errc::unavailable);
    REQUIRE(std::chrono::steady_clock::now() - start < 10s);
}
