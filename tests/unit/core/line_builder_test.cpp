// SPDX-License-Identifier: Apache-2.0
#include "core/line_builder.h"

#include <catch2/catch.hpp>

using namespace ringpost;

TEST_CASE("A line is found whole and byte by byte")
{
    struct Row
    {
        std::string octets;
        std::size_t used;
        bool complete;
        bool fits;
        std::string text;
        bool bare_lf;
    };
    const auto row =
        GENERATE(values<Row>({{"", 0, false, false, "", false},
                              {"abc", 3, false, false, "", false},
                              {"abc\r", 4, false, false, "", false},
                              {"abc\r\nx", 5, true, true, "abc", false},
                              {"abc\nx", 4, true, true, "abc", true},
                              {"\n", 1, true, true, "", true},
                              {"\r\n", 2, true, true, "", false},
                              {"a\rb\r\r\n", 6, true, true, "a\rb\r", false},
                              {std::string("\0\xff\r\n", 4), 4, true, true, std::string("\0\xff", 2), false},
                              {"12345\r\n", 7, true, true, "12345", false},
                              {"12345\n", 6, true, true, "12345", true},
                              {"123456\r\n", 8, true, false, "", false},
                              {"123456\n", 7, true, false, "", false},
                              {"1234567890\r\n", 12, true, false, "", false}}));
    INFO(row.octets);
    LineBuilder whole(5);
    REQUIRE(whole.add(row.octets) == row.used);
    LineBuilder trickled(5);
    std::size_t used = 0;
    while (!trickled.complete() && used < row.octets.size())
    {
        used += trickled.add(std::string_view(row.octets).substr(used, 1));
    }
    REQUIRE(used == row.used);
    for (LineBuilder* builder : {&whole, &trickled})
    {
        REQUIRE(builder->complete() == row.complete);
        if (!row.complete)
        {
            continue;
        }
        const auto line = builder->take("peer");
        REQUIRE(line.has_value() == row.fits);
        if (row.fits)
        {
            REQUIRE(line->text == row.text);
            REQUIRE(line->bare_lf == row.bare_lf);
        }
        else
        {
            REQUIRE(line.error().code() == Errc::too_large);
        }
    }
}
