// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/dot_stuffer.h"
#include "mta/server/data_reader.h"

#include <catch2/catch.hpp>

using namespace ringpost::mta;

namespace
{
std::string encode(const std::string& mail, std::size_t piece)
{
    DotStuffer stuffer;
    std::string result;
    for (std::size_t at = 0; at < mail.size(); at += piece)
    {
        result += stuffer.encode(std::string_view(mail).substr(at, piece));
    }
    return result + stuffer.finish();
}
} // namespace

TEST_CASE("A mail is sent with its dots doubled and one end", "[mta]")
{
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", ".\r\n"},
        {"a\r\n", "a\r\n.\r\n"},
        {"a", "a\r\n.\r\n"},
        {".\r\n", "..\r\n.\r\n"},
        {"..\r\na", "...\r\na\r\n.\r\n"},
        {"a.\r\n.b\r\n", "a.\r\n..b\r\n.\r\n"},
        {"a\r\n.", "a\r\n..\r\n.\r\n"},
        {"\r\n\r\n", "\r\n\r\n.\r\n"},
        // No octets of ours are to look like an end to anybody.
        {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
        {"a\r.\rb\r", "a\r\n..\r\nb\r\n.\r\n"},
        {"a\r\r\n.\r\n", "a\r\n\r\n..\r\n.\r\n"},
        {"a\n\n.\r\r", "a\r\n\r\n..\r\n\r\n.\r\n"},
    };
    for (const auto& [mail, sent] : rows)
    {
        CAPTURE(mail);
        for (const std::size_t piece : {1U, 2U, 3U, 100U})
        {
            CHECK(encode(mail, piece) == sent);
        }
        DataReader reader(0);
        const DataReader::Fed fed = reader.feed(sent);
        CHECK(fed.verdict == DataReader::Verdict::complete);
        CHECK(fed.consumed == sent.size());
        CHECK_FALSE(reader.violation().has_value());
        if (mail.find('\n') != std::string::npos && mail.find("\r\r") == std::string::npos && mail.ends_with("\r\n"))
        {
            CHECK(reader.take() == mail);
        }
    }
}
