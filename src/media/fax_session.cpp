// SPDX-License-Identifier: Apache-2.0
#include "media/fax_session.h"

#include "media/pace.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::media
{
namespace
{
/// Spec 3: `congestion` is tried again soon, `rejected` ends the request.
struct Meaning
{
    Cause cause = Cause::none;
    bool retry = false;
    std::string_view text;
};

/// `known`: it has taken pages before.
Meaning meaning_of(FaxEnd end, bool known)
{
    switch (end == FaxEnd::no_fax && known ? FaxEnd::line : end)
    {
    case FaxEnd::done:
        return {};
    case FaxEnd::no_fax:
        // Somebody has answered, but no FAX: a person or an answering machine. A person is not to hear FAX tones every
        // 30 seconds, so it is not tried again: this number does not take a FAX.
        return {Cause::rejected, false, "no FAX has answered at this number"};
    case FaxEnd::incompatible:
        return {Cause::rejected, false, "the other FAX does not take this document"};
    case FaxEnd::running:
    case FaxEnd::line:
        // The other FAX is there, and the connection was bad or broke: as with a network that is congested, another
        // call may well get through, and goes on where this one has stopped.
        return {Cause::congestion, true, "the connection to the other FAX broke"};
    case FaxEnd::defect:
        break;
    }
    return {Cause::error, false, "the FAX modem cannot send this document"};
}

/// A modem at a port: which frames are due, and when silence is to be heard.
class Session
{
public:
    Session(Clock& clock, std::unique_ptr<pbx::AudioPort> port, FaxModem& modem, PageConfirmed confirmed)
        : clock_(clock), modem_(modem), confirmed_(std::move(confirmed)), port_(std::move(port))
    {
        pbx::AudioPort::Sinks sinks;
        sinks.audio = [this](std::span<const std::int16_t> samples) {
            modem_.rx(samples);
            quiet_ = 0;
        };
        sinks.digit = [](char) {};
        sinks.closed = [this] { closed_ = true; };
        port_->listen(std::move(sinks));
    }

    /// False: the time was over first.
    boost::asio::awaitable<bool> run(Duration time)
    {
        // By what was said, not by the clock on the wall, which may be set.
        const std::int64_t most = time / frame_length;
        while (!modem_.finished() && !closed_ && pace_.given() < most)
        {
            speak();
            hear_silence();
            tell_progress();
            co_await clock_.sleep_for(frame_length);
        }
        const bool in_time = modem_.finished() || closed_;
        tell_progress();
        modem_.hang_up();
        co_return in_time;
    }

private:
    /// So far ahead of the clock sound is given out: a late wake-up makes no gap, which T.30 would hang up on.
    static constexpr std::int64_t frames_ahead = 5;
    /// What a port takes at once (pbx/audio_port.h): after a late wake-up the answer is not later than it must be.
    static constexpr std::int64_t frames_at_once = 10;
    /// Nothing was heard for so long: it is silence, and not a frame that is late. What was late in the end is heard
    /// too, for a modem bears a shift in time better than a hole.
    static constexpr std::int64_t frames_late = 10;

    void speak()
    {
        for (std::int64_t due = pace_.due(clock_.steady()); due > 0 && !modem_.finished(); --due, ++quiet_)
        {
            port_->send(modem_.tx());
            pace_.gave();
        }
    }

    /// Told by the frames that were said, and not by the clock: after we were not run for a while, what was heard
    /// meanwhile is still on its way.
    void hear_silence()
    {
        const Frame silence{};
        for (; quiet_ > frames_late; --quiet_)
        {
            modem_.rx(silence);
        }
    }

    void tell_progress()
    {
        if (!confirmed_)
        {
            return;
        }
        if (const FaxProgress progress = modem_.progress(); progress.pages > told_)
        {
            told_ = progress.pages;
            confirmed_(progress);
        }
    }

    Clock& clock_;
    FaxModem& modem_;
    PageConfirmed confirmed_;
    std::size_t told_ = 0; ///< pages of which confirmed_ has heard
    Pace pace_{frames_ahead, frames_at_once};
    std::int64_t quiet_ = -frames_ahead; ///< frames said since something was last heard
    bool closed_ = false;
    std::unique_ptr<pbx::AudioPort> port_; ///< ends first: it calls the others
};

FaxResult result_of(const FaxModem& modem, std::size_t total, bool known)
{
    const Meaning meaning = meaning_of(modem.end(), known);
    const FaxProgress progress = modem.progress();
    FaxResult result;
    result.pages_sent = std::min(progress.pages, total);
    result.pages_total = total;
    result.bit_rate = progress.bit_rate;
    result.error_correction = progress.error_correction;
    result.remote_id = progress.remote_id;
    result.cause = meaning.cause;
    result.retry = meaning.retry;
    result.text = meaning.text;
    result.reason = modem.reason();
    return result;
}
} // namespace

boost::asio::awaitable<FaxResult> send_fax(Clock& clock, std::unique_ptr<pbx::AudioPort> port, FaxDocument document,
                                           std::size_t first_page, FaxOptions options, Duration time,
                                           PageConfirmed confirmed)
{
    auto modem = FaxModem::sender(document, first_page, options);
    if (modem.has_error())
    {
        FaxResult result;
        result.cause = Cause::error;
        result.text = modem.error().message();
        co_return result;
    }
    const std::size_t total = document.size() - first_page;
    Session session(clock, std::move(port), *modem, std::move(confirmed));
    const bool in_time = co_await session.run(time);
    FaxResult result = result_of(*modem, total, first_page > 0);
    if (!in_time && result.cause == Cause::congestion)
    {
        // A page that takes longer than a whole call takes would be sent for ever.
        result.retry = result.pages_sent > 0;
        result.cause = result.retry ? Cause::congestion : Cause::error;
        result.text = fmt::format("the call was longer than {}", format_duration(time));
    }
    co_return result;
}

boost::asio::awaitable<Result<ReceivedFax>> receive_fax(Clock& clock, std::unique_ptr<pbx::AudioPort> port,
                                                        FaxOptions options, Duration time)
{
    auto modem = FaxModem::receiver(options);
    if (modem.has_error())
    {
        co_return modem.error();
    }
    Session session(clock, std::move(port), *modem, {});
    co_await session.run(time);
    ReceivedFax fax;
    fax.progress = modem->progress();
    fax.whole = modem->end() == FaxEnd::done;
    fax.reason = modem->reason();
    if (auto tiff = modem->received(); tiff.has_value())
    {
        fax.tiff = std::move(*tiff);
    }
    co_return fax;
}
} // namespace ringpost::media
