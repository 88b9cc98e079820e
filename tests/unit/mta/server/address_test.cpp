// SPDX-License-Identifier: Apache-2.0
#include "mta/server/address.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;

TEST_CASE("A mailbox of RFC 5321 is taken apart, unquoted, and written back", "[mta]")
{
    struct Row
    {
        std::string text;
        std::string local_part;
        std::string domain;
        std::string written;
    };
    const std::vector<Row> rows = {
        {"taro@office-a.example", "taro", "office-a.example", "taro@office-a.example"},
        {"Taro.Yamada@Office-A.EXAMPLE", "Taro.Yamada", "office-a.example", "Taro.Yamada@office-a.example"},
        {"a!#$%&'*+-/=?^_`{|}~@x", "a!#$%&'*+-/=?^_`{|}~", "x", "a!#$%&'*+-/=?^_`{|}~@x"},
        {R"("a b"@x.example)", "a b", "x.example", R"("a b"@x.example)"},
        {R"("a@b"@x.example)", "a@b", "x.example", R"("a@b"@x.example)"},
        {R"("a\"\\b"@x.example)", R"(a"\b)", "x.example", R"("a\"\\b"@x.example)"},
        {R"("taro"@x.example)", "taro", "x.example", "taro@x.example"},
        {R"(""@x.example)", "", "x.example", R"(""@x.example)"},
        {"a@[192.0.2.1]", "a", "[192.0.2.1]", "a@[192.0.2.1]"},
        {"a@[IPv6:2001:DB8::1]", "a", "[ipv6:2001:db8::1]", "a@[ipv6:2001:db8::1]"},
        {std::string(64, 'l') + "@x", std::string(64, 'l'), "x", std::string(64, 'l') + "@x"},
    };
    for (const Row& row : rows)
    {
        CAPTURE(row.text);
        const Result<Mailbox> mailbox = parse_mailbox(row.text);
        REQUIRE(mailbox.has_value());
        CHECK(mailbox->local_part == row.local_part);
        CHECK(mailbox->domain == row.domain);
        CHECK(to_string(*mailbox) == row.written);
        CHECK(parse_mailbox(row.written).value() == *mailbox);
    }
}

TEST_CASE("What is no mailbox is refused with its kind of error", "[mta]")
{
    const std::vector<std::pair<std::string, Errc>> rows = {
        {"", Errc::malformed},
        {"taro", Errc::malformed},
        {"taro@", Errc::malformed},
        {"@x.example", Errc::malformed},
        {".taro@x", Errc::malformed},
        {"taro.@x", Errc::malformed},
        {"ta..ro@x", Errc::malformed},
        {"ta ro@x", Errc::malformed},
        {"taro@x y", Errc::malformed},
        {"taro@@x", Errc::malformed},
        {"taro@a@b", Errc::malformed},
        {"taro@-x", Errc::malformed},
        {"taro@x-", Errc::malformed},
        {"taro@x..y", Errc::malformed},
        {"taro@x.", Errc::malformed},
        {"taro@x_y", Errc::malformed},
        {"taro@" + std::string(64, 'l'), Errc::malformed},
        {R"("taro@x)", Errc::malformed},
        {R"("ta"ro@x)", Errc::malformed},
        {R"("taro\)", Errc::malformed},
        {"\"ta\tro\"@x", Errc::malformed},
        {"\"ta\rro\"@x", Errc::malformed},
        {std::string("ta\0ro@x", 7), Errc::malformed},
        {"a@[192.0.2]", Errc::malformed},
        {"a@[192.0.2.256]", Errc::malformed},
        {"a@[IPv6:2001::db8::1]", Errc::malformed},
        {"a@[192.0.2.1", Errc::malformed},
        {std::string("a@[192.0.2.1\0x]", 15), Errc::malformed},
        {"a@[tag:content]", Errc::malformed},
        {"a@[]", Errc::malformed},
        {std::string(65, 'l') + "@x", Errc::too_large},
        {"a@" + std::string(300, 'd'), Errc::too_large},
        {"t\xc3\xa4ro@x", Errc::unsupported},
        {"taro@x\xc3\xa4", Errc::unsupported},
    };
    for (const auto& [text, code] : rows)
    {
        CAPTURE(text);
        const Result<Mailbox> mailbox = parse_mailbox(text);
        REQUIRE_FALSE(mailbox.has_value());
        CHECK(mailbox.error().code() == code);
    }
}

TEST_CASE("A path ends at its own bracket and leaves the rest", "[mta]")
{
    const auto reverse = parse_path("<> SIZE=1", PathKind::reverse);
    REQUIRE(reverse.has_value());
    CHECK_FALSE(reverse->mailbox);
    CHECK(reverse->rest == " SIZE=1");

    const auto quoted = parse_path(R"(<"a>b"@x.example>rest)", PathKind::forward);
    REQUIRE(quoted.has_value());
    CHECK(quoted->mailbox == Mailbox{"a>b", "x.example"});
    CHECK(quoted->rest == "rest");

    const auto routed = parse_path("<@a.example,@b.example:taro@x.example>", PathKind::forward);
    REQUIRE(routed.has_value());
    CHECK(routed->mailbox == Mailbox{"taro", "x.example"});

    const auto postmaster = parse_path("<PostMaster>", PathKind::forward);
    REQUIRE(postmaster.has_value());
    CHECK(postmaster->mailbox == Mailbox{"postmaster", ""});
    CHECK(to_string(*postmaster->mailbox) == "postmaster");
}

TEST_CASE("A path that two servers could read differently is refused", "[mta]")
{
    for (const std::string text : {"<>", "taro@x", "<taro@x", "<postmaster", "< taro@x>", "<taro@x >", "<<taro@x>>",
                                   "<a@b>,<c@d>x<", "<@a:>", "<@a.example,taro@x>", "<@a,@b taro@x>", "<@:taro@x>"})
    {
        CAPTURE(text);
        const auto path = parse_path(text, PathKind::forward);
        CHECK((!path.has_value() || path->rest == ",<c@d>x<"));
    }
    CHECK_FALSE(parse_path("<postmaster>", PathKind::reverse).has_value());
}

TEST_CASE("The extension is what stands behind the first plus", "[mta]")
{
    struct Row
    {
        std::string local_part;
        std::string base;
        std::string extension;
    };
    for (const Row& row : std::vector<Row>{{"taro+call", "taro", "call"},
                                           {"taro", "taro", ""},
                                           {"taro+", "taro", ""},
                                           {"taro+a+b", "taro", "a+b"},
                                           {"+81442223333", "+81442223333", ""},
                                           {"FAX=+81442223333", "FAX=+81442223333", ""}})
    {
        CAPTURE(row.local_part);
        const PlusAddress split = split_plus({row.local_part, "x.example"});
        CHECK(split.base == Mailbox{row.base, "x.example"});
        CHECK(split.extension == row.extension);
    }
}
