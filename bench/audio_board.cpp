// SPDX-License-Identifier: Apache-2.0
#include "bench/audio_board.h"

#include "core/spawn.h"

#include <algorithm>
#include <stdexcept>
#include <sys/resource.h>
#include <utility>

namespace ringpost::bench
{
namespace
{
std::string number(std::size_t i)
{
    return std::to_string(100'000 + i);
}

double cpu_seconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// A port that notes by how much each frame is later than the earliest one before it, each against its place in time.
/// (Not than the first one: where many begin in one moment, that is late itself.)
class StampedPort : public pbx::AudioPort
{
public:
    StampedPort(std::unique_ptr<pbx::AudioPort> port, Latencies& late) : port_(std::move(port)), late_(late) {}

    void listen(Sinks sinks) override { port_->listen(std::move(sinks)); }
    void send(std::span<const std::int16_t> samples) override
    {
        const auto begun = Steady::now() - sent_ * frame_time; // by this frame
        earliest_ = std::min(earliest_, begun);
        late_.add(begun - earliest_);
        ++sent_;
        port_->send(samples);
    }

private:
    std::unique_ptr<pbx::AudioPort> port_;
    Latencies& late_;
    Steady::time_point earliest_ = Steady::time_point::max();
    std::int64_t sent_ = 0;
};
} // namespace

Board::Board(std::vector<Batch>& batches)
    : batches_(batches), clock_(context_.get_executor()), board_(context_.get_executor(), clock_)
{
    pbx::SimulatedExchange::Options options;
    options.office.name = "bench.example";
    options.office.numbering.external_number = [](const std::string& number) { return number; };
    options.office.numbering.extension_of = [](const std::string&) { return std::nullopt; };
    options.office.numbering.normalise = [](const std::string& number) { return number; };
    for (const Batch& batch : batches_)
    {
        for (std::size_t i = 0; i < batch.count; ++i)
        {
            const std::string extension = number(sessions_++);
            options.office.extensions.push_back(extension);
            if (batch.machine)
            {
                options.office.machines.extensions.insert(extension);
            }
        }
    }
    options.office.machines.answered = [this](const std::string& extension, std::unique_ptr<pbx::AudioPort> port) {
        waiting_[extension] = std::move(port);
    };
    exchange_ = pbx::SimulatedExchange::open(context_.get_executor(), clock_, std::move(options)).value();
    for (std::size_t i = 0; i < sessions_; ++i)
    {
        exchange_->set(number(i), [](pbx::Habit& habit) { habit.answer_after = Duration{0}; }).value();
    }
}

void Board::run()
{
    TaskGroup group;
    group.spawn(context_.get_executor(), "bench.board", begin());
    context_.run();
    if (ended_ != sessions_)
    {
        throw std::runtime_error("not every session came to its end");
    }
}

boost::asio::awaitable<void> Board::begin()
{
    for (std::size_t i = 0; i < sessions_; ++i)
    {
        pbx::MakeCall call;
        call.attempt = AttemptId{static_cast<std::int64_t>(i) + 1};
        call.first = {number(i)};
        call.ring_first = 25s;
        const auto made = co_await exchange_->make_call(std::move(call));
        made.value();
    }
    co_await clock_.sleep_for(1s);
    std::vector<std::unique_ptr<pbx::AudioPort>> ports;
    for (Batch& batch : batches_)
    {
        for (std::size_t i = 0; i < batch.count; ++i)
        {
            const AttemptId attempt{static_cast<std::int64_t>(ports.size()) + 1};
            auto port = co_await exchange_->connect_port(attempt);
            ports.push_back(std::make_unique<StampedPort>(std::move(port.value()), batch.late));
        }
    }
    before_ = process_mib("VmRSS");
    cpu_ = cpu_seconds();
    begun_ = Steady::now();
    std::size_t begun = 0;
    for (Batch& batch : batches_)
    {
        co_await clock_.sleep_for(batch.begins);
        for (std::size_t i = 0; i < batch.count; ++i, ++begun)
        {
            spawn(context_.get_executor(), "bench.session", one(batch, batch.session, std::move(ports[begun])));
            if (batch.machine)
            {
                auto& waiting = waiting_.at(number(begun));
                spawn(context_.get_executor(), "bench.machine", machine(batch, std::move(waiting)));
            }
            if (!batch.in_one_moment)
            {
                co_await clock_.sleep_for(pbx::AudioPort::frame_time);
            }
        }
    }
}

boost::asio::awaitable<void> Board::one(Batch& batch, Session session, std::unique_ptr<pbx::AudioPort> port)
{
    auto used = board_.use(std::move(port), batch.needs);
    const bool well = co_await used->run(std::move(session));
    batch.failed += well ? 0 : 1;
    if (++ended_ == 1)
    {
        mib = process_mib("VmRSS") - before_;
    }
    if (ended_ == sessions_)
    {
        seconds = seconds_since(begun_);
        cpu = cpu_seconds() - cpu_;
    }
}

boost::asio::awaitable<void> Board::machine(Batch& batch, std::unique_ptr<pbx::AudioPort> port)
{
    auto used = board_.use(std::move(port), batch.needs);
    Session session = batch.machine;
    const bool well = co_await used->run(std::move(session));
    batch.failed += well ? 0 : 1;
}
} // namespace ringpost::bench
