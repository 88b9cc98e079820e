// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/jitter_buffer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace ringpost::pbx::asterisk;

namespace
{
/// Each packet carries its number; what is heard is told as `1 2 3`.
struct Stream
{
    JitterBuffer buffer;
    std::uint32_t source = 7;

    std::string put(int number)
    {
        const std::string text = std::to_string(number);
        return told(buffer.put({static_cast<std::uint16_t>(number), source, text}));
    }
    static std::string told(const std::vector<std::string>& heard)
    {
        std::string text;
        for (const auto& packet : heard)
        {
            text += (text.empty() ? "" : " ") + packet;
        }
        return text;
    }
};
} // namespace

TEST_CASE("Packets in order are heard at once, from whatever number on and over its end")
{
    Stream stream;
    for (int number = 65'530; number < 65'546; ++number)
    {
        CHECK(stream.put(number) == std::to_string(number));
    }
    CHECK_FALSE(stream.buffer.waits());
}

TEST_CASE("A packet that was overtaken is heard in its place, one that comes twice once")
{
    Stream stream;
    CHECK(stream.put(1) == "1");
    CHECK(stream.put(3).empty());
    CHECK(stream.buffer.waits());
    CHECK(stream.put(3).empty());
    CHECK(stream.put(4).empty());
    CHECK(stream.put(2) == "2 3 4");
    CHECK_FALSE(stream.buffer.waits());
    CHECK(stream.put(3).empty());
    CHECK(stream.put(5) == "5");
}

TEST_CASE("What is lost is waited for as long as the buffer holds what follows, or until it is flushed")
{
    Stream stream;
    CHECK(stream.put(1) == "1");
    for (int number = 3; number < 3 + static_cast<int>(JitterBuffer::most_held); ++number)
    {
        CHECK(stream.put(number).empty());
    }
    CHECK(stream.put(8) == "3 4 5 6 7 8");
    CHECK(stream.put(2).empty()); // too late
    CHECK(stream.put(11).empty());
    CHECK(stream.put(10).empty());
    CHECK(Stream::told(stream.buffer.flush()) == "10 11");
    CHECK(stream.put(9).empty());
    CHECK(stream.put(12) == "12");
    CHECK(stream.put(30).empty()); // 18 lost
    CHECK(stream.put(31).empty());
    CHECK(Stream::told(stream.buffer.flush()) == "30 31");
}

TEST_CASE("Another source, and a jump, begin anew")
{
    Stream stream;
    CHECK(stream.put(1) == "1");
    CHECK(stream.put(3).empty());
    CHECK(stream.put(30'000) == "3 30000");
    CHECK(stream.put(2) == "2");
    stream.source = 8;
    CHECK(stream.put(1) == "1");
    CHECK(stream.put(2) == "2");
}

TEST_CASE("However packets are delayed by less than the buffer holds, all are heard in order")
{
    std::mt19937 random(3);
    for (int round = 0; round < 50; ++round)
    {
        std::vector<std::pair<std::uint32_t, int>> arrivals;
        for (int number = 0; number < 200; ++number)
        {
            arrivals.emplace_back(static_cast<std::uint32_t>(number) + (number == 0 ? 0 : random() % 5), number);
        }
        std::stable_sort(arrivals.begin(), arrivals.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        Stream stream;
        std::string heard;
        std::string expected;
        for (const auto& [when, number] : arrivals)
        {
            if (const std::string now = stream.put(number); !now.empty())
            {
                heard += now + " ";
            }
        }
        for (int number = 0; number < 200; ++number)
        {
            expected += std::to_string(number) + " ";
        }
        CHECK(heard == expected);
    }
}
