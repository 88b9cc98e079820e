// SPDX-License-Identifier: Apache-2.0
// How many recordings one core plays, and how many FAX transmissions it carries, at the same time, over ports of the
// simulated exchange. Recordings begin in the same moment, FAXes 20 ms apart. Wall time, one core, with the threads of
// the gateway.
#include "bench/audio_board.h"
#include "bench/benches.h"
#include "core/spawn.h"
#include "media/fax_session.h"
#include "media/player.h"
#include "media/playout.h"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <sched.h>
#include <stdexcept>
#include <utility>

namespace ringpost::bench
{
namespace
{
/// So much of the 140 ms and more (FAX: 80 ms and more) that sound is sent ahead may be used up.
constexpr double late_goal = 40;
/// Nobody is to hear a gap because others begin.
constexpr double storm_goal = 80;
constexpr Duration fax_time = 5min;

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

struct Outcome
{
    Latencies late;
    double core = 0; ///< share of it
    double mib = 0;  ///< of one session
    std::size_t failed = 0;
    [[nodiscard]] bool ok() const { return failed == 0 && late.at(0.99) <= late_goal; }
};

Outcome outcome_of(const Board& board, Batch& batch)
{
    return {std::move(batch.late), board.cpu / board.seconds, board.mib / static_cast<double>(batch.count),
            batch.failed};
}

boost::asio::awaitable<bool> play_one(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                      std::shared_ptr<const media::Pcm> sound)
{
    media::Player player(std::move(sound));
    const bool closed = false;
    const std::function<std::optional<media::Frame>()> next = [&player]() -> std::optional<media::Frame> {
        return player.finished() ? std::nullopt : std::optional(player.next_frame());
    };
    media::Playout playout(clock, *port);
    co_await playout.play(next, closed);
    co_return true;
}

Batch playing(std::size_t sessions, Duration length)
{
    media::Pcm sound;
    for (std::size_t i = 0; i < media::samples_in(length); ++i)
    {
        sound.samples.push_back(static_cast<std::int16_t>(8000 * std::sin(static_cast<double>(i) / 3)));
    }
    Batch batch;
    batch.count = sessions;
    batch.needs = media::VoiceBoard::Needs::shared_thread;
    batch.session = [sound](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
        return play_one(clock, std::move(port), std::make_shared<const media::Pcm>(sound)); // each its own
    };
    return batch;
}

Outcome play(std::size_t sessions, Duration length)
{
    std::vector<Batch> batches;
    batches.push_back(playing(sessions, length));
    Board board(batches);
    board.run();
    return outcome_of(board, batches.front());
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

boost::asio::awaitable<bool> send_one(Clock& clock, std::unique_ptr<pbx::AudioPort> port, media::FaxDocument document)
{
    media::FaxOptions options;
    const auto result =
        co_await media::send_fax(clock, std::move(port), std::move(document), 0, std::move(options), fax_time);
    co_return result.cause == Cause::none;
}

boost::asio::awaitable<bool> receive_one(Clock& clock, std::unique_ptr<pbx::AudioPort> port)
{
    media::FaxOptions options;
    const auto received = co_await media::receive_fax(clock, std::move(port), std::move(options), fax_time);
    co_return received.has_value() && received->whole;
}

Batch faxing(std::size_t sessions, const media::FaxDocument& document)
{
    Batch batch;
    batch.count = sessions;
    batch.needs = media::VoiceBoard::Needs::own_thread;
    batch.session = [document](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
        return send_one(clock, std::move(port), document);
    };
    batch.machine = [](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
        return receive_one(clock, std::move(port));
    };
    batch.in_one_moment = false;
    return batch;
}

Outcome fax(std::size_t sessions, const media::FaxDocument& document)
{
    std::vector<Batch> batches;
    batches.push_back(faxing(sessions, document));
    Board board(batches);
    board.run();
    return outcome_of(board, batches.front());
}

/// At the goal, then at twice as many until one core does not do it any more.
std::vector<Row> rows(const std::string& what, const std::string& memory, std::size_t goal, std::size_t doublings,
                      const std::function<Outcome(std::size_t)>& measure)
{
    stay_on_one_core();
    const Outcome first = measure(goal);
    std::vector<Row> found{
        {fmt::format("{} {} at the same time on one core: how late a frame is sent", goal, what),
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
        {fmt::format("most {} on one core, doubled {} or until it does not do it", what,
                     doublings == 1 ? "once" : fmt::format("{} times", doublings)),
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

std::vector<Row> storm(const Size& size)
{
    stay_on_one_core();
    std::vector<Batch> batches;
    batches.push_back(
        playing(static_cast<std::size_t>(size.waiting), Duration(1s) * static_cast<std::int64_t>(size.samples)));
    batches.push_back(faxing(size.devices, one_page()));
    batches.back().begins = 2s;
    batches.back().in_one_moment = true;
    Board board(batches);
    board.run();
    const Latencies& played = batches.front().late;
    const bool ok = played.at(1) <= storm_goal && batches.front().failed + batches.back().failed == 0;
    return {
        {fmt::format("{} FAX transmissions begin in one moment beside {} playbacks on one core: how late a frame of "
                     "the playbacks is sent",
                     size.devices, size.waiting),
         fmt::format("worst at most {:.0f} ms, all succeed", storm_goal),
         fmt::format("{}; of the FAXes themselves {}; {} failed", played.text(), batches.back().late.text(),
                     batches.front().failed + batches.back().failed),
         ok}};
}
} // namespace ringpost::bench
