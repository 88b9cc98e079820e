// SPDX-License-Identifier: Apache-2.0
// An office with people of random habits, who call each other by hand, order, cancel and change their minds, while the
// gateway dies now and then. Whatever happens, the rules of spec 3 hold. A failure names its seed:
//   RINGPOST_SEED=<seed> <test program> "*random habits*"
// RINGPOST_SEEDS=<n> lives n offices instead of ten.
#include "rig.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

using namespace ringpost;
using namespace ringpost::service;
using test::Rig;
using test::RigOptions;

namespace
{
constexpr int telephones = 12;
constexpr int orders = 200;
constexpr int hand_calls = 150;
constexpr int cancels = 30;
constexpr Duration day = 30min; ///< in which all of that happens
constexpr Duration cap = 10min;

std::string extension(int i)
{
    return std::to_string(2000 + i);
}

RigOptions options_for(std::mt19937& random)
{
    RigOptions options;
    options.rules.monitor_time_cap = cap;
    options.scheduler.attempts_at_once = random() % 3 == 0 ? 2 : 50;
    options.extensions.clear();
    for (int i = 0; i < telephones; ++i)
    {
        options.extensions.push_back(extension(i));
    }
    return options;
}

class Office
{
public:
    explicit Office(std::uint32_t seed) : random_(seed), rig_(options_for(random_))
    {
        watch();
        rig_.line().on_dial = [this](const pbx::MakeCall& call) { check_dial(call); };
    }

    void live()
    {
        plan();
        const bool dies = chance(50);
        const Duration death = upto(day);
        rig_.run_for(dies ? death : day);
        if (dies)
        {
            rig_.crash(chance(50));
            watch();
            rig_.run_for(upto(2min));
            rig_.start();
            rig_.run_for(day - std::min(day, rig_.elapsed()));
        }
        rig_.run_for(cap + 15min); // some are held for 5 minutes
    }

    void check_end()
    {
        auto told = rig_.all_results();
        for (const auto id : ids_)
        {
            const auto request = rig_.request(id);
            const std::size_t due = request.result_notification ? 1 : 0;
            if (!is_end(request.state))
            {
                rig_.line().fault(request.number + " has not ended: " + rig_.standing(id));
            }
            if (told[request.number].size() != due)
            {
                rig_.line().fault(fmt::format("{}: {} results", request.number, told[request.number].size()));
            }
            for (const auto& attempt : rig_.attempts(id))
            {
                if (!attempt.ended)
                {
                    rig_.line().fault(fmt::format("attempt {} has no end", attempt.id.value));
                }
            }
        }
        CHECK(rig_.scheduler().attempts() == 0);
        CHECK(rig_.line().faults() == std::vector<std::string>{});
    }

    [[nodiscard]] int connected()
    {
        return static_cast<int>(std::count_if(ids_.begin(), ids_.end(), [this](RequestId id) {
            return rig_.request(id).state == RequestState::connected;
        }));
    }

private:
    [[nodiscard]] bool chance(unsigned percent) { return random_() % 100 < percent; }
    [[nodiscard]] Duration upto(Duration most)
    {
        return Duration{static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most / 1ms)) * 1000};
    }
    [[nodiscard]] std::string somebody() { return extension(static_cast<int>(random_() % telephones)); }

    void watch()
    {
        watch_ =
            rig_.exchange().watch([this](const pbx::TelephoneEvent& event) { changed_[event.number] = event.time; });
    }

    void plan()
    {
        for (int i = 0; i < telephones; ++i)
        {
            change_habit(extension(i));
        }
        for (int i = 0; i < hand_calls; ++i)
        {
            rig_.at(upto(day), [this] { call_by_hand(); });
            rig_.at(upto(day), [this] { change_habit(somebody()); });
        }
        for (int i = 0; i < orders; ++i)
        {
            rig_.at(upto(day), [this] { order(); });
        }
        for (int i = 0; i < cancels; ++i)
        {
            rig_.at(upto(day), [this] { cancel(); });
        }
    }

    void change_habit(const std::string& number)
    {
        const auto kind = random_() % 10;
        const Duration after = upto(20s);
        const Duration talk = 2s + upto(90s);
        rig_.answers(number, after, talk);
        if (kind < 3)
        {
            kind == 0 ? rig_.rejects(number) : rig_.never_answers(number);
        }
        if (chance(5))
        {
            rig_.exchange().set_reachable(number, false).value();
        }
        else
        {
            rig_.exchange().set_reachable(number, true).value();
        }
    }

    void call_by_hand()
    {
        const auto from = somebody();
        const auto to = somebody();
        if (rig_.state(from) == pbx::DeviceState::idle && from != to)
        {
            rig_.calls(from, to);
        }
    }

    void order()
    {
        auto request = rig_.order(chance(5) ? Rig::far_prefix + "2000" : somebody(), somebody());
        if (chance(10))
        {
            request.source_device = Rig::far_prefix + "2001";
        }
        if (request.source_device == request.destination_device || !rig_.running())
        {
            return;
        }
        request.express = chance(10);
        request.first_attempt = !chance(10);
        request.result_notification = !chance(10);
        request.call_order = chance(25) ? CallOrder::source_first : CallOrder::destination_first;
        request.ring_time = 5s + upto(25s);
        request.monitor_time = chance(50) ? std::optional(10s + upto(8min)) : std::nullopt;
        request.retry_every = chance(25) ? std::optional(20s + upto(2min)) : std::nullopt;
        ids_.push_back(rig_.ask(request));
    }

    void cancel()
    {
        if (ids_.empty() || !rig_.running())
        {
            return;
        }
        auto request = rig_.request(ids_.at(random_() % ids_.size()));
        spawn(rig_.context().get_executor(), "test.cancel",
              [](Scheduler& scheduler, store::Request what) -> boost::asio::awaitable<void> {
                  const auto done = co_await scheduler.cancel(std::move(what));
                  static_cast<void>(done);
              }(rig_.scheduler(), std::move(request)));
    }

    /// A telephone that came into use in this very instant could not be known.
    void check_free(const pbx::MakeCall& call, const std::string& device)
    {
        if (pbx::in_use(rig_.state(device)) && changed_[device] < rig_.now())
        {
            rig_.line().fault(fmt::format("attempt {} rings {}, which is in use", call.attempt.value, device));
        }
    }

    void check_dial(const pbx::MakeCall& call)
    {
        check_free(call, call.first.number);
        check_free(call, call.second.number);
        const auto rows = rig_.with<std::vector<std::int64_t>>([&](store::Connection& connection) {
            auto query = connection.prepare(
                "SELECT count(*) FILTER (WHERE attempt_id = ?1 AND state = 'dialling-first' AND expires_at > ?2), "
                "count(*) FILTER (WHERE attempt_id <> ?1 AND (destination_device IN (?3, ?4) OR source_device IN "
                "(?3, ?4))) FROM request WHERE state IN ('dialling-first', 'dialling-second')");
            query.bind(call.attempt, rig_.now(), call.first.number, call.second.number);
            query.step();
            return std::vector<std::int64_t>{query.integer(0), query.integer(1)};
        });
        if (rows[0] != 1)
        {
            rig_.line().fault(fmt::format("attempt {} is dialled for a request that has ended", call.attempt.value));
        }
        if (rows[1] != 0)
        {
            rig_.line().fault(fmt::format("attempt {} has a device of another one", call.attempt.value));
        }
        check_turn(call);
    }

    /// Nobody who was due before, and whose source is free, stands further ahead in the queue.
    void check_turn(const pbx::MakeCall& call)
    {
        const auto passed = rig_.with<std::vector<std::pair<std::string, std::string>>>([&](store::Connection&
                                                                                                connection) {
            auto query = connection.prepare(
                "SELECT other.number, other.source_device FROM request JOIN request AS other ON "
                "other.destination_device = request.destination_device WHERE request.state = 'dialling-first' AND "
                "request.attempt_id = ? AND other.state = 'waiting' AND other.wait = 'none' AND other.wake_at < ? AND "
                "(other.express, -other.asked, -other.id) > (request.express, -request.asked, -request.id)");
            query.bind(call.attempt, rig_.now());
            std::vector<std::pair<std::string, std::string>> rows;
            while (query.step())
            {
                rows.emplace_back(query.text(0), query.text(1));
            }
            return rows;
        });
        for (const auto& [number, source] : passed)
        {
            if (!pbx::in_use(rig_.state(source)) && source != call.second.number && source != call.first.number)
            {
                rig_.line().fault(fmt::format("attempt {} passes {}, whose turn it is", call.attempt.value, number));
            }
        }
    }

    std::mt19937 random_;
    Rig rig_;
    std::unique_ptr<pbx::Watch> watch_;
    std::map<std::string, Instant> changed_;
    std::vector<RequestId> ids_;
};

std::vector<std::uint32_t> seeds()
{
    if (const char* one = std::getenv("RINGPOST_SEED"))
    {
        return {static_cast<std::uint32_t>(std::strtoul(one, nullptr, 10))};
    }
    const char* many = std::getenv("RINGPOST_SEEDS");
    const auto last = many == nullptr ? 10 : static_cast<std::uint32_t>(std::strtoul(many, nullptr, 10));
    std::vector<std::uint32_t> all;
    for (std::uint32_t seed = 1; seed <= last; ++seed)
    {
        all.push_back(seed);
    }
    return all;
}
} // namespace

TEST_CASE("In an office of people with random habits no rule is broken and every request comes to its one result")
{
    int connected = 0;
    for (const auto seed : seeds())
    {
        INFO("to replay: RINGPOST_SEED=" << seed);
        Office office(seed);
        office.live();
        office.check_end();
        connected += office.connected();
    }
    // A test in which nobody is ever connected would prove nothing.
    CHECK(connected > 0);
}
