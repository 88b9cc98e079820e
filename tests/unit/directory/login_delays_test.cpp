// SPDX-License-Identifier: Apache-2.0
#include "directory/login_delays.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::directory;

namespace
{
const Instant noon{12h};
constexpr LoginDelayOptions rules{3, 1s, 30s, 1h, 100};

/// Seconds that the answer to one more failure waits; -1: turned away.
int delay(LoginDelays& delays, Instant now, const std::string& address = "192.0.2.1", const std::string& login = "taro")
{
    const auto when = delays.failed(login, address, now);
    return when ? static_cast<int>(std::chrono::floor<std::chrono::seconds>(*when - now).count()) : -1;
}
} // namespace

TEST_CASE("The delay doubles with each failure up to the longest, and is forgotten with time")
{
    LoginDelays delays(rules);
    Instant now = noon;
    for (const int expected : {0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30})
    {
        CHECK(delay(delays, now) == expected);
        now += 30s;
    }
    now += 59min;
    CHECK(delay(delays, now) == 30);
    now += 1h;
    CHECK(delay(delays, now) == 0);
    CHECK(delays.size() == 1);
}

TEST_CASE("Guesses at the same time are answered one after the other, those beyond the longest delay turned away")
{
    LoginDelays delays({0, 10s, 30s, 1h, 100});
    CHECK(delay(delays, noon) == 10);
    CHECK(delay(delays, noon) == 30);
    CHECK(delay(delays, noon) == -1);
    CHECK(delay(delays, noon + 20s) == -1);
    CHECK(delay(delays, noon + 30s) == 30);
}

TEST_CASE("An account and a network belong together: neither alone is delayed")
{
    LoginDelays delays(rules);
    for (int i = 0; i < 5; ++i)
    {
        static_cast<void>(delay(delays, noon, "192.0.2." + std::to_string(i), i % 2 == 0 ? "taro" : "TARO"));
    }
    CHECK(delay(delays, noon + 1min, "192.0.2.99") == 4);
    CHECK(delay(delays, noon + 1min, "192.0.3.99") == 0);
    CHECK(delay(delays, noon + 1min, "192.0.2.99", "hanako") == 0);
    CHECK(delay(delays, noon + 1min, "") == 0);
}

TEST_CASE("The right secret waits like a guess, unless the account has logged in from there before")
{
    LoginDelays delays({0, 10s, 30s, 1h, 100});
    CHECK(delays.succeeded("hanako", "192.0.2.1", noon) == noon);
    CHECK(delay(delays, noon) == 10);
    CHECK(delays.succeeded("taro", "192.0.2.1", noon) == noon + 10s);
    CHECK(delays.succeeded("taro", "198.51.100.1", noon) == noon);
    // From now on this network is known; but failures there go on counting.
    CHECK(delays.succeeded("taro", "192.0.2.2", noon + 10s) == noon + 10s);
    CHECK(delay(delays, noon + 10s) == 20);
    CHECK(delays.succeeded("taro", "192.0.2.2", noon + 10s) == noon + 10s);
}

TEST_CASE("Where a wrong secret is turned away the right one is too, and is no nearer afterwards")
{
    LoginDelays delays({0, 30s, 30s, 1h, 100});
    CHECK(delay(delays, noon) == 30);
    CHECK(delay(delays, noon) == -1);
    CHECK_FALSE(delays.succeeded("taro", "192.0.2.1", noon));
    CHECK_FALSE(delays.succeeded("taro", "192.0.2.1", noon + 1s));
    CHECK(delays.succeeded("taro", "192.0.2.1", noon + 30s) == noon + 30s);
    CHECK(delay(delays, noon + 30s) == 30);
    CHECK(delays.succeeded("taro", "192.0.2.1", noon + 31s) == noon + 31s); // known from now on
}

TEST_CASE("Who does not wait for the answer to the right secret is not told it by asking again")
{
    LoginDelays delays({0, 10s, 30s, 1h, 100});
    CHECK(delay(delays, noon) == 10);
    CHECK(delays.succeeded("taro", "192.0.2.1", noon) == noon + 10s);
    CHECK(delays.succeeded("taro", "192.0.2.1", noon + 1s) == noon + 10s);
    CHECK(delays.succeeded("taro", "192.0.2.1", noon + 10s) == noon + 10s);
}

TEST_CASE("What is over does not keep a full table from counting what happens now")
{
    LoginDelays delays(rules);
    for (int i = 0; i < 100; ++i)
    {
        for (int n = 0; n < 5; ++n)
        {
            static_cast<void>(delay(delays, noon, "192.0.2.1", "once" + std::to_string(i)));
        }
    }
    Instant now = noon + 24h;
    for (const int expected : {0, 0, 0, 1, 2, 4})
    {
        CHECK(delay(delays, now) == expected);
        static_cast<void>(delay(delays, now, "192.0.2.1", "another" + std::to_string(to_micros(now))));
        now += 1min;
    }
}

TEST_CASE("A full table forgets made-up names before an account that is being guessed at")
{
    LoginDelays delays(rules);
    for (int i = 0; i < 6; ++i)
    {
        static_cast<void>(delay(delays, noon + i * 1min));
    }
    for (int i = 0; i < 1000; ++i)
    {
        static_cast<void>(delay(delays, noon + 10min, "192.0.2.1", "nobody" + std::to_string(i)));
    }
    CHECK(delays.size() == 100);
    CHECK(delay(delays, noon + 11min) == 8);
}

TEST_CASE("A wall clock that is set back holds nobody longer")
{
    LoginDelays delays({0, 10s, 30s, 1h, 100});
    CHECK(delay(delays, noon + 24h) == 10);
    CHECK_FALSE(delays.succeeded("taro", "192.0.2.1", noon)); // the next guess would have to wait for more than 30 s
    CHECK(delays.succeeded("taro", "192.0.2.1", noon + 20s) == noon + 30s);
    CHECK(delays.succeeded("hanako", "192.0.2.1", noon + 24h) == noon + 24h);
    CHECK(delay(delays, noon, "192.0.2.1", "hanako") == 10);
    CHECK(delays.succeeded("hanako", "192.0.2.1", noon) == noon);
}
