// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/netstring.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace ringpost;
using namespace ringpost::pbx::baresip;

namespace
{
constexpr std::size_t limit = 12;

struct Read
{
    std::vector<std::string> texts;
    std::optional<Errc> error;
};

void drain(NetstringReader& reader, Read& read)
{
    for (;;)
    {
        const auto next = reader.next();
        if (next.has_error())
        {
            read.error = next.error().code();
            return;
        }
        if (!*next)
        {
            return;
        }
        read.texts.push_back(**next);
    }
}

Read read_in_pieces(const std::string& stream, std::size_t size)
{
    NetstringReader reader(limit);
    Read read;
    for (std::size_t at = 0; at < stream.size() && !read.error; at += size)
    {
        reader.feed(std::string_view(stream).substr(at, size));
        drain(reader, read);
    }
    return read;
}
} // namespace

TEST_CASE("Netstrings are read in whatever pieces they come")
{
    struct Row
    {
        std::string stream;
        std::vector<std::string> texts;
        std::optional<Errc> error;
    };
    const auto row = GENERATE(values<Row>({
        {"5:hello,", {"hello"}, {}},
        {"0:,1:a,", {"", "a"}, {}},
        {"3:a,b,2:,,,1::,", {"a,b", ",,", ":"}, {}},
        {"12:123456789012,", {"123456789012"}, {}},
        {"5:hello", {}, {}},
        {"5:hell", {}, {}},
        {"12", {}, {}},
        {"", {}, {}},
        {"1:a,13:1234567890123,", {"a"}, Errc::too_large},
        {"13:", {}, Errc::too_large},
        {"999999999:", {}, Errc::too_large},
        {"9999999999", {}, Errc::too_large},
        {"18446744073709551617:a,", {}, Errc::too_large},
        {"1:ab,", {}, Errc::malformed},
        {"1:a;", {}, Errc::malformed},
        {":,", {}, Errc::malformed},
        {"01:a,", {}, Errc::malformed},
        {"00:,", {}, Errc::malformed},
        {"-1:a,", {}, Errc::malformed},
        {" 1:a,", {}, Errc::malformed},
        {"1 :a,", {}, Errc::malformed},
        {"a", {}, Errc::malformed},
        {"1:a,\n1:b,", {"a"}, Errc::malformed},
    }));
    const std::size_t size = GENERATE(1, 2, 3, 7, 1000);
    INFO(row.stream << " in pieces of " << size);
    const Read read = read_in_pieces(row.stream, size);
    REQUIRE(read.texts == row.texts);
    REQUIRE(read.error == row.error);
}

TEST_CASE("After an error a reader reads nothing more")
{
    NetstringReader reader(limit);
    reader.feed("x");
    REQUIRE(reader.next().has_error());
    reader.feed("1:a,1:b,");
    REQUIRE(reader.next().error().code() == Errc::malformed);
}

TEST_CASE("What is written as a netstring is read again")
{
    const std::string text = GENERATE(as<std::string>(), "", "a", "1:a,", "0123456789", std::string(11, '\0'));
    REQUIRE(read_in_pieces(netstring(text), 1).texts == std::vector{text});
    REQUIRE(netstring("hello") == "5:hello,");
}

TEST_CASE("A long stream of netstrings takes linear time")
{
    NetstringReader reader(limit);
    std::string stream;
    for (int i = 0; i < 300000; ++i)
    {
        stream += "5:hello,";
    }
    Read read;
    reader.feed(stream);
    drain(reader, read);
    REQUIRE(read.texts.size() == 300000);
}
