// SPDX-License-Identifier: Apache-2.0
#include "core/duration.h"

#include <catch2/catch.hpp>

using namespace ringpost;

TEST_CASE("A duration has its units largest first, each at most once")
{
    struct Row
    {
        std::string_view text;
        Duration value;
    };
    const auto row = GENERATE(values<Row>({{"0s", 0s},
                                           {"90s", 90s},
                                           {"5m", 5min},
                                           {"1h30m", 90min},
                                           {"2d", 48h},
                                           {"1d2h3m4s", 26h + 3min + 4s},
                                           {"1d4s", 24h + 4s},
                                           {"007s", 7s},
                                           {"36500d", 36500 * 24h},
                                           {"3153600000s", 36500 * 24h}}));
    INFO(row.text);
    REQUIRE(parse_duration(row.text).value() == row.value);
    REQUIRE(parse_duration(row.text, Smallest::milliseconds).value() == row.value);
}

TEST_CASE("What is not a duration is refused with a sentence")
{
    const auto* text = GENERATE(as<const char*>{}, "", " ", "s", "5", "1m1h", "1m1m", "1s1ms1s", "-5m", "+5m", "5 m",
                                "5m ", " 5m", "1.5h", "5M", "5min", "5x", "1h30", "36501d", "36500d1s", "99999999999s",
                                "18446744073709551617s", "9223372036854775807d", "1h,30m", "\xef\xbc\x95m", "5m\n");
    INFO(text);
    const auto result = parse_duration(text, Smallest::milliseconds);
    REQUIRE(result.has_error());
    REQUIRE(result.error().code() == Errc::malformed);
    REQUIRE(result.error().text().find("1h30m") != std::string::npos);
    REQUIRE(parse_duration(std::string_view(text)).has_error());
}

TEST_CASE("A duration with a NUL or ten thousand digits is refused")
{
    REQUIRE(parse_duration(std::string_view("5m\0", 3)).has_error());
    REQUIRE(parse_duration(std::string(10000, '9') + "s").has_error());
    REQUIRE(parse_duration(std::string(10000, '0') + "s").has_error());
}

TEST_CASE("Milliseconds count only where they are allowed")
{
    REQUIRE(parse_duration("250ms").has_error());
    REQUIRE(parse_duration("250ms", Smallest::milliseconds).value() == 250ms);
    REQUIRE(parse_duration("1s500ms", Smallest::milliseconds).value() == 1500ms);
    REQUIRE(parse_duration("5ms1s", Smallest::milliseconds).has_error());
}

TEST_CASE("A written duration is read back")
{
    struct Row
    {
        Duration value;
        std::string_view text;
    };
    const auto row = GENERATE(values<Row>(
        {{0s, "0s"}, {250ms, "250ms"}, {90min, "1h30m"}, {24h, "1d"}, {86399s, "23h59m59s"}, {1500ms, "1s500ms"}}));
    REQUIRE(format_duration(row.value) == row.text);
    REQUIRE(parse_duration(row.text, Smallest::milliseconds).value() == row.value);
    REQUIRE(format_duration(Duration{999}) == "0s");
    REQUIRE(format_duration(-5s) == "0s");
}

TEST_CASE("A date-time of RFC 3339 is read")
{
    struct Row
    {
        std::string_view text;
        std::int64_t micros;
    };
    const auto row = GENERATE(values<Row>({{"1970-01-01T00:00:00Z", 0},
                                           {"2026-12-01T09:00:00+09:00", 1796083200000000},
                                           {"2026-12-01T00:00:00Z", 1796083200000000},
                                           {"2026-12-01t00:00:00z", 1796083200000000},
                                           {"2026-11-30T19:00:00-05:00", 1796083200000000},
                                           {"2026-12-01T00:00:00.5Z", 1796083200500000},
                                           {"2026-12-01T00:00:00.1234569999Z", 1796083200123456},
                                           {"2026-12-01T00:00:00-00:00", 1796083200000000},
                                           {"2016-12-31T23:59:60Z", 1483228800000000},
                                           {"2017-01-01T08:59:60+09:00", 1483228800000000},
                                           {"2024-02-29T00:00:00Z", 1709164800000000},
                                           {"9999-12-31T23:59:59Z", 253402300799000000}}));
    INFO(row.text);
    REQUIRE(to_micros(parse_rfc3339(row.text).value()) == row.micros);
}

TEST_CASE("What is not a date-time of RFC 3339 is refused")
{
    const auto* text = GENERATE(
        as<const char*>{}, "", "2026-12-01", "2026-12-01T09:00:00", "2026-12-01 09:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-12-01T24:00:00Z",
        "2026-12-01T00:60:00Z", "2026-12-01T00:00:61Z", "2026-12-01T12:00:60Z", "2026-12-01T00:00:00.Z",
        "2026-12-01T00:00:00+24:00", "2026-12-01T00:00:00+0900", "2026-12-01T00:00:00+09:60", "2026-12-01T00:00:00ZZ",
        "02026-12-01T00:00:00Z", "-026-12-01T00:00:00Z", "2026-12-1T00:00:00Z");
    INFO(text);
    REQUIRE(parse_rfc3339(text).has_error());
    REQUIRE(parse_rfc3339("2026-12-01T00:00:00." + std::string(100000, '1') + "Z").has_error());
}

TEST_CASE("A point in time is written in UTC, whole seconds")
{
    REQUIRE(format_rfc3339(from_micros(1796083200999999)) == "2026-12-01T00:00:00Z");
    REQUIRE(format_rfc3339(from_micros(-1)) == "1969-12-31T23:59:59Z");
    REQUIRE(format_rfc3339(Instant::max()) == "9999-12-31T23:59:59Z");
    REQUIRE(format_rfc3339(Instant::min()) == "0000-01-01T00:00:00Z");
    REQUIRE(format_mail_date(from_micros(1795168561000000)) == "Fri, 20 Nov 2026 09:56:01 +0000");
    REQUIRE(format_mail_date(Instant::max()) == "Fri, 31 Dec 9999 23:59:59 +0000");
}

TEST_CASE("A mail date is read, obsolete forms included")
{
    constexpr std::int64_t noon = 1795168561000000; // 2026-11-20T09:56:01Z
    struct Row
    {
        std::string_view text;
        std::int64_t micros;
    };
    const auto row = GENERATE(values<Row>({{"Fri, 20 Nov 2026 09:56:01 +0000", noon},
                                           {"20 Nov 2026 09:56:01 +0000", noon},
                                           {"Fri, 20 Nov 2026 18:56:01 +0900", noon},
                                           {"Fri, 20 Nov 2026 18:56:01 +0900 (JST)", noon},
                                           {"fri,20nov2026 09:56:01 gmt", noon},
                                           {" Fri,\r\n 20 Nov 26 09:56:01 UT", noon},
                                           {"20 Nov 126 09:56:01 Z", noon},
                                           {"20 Nov 2026 09:56:01 J", noon},
                                           {"20 Nov 2026 09:56:01 XYZW", noon},
                                           {"Fri, 20 Nov 2026 04:56:01 EST", noon},
                                           {"Fri, 20 Nov 2026 02:56:01 PDT", noon},
                                           {"Fri (a (nested \\) one)) , 20 Nov 2026 09 : 56 : 01 -0000", noon},
                                           {"20 Nov 2026 09:56 +0000", noon - 1000000},
                                           {"1 Jan 70 00:00 +0000", 0},
                                           {"Sat, 31 Dec 2016 23:59:60 +0000", 1483228800000000}}));
    INFO(row.text);
    REQUIRE(to_micros(parse_mail_date(row.text).value()) == row.micros);
}

TEST_CASE("What is not a mail date is refused")
{
    const auto* text =
        GENERATE(as<const char*>{}, "", "garbage", "Thu, 20 Nov 2026 09:56:01 +0000", "Fri 20 Nov 2026 09:56:01 +0000",
                 "Xyz, 20 Nov 2026 09:56:01 +0000", "20 Nov 2026", "20 Nov 2026 09:56:01", "32 Nov 2026 09:56:01 +0000",
                 "31 Nov 2026 09:56:01 +0000", "20 Foo 2026 09:56:01 +0000", "20 Nov 1899 09:56:01 +0000",
                 "20 Nov 02026 09:56:01 +0000", "20 Nov 2026 24:56:01 +0000", "20 Nov 2026 09:60:01 +0000",
                 "20 Nov 2026 09:56:61 +0000", "20 Nov 2026 09:56:01 +0060", "20 Nov 2026 09:56:01 +00000",
                 "20 Nov 2026 09:56:01 +000", "20 Nov 2026 09:56:01 +0000 x", "20 Nov 2026 09:56:01 +0000 (open",
                 "20 Nov 2026 09:56:01 +0000 (open\\", "20 Nov 2026 9:56:01 +0000 )", "20 Nov 2026 09:56: +0000");
    INFO(text);
    REQUIRE(parse_mail_date(text).has_error());
    REQUIRE(parse_mail_date(std::string(100000, '(')).has_error());
    REQUIRE(parse_mail_date(std::string(1000, '(')).has_error());
}
