// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/exchange.h"

#include <utility>

namespace ringpost::pbx
{
namespace asio = boost::asio;
using asterisk::Driver;

AsteriskExchange::AsteriskExchange(const asio::any_io_executor& executor, Clock& clock, asterisk::DriverOptions options)
    : driver_(std::make_shared<Driver>(executor, clock, std::move(options)))
{
    driver_->start();
}

AsteriskExchange::~AsteriskExchange()
{
    driver_->close();
}

bool AsteriskExchange::supports(Capability capability) const
{
    return capability == Capability::monitor_device || capability == Capability::announce ||
           capability == Capability::audio_port;
}

asio::awaitable<Result<>> AsteriskExchange::make_call(MakeCall call)
{
    return Driver::make_call(driver_, std::move(call));
}

asio::awaitable<Result<>> AsteriskExchange::alert_second(AttemptId attempt)
{
    return Driver::alert_second(driver_, attempt);
}

asio::awaitable<Result<>> AsteriskExchange::clear_call(AttemptId attempt)
{
    return Driver::clear_call(driver_, attempt);
}

asio::awaitable<Result<>> AsteriskExchange::announce(AttemptId attempt, Announcement announcement)
{
    return Driver::announce(driver_, attempt, announcement);
}

asio::awaitable<Result<std::unique_ptr<AudioPort>>> AsteriskExchange::connect_port(AttemptId attempt)
{
    return Driver::connect_port(driver_, attempt);
}

asio::awaitable<Result<std::optional<AttemptLegs>>> AsteriskExchange::find_attempt(AttemptId attempt)
{
    return Driver::find_attempt(driver_, attempt);
}

asio::awaitable<Result<>> AsteriskExchange::clear_orphans(std::set<AttemptId> keep)
{
    return Driver::clear_orphans(driver_, std::move(keep));
}

asio::awaitable<Result<std::vector<Finding>>> AsteriskExchange::check()
{
    return Driver::check(driver_);
}
} // namespace ringpost::pbx
