// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/causes.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::asterisk;

TEST_CASE("How a leg ended has one cause")
{
    struct Row
    {
        const char* what;
        Ending ending;
        Cause cause;
    };
    // The first eight as measured on Asterisk 22.10.
    const std::vector<Row> rows{
        {"busy, 486", {17, 486, true, false}, Cause::busy},
        {"rejects, 603", {21, 603, true, false}, Cause::rejected},
        {"480 without ringing", {19, 480, false, false}, Cause::unreachable},
        {"404 behind the trunk", {1, 404, false, false}, Cause::no_such_number},
        {"503", {34, 503, false, false}, Cause::congestion},
        {"Asterisk's own time-out while it rang", {19, 480, true, false}, Cause::no_answer},
        {"telephone gone without a word", {19, 480, false, false}, Cause::unreachable},
        {"no route, Local channel", {3, 0, false, false}, Cause::no_such_number},
        {"ended by us when its ring time was over", {127, 487, true, true}, Cause::no_answer},
        {"the same, and it had not rung", {127, 500, false, true}, Cause::unreachable},
        {"cancelled by somebody", {127, 487, true, false}, Cause::no_answer},
        {"ended by an Asterisk that stops", {16, 0, true, false}, Cause::congestion},
        {"busy everywhere", {0, 600, false, false}, Cause::busy},
        {"absent", {20, 0, false, false}, Cause::unreachable},
        {"a cause that nobody knows", {99, 0, false, false}, Cause::congestion},
        {"nothing is known", {0, 0, false, false}, Cause::congestion},
    };
    for (const Row& row : rows)
    {
        INFO(row.what);
        CHECK(cause_of(row.ending) == row.cause);
    }
}

TEST_CASE("What is not known to be idle is in use")
{
    for (const char* word : {"INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD", "SOMETHING_NEW"})
    {
        INFO(word);
        CHECK(in_use(device_state_from(word)));
        CHECK(cause_of_look(device_state_from(word)) == Cause::busy);
    }
    CHECK(cause_of_look(device_state_from("NOT_INUSE")) == Cause::none);
    CHECK(cause_of_look(device_state_from("UNKNOWN")) == Cause::none);
    CHECK(cause_of_look(device_state_from("UNAVAILABLE")) == Cause::unreachable);
    CHECK(cause_of_look(device_state_from("INVALID")) == Cause::no_such_number);
}

TEST_CASE("The HTTP status of a leg that could not be made has a cause")
{
    CHECK(cause_of_status(200, false) == Cause::none);
    CHECK(cause_of_status(500, false) == Cause::unreachable);
    CHECK(cause_of_status(500, true) == Cause::congestion);
    CHECK(cause_of_status(400, false) == Cause::error);
}
