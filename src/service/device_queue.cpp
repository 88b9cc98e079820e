// SPDX-License-Identifier: Apache-2.0
// The queue of each device: whose turn it is, looks before dialling, and the attempts themselves.
#include "core/log.h"
#include "service/scheduler.h"
#include "store/audit.h"

namespace ringpost::service
{
namespace
{
std::string shown_to(const directory::Snapshot& directory, const std::string& device, const std::string& other)
{
    return pbx::DeviceId{device}.external() ? directory::external_form(directory, other) : other;
}
} // namespace

void Scheduler::ready(const std::string& device, bool express)
{
    if (stopping_)
    {
        return;
    }
    const auto [place, fresh] = in_ready_.try_emplace(device, express);
    if (!fresh && (place->second || !express))
    {
        return;
    }
    place->second = express;
    (express ? ready_express_ : ready_).push_back(device);
}

std::optional<std::string> Scheduler::take_ready()
{
    for (auto* queue : {&ready_express_, &ready_})
    {
        while (!queue->empty())
        {
            std::string device = std::move(queue->front());
            queue->pop_front();
            if (in_ready_.erase(device) != 0)
            {
                return device;
            }
        }
    }
    return std::nullopt;
}

bool Scheduler::may_begin()
{
    // While the exchange is away everybody waits: an attempt that cannot be made is none (settle_left pumps).
    if (clearing_ || !at_work() || attempts_.size() + beginning_.size() >= options_.attempts_at_once)
    {
        return false;
    }
    const Instant second = std::chrono::floor<std::chrono::seconds>(clock_.now());
    if (second != second_)
    {
        second_ = second;
        begun_ = 0;
    }
    if (begun_ < options_.attempts_per_second)
    {
        return true;
    }
    next_second_ = clock_.at(second + 1s, [this] { pump(); });
    return false;
}

void Scheduler::count_begun()
{
    ++begun_;
}

void Scheduler::pump()
{
    while (!in_ready_.empty() && !stopping_ && !pause_.set() && examining_ < options_.attempts_at_once && may_begin())
    {
        const auto device = take_ready();
        if (!device)
        {
            return;
        }
        auto& state = board_.at(*device);
        if (state.examined)
        {
            state.again = true;
            continue;
        }
        state.examined = true;
        ++examining_;
        tasks_.spawn(executor_, "service.examine", examine(*device));
    }
}

boost::asio::awaitable<void> Scheduler::examine(std::string device)
{
    bool more = true;
    while (more && !stopping_)
    {
        board_.at(device).again = false;
        more = co_await examine_head(device);
        more = more || board_.at(device).again;
    }
    auto& state = board_.at(device);
    state.examined = false;
    if (!in_use(device) && !state.guard.set() && !in_ready_.contains(device))
    {
        // Nobody (more) waits for this release.
        state.released = false;
        state.used = false;
    }
    board_.tidy(device);
    if (!in_ready_.contains(device))
    {
        offered_.erase(device);
    }
    offer_ports();
    --examining_;
    if (examining_ == 0 && in_ready_.empty() && passed_over_)
    {
        wake_.notify();
    }
    pump();
}

/// Deals with the one whose turn it is; false: nobody is left who could be dealt with now.
boost::asio::awaitable<bool> Scheduler::examine_head(const std::string& device)
{
    const bool monitored = monitor(device);
    const bool free = !in_use(device);
    auto& state = board_.at(device);
    if (!free || state.guard.set())
    {
        state.released = false;
    }
    const Instant now = clock_.now();
    std::function<Result<std::optional<Request>>(store::Connection&)> unit =
        [device, now, released = state.released,
         used = state.used](store::Connection& connection) -> Result<std::optional<Request>> {
        return store::Requests(connection).head(device, now, released, used);
    };
    auto head = co_await database_.read<std::optional<Request>>(std::move(unit));
    if (head.has_error())
    {
        not_stored({}, head.error());
        ready(device, false);
        co_return false;
    }
    if (!*head)
    {
        co_return false;
    }
    Request request = std::move(**head);
    if (request.expires_at && *request.expires_at <= now)
    {
        co_return co_await wake(request);
    }
    if (in_use(device))
    {
        if (request.wait != store::Wait::none)
        {
            co_return true; // it was taken meanwhile: look again, now as one in use
        }
        if (request.part_of && request.attempts == 0 && board_.reserved(device))
        {
            // As a rule by the content before it, whose call is just being ended: that is no attempt of this one.
            co_return co_await queue_up(std::move(request));
        }
        co_return co_await look(std::move(request), Side::destination);
    }
    if (monitored && board_.at(device).guard.set())
    {
        co_return co_await queue_up(std::move(request));
    }
    if (source_busy(request))
    {
        co_return co_await look(std::move(request), Side::source);
    }
    if (no_line(request))
    {
        co_return co_await look(request, side_of(request, pbx::Leg::second), Cause::congestion);
    }
    if (!rings_source(request) && !may_have_port(device))
    {
        co_return co_await wait_for_port(std::move(request));
    }
    if (!may_begin())
    {
        ready(device, request.express);
        co_return false;
    }
    std::vector<RequestEvent> events{event::Dial{}};
    co_return co_await dial(std::move(request), std::move(events), {});
}

/// It waits for the release without having looked.
boost::asio::awaitable<bool> Scheduler::queue_up(Request request)
{
    std::vector<RequestEvent> events{event::Queued{}};
    const auto queued = co_await book_.apply(request.id, std::move(events));
    if (queued.has_error())
    {
        not_stored(request, queued.error());
    }
    co_return queued.has_value();
}

/// A look that found a device in use is stored as an attempt. It may have become free while that was stored.
boost::asio::awaitable<bool> Scheduler::look(Request request, Side side, Cause cause)
{
    const std::string& device = device_of(request, side);
    // Of a device that an attempt of ours holds we know ourselves when it is given back.
    const bool monitorable = monitor(device) || board_.reserved(device);
    std::vector<RequestEvent> events{event::Looked{side, monitorable, cause}};
    const auto looked = co_await book_.apply(request.id, std::move(events));
    if (looked.has_error())
    {
        not_stored(request, looked.error());
        co_return false;
    }
    if (monitorable && !in_use(device) && !board_.at(device).guard.set())
    {
        on_released(device, false);
    }
    co_return true;
}

/// The database refuses to write or read: what was to be done is done again after a while.
void Scheduler::not_stored(const Request& request, const Failure& failure)
{
    log::error("service.not-stored", {{"request", request.number}, {"why", failure.message()}});
    if (stopping_)
    {
        return;
    }
    if (!request.destination_device.empty())
    {
        ready(request.destination_device, request.express);
    }
    pause_ = clock_.at(clock_.now() + breath, [this] {
        pause_.cancel();
        offer_ports();
        pump();
        wake_.notify();
    });
}

// ---- attempts

bool Scheduler::in_use(const std::string& device) const
{
    return board_.reserved(device) || pbx::in_use(exchange_.snapshot_device({device}));
}

bool Scheduler::source_busy(const Request& request) const
{
    return rings_source(request) && in_use(request.source_device);
}

/// Who has answered first is not to hear that there is no line to the second.
bool Scheduler::no_line(const Request& request) const
{
    const pbx::DeviceId first{device_of(request, pbx::Leg::first)};
    const pbx::DeviceId second{device_of(request, pbx::Leg::second)};
    return rings_source(request) && second.external() && !exchange_.lines_free({first, second});
}

bool Scheduler::monitor(const std::string& device)
{
    return exchange_.supports(pbx::Capability::monitor_device) && exchange_.monitor_start({device}).has_value();
}

Verdict Scheduler::judge(const Request& request) const
{
    return authorise(*directory_.current(), request, clock_.now());
}

RequestBook::Also Scheduler::with_audit(const Request& request, const Verdict& verdict, RequestBook::Also also) const
{
    return [number = request.number, submitter = request.submitter, device = request.destination_device, verdict,
            also = std::move(also), now = clock_.now()](store::Connection& connection) -> Result<bool> {
        auto go_on = also ? also(connection) : Result<bool>(true);
        if (go_on.has_value() && *go_on)
        {
            store::Audit(connection).append(now, number, submitter, "dial", device, verdict.allowed, verdict.rule);
        }
        return go_on;
    };
}

pbx::MakeCall Scheduler::call_for(const Request& request) const
{
    const auto directory = directory_.current();
    const std::string& first = device_of(request, pbx::Leg::first);
    const std::string& second = device_of(request, pbx::Leg::second);
    pbx::MakeCall call;
    call.attempt = request.attempt;
    call.first = {first};
    // Rung after a voice only if the addressee wants it.
    call.second = {second};
    call.fax = request.medium == Medium::fax;
    call.ring_first = request.ring_time;
    call.ring_second = request.ring_time;
    call.show_first = shown_to(*directory, first, second);
    call.show_second = shown_to(*directory, second, first);
    return call;
}

/// Stores `events` (the last is Dial) and starts the attempt. False: it did not begin and nobody else may.
boost::asio::awaitable<bool> Scheduler::dial(Request request, std::vector<RequestEvent> events, RequestBook::Also also)
{
    const std::string second = rings_source(request) ? request.source_device : std::string{};
    auto reservation = board_.reserve(request.destination_device, second);
    if (!reservation || stopping_)
    {
        co_return !stopping_;
    }
    const Verdict verdict = judge(request);
    if (!verdict.allowed)
    {
        events.back() = event::Refused{verdict.rule};
    }
    auto place = rings_source(request) ? nullptr : ports_.take();
    beginning_.insert(request.id);
    if (!verdict.allowed || !book_.to_be_held(request))
    {
        count_begun();
        also = with_audit(request, verdict, std::move(also));
    }
    const auto begun = co_await book_.apply(request.id, std::move(events), std::move(also));
    beginning_.erase(request.id);
    if (begun.has_error())
    {
        reservation.reset();
        place.reset();
        not_stored(request, begun.error());
        co_return false;
    }
    if (begun->after.state != RequestState::dialling_first || !begun->applied)
    {
        reservation.reset();
        handed_over(begun->after);
        co_return true;
    }
    board_.at(request.destination_device).released = false;
    TakeSource source = [this](const Request& asking) { return take_source(asking); };
    auto attempt = std::make_shared<Attempt>(executor_, exchange_, book_, contents_, std::move(source), begun->after,
                                             std::move(reservation), std::move(place), call_for(begun->after));
    attempts_.emplace(begun->after.attempt, attempt);
    if (stopping_)
    {
        attempt->stop();
    }
    tasks_.spawn(executor_, "service.attempt", run(attempt));
    co_return true;
}

/// Whoever is on the telephone wants to be connected with the source: the gate and the look before it is rung.
SourceTaken Scheduler::take_source(const Request& request)
{
    SourceTaken taken;
    taken.verdict = judge(request);
    taken.also = with_audit(request, taken.verdict, {});
    if (!in_use(request.source_device))
    {
        taken.device = board_.reserve(request.source_device, {});
    }
    return taken;
}

/// What is thrown inside an attempt ends it; what it has left is settled.
boost::asio::awaitable<AttemptEnd> Scheduler::end_of(std::shared_ptr<Attempt> attempt)
{
    try
    {
        const AttemptEnd end = co_await attempt->run();
        co_return end;
    }
    catch (const std::exception& error)
    {
        log::error("service.attempt-failed", {{"request", attempt->request().number}, {"what", error.what()}});
    }
    co_await attempt->give_up();
    AttemptEnd broken;
    broken.unsettled = true;
    co_return broken;
}

boost::asio::awaitable<void> Scheduler::run(std::shared_ptr<Attempt> attempt)
{
    const AttemptId id = attempt->request().attempt;
    const AttemptEnd end = co_await end_of(attempt);
    const Request request = attempt->request();
    attempts_.erase(id);
    if (end.unsettled)
    {
        keep_unsettled(id, attempt->take_reservation());
    }
    attempt.reset(); // gives the devices back
    after_attempt(request, end);
}

void Scheduler::after_attempt(const Request& request, const AttemptEnd& end)
{
    log::info("service.attempt-over",
              {{"request", request.number}, {"state", word(request.state)}, {"cause", word(request.last_cause)}});
    if (stopping_)
    {
        return;
    }
    const Side first = side_of(request, pbx::Leg::first);
    for (const Side side : {Side::destination, Side::source})
    {
        if (side == Side::source && !rings_source(request))
        {
            continue;
        }
        const std::string& device = device_of(request, side);
        if (!is_end(request.state))
        {
            // Its release or next use is waited for, perhaps: of a source nobody has asked for that before.
            static_cast<void>(monitor(device));
        }
        if (end.silent == side)
        {
            // A silent device counts as busy until it has next been used; for all who wait for its release (spec 3).
            board_.at(device).used = false;
        }
        else if (!in_use(device))
        {
            on_released(device, side == first && end.first_answered);
        }
        board_.tidy(device);
    }
    if (due_to_be_tried(request))
    {
        ready(request.destination_device, request.express); // so soon, or it took so long to store it
    }
    pump();
}
} // namespace ringpost::service
