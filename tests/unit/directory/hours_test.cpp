// SPDX-License-Identifier: Apache-2.0
#include "core/duration.h"
#include "directory/hours.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
Instant at(const std::string& time)
{
    return parse_rfc3339(time).value();
}
} // namespace

TEST_CASE("Hours are those of their time zone")
{
    const auto night = parse_hours("22:00-07:00", "Asia/Tokyo").value();
    CHECK(within(night, at("2026-11-20T13:00:00Z"))); // 22:00 in Tokyo
    CHECK_FALSE(within(night, at("2026-11-20T12:59:59Z")));
    CHECK(end_of(night, at("2026-11-20T13:00:00Z")) == at("2026-11-20T22:00:00Z"));
    CHECK(parse_hours("22:00-07:00", "Asia/Nowhere").has_error());
    CHECK_FALSE(known_zone("../../etc/passwd"));
    CHECK(known_zone(""));
}

TEST_CASE("Hours end by the clock on the wall, also in a night in which it is changed")
{
    const auto night = parse_hours("22:00-07:00", "Europe/Berlin").value();
    CHECK(end_of(night, at("2026-03-28T21:00:00Z")) == at("2026-03-29T05:00:00Z")); // one hour less
    CHECK(end_of(night, at("2026-10-24T20:00:00Z")) == at("2026-10-25T06:00:00Z")); // one more
    const auto gap = parse_hours("01:00-02:30", "Europe/Berlin").value();
    CHECK(end_of(gap, at("2026-03-29T00:30:00Z")) == at("2026-03-29T01:00:00Z")); // 02:30 does not exist
}

TEST_CASE("A time outside of hours passes only outside of them")
{
    const auto night = parse_hours("22:00-07:00", "Etc/UTC").value();
    CHECK(after_outside(night, at("2026-11-20T12:00:00Z"), 1h) == at("2026-11-20T13:00:00Z"));
    CHECK(after_outside(night, at("2026-11-20T12:00:00Z"), 10h) == at("2026-11-20T22:00:00Z"));
    CHECK(after_outside(night, at("2026-11-20T21:00:00Z"), 2h) == at("2026-11-21T08:00:00Z"));
    CHECK(after_outside(night, at("2026-11-20T23:00:00Z"), 16h) == at("2026-11-22T08:00:00Z"));
    CHECK(after_outside(parse_hours("00:00-24:00", "Etc/UTC").value(), at("2026-11-20T23:00:00Z"), 1h) ==
          at("2026-11-21T00:00:00Z"));
}
