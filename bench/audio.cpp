// SPDX-License-Identifier: Apache-2.0
// How many recordings one core plays, and how many FAX transmissions it carries, at the same time, over ports of the
// simulated exchange. Recordings begin in the same moment, FAXes 20 ms apart. Wall time, one thread, one core.
#include "bench/benches.h"
#include "core/real_clock.h"
#include "core/spawn.h"
#include "media/fax_session.h"
#include "media/player.h"
#include "media/playout.h"
#include "pbx/simulated/exchange.h"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <sched.h>
#include <stdexcept>
#include <sys/resource.h>
#include <utility>

namespace ringpost::bench
{
namespace
{
/// So much of the 80 ms and more that sound is sent ahead may be used up before anybody hears a gap.
constexpr double late_goal = 40;
constexpr std::int64_t frames_ahead = 5; // media/playout
constexpr Duration preparation = 1s;
constexpr Duration fax_time = 5min;

double cpu_seconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The process runs on the core on which it runs now, and on no other.
void stay_on_one_core()
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(::sched_getcpu(), &cores);
    if (::sched_setaffinity(0, sizeof cores, &cores) != 0)
    {
        throw std::runtime_error("the process cannot be kept on one core");
    }
}

/// A port that notes by how much each frame is later than its place in time, counted from the first one.
class StampedPort : public pbx::AudioPort
{
public:
    StampedPort(std::unique_ptr<pbx::AudioPort> port, Latencies& late) : port_(std::move(port)), late_(late) {}

    void listen(Sinks sinks) override { port_->listen(std::move(sinks)); }
    void send(std::span<const std::int16_t> samples) override
    {
        const auto now = Steady::now();
        if (sent_ == 0)
        {
            begun_ = now;
        }
        else if (sent_ >= frames_ahead)
        {
            late_.add(now - begun_ - (sent_ - frames_ahead + 1) * std::chrono::milliseconds(20));
        }
        ++sent_;
        port_->send(samples);
    }

private:
    std::unique_ptr<pbx::AudioPort> port_;
    Latencies& late_;
    Steady::time_point begun_;
    std::int64_t sent_ = 0;
};

/// A simulated exchange with as many telephones as there are sessions.
class Board
{
public:
    explicit Board(std::size_t sessions, bool fax) : sessions_(sessions), clock_(context_.get_executor())
    {
        pbx::SimulatedExchange::Options options;
        options.office.name = "bench.example";
        options.office.numbering.external_number = [](const std::string& number) { return number; };
        options.office.numbering.extension_of = [](const std::string&) { return std::nullopt; };
        options.office.numbering.normalise = [](const std::string& number) { return number; };
        for (std::size_t i = 0; i < sessions; ++i)
        {
            options.office.extensions.push_back(number(i));
        }
        if (fax)
        {
            options.office.machines.extensions = {options.office.extensions.begin(), options.office.extensions.end()};
            options.office.machines.answered = [this](const std::string&, std::unique_ptr<pbx::AudioPort> port) {
                waiting_.push_back(std::move(port));
            };
        }
        exchange_ = pbx::SimulatedExchange::open(context_.get_executor(), clock_, std::move(options)).value();
        for (std::size_t i = 0; i < sessions; ++i)
        {
            exchange_->set(number(i), [](pbx::Habit& habit) { habit.answer_after = Duration{0}; }).value();
        }
    }

    using Session = std::function<boost::asio::awaitable<void>(std::unique_ptr<pbx::AudioPort>)>;
    /// Connects a port with each telephone, then begins `session` over all of them, and `machine` where one has
    /// answered; returns when all sessions have ended.
    void run(Session session, Session machine = {})
    {
        session_ = std::move(session);
        machine_ = std::move(machine);
        TaskGroup group;
        group.spawn(context_.get_executor(), "bench.board", begin());
        context_.run();
        if (ended_ != sessions_)
        {
            throw std::runtime_error("not every session came to its end");
        }
    }

    Clock& clock() { return clock_; }
    /// When sessions that have something to prepare begin to speak.
    [[nodiscard]] Instant start() const { return start_; }
    Latencies late;
    double seconds = 0;
    double cpu = 0; ///< seconds
    double mib = 0; ///< that all sessions have taken, at their end

private:
    static std::string number(std::size_t i) { return std::to_string(100'000 + i); }

    boost::asio::awaitable<void> begin()
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
        for (std::size_t i = 0; i < sessions_; ++i)
        {
            auto port = co_await exchange_->connect_port(AttemptId{static_cast<std::int64_t>(i) + 1});
            ports.push_back(std::make_unique<StampedPort>(std::move(port.value()), late));
        }
        before_ = process_mib("VmRSS");
        start_ = clock_.now() + preparation;
        for (std::size_t i = 0; i < sessions_; ++i)
        {
            spawn(context_.get_executor(), "bench.session", one(std::move(ports[i])));
            if (machine_)
            {
                spawn(context_.get_executor(), "bench.machine", machine_(std::move(waiting_.at(i))));
                co_await clock_.sleep_for(pbx::AudioPort::frame_time);
            }
        }
        co_await clock_.sleep_until(start_);
        cpu_ = cpu_seconds();
        begun_ = Steady::now();
    }

    boost::asio::awaitable<void> one(std::unique_ptr<pbx::AudioPort> port)
    {
        co_await session_(std::move(port));
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

    std::size_t sessions_;
    boost::asio::io_context context_{1};
    RealClock clock_;
    std::vector<std::unique_ptr<pbx::AudioPort>> waiting_;
    std::unique_ptr<pbx::SimulatedExchange> exchange_;
    Session session_;
    Session machine_;
    std::size_t ended_ = 0;
    Steady::time_point begun_;
    Instant start_{};
    double before_ = 0;
    double cpu_ = 0;
};

struct Outcome
{
    Latencies late;
    double core = 0; ///< share of it
    double mib = 0;  ///< of one session
    std::size_t failed = 0;
    [[nodiscard]] bool ok() const { return failed == 0 && late.at(0.99) <= late_goal; }
};

Outcome outcome_of(Board& board, std::size_t sessions, std::size_t failed)
{
    return {std::move(board.late), board.cpu / board.seconds, board.mib / static_cast<double>(sessions), failed};
}

Outcome play(std::size_t sessions, Duration length)
{
    media::Pcm sound;
    for (std::size_t i = 0; i < media::samples_in(length); ++i)
    {
        sound.samples.push_back(static_cast<std::int16_t>(8000 * std::sin(static_cast<double>(i) / 3)));
    }
    Board board(sessions, false);
    board.run([&board, &sound](std::unique_ptr<pbx::AudioPort> port) -> boost::asio::awaitable<void> {
        media::Player player(std::make_shared<const media::Pcm>(sound)); // each its own
        co_await board.clock().sleep_until(board.start());
        const bool closed = false;
        const std::function<std::optional<media::Frame>()> next = [&player]() -> std::optional<media::Frame> {
            return player.finished() ? std::nullopt : std::optional(player.next_frame());
        };
        co_await media::play_out(board.clock(), *port, next, closed);
    });
    return outcome_of(board, sessions, 0);
}

media::FaxDocument one_page()
{
    std::string text;
    for (int line = 1; line <= 50; ++line)
    {
        text += fmt::format("{}. A page of text, as it is written in offices every day.\n", line);
    }
    boost::asio::io_context context;
    media::Sandbox sandbox;
    media::FaxReader reader(sandbox);
    std::optional<media::FaxDocument> document;
    const auto read = [&]() -> boost::asio::awaitable<void> {
        std::string type = "text/plain";
        media::FaxLimits limits;
        auto drawn = co_await reader.read(text, std::move(type), limits);
        document = std::move(drawn.value());
    };
    spawn(context.get_executor(), "bench.page", read());
    context.run();
    return document.value();
}

Outcome fax(std::size_t sessions, const media::FaxDocument& document)
{
    Board board(sessions, true);
    std::size_t failed = 0;
    board.run(
        [&](std::unique_ptr<pbx::AudioPort> port) -> boost::asio::awaitable<void> {
            media::FaxOptions options;
            const auto result =
                co_await media::send_fax(board.clock(), std::move(port), document, 0, std::move(options), fax_time);
            failed += result.cause == Cause::none ? 0 : 1;
        },
        [&](std::unique_ptr<pbx::AudioPort> port) -> boost::asio::awaitable<void> {
            media::FaxOptions options;
            const auto received =
                co_await media::receive_fax(board.clock(), std::move(port), std::move(options), fax_time);
            failed += received.has_value() && received->whole ? 0 : 1;
        });
    return outcome_of(board, sessions, failed);
}

/// At the goal, then at twice as many until one core does not do it any more.
std::vector<Row> rows(const std::string& what, const std::string& memory, std::size_t goal, std::size_t doublings,
                      const std::function<Outcome(std::size_t)>& measure)
{
    stay_on_one_core();
    const Outcome first = measure(goal);
    std::vector<Row> found{
        {fmt::format("{} {} at the same time on one core: how late a frame is sent (80 ms are sent ahead)", goal, what),
         fmt::format("p99 at most {:.0f} ms, all succeed", late_goal),
         fmt::format("{}; {} failed; {:.0f} % of the core", first.late.text(), first.failed, 100 * first.core),
         first.ok()},
        {fmt::format("memory for each of them, {}", memory), "", fmt::format("{:.2f} MiB", first.mib)}};
    std::size_t most = first.ok() ? goal : 0;
    std::string more;
    for (std::size_t i = 0; i < doublings && most == goal << i; ++i)
    {
        const Outcome next = measure(goal << (i + 1));
        most = next.ok() ? goal << (i + 1) : most;
        more += fmt::format("; {}: p99 {:.1f} ms, {} failed, {:.0f} % of the core", goal << (i + 1), next.late.at(0.99),
                            next.failed, 100 * next.core);
    }
    found.push_back(
        {fmt::format("most {} on one core, doubled {} times or until it does not do it", what, doublings),
         fmt::format("at least {}", goal),
         fmt::format("{} ({:.1f} times the goal){}", most, static_cast<double>(most) / static_cast<double>(goal), more),
         most >= goal});
    return found;
}
} // namespace

std::vector<Row> playbacks(const Size& size)
{
    const Duration length = Duration(1s) * static_cast<std::int64_t>(size.samples);
    return rows("playbacks",
                fmt::format("its recording of {} s ({:.2f} MiB) included", size.samples,
                            static_cast<double>(media::samples_in(length)) * 2 / MiB),
                size.devices, size.doublings, [length](std::size_t sessions) { return play(sessions, length); });
}

std::vector<Row> faxes(const Size& size)
{
    const auto document = one_page();
    return rows("FAX transmissions of a page, sender and receiver both on it,", "sender and receiver", size.devices,
                size.doublings, [&document](std::size_t sessions) { return fax(sessions, document); });
}
} // namespace ringpost::bench
