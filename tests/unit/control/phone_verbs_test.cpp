// SPDX-License-Identifier: Apache-2.0
#include "control/phone_verbs.h"
#include "fake_telephones.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::control;
using nlohmann::json;

namespace
{
Result<json> call(const Verbs& verbs, std::string verb, json arguments)
{
    boost::asio::io_context context;
    Result<json> outcome = fail(Errc::internal, "", "never answered");
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, verbs.call(std::move(verb), std::move(arguments)),
                          [&](std::exception_ptr error, Result<json> result) {
                              thrown = error;
                              outcome = std::move(result);
                          });
    context.run();
    if (thrown)
    {
        std::rethrow_exception(thrown);
    }
    return outcome;
}

struct Office
{
    FakeTelephones telephones;
    Verbs verbs;
    Office() { register_phone_verbs(verbs, telephones); }
};
} // namespace

TEST_CASE("An unknown verb is unsupported, and a verb is registered once")
{
    Verbs verbs;
    verbs.add_immediate("a", [](const json&) -> Result<json> { return json(1); });
    CHECK(call(verbs, "b", json::object()).error().code() == Errc::unsupported);
    CHECK(call(verbs, "a", json::object()).value() == 1);
    CHECK_THROWS_AS(verbs.add_immediate("a", [](const json&) -> Result<json> { return json(2); }), std::logic_error);
    CHECK_THROWS_AS(verbs.add_stream("a", {}), std::logic_error);
    CHECK(verbs.subscribe("a", json::object(), {}).error().code() == Errc::unsupported);
}

TEST_CASE("What a handler throws becomes an internal failure")
{
    Verbs verbs;
    verbs.add_immediate("throws", [](const json& arguments) -> Result<json> { return arguments.at("missing"); });
    verbs.add_stream("throws.too", [](const json&, const Sink&) -> Result<std::unique_ptr<Subscription>> {
        throw std::runtime_error("broken");
    });
    CHECK(call(verbs, "throws", json::object()).error().code() == Errc::internal);
    CHECK(verbs.subscribe("throws.too", json::object(), {}).error().code() == Errc::internal);
}

TEST_CASE("phone.list gives the telephones sorted by number, with null when idle")
{
    Office office;
    office.telephones.all = {{"2001", pbx::DeviceState::talking, "2002"},
                             {"2000", pbx::DeviceState::idle, std::nullopt},
                             {"2003", pbx::DeviceState::unreachable, std::nullopt},
                             {"2002", pbx::DeviceState::held, "2001"}};
    const auto rows = call(office.verbs, "phone.list", json::object());
    CHECK(rows.value() == json::parse(R"([{"number":"2000","state":"idle","with":null},
                                          {"number":"2001","state":"talking","with":"2002"},
                                          {"number":"2002","state":"held","with":"2001"},
                                          {"number":"2003","state":"unreachable","with":null}])"));
}

TEST_CASE("phone.call, phone.answer, phone.hangup and phone.press reach the telephones and answer null")
{
    Office office;
    CHECK(call(office.verbs, "phone.call", {{"from", "2000"}, {"to", "+81442223333"}}).value().is_null());
    CHECK(call(office.verbs, "phone.answer", {{"number", "2001"}}).value().is_null());
    CHECK(call(office.verbs, "phone.hangup", {{"number", "2001"}}).value().is_null());
    CHECK(call(office.verbs, "phone.press", {{"number", "2001"}, {"digits", "12#"}}).value().is_null());
    CHECK(office.telephones.done ==
          std::vector<std::string>{"call 2000 +81442223333", "answer 2001", "hangup 2001", "press 2001 12#"});
    CHECK(call(office.verbs, "phone.answer", {{"number", "9999"}}).error().code() == Errc::not_found);
}

TEST_CASE("Wrong arguments of a phone verb are named and change nothing")
{
    struct Row
    {
        std::string verb;
        json arguments;
        std::string where;
    };
    const std::vector<Row> rows{
        {"phone.list", {{"number", "2000"}}, "arguments"},
        {"phone.list", json::array(), "arguments"},
        {"phone.call", {{"from", "2000"}}, "to"},
        {"phone.call", {{"from", 2000}, {"to", "2001"}}, "from"},
        {"phone.call", {{"from", "2000"}, {"to", ""}}, "to"},
        {"phone.call", {{"from", "2000"}, {"to", "20\n01"}}, "to"},
        {"phone.call", {{"from", "2000"}, {"to", std::string(65, '1')}}, "to"},
        {"phone.call", {{"from", "2000"}, {"to", "2001"}, {"loud", true}}, "arguments"},
        {"phone.answer", json::object(), "number"},
        {"phone.hangup", {{"number", nullptr}}, "number"},
        {"phone.press", {{"number", "2000"}}, "digits"},
        {"phone.press", {{"number", "2000"}, {"digits", 5}}, "digits"},
        {"phone.press", {{"digits", "5"}}, "number"},
        {"phone.set", {{"number", "2000"}}, "arguments"},
        {"phone.set", {{"number", "2000"}, {"answer_after", "soon"}}, "answer_after"},
        {"phone.set", {{"number", "2000"}, {"answer_after", "1s"}, {"talk", "never"}}, "talk"},
        {"phone.set", {{"number", "2000"}, {"talk", 3}}, "talk"},
    };
    for (const auto& row : rows)
    {
        INFO(row.verb << " " << row.arguments.dump());
        Office office;
        const auto outcome = call(office.verbs, row.verb, row.arguments);
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().code() == Errc::malformed);
        CHECK(outcome.error().where() == row.where);
        CHECK(office.telephones.done.empty());
        CHECK(office.telephones.habit.answer_after == 1s);
    }
}

TEST_CASE("phone.set changes what it names and leaves the rest")
{
    using Answer = pbx::Habit::Answer;
    Office office;
    auto& habit = office.telephones.habit;
    CHECK(call(office.verbs, "phone.set", {{"number", "2000"}, {"answer_after", "250ms"}}).has_value());
    CHECK((habit.answer == Answer::after && habit.answer_after == 250ms && !habit.talk));
    CHECK(call(office.verbs, "phone.set", {{"number", "2000"}, {"talk", "2s"}}).has_value());
    CHECK((habit.answer == Answer::after && habit.answer_after == 250ms && habit.talk == Duration(2s)));
    CHECK(call(office.verbs, "phone.set", {{"number", "2000"}, {"answer_after", "never"}}).has_value());
    CHECK((habit.answer == Answer::never && habit.talk == Duration(2s)));
    CHECK(call(office.verbs, "phone.set", {{"number", "2000"}, {"answer_after", "reject"}, {"talk", "until-hangup"}})
              .has_value());
    CHECK((habit.answer == Answer::reject && !habit.talk));
}

TEST_CASE("phone.watch gives each event with microseconds, until its subscription ends")
{
    Office office;
    std::vector<json> seen;
    auto subscription =
        office.verbs.subscribe("phone.watch", json::object(), [&](const json& event) { seen.push_back(event); });
    REQUIRE(subscription.has_value());
    office.telephones.happen({from_micros(1'700'000'000'000'042), "2000", "ringing", "2001"});
    office.telephones.happen({from_micros(1'700'000'001'500'000), "2000", "idle", std::nullopt});
    subscription->reset();
    office.telephones.happen({from_micros(1'700'000'002'000'000), "2000", "ringing", std::nullopt});
    CHECK(seen ==
          std::vector<json>{
              {{"time", "2023-11-14T22:13:20.000042Z"}, {"number", "2000"}, {"event", "ringing"}, {"with", "2001"}},
              {{"time", "2023-11-14T22:13:21.500000Z"}, {"number", "2000"}, {"event", "idle"}, {"with", nullptr}}});
}
