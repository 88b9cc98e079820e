// SPDX-License-Identifier: Apache-2.0
#include "service/request_book.h"

#include "core/callback.h"
#include "service/delivery.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

namespace ringpost::service
{
namespace
{
/// Names of the units, for their fault points, in the order of RequestEvent.
std::string unit_name(const RequestEvent& event)
{
    static constexpr std::array<const char*, std::variant_size_v<RequestEvent>> names{
        "determined",     "received",       "deleted-unread", "woken",      "queued",        "looked",
        "dial",           "first-answered", "connected",      "leg-failed", "first-hung-up", "source-free",
        "interrupted",    "cancel",         "refused",        "begin",      "performed",     "unusable",
        "scenario-waits", "scenario-ended", "progressed",     "no-port",    "port-free"};
    return std::string("request.") + names.at(event.index());
}

void store_attempt(store::Connection& connection, Request& after, const AttemptChange& change, Instant now)
{
    using What = AttemptChange::What;
    store::Requests requests(connection);
    if (change.what == What::insert || change.what == What::insert_look)
    {
        const bool look = change.what == What::insert_look;
        store::Attempt attempt;
        attempt.request = after.id;
        attempt.started = now;
        attempt.ended = look ? std::optional(now) : std::nullopt;
        attempt.dialled = !look;
        attempt.cause = change.cause;
        const AttemptId id = requests.insert_attempt(attempt);
        if (!look)
        {
            after.attempt = id;
        }
        return;
    }
    auto attempt = change.what == What::none ? std::nullopt : requests.find_attempt(after.attempt);
    if (!attempt)
    {
        return;
    }
    if (change.what == What::first_answered)
    {
        attempt->first_answered = now;
    }
    else
    {
        attempt->ended = now;
        attempt->cause = change.cause;
        attempt->interrupted = change.interrupted;
        attempt->second_answered = change.what == What::second_answered ? std::optional(now) : std::nullopt;
    }
    requests.save_attempt(*attempt);
}
} // namespace

std::optional<directory::Hours> RequestBook::quiet_hours(const Request& request) const
{
    const auto directory = directory_.current();
    const auto* user = directory->user_by_address(request.addressee);
    if (user == nullptr || user->quiet_hours.empty())
    {
        return std::nullopt;
    }
    auto hours = directory::parse_hours(user->quiet_hours, user->time_zone);
    return hours.has_value() ? std::optional(*std::move(hours)) : std::nullopt;
}

CampOnRules RequestBook::rules_for(const Request& request) const
{
    CampOnRules rules = rules_;
    rules.quiet = quiet_hours(request);
    return rules;
}

bool RequestBook::to_be_held(const Request& request) const
{
    const CampOnRules rules = rules_for(request);
    return rules.quiet && directory::within(*rules.quiet, clock_.now());
}

Transition RequestBook::apply_in(store::Connection& connection, const Request& request, const RequestEvent& event,
                                 Instant now)
{
    Transition transition = step(request, event, now, rules_for(request));
    if (!transition.applied)
    {
        return transition;
    }
    Request& after = transition.after;
    store_attempt(connection, after, transition.attempt, now);
    if (after.scenario && is_end(after.state))
    {
        const auto parts = store::Requests(connection).parts_of(after.id);
        after.attempts = std::accumulate(parts.begin(), parts.end(), 0,
                                         [](int sum, const Request& part) { return sum + part.attempts; });
    }
    if (!store::Requests(connection).save(after))
    {
        throw store::SqlError(11, "request " + after.number + " changed inside a transaction");
    }
    if (const auto* progressed = std::get_if<event::Progressed>(&event))
    {
        for (const auto& page : progressed->how.sent)
        {
            store::SentPages(connection).insert(after.id, page);
        }
    }
    // Before the result, which tells what became of the parts.
    if (follow_ && (transition.scenario || after.part_of || (after.scenario && is_end(after.state))))
    {
        transition.follow_ups = follow_(connection, transition, now);
    }
    if (transition.call_open && next_over_call(transition.follow_ups, after.attempt) == nullptr)
    {
        // Nobody goes on with the call.
        store_attempt(connection, after, {AttemptChange::What::end, Cause::none, false}, now);
    }
    if (transition.result)
    {
        transition.result = notices_.queue_result(connection, after, transition.why, now);
    }
    if (after.scenario && is_end(after.state))
    {
        store::SentPages(connection).remove_of_parts(after.id);
    }
    const bool called_back = is_end(after.state) && call_back(connection, transition, now);
    if (transition.deliver && after.mail && !called_back)
    {
        const auto directory = directory_.current();
        const auto mail = store::Mails(connection).find(*after.mail);
        if (const auto* user = directory->user_by_address(after.addressee); user != nullptr && mail)
        {
            deliver(connection, *user, *mail, after.addressee, RequestId{}, now);
        }
    }
    if (is_end(after.state) && after.mail)
    {
        store::Mails(connection).release(*after.mail);
    }
    return transition;
}

/// Ended before its time came: the mail is called back with it. True: it was still here.
bool RequestBook::call_back(store::Connection& connection, Transition& transition, Instant now) const
{
    const Request& after = transition.after;
    const auto items = store::Queue(connection).remove_of_request(after.id);
    // Where a mail was tried, its answer may have been lost, and not the mail.
    const bool tried = std::any_of(items.begin(), items.end(), [](const auto& item) { return item.attempts > 0; });
    if (tried && !after.performer.empty())
    {
        notices_.queue_cancel(connection, after, now);
        transition.notice = true;
    }
    return !items.empty();
}

Transition RequestBook::begin_part(store::Connection& connection, Request part, const event::Begin& begin, Instant now)
{
    part.id = store::Requests(connection).insert(part);
    return apply_in(connection, part, begin, now);
}

void RequestBook::followed(const Transition& transition)
{
    for (const auto& follow_up : transition.follow_ups)
    {
        changed(follow_up.after);
        if (follow_up.result || follow_up.notice)
        {
            notice_queued();
        }
        if (followed_)
        {
            followed_(follow_up);
        }
        followed(follow_up);
    }
}

RequestBook::UnderWay::UnderWay(RequestBook& book, RequestId request) : book_(book), request_(request)
{
    ++book_.under_way_[request_];
}

RequestBook::UnderWay::~UnderWay()
{
    if (--book_.under_way_[request_] == 0)
    {
        book_.under_way_.erase(request_);
        for (const auto& go_on : std::exchange(book_.waiting_, {}))
        {
            go_on(true);
        }
    }
}

boost::asio::awaitable<void> RequestBook::others_done(Request request)
{
    const RequestId any{};
    while (under_way_.contains(any) || under_way_.contains(request.id) || under_way_.contains(request.part_of))
    {
        std::function<void(std::function<void(bool)>)> start = [this](std::function<void(bool)> go_on) {
            waiting_.push_back(std::move(go_on));
        };
        const bool done = co_await wait_for_callback<bool>(std::move(start));
        static_cast<void>(done);
    }
}

boost::asio::awaitable<Result<Transition>> RequestBook::apply(RequestId request, std::vector<RequestEvent> events,
                                                              Also also)
{
    const UnderWay counted(*this, request);
    std::string name = "request.note";
    if (!events.empty())
    {
        name = unit_name(events.back());
    }
    std::function<Result<Transition>(store::Connection&)> unit =
        [this, request, events = std::move(events),
         also = std::move(also)](store::Connection& connection) -> Result<Transition> {
        if (also)
        {
            const auto go_on = also(connection);
            if (go_on.has_error())
            {
                return go_on.error();
            }
            if (!*go_on)
            {
                return Transition{};
            }
        }
        return apply_all(connection, request, events);
    };
    auto applied = co_await database_.write<Transition>(std::move(name), std::move(unit));
    if (applied.has_value() && (applied->result || applied->notice))
    {
        notice_queued();
    }
    if (applied.has_value() && applied->applied)
    {
        changed(applied->after);
        followed(*applied);
    }
    co_return applied;
}

Result<Transition> RequestBook::apply_all(store::Connection& connection, RequestId id,
                                          const std::vector<RequestEvent>& events)
{
    auto stored = store::Requests(connection).find(id);
    if (!stored)
    {
        return fail(Errc::not_found, "request", "there is no such request");
    }
    Transition last;
    last.after = *std::move(stored);
    for (const auto& event : events)
    {
        Transition next = apply_in(connection, last.after, event, clock_.now());
        if (!next.applied)
        {
            // What was to follow counted on it: a mail that was received before is not dialled for again.
            break;
        }
        next.result = next.result || last.result;
        next.notice = next.notice || last.notice;
        next.follow_ups.insert(next.follow_ups.begin(), std::make_move_iterator(last.follow_ups.begin()),
                               std::make_move_iterator(last.follow_ups.end()));
        last = std::move(next);
        if (last.scenario)
        {
            // What its scenario did has changed it again.
            last.after = *store::Requests(connection).find(id);
        }
    }
    return last;
}

boost::asio::awaitable<Result<Request>> RequestBook::find(std::string number)
{
    std::function<Result<Request>(store::Connection&)> unit =
        [number](store::Connection& connection) -> Result<Request> {
        auto found = store::Requests(connection).find(number);
        if (!found)
        {
            return fail(Errc::not_found, number, "there is no request with this number");
        }
        return *std::move(found);
    };
    co_return co_await database_.read<Request>(std::move(unit));
}

void RequestBook::notice_queued() const
{
    if (poke_)
    {
        poke_();
    }
}

RequestBook::Listening RequestBook::on_change(std::function<void(const Request&)> listener)
{
    auto listening = std::make_shared<const std::function<void(const Request&)>>(std::move(listener));
    listeners_.push_back(listening);
    return listening;
}

void RequestBook::changed(const Request& request)
{
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    for (const auto& weak : std::vector(listeners_))
    {
        if (const auto listener = weak.lock())
        {
            (*listener)(request);
        }
    }
}
} // namespace ringpost::service
