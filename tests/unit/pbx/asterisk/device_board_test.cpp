// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/device_board.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::asterisk;
using Lines = std::vector<std::string>;
using State = DeviceState;

namespace
{
Lines lines(const std::vector<Event>& events)
{
    Lines written;
    for (const Event& event : events)
    {
        switch (event.kind)
        {
        case Event::Kind::device_in_use:
            written.emplace_back("in-use");
            break;
        case Event::Kind::device_released:
            written.emplace_back(event.was_answered ? "released answered" : "released");
            break;
        case Event::Kind::device_in_service:
            written.emplace_back("in-service");
            break;
        default:
            written.emplace_back("out-of-service");
        }
    }
    return written;
}
} // namespace

TEST_CASE("A device of Asterisk tells what its changes of state mean")
{
    struct Row
    {
        const char* what;
        std::vector<State> states;
        Lines told;
    };
    const std::vector<Row> rows{
        {"the first look is no event", {State::talking}, {}},
        {"rung and not answered", {State::idle, State::ringing, State::idle}, {"released"}},
        {"rung and answered",
         {State::idle, State::ringing, State::talking, State::idle},
         {"in-use", "released answered"}},
        {"a second call while it talks",
         {State::idle, State::talking, State::ringing, State::talking, State::idle},
         {"in-use", "in-use", "released answered"}},
        {"held and released", {State::idle, State::talking, State::held, State::idle}, {"in-use", "released answered"}},
        {"said twice",
         {State::idle, State::talking, State::talking, State::idle, State::idle},
         {"in-use", "released answered"}},
        {"out of service and back", {State::idle, State::unreachable, State::idle}, {"out-of-service", "in-service"}},
        {"lost while it talks", {State::idle, State::talking, State::unreachable}, {"in-use", "out-of-service"}},
        {"known as talking from the first look", {State::talking, State::idle}, {"released answered"}},
    };
    for (const Row& row : rows)
    {
        INFO(row.what);
        DeviceBoard board;
        board.monitor("2000", true);
        Lines told;
        for (const State state : row.states)
        {
            for (const std::string& line : lines(board.now("2000", state)))
            {
                told.push_back(line);
            }
        }
        CHECK(told == row.told);
        CHECK(board.state("2000") == row.states.back());
    }
}

TEST_CASE("A device of Asterisk that is not monitored is known but tells nothing")
{
    DeviceBoard board;
    CHECK_FALSE(board.state("2000").has_value());
    CHECK(board.heard("2000") == 0);
    board.now("2000", State::idle);
    CHECK(board.now("2000", State::talking).empty());
    CHECK(board.state("2000") == State::talking);
    CHECK(board.heard("2000") == 2);
    board.monitor("2000", true);
    CHECK(lines(board.now("2000", State::idle)) == Lines{"released answered"});
    board.monitor("2000", false);
    CHECK(board.now("2000", State::talking).empty());
    CHECK(board.now("2000", State::no_such).empty());
    CHECK_FALSE(board.state("2000").has_value());
}
