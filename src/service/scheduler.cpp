// SPDX-License-Identifier: Apache-2.0
#include "service/scheduler.h"

#include "core/log.h"

namespace ringpost::service
{
namespace
{
constexpr int wake_batch = 256;

/// Rows whose time has come; where there is none, when the time of the next one comes.
struct Due
{
    std::vector<Request> requests;
    std::optional<Instant> next;
};

bool over(const Request& request, Instant now)
{
    return request.expires_at && *request.expires_at <= now;
}
} // namespace

Scheduler::Scheduler(boost::asio::any_io_executor executor, Clock& clock, store::Database& database,
                     directory::Directory& directory, pbx::Exchange& exchange, RequestBook& book,
                     SchedulerOptions options)
    : executor_(executor), clock_(clock), database_(database), directory_(directory), exchange_(exchange), book_(book),
      options_(options), ports_(options.ports, [this] { offer_ports(); }), wake_(executor, clock)
{}

void Scheduler::start()
{
    exchange_.on_event([this](const pbx::Event& event) { on_event(event); });
    book_.on_follow_up([this](const Transition& transition) {
        stop_attempt(transition);
        answered(transition);
        handed_over(transition.after);
    });
    listening_ = book_.on_change([this](const Request& changed) { note_time(changed); });
    tasks_.spawn(executor_, "service.wake", wake_loop());
}

void Scheduler::stop()
{
    stopping_ = true;
    in_ready_.clear();
    next_second_.cancel();
    pause_.cancel();
    settle_again_.cancel();
    relook_.cancel();
    for (const auto& [id, attempt] : attempts_)
    {
        // Of two people the second is still rung, and who is being asked may still answer; a content is not played on.
        const auto medium = attempt->request().medium;
        if (!attempt->request().first_answered || medium == Medium::voice || medium == Medium::fax)
        {
            attempt->stop();
        }
    }
    wake_.notify();
}

void Scheduler::handed_over(const Request& request)
{
    if (due_to_be_tried(request))
    {
        ready(request.destination_device, request.express);
        pump();
        if (!at_work())
        {
            wake_.notify(); // for its monitor time, which ends although nothing can be tried
        }
        return;
    }
    if (request.state == RequestState::waiting)
    {
        const std::string& device = request.destination_device;
        if (monitor(device) && request.wait == store::Wait::release && !in_use(device) &&
            !board_.at(device).guard.set())
        {
            // It was released before anybody listened.
            on_released(device, false);
        }
        board_.tidy(device);
    }
    note_time(request);
}

// ---- what time changes

/// Nothing is missing but its turn: whoever stored it like that says ready().
bool Scheduler::due_to_be_tried(const Request& request) const
{
    return request.state == RequestState::waiting && request.wait == store::Wait::none &&
           request.wake_at.value_or(Instant::max()) <= clock_.now();
}

/// Hears of every stored change, so that the wake loop rests no longer than until the earliest time that is stored.
void Scheduler::note_time(const Request& changed)
{
    const bool in_hand = due_to_be_tried(changed) && !over(changed, clock_.now());
    if (!in_hand && changed.wake_at && *changed.wake_at < rests_until_)
    {
        wake_.notify();
    }
}

boost::asio::awaitable<void> Scheduler::wake_loop()
{
    co_await recover();
    if (!stopping_)
    {
        relook_later();
    }
    while (!stopping_)
    {
        wake_.take_back(); // what was stored until now is read now
        const Instant now = clock_.now();
        std::function<Result<Due>(store::Connection&)> unit =
            [now, after = cursor_, id = cursor_id_](store::Connection& connection) -> Result<Due> {
            store::Requests requests(connection);
            Due due{requests.due(now, after, id, wake_batch), {}};
            due.next = due.requests.empty() ? requests.next_wake(after, id) : std::nullopt;
            return due;
        };
        auto due = co_await database_.read<Due>(std::move(unit));
        bool well = due.has_value();
        const bool found = well && !due->requests.empty();
        if (found)
        {
            well = co_await wake_all(std::move(due->requests));
        }
        pump();
        if (well && found)
        {
            continue;
        }
        // With nothing in hand all rows are looked at anew, so that none is forgotten whatever order they came in.
        const bool idle = in_ready_.empty() && examining_ == 0;
        passed_over_ = cursor_ != Instant{};
        const bool rewind = well && idle && passed_over_;
        // While the exchange is away nothing in hand goes on, but monitor times end.
        if (idle || !at_work())
        {
            cursor_ = Instant{};
            cursor_id_ = {};
        }
        if (rewind)
        {
            continue;
        }
        Instant until = well ? due->next.value_or(Instant::max()) : clock_.now() + breath;
        if (passed_over_ && !at_work())
        {
            // Due rows that are still there belong to devices in hand; they are looked at again when those are done.
            until = std::min(until, clock_.now() + 1s);
        }
        co_await rest(until);
    }
}

boost::asio::awaitable<void> Scheduler::rest(Instant until)
{
    rests_until_ = until;
    std::optional<Instant> timer;
    if (until != Instant::max())
    {
        timer = until;
    }
    co_await wake_.wait(timer);
    rests_until_ = Instant::max();
}

/// All at once, so that they share a commit.
boost::asio::awaitable<bool> Scheduler::wake_all(std::vector<Request> due)
{
    bool well = true;
    TaskGroup group;
    for (const auto& request : due)
    {
        group.spawn(executor_, "service.wake-one", wake_one(request, well));
        cursor_ = *request.wake_at;
        cursor_id_ = request.id;
    }
    co_await group.when_empty();
    co_return well;
}

boost::asio::awaitable<void> Scheduler::wake_one(const Request& request, bool& well)
{
    const bool woken = co_await wake(request);
    well = well && woken;
}

boost::asio::awaitable<bool> Scheduler::wake(const Request& request)
{
    if (!over(request, clock_.now()) && request.state == RequestState::waiting && request.wait == store::Wait::none)
    {
        ready(request.destination_device, request.express);
        co_return true;
    }
    const auto attempt = attempts_.find(request.attempt);
    const bool rung = attempt == attempts_.end() || attempt->second->called();
    std::vector<RequestEvent> events{event::Woken{rung}};
    const auto woken = co_await book_.apply(request.id, std::move(events));
    if (woken.has_error())
    {
        log::error("service.not-stored", {{"request", request.number}, {"why", woken.error().message()}});
        co_return false;
    }
    if (!woken->applied)
    {
        co_return true;
    }
    if (is_end(woken->after.state))
    {
        log::info("service.expired", {{"request", request.number}, {"cause", word(woken->after.cause)}});
        stop_attempt(*woken);
        co_return true;
    }
    if (woken->after.state == RequestState::waiting)
    {
        ready(request.destination_device, request.express);
    }
    co_return true;
}

/// A request has ended while its attempt ran.
void Scheduler::stop_attempt(const Transition& ended)
{
    if (ended.attempt.what != AttemptChange::What::end)
    {
        return;
    }
    const AttemptId id = ended.after.attempt;
    if (const auto found = attempts_.find(id); found != attempts_.end())
    {
        found->second->stop();
        return;
    }
    // The exchange was lost while it ran: its legs are still to be cleared.
    keep_unsettled(id, nullptr);
}

/// An inquiry was answered by mail or page while it is asked over the telephone.
void Scheduler::answered(const Transition& inquiry)
{
    if (!inquiry.call_open)
    {
        return;
    }
    const AttemptId call = inquiry.after.attempt;
    if (const auto found = attempts_.find(call); found != attempts_.end())
    {
        const Request* const next = next_over_call(inquiry.follow_ups, call);
        found->second->answered(next == nullptr ? std::nullopt : std::optional(*next));
    }
}

std::set<AttemptId> Scheduler::running() const
{
    std::set<AttemptId> ids;
    for (const auto& [id, attempt] : attempts_)
    {
        ids.insert(id);
    }
    return ids;
}

// ---- what the exchange reports

void Scheduler::on_event(const pbx::Event& event)
{
    using Kind = pbx::Event::Kind;
    switch (event.kind)
    {
    case Kind::device_released:
        if (board_.reserved(event.device.number))
        {
            board_.at(event.device.number).used |= event.was_answered;
            return;
        }
        on_released(event.device.number, event.was_answered);
        return;
    case Kind::device_in_service:
        on_released(event.device.number, false);
        return;
    case Kind::link_lost:
        log::error("service.exchange-lost", {{"exchange", exchange_.name()}});
        settled_ = false;
        for (const auto& [id, attempt] : attempts_)
        {
            attempt->push(event);
        }
        wake_.notify();
        return;
    case Kind::link_regained:
        log::info("service.exchange-regained", {{"exchange", exchange_.name()}});
        tasks_.spawn(executor_, "service.recover", recover());
        return;
    default:
        if (const auto found = attempts_.find(event.attempt); found != attempts_.end())
        {
            found->second->push(event);
        }
    }
}

/// The guard time gives the person at the device the time to make a call of their own.
void Scheduler::on_released(const std::string& device, bool used)
{
    if (stopping_)
    {
        return;
    }
    auto& state = board_.at(device);
    state.used |= used;
    state.released = false;
    state.guard = clock_.after(options_.guard_time, [this, device] {
        auto& guarded = board_.at(device);
        guarded.guard.cancel();
        if (stopping_)
        {
            return;
        }
        guarded.released = true;
        tasks_.spawn(executor_, "service.source-free", free_source(device, guarded.used));
        ready(device, false);
        pump();
    });
}

/// Suspended requests whose source this is get back into the queues of their destinations, at their old place.
boost::asio::awaitable<void> Scheduler::free_source(std::string device, bool used)
{
    std::function<Result<std::vector<RequestId>>(store::Connection&)> unit =
        [device, used](store::Connection& connection) -> Result<std::vector<RequestId>> {
        return store::Requests(connection).suspended_by(device, used);
    };
    const auto suspended = co_await database_.read<std::vector<RequestId>>(std::move(unit));
    if (suspended.has_error() || in_use(device))
    {
        co_return;
    }
    for (const auto id : *suspended)
    {
        std::vector<RequestEvent> events{event::SourceFree{}};
        const auto freed = co_await book_.apply(id, std::move(events));
        if (freed.has_value() && freed->applied)
        {
            ready(freed->after.destination_device, freed->after.express);
        }
    }
    pump();
}

// ---- doors

boost::asio::awaitable<Result<>> Scheduler::receive(Request request, RequestBook::Also also)
{
    static_cast<void>(monitor(request.destination_device));
    const auto* device = board_.find(request.destination_device);
    const bool quiet = device == nullptr || (!device->guard.set() && !device->examined && !device->released);
    // A scenario dials nothing itself.
    if (quiet && !stopping_ && !request.scenario && request.first_attempt && may_begin() &&
        !in_use(request.destination_device) && !source_busy(request) && !no_line(request))
    {
        std::vector<RequestEvent> events{event::Received{}, event::Dial{}};
        const bool begun = co_await dial(request, std::move(events), std::move(also));
        co_return begun ? Result<>{} : Result<>{fail(Errc::unavailable, request.number, "could not be stored")};
    }
    std::vector<RequestEvent> events{event::Received{}};
    const auto stored = co_await book_.apply(request.id, std::move(events), std::move(also));
    if (stored.has_error())
    {
        co_return stored.error();
    }
    handed_over(stored->after);
    co_return Result<>{};
}

/// What was heard by now of the voices that end with a request, for its result.
RequestBook::Also Scheduler::with_heard(RequestId request) const
{
    std::map<RequestId, Duration> heard;
    for (const auto& [id, attempt] : attempts_)
    {
        const Request& part = attempt->request();
        const auto time = part.id == request || part.part_of == request ? attempt->heard() : std::nullopt;
        if (time)
        {
            heard.emplace(part.id, *time);
        }
    }
    return [heard = std::move(heard)](store::Connection& connection) -> Result<bool> {
        store::Requests requests(connection);
        for (const auto& [id, time] : heard)
        {
            auto part = requests.find(id);
            if (part && !is_end(part->state))
            {
                part->heard = time;
                requests.save(*part);
            }
        }
        return true;
    };
}

boost::asio::awaitable<Result<Request>> Scheduler::cancel(Request request, event::Cancel how)
{
    std::vector<RequestEvent> events{how};
    RequestBook::Also also = with_heard(request.id);
    const auto cancelled = co_await book_.apply(request.id, std::move(events), std::move(also));
    if (cancelled.has_error())
    {
        co_return cancelled.error();
    }
    if (!cancelled->applied)
    {
        co_return fail(Errc::conflict, request.number,
                       "it has ended already: " + std::string(word(cancelled->after.state)));
    }
    log::info("service.cancelled", {{"request", request.number}});
    stop_attempt(*cancelled);
    co_return cancelled->after;
}
} // namespace ringpost::service
