// SPDX-License-Identifier: Apache-2.0
// What a driver brings along to be put under the conformance cases: an exchange with three telephones in service, and
// people beside them. A driver is added by one row in drivers.cpp.
#pragma once

#include "pbx/exchange.h"
#include "pbx/telephones.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ringpost::pbx::conformance
{
class Rig
{
public:
    virtual ~Rig() = default;

    virtual Exchange& exchange() = 0;
    virtual Telephones& telephones() = 0;
    virtual boost::asio::io_context& context() = 0;
    /// Lets so much time pass and everything be delivered that is due.
    virtual void run_for(Duration duration) = 0;
    virtual void set_reachable(const std::string& number, bool reachable) = 0;
    virtual void set_link(bool up) = 0;
    /// Longer than any announcement of this rig.
    [[nodiscard]] virtual Duration announcement() const = 0;

    /// How long a case waits where nothing is to happen.
    [[nodiscard]] virtual Duration long_time() const { return 10min; }
    /// How much longer than run_for() what is to happen may take; zero where time is virtual.
    [[nodiscard]] virtual Duration patience() const { return Duration{0}; }
    /// How far times may be off.
    [[nodiscard]] virtual Duration slack() const { return Duration{0}; }
    /// The cause of a person's refusal: some telephones can say "busy" only.
    [[nodiscard]] virtual std::string refusal() const { return "rejected"; }
    /// set_reachable(false) ends the calls of a telephone, as pulling a plug does.
    [[nodiscard]] virtual bool unplugging_ends_calls() const { return true; }

    /// What the telephone hears in its call, or has heard in the last one.
    [[nodiscard]] virtual std::vector<std::int16_t> heard(const std::string& number) = 0;
    /// The tone in Hz that the person at it makes; 0: none.
    [[nodiscard]] virtual int tone_of(const std::string& number) const = 0;
    /// What there is at the exchange of voice board ports.
    [[nodiscard]] virtual std::size_t ports_at_exchange() { return 0; }

    /// Three telephones, and a number that the exchange does not have.
    const std::string a = "2000";
    const std::string b = "2100";
    const std::string c = "2200";
    const std::string nobody = "2999";

    /// Begins to collect events; to be called once, before the case.
    void listen();

    Result<> make_call(std::int64_t attempt, const std::string& first, const std::string& second,
                       Duration ring_first = 25s, Duration ring_second = 25s);
    /// make_call() and clear_call() with nothing delivered in between.
    Result<> call_and_clear(std::int64_t attempt, const std::string& first, const std::string& second);
    Result<> alert_second(std::int64_t attempt);
    Result<> clear_call(std::int64_t attempt);
    Result<> announce(std::int64_t attempt);
    Result<std::unique_ptr<AudioPort>> connect_port(std::int64_t attempt);
    /// `none`, or which legs have answered: `-`, `first`, `first second`.
    std::string find_attempt(std::int64_t attempt);
    /// Whether find_attempt() comes to say `legs`, at the latest after patience(): people of real telephones take
    /// longer than run_for() on a loaded machine.
    bool answers(std::int64_t attempt, const std::string& legs);
    /// make_call() and time for the first to answer; the events until then are taken away.
    void answered_first(std::int64_t attempt, const std::string& first, const std::string& second,
                        Duration ring_second = 25s);
    /// As answered_first(), and both talk.
    void both_talk(std::int64_t attempt, const std::string& first, const std::string& second);

    void habit(const std::string& number, Habit::Answer answer, Duration after = 1s);
    /// The events since the last call, each as one line: `failed 7 first busy`, `device_released 2000 answered`.
    std::vector<std::string> events();
    /// Whether the events since the last call are these; waits for the last of them at most patience(), and then a
    /// little for what would be too much.
    bool tells(const std::vector<std::string>& expected);
    /// Whether the device is in that state, at the latest after patience().
    bool is(const std::string& number, DeviceState state);
    Result<> clear_orphans(const std::set<std::int64_t>& keep);

    /// Lets time pass until it is so, at most patience().
    bool comes_true(const std::function<bool()>& done) { return wait_until(done); }

protected:
    bool wait_until(const std::function<bool()>& done);
    template <class T>
    T complete(std::function<boost::asio::awaitable<T>()> action);

private:
    void settle();
    std::vector<Event> events_;
};

/// Real exchanges answer in milliseconds; a rig in virtual time needs one round.
template <class T>
T Rig::complete(std::function<boost::asio::awaitable<T>()> action)
{
    std::optional<T> result;
    std::exception_ptr trouble;
    auto done = [&](std::exception_ptr thrown, T value) {
        trouble = std::move(thrown);
        result = std::move(value);
    };
    boost::asio::co_spawn(context(), action, done);
    for (int round = 0; !result && round < 5000; ++round)
    {
        run_for(round == 0 ? Duration{0} : Duration{1ms});
    }
    if (trouble)
    {
        std::rethrow_exception(trouble);
    }
    if (!result)
    {
        throw std::runtime_error("the exchange did not answer a request");
    }
    return std::move(*result);
}

struct Driver
{
    std::string name;
    std::function<std::unique_ptr<Rig>()> make;
};

/// All drivers that this machine can test.
std::vector<Driver> drivers();
} // namespace ringpost::pbx::conformance
