// SPDX-License-Identifier: Apache-2.0
#include "media/address_list.h"

#include <catch2/catch.hpp>

#include <chrono>

using namespace ringpost;
using namespace ringpost::media;

namespace
{
/// `name <address>;` for each mailbox; `!` for a failure.
std::string shown(const std::string& raw)
{
    const auto list = parse_address_list(raw);
    if (!list)
    {
        return "!";
    }
    std::string out;
    for (const Mailbox& mailbox : *list)
    {
        out += mailbox.display_name + "<" + mailbox.addr_spec + ">;";
    }
    return out;
}
} // namespace

TEST_CASE("Address lists are read, or refused as a whole")
{
    const std::pair<std::string, std::string> rows[] = {
        {" taro@a.example", "<taro@a.example>;"},
        {"Taro Yamada <taro@a.example>", "Taro Yamada<taro@a.example>;"},
        {"\"Yamada, Taro\" <taro@a.example>, b@c", "Yamada, Taro<taro@a.example>;<b@c>;"},
        {"=?ISO-2022-JP?B?GyRCJCIbKEI=?= <taro@a.example>", "\xE3\x81\x82<taro@a.example>;"},
        {"T. Yamada <taro@a.example>", "T. Yamada<taro@a.example>;"},
        {"taro@a.example (Taro (nested) Yamada)", "<taro@a.example>;"},
        {"taro (x) @ (y) a . example", "<taro@a.example>;"},
        {"Group: a@b, c@d;, e@f", "<a@b>;<c@d>;<e@f>;"},
        {"undisclosed:;", ""},
        {"\"taro\"@a.example", "<taro@a.example>;"},
        {"\"a b\"@a.example", "<\"a b\"@a.example>;"},
        {"\"a@own\" <evil@x>", "a@own<evil@x>;"},
        {"<@r1,@r2:a@b>", "<a@b>;"},
        {"a@[127.0.0.1]", "<a@[127.0.0.1]>;"},
        {"a@[b\\]c]", "<a@[b\\]c]>;"},
        {"a@[b\\\r\n ]", "<a@[b ]>;"},
        {"a@b,\r\n c@d,,", "<a@b>;<c@d>;"},
        {"<a@b> junk", "!"},
        {"a@b>,<c@d", "!"},
        {"a@own <evil@x>", "!"},
        {"a@b c@d", "!"},
        {"<a@b", "!"},
        {"a@", "!"},
        {"@b", "!"},
        {"a..b@c", "!"},
        {".a@c", "!"},
        {"a@b.", "!"},
        {"<>", "!"},
        {"Group: a@b", "!"},
        {"a@b; c@d", "!"},
        {"(open a@b", "!"},
        {"\"open a@b", "!"},
        {std::string("a\0@b", 4), "!"},
        {"a@" + std::string(400, 'x'), "!"},
        {"", ""},
    };
    for (const auto& [raw, expected] : rows)
    {
        CAPTURE(raw);
        CHECK(shown(raw) == expected);
    }
}

TEST_CASE("Hostile address lists cost linear time")
{
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string piece : {"a@b,", "(", "<", "\"", "a:", "@a,", "a ", ".", ":;"})
    {
        std::string many;
        while (many.size() < 64 * 1024)
        {
            many += piece;
        }
        CHECK((shown(many) == "!" || shown(many).empty()));
        CHECK(shown("<" + many) == "!");
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}
