// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/exchange.h"

#include <utility>

namespace ringpost::pbx
{
namespace asio = boost::asio;

SimulatedExchange::SimulatedExchange(const asio::any_io_executor& executor, Clock& clock, simulated::CallLog log,
                                     simulated::Office office, std::size_t trunk_lines)
    : log_(std::move(log)), outbox_(executor), trunks_(trunk_lines),
      switchboard_(clock, outbox_, log_, trunks_, std::move(office))
{}

Result<std::unique_ptr<SimulatedExchange>> SimulatedExchange::open(const asio::any_io_executor& executor, Clock& clock,
                                                                   Options options)
{
    if (!options.office.recordings.empty())
    {
        std::error_code error;
        std::filesystem::create_directories(options.office.recordings, error);
        if (error)
        {
            return fail(Errc::io, options.office.recordings.string(), error.message());
        }
    }
    auto log = simulated::CallLog::open(options.call_log);
    if (log.has_error())
    {
        return log.error();
    }
    // The constructor is private: std::make_unique cannot reach it.
    std::unique_ptr<SimulatedExchange> exchange(
        new SimulatedExchange(executor, clock, std::move(*log), std::move(options.office), options.trunk_lines));
    const auto opened = exchange->open_trunks(executor, clock, options);
    if (opened.has_error())
    {
        return opened.error();
    }
    return exchange;
}

Result<> SimulatedExchange::open_trunks(const asio::any_io_executor& executor, Clock& clock, const Options& options)
{
    for (const Trunk& trunk : options.trunks)
    {
        auto link = simulated::connect_trunk(executor, clock, trunk.peer);
        if (link.has_error())
        {
            return link.error();
        }
        trunks_.add_route(trunk.prefix, std::move(*link));
    }
    if (options.listen)
    {
        auto listener = simulated::TrunkListener::open(
            executor, clock, *options.listen,
            [this](std::unique_ptr<simulated::TrunkLink> link) { trunks_.accept(std::move(link)); });
        if (listener.has_error())
        {
            return listener.error();
        }
        listener_.emplace(std::move(*listener));
    }
    return {};
}

bool SimulatedExchange::supports(Capability capability) const
{
    return capability == Capability::monitor_device || capability == Capability::announce ||
           capability == Capability::audio_port;
}

void SimulatedExchange::on_event(std::function<void(const Event&)> sink)
{
    outbox_.on_event(std::move(sink));
}

Result<> SimulatedExchange::need_link() const
{
    if (!link_up())
    {
        return fail(Errc::unavailable, "exchange", "the link to the exchange is down");
    }
    return {};
}

asio::awaitable<Result<>> SimulatedExchange::make_call(MakeCall call)
{
    Result<> done = need_link();
    if (done.has_value())
    {
        done = switchboard_.make_call(call);
    }
    co_return done;
}

asio::awaitable<Result<>> SimulatedExchange::alert_second(AttemptId attempt)
{
    Result<> done = need_link();
    if (done.has_value())
    {
        done = switchboard_.alert_second(attempt);
    }
    co_return done;
}

asio::awaitable<Result<>> SimulatedExchange::clear_call(AttemptId attempt)
{
    Result<> done = need_link();
    if (done.has_value())
    {
        switchboard_.clear_call(attempt);
    }
    co_return done;
}

asio::awaitable<Result<>> SimulatedExchange::announce(AttemptId attempt, Announcement)
{
    Result<> done = need_link();
    if (done.has_value())
    {
        done = switchboard_.announce(attempt);
    }
    co_return done;
}

asio::awaitable<Result<std::unique_ptr<AudioPort>>> SimulatedExchange::connect_port(AttemptId attempt)
{
    const Result<> link = need_link();
    if (link.has_error())
    {
        co_return link.error();
    }
    co_return switchboard_.connect_port(attempt);
}

asio::awaitable<Result<std::optional<AttemptLegs>>> SimulatedExchange::find_attempt(AttemptId attempt)
{
    const Result<> link = need_link();
    if (link.has_error())
    {
        co_return link.error();
    }
    co_return switchboard_.find_attempt(attempt);
}

asio::awaitable<Result<>> SimulatedExchange::clear_orphans(std::set<AttemptId> keep)
{
    Result<> done = need_link();
    if (done.has_value())
    {
        switchboard_.clear_orphans(keep);
    }
    co_return done;
}

asio::awaitable<Result<std::vector<Finding>>> SimulatedExchange::check()
{
    std::vector<Finding> findings;
    findings.push_back({"simulated", true, "the exchange is built in"});
    co_return findings;
}

DeviceState SimulatedExchange::snapshot_device(const DeviceId& device) const
{
    return switchboard_.state_of(device);
}

bool SimulatedExchange::lines_free(const std::vector<DeviceId>& devices) const
{
    std::vector<std::string> numbers;
    numbers.reserve(devices.size());
    for (const auto& device : devices)
    {
        numbers.push_back(device.number);
    }
    return trunks_.lines_free(numbers);
}

Result<> SimulatedExchange::monitor_start(const DeviceId& device)
{
    const DeviceState state = switchboard_.state_of(device);
    if (state == DeviceState::cannot_know)
    {
        return fail(Errc::unsupported, device.number, "an external device cannot be monitored");
    }
    if (state == DeviceState::no_such)
    {
        return fail(Errc::not_found, device.number, "there is no such device");
    }
    switchboard_.monitor(device, true);
    return {};
}

void SimulatedExchange::monitor_stop(const DeviceId& device)
{
    switchboard_.monitor(device, false);
}

std::vector<Telephone> SimulatedExchange::list() const
{
    return switchboard_.list();
}

Result<> SimulatedExchange::call(const std::string& from, const std::string& to)
{
    return switchboard_.dial(from, to);
}

Result<> SimulatedExchange::answer(const std::string& number)
{
    return switchboard_.answer(number);
}

Result<> SimulatedExchange::hang_up(const std::string& number)
{
    return switchboard_.hang_up(number);
}

Result<> SimulatedExchange::press(const std::string& number, const std::string& digits)
{
    return switchboard_.press(number, digits);
}

Result<> SimulatedExchange::set(const std::string& number, const std::function<void(Habit&)>& change)
{
    return switchboard_.set(number, change);
}

std::unique_ptr<Watch> SimulatedExchange::watch(std::function<void(const TelephoneEvent&)> sink)
{
    return outbox_.watch(std::move(sink));
}

Result<> SimulatedExchange::set_reachable(const std::string& number, bool reachable)
{
    return switchboard_.set_reachable(number, reachable);
}
} // namespace ringpost::pbx
