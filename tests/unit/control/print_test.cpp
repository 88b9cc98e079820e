// SPDX-License-Identifier: Apache-2.0
#include "ringpost/print.h"

#include <catch2/catch.hpp>

using namespace ringpost::command;
using nlohmann::json;

TEST_CASE("A table is aligned, also with wide characters and missing members")
{
    const json rows = json::parse(R"([{"number":"2000","state":"idle","with":null},
                                      {"number":"電話","with":"2000"},
                                      {"number":"2","state":"talking","with":"電"}, 17])");
    CHECK(table(rows, {{"number", "No"}, {"state", "State"}, {"with", "With"}}, "none") == "No    State    With\n"
                                                                                           "2000  idle     -\n"
                                                                                           "電話  -        2000\n"
                                                                                           "2     talking  電\n");
    CHECK(table(json::array(), {{"number", "No"}}, "There are none.") == "There are none.\n");
    CHECK(table(json(nullptr), "There are none.") == "There are none.\n");
}

TEST_CASE("Columns of an unknown table are what the rows have")
{
    CHECK(table(json::parse(R"([{"a":1},{"b_c":true},{"a":[1,"x"]}])"), "none") == "A     B c\n"
                                                                                   "1     -\n"
                                                                                   "-     yes\n"
                                                                                   "1, x  -\n");
}

TEST_CASE("Texts of strangers cannot steer a terminal")
{
    CHECK(printable("a\x1b[2Jb\r\nc\x7f") == "a [2Jb  c ");
    CHECK(printable("\xc2\x9b"
                    "31m") == " 31m");
    CHECK(printable("a\xe2\x80\xae"
                    "b") == "a b");
    CHECK(printable("\xe9\x9b\xbb") == "\xe9\x9b\xbb");
    CHECK(printable("\xe9\x9b") == "\xe9 ");
}

TEST_CASE("A request is shown as a sheet with its attempts below")
{
    const json request = json::parse(R"({"number":"17@a","next":"waits for 2001","attempts":2,
        "attempts_made":[{"attempt":1,"cause":"busy"},{"attempt":2,"cause":null}]})");
    CHECK(sheet(request, {"number", "missing", "next"}) == "Number:    17@a\n"
                                                           "Next:      waits for 2001\n"
                                                           "Attempts:  2\n"
                                                           "\n"
                                                           "Attempts made:\n"
                                                           "Attempt  Cause\n"
                                                           "1        busy\n"
                                                           "2        -\n");
    CHECK(sheet(json(nullptr)) == "-\n");
    CHECK(sheet(json::object()) == "");
}

TEST_CASE("An event is one line, time first")
{
    CHECK(event_text({{"with", "2001"}, {"event", "ringing"}, {"number", "2000"}, {"time", "T"}}) ==
          "T  2000  ringing  with 2001\n");
    CHECK(event_text({{"with", nullptr}, {"event", "a\nb"}}) == "a b\n");
    CHECK(event_text(json(3)) == "3\n");
}
