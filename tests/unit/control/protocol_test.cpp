// SPDX-License-Identifier: Apache-2.0
#include "control/protocol.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace ringpost;
using namespace ringpost::control;

namespace
{
std::vector<std::string> lines_of(std::string_view octets, std::size_t chunk, std::size_t limit)
{
    LineSplitter splitter(limit);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < octets.size(); at += chunk)
    {
        splitter.append(octets.substr(at, chunk));
        while (const auto line = splitter.next())
        {
            lines.push_back(line->too_long ? "<too long>" : line->text);
        }
    }
    return lines;
}
} // namespace

TEST_CASE("A request line is read or refused with the place that is wrong")
{
    struct Row
    {
        std::string line;
        std::string wrong; ///< where of the failure; empty: read
        Errc code;
    };
    const std::vector<Row> rows{
        {R"({"verb":"phone.list","arguments":{}})", "", {}},
        {R"({"verb":"phone.list"})", "", {}},
        {R"({"verb":"phone.list","arguments":null})", "", {}},
        {R"( {"arguments":{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"["},"verb":"x"} )", "", {}},
        {"", "request", Errc::malformed},
        {"null", "request", Errc::malformed},
        {"[]", "request", Errc::malformed},
        {R"({"verb":"a"} {"verb":"b"})", "request", Errc::malformed},
        {R"({"verb":"a")", "request", Errc::malformed},
        {"{\"verb\":\"\xff\"}", "request", Errc::malformed},
        {R"({"verb":"a","argument":{}})", "request", Errc::malformed},
        {R"({"verb":"a","arguments":{"n":1e999}})", "request", Errc::malformed},
        {R"({"arguments":{}})", "verb", Errc::malformed},
        {R"({"verb":17})", "verb", Errc::malformed},
        {R"({"verb":"a","arguments":[1]})", "arguments", Errc::malformed},
        {R"({"verb":"a","arguments":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}", "request",
         Errc::too_large},
        {std::string(500'000, '['), "request", Errc::too_large},
        {R"({"verb":"a","arguments":{"a":[0)" +
             [] {
                 std::string many;
                 for (int i = 0; i < 30'000; ++i)
                 {
                     many += ",0";
                 }
                 return many;
             }() +
             "]}}",
         "request", Errc::too_large},
        {R"({"verb":")" + std::string(1024 * 1024, 'a') + R"("})", "request", Errc::too_large},
    };
    for (const auto& row : rows)
    {
        INFO(row.line.substr(0, 80));
        const auto request = parse_request(row.line, ProtocolLimits{});
        CHECK(request.has_value() == row.wrong.empty());
        if (!request)
        {
            CHECK(request.error().where() == row.wrong);
            CHECK(request.error().code() == row.code);
        }
        else
        {
            CHECK(request->arguments.is_object());
        }
    }
}

TEST_CASE("Replies and events are one line each, whatever they hold")
{
    const ProtocolLimits limits;
    CHECK(reply_line(nlohmann::json::array({"a\nb"}), limits) == "{\"ok\":true,\"result\":[\"a\\nb\"]}\n");
    CHECK(reply_line(fail(Errc::not_found, "2000", "no such telephone"), limits) ==
          "{\"error\":{\"code\":\"not-found\",\"text\":\"no such telephone\",\"where\":\"2000\"},\"ok\":false}\n");
    CHECK(reply_line(nlohmann::json("\xff"), limits) == "{\"ok\":true,\"result\":\"\xef\xbf\xbd\"}\n");
    CHECK(event_line({{"number", "2000"}}, limits).value() == "{\"event\":{\"number\":\"2000\"}}\n");
}

TEST_CASE("A result that is too long for a line becomes an error, an event is dropped")
{
    ProtocolLimits limits;
    limits.reply_line = 100;
    const auto line = reply_line(nlohmann::json(std::string(200, 'a')), limits);
    CHECK(nlohmann::json::parse(line).at("error").at("code") == "too-large");
    CHECK_FALSE(event_line(nlohmann::json(std::string(200, 'a')), limits).has_value());
}

TEST_CASE("Lines are cut the same however the octets come")
{
    struct Row
    {
        std::string octets;
        std::vector<std::string> lines;
    };
    const std::vector<Row> rows{
        {"", {}},
        {"abc", {}},
        {"abc\n", {"abc"}},
        {"abc\r\ndef\n\nghi", {"abc", "def", ""}},
        {"1234567890\n", {"1234567890"}},
        {"1234567890\r\n", {"1234567890"}},
        {"12345678901\nok\n", {"<too long>", "ok"}},
        {std::string(5000, 'x') + "\nok\n" + std::string(5000, 'y') + "\n", {"<too long>", "ok", "<too long>"}},
        {"a\rb\n", {"a\rb"}},
    };
    for (const auto& row : rows)
    {
        for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{64}, std::size_t{100'000}})
        {
            INFO(row.octets.substr(0, 40) << " in chunks of " << chunk);
            CHECK(lines_of(row.octets, chunk, 10) == row.lines);
        }
    }
}
