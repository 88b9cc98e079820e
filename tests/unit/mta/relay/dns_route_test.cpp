// SPDX-License-Identifier: Apache-2.0
#include "mta/relay/dns_route.h"

#include <catch2/catch.hpp>

#include <set>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
const std::string domain = "far.example";

bool own(std::string_view host)
{
    return host == "office.example";
}

Exchangers choose(const std::vector<MailExchanger>& records, std::size_t limit = 10, unsigned seed = 1)
{
    std::mt19937 random(seed);
    return choose_exchangers(records, domain, own, limit, random);
}

using Hosts = std::vector<std::string>;
} // namespace

TEST_CASE("Hosts are tried in the order of their preference, at most so many")
{
    const std::vector<MailExchanger> records{{30, "c.example"}, {10, "A.example."}, {20, "b.example"}};
    CHECK(choose(records).hosts == Hosts{"a.example", "b.example", "c.example"});
    CHECK(choose(records, 2).hosts == Hosts{"a.example", "b.example"});
}

TEST_CASE("Hosts of one preference share the work")
{
    std::set<std::string> firsts;
    for (unsigned seed = 0; seed < 50; ++seed)
    {
        const auto hosts = choose({{10, "a.example"}, {10, "b.example"}, {20, "c.example"}}, 10, seed).hosts;
        REQUIRE(hosts.size() == 3);
        CHECK(hosts[2] == "c.example");
        firsts.insert(hosts[0]);
    }
    CHECK(firsts == std::set<std::string>{"a.example", "b.example"});
}

TEST_CASE("A domain without MX is its own host")
{
    CHECK(choose({}).hosts == Hosts{domain});
}

TEST_CASE("Where nothing can be sent the reason has its code")
{
    struct Row
    {
        std::vector<MailExchanger> records;
        std::string enhanced;
    };
    const std::vector<Row> rows = {
        {{{0, ""}}, "5.1.10"},
        {{{0, "office.example"}}, "5.4.6"},
        {{{10, "OFFICE.example"}, {10, "b.example"}, {20, "c.example"}}, "5.4.6"},
        {{{0, ""}, {0, ""}}, "5.4.4"},
        {{{0, "192.0.2.1"}}, "5.4.4"},
        {{{0, "[192.0.2.1]"}}, "5.4.4"},
        {{{0, "a\\032b.example"}}, "5.4.4"},
        {{{0, "-a.example"}}, "5.4.4"},
        {{{0, "."}}, "5.4.4"},
        {{{0, std::string("a\0b", 3)}}, "5.4.4"},
        {{{0, std::string(300, 'a')}}, "5.4.4"},
    };
    for (const auto& row : rows)
    {
        CAPTURE(row.enhanced, row.records.front().host);
        const auto chosen = choose(row.records);
        CHECK(chosen.hosts.empty());
        CHECK(chosen.refusal.enhanced == row.enhanced);
        CHECK(chosen.refusal.kind == Outcome::Kind::permanent);
        CHECK(chosen.refusal.text.find(domain) != std::string::npos);
    }
}

TEST_CASE("Our own name ends the list; better hosts stay, and names that are none do no harm")
{
    CHECK(choose({{5, "a.example"}, {10, "office.example"}, {10, "b.example"}, {20, "c.example"}}).hosts ==
          Hosts{"a.example"});
    CHECK(choose({{5, ""}, {10, "a.example"}}).hosts == Hosts{"a.example"});
}
