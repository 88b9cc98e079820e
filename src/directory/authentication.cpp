// SPDX-License-Identifier: Apache-2.0
#include "directory/authentication.h"

#include "core/log.h"
#include "directory/ascii.h"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace ringpost::directory
{
namespace
{
namespace asio = boost::asio;
using Handler = asio::any_completion_handler<void(Result<>)>;

constexpr std::size_t longest_login = 320; // RFC 5321 4.5.3.1: local part 64, domain 255

/// A completion handler, the work it keeps alive, and how it comes back to its own executor.
class Completion
{
public:
    Completion(Handler handler, const asio::any_io_executor& executor)
        : handler_(std::move(handler)), work_(asio::make_work_guard(executor))
    {}

    static void finish(const std::shared_ptr<Completion>& completion, Result<> result)
    {
        auto executor = completion->work_.get_executor();
        asio::post(executor, [completion, result = std::move(result)]() mutable {
            completion->work_.reset(); // here and not by a pool thread, which may drop its part of `completion` later
            std::move(completion->handler_)(std::move(result));
        });
    }

private:
    Handler handler_;
    asio::executor_work_guard<asio::any_io_executor> work_;
};

Failure too_many()
{
    return {Errc::unavailable, "authentication", "too many logins at this moment, try again later"};
}
} // namespace

Authentication::Authentication(const Directory& directory, const AuthenticationOptions& options, std::string dummy,
                               asio::any_io_executor control, Clock& clock)
    : directory_(directory), cost_(options.cost), dummy_(std::move(dummy)), verified_(options.cache_limit),
      delays_(options.delays), control_(std::move(control)), clock_(clock), pool_(options.threads, options.queue_limit)
{}

Result<std::unique_ptr<Authentication>> Authentication::create(const Directory& directory,
                                                               const AuthenticationOptions& options,
                                                               asio::any_io_executor control, Clock& clock)
{
    auto dummy = hash_secret("", options.cost);
    if (dummy.has_error())
    {
        return dummy.error();
    }
    return std::unique_ptr<Authentication>(
        new Authentication(directory, options, std::move(*dummy), std::move(control), clock));
}

Authentication::Candidate Authentication::candidate(const std::string& login) const
{
    const auto snapshot = directory_.current();
    if (const User* user = snapshot->user_by_address(login); user != nullptr && !user->secret_hash.empty())
    {
        return {Submitter{Standing::own_user, user->address}, user->secret_hash};
    }
    if (const Peer* peer = snapshot->peer(login); peer != nullptr && !peer->secret_hash.empty())
    {
        return {Submitter{Standing::peer, peer->name}, peer->secret_hash};
    }
    return {std::nullopt, dummy_};
}

// Not a coroutine: a coroutine's frame would keep a moved-from copy of the secret.
asio::awaitable<Result<std::optional<Submitter>>> Authentication::authenticate(std::string login, std::string secret,
                                                                               std::string address)
{
    return check(std::move(login), std::make_shared<Secret>(secret), std::move(address));
}

/// Whom the delays are counted for: a user with ten addresses is guessed at no faster than one with a single one.
std::string Authentication::account_of(const std::string& login) const
{
    const auto found = candidate(login).submitter;
    return found ? found->name : login;
}

asio::awaitable<Result<std::optional<Submitter>>>
Authentication::check(std::string login, std::shared_ptr<Secret> secret, std::string address)
{
    login.resize(std::min(login.size(), longest_login + 1));
    const auto verified = co_await verify(login, std::move(secret));
    if (verified.has_error())
    {
        co_return verified.error();
    }
    const bool right = verified->has_value();
    const Instant now = clock_.now();
    const std::string account = account_of(login);
    const auto when = right ? delays_.succeeded(account, address, now) : delays_.failed(account, address, now);
    if (!right)
    {
        // Now, whatever the client does while it waits.
        const std::string delay = when ? format_duration(*when - now) : "turned away";
        log::warning("directory.login-failed", {{"login", login}, {"peer", address}, {"delay", delay}});
    }
    const auto waited = co_await wait_until(when);
    if (waited.has_error())
    {
        co_return waited.error();
    }
    co_return *verified;
}

asio::awaitable<Result<>> Authentication::wait_until(std::optional<Instant> when)
{
    if (!when)
    {
        co_return too_many();
    }
    const Duration delay = *when - clock_.now();
    if (delay > Duration{})
    {
        auto pausing = pause(delay);
        const bool whole = co_await asio::co_spawn(control_, std::move(pausing), asio::use_awaitable);
        if (!whole)
        {
            co_return fail(Errc::unavailable, "authentication", "the gateway is being stopped");
        }
    }
    co_return Result<>{};
}

asio::awaitable<bool> Authentication::pause(Duration delay)
{
    if (!delays_ended_)
    {
        const auto end = pauses_.emplace(pauses_.end());
        auto sleeping = clock_.sleep_for(delay);
        auto until_then = asio::bind_cancellation_slot(end->slot(), asio::use_awaitable);
        co_await asio::co_spawn(control_, std::move(sleeping), std::move(until_then));
        pauses_.erase(end);
    }
    co_return !delays_ended_;
}

void Authentication::end_delays()
{
    delays_ended_ = true;
    for (auto& each : pauses_)
    {
        each.emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<Result<std::optional<Submitter>>> Authentication::verify(std::string login,
                                                                         std::shared_ptr<Secret> secret)
{
    if (login.size() > longest_login || secret->view().size() > longest_secret)
    {
        co_return std::optional<Submitter>{};
    }
    const Candidate found = candidate(login);
    const auto digest = verified_.digest(lower(login), found.hash, secret->view());
    if (found.submitter && verified_.contains(digest))
    {
        co_return found.submitter;
    }
    const auto matching = co_await matches(found.hash, secret);
    if (matching.has_error())
    {
        co_return matching.error();
    }
    if (!found.submitter || !*matching)
    {
        co_return std::optional<Submitter>{};
    }
    verified_.insert(digest);
    co_return found.submitter;
}

asio::awaitable<Result<bool>> Authentication::matches(std::string hash, std::shared_ptr<Secret> secret)
{
    const auto matching = std::make_shared<bool>(false);
    std::function<Result<>()> work = [matching, secret, hash]() -> Result<> {
        const auto verified = verify_secret(hash, secret->view());
        if (verified.has_error())
        {
            return verified.error();
        }
        *matching = *verified;
        return {};
    };
    const Result<> ran = co_await on_pool(std::move(work));
    if (ran.has_error())
    {
        co_return ran.error();
    }
    co_return *matching;
}

asio::awaitable<Result<bool>> Authentication::check_pin(std::string address, std::string pin)
{
    return verify_pin(std::move(address), std::make_shared<Secret>(pin));
}

asio::awaitable<Result<bool>> Authentication::verify_pin(std::string address, std::shared_ptr<Secret> pin)
{
    const auto snapshot = directory_.current();
    const User* user = snapshot->user_by_address(address);
    const bool known = user != nullptr && !user->pin_hash.empty();
    const std::string hash = known ? user->pin_hash : dummy_;
    const auto matching = co_await matches(hash, pin);
    if (matching.has_error())
    {
        co_return matching.error();
    }
    const bool right = known && *matching;
    co_return right;
}

asio::awaitable<Result<std::string>> Authentication::hash(std::string secret)
{
    return hash_on_pool(std::make_shared<Secret>(secret));
}

asio::awaitable<Result<std::string>> Authentication::hash_on_pool(std::shared_ptr<Secret> secret)
{
    const auto hash = std::make_shared<std::string>();
    std::function<Result<>()> work = [hash, secret, cost = cost_]() -> Result<> {
        auto hashed = hash_secret(secret->view(), cost);
        if (hashed.has_error())
        {
            return hashed.error();
        }
        *hash = std::move(*hashed);
        return {};
    };
    const Result<> ran = co_await on_pool(std::move(work));
    if (ran.has_error())
    {
        co_return ran.error();
    }
    co_return *hash;
}

asio::awaitable<Result<>> Authentication::on_pool(std::function<Result<>()> work)
{
    auto start = [this](auto handler, std::function<Result<>()> wanted) {
        // Asked before the type of the handler is erased: any_completion_executor cannot be posted to.
        const asio::any_io_executor executor = asio::get_associated_executor(handler);
        const auto completion = std::make_shared<Completion>(Handler(std::move(handler)), executor);
        WorkPool::Job job{[completion, wanted = std::move(wanted)] { Completion::finish(completion, wanted()); },
                          [completion] { Completion::finish(completion, too_many()); }};
        if (!pool_.submit(std::move(job)))
        {
            Completion::finish(completion, too_many());
        }
    };
    Result<> ran = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<>)>(
        start, asio::use_awaitable, std::move(work));
    co_return ran;
}
} // namespace ringpost::directory
