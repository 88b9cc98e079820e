// SPDX-License-Identifier: Apache-2.0
// Who logs in: users by any of their addresses, peer gateways by their name. An unknown login costs as much time as a
// wrong secret, so that nobody can ask which people exist; who guesses waits longer each time (login_delays).
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "core/submitter.h"
#include "core/work_pool.h"
#include "directory/directory.h"
#include "directory/login_delays.h"
#include "directory/secret.h"
#include "directory/verified_cache.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace ringpost::directory
{
struct AuthenticationOptions
{
    HashCost cost;
    std::size_t threads = 2;
    std::size_t queue_limit = 100; ///< logins that wait for a thread; beyond it Errc::unavailable
    std::size_t cache_limit = 10'000;
    LoginDelayOptions delays;
};

/// May be used from any thread; coroutines resume on their caller's executor. stop() comes before the end of those
/// executors, and of the Directory.
class Authentication
{
public:
    /// `control` is the executor of `clock`. Errc::unavailable: no memory for a hash of this cost.
    [[nodiscard]] static Result<std::unique_ptr<Authentication>> create(const Directory& directory,
                                                                        const AuthenticationOptions& options,
                                                                        boost::asio::any_io_executor control,
                                                                        Clock& clock);

    /// Who this is; nullopt: unknown login or wrong secret, which the log knows at once and the caller after the delay.
    /// `address`: where the client is, numeric. Errc::unavailable: too many at this moment. The secret is wiped.
    boost::asio::awaitable<Result<std::optional<Submitter>>> authenticate(std::string login, std::string secret,
                                                                          std::string address);

    /// Is this the PIN of that user? Who has none has no right one. Errc::unavailable: too many at this moment. The PIN
    /// is wiped.
    boost::asio::awaitable<Result<bool>> check_pin(std::string address, std::string pin);

    /// The hash of a new secret, for the directory. The secret is wiped.
    boost::asio::awaitable<Result<std::string>> hash(std::string secret);

    /// The gateway is being stopped: from now on nobody waits for the delay of a login, but gets Errc::unavailable. On
    /// the control executor.
    void end_delays();

    /// Ends the threads; who still waits for one gets Errc::unavailable.
    void stop() { pool_.stop(); }

private:
    /// Whom a login names and the hash that the secret must belong to.
    struct Candidate
    {
        std::optional<Submitter> submitter;
        std::string hash;
    };

    Authentication(const Directory& directory, const AuthenticationOptions& options, std::string dummy,
                   boost::asio::any_io_executor control, Clock& clock);
    [[nodiscard]] Candidate candidate(const std::string& login) const;
    [[nodiscard]] std::string account_of(const std::string& login) const;
    boost::asio::awaitable<Result<std::optional<Submitter>>> check(std::string login, std::shared_ptr<Secret> secret,
                                                                   std::string address);
    boost::asio::awaitable<Result<std::optional<Submitter>>> verify(std::string login, std::shared_ptr<Secret> secret);
    /// Errc::unavailable: so many logins wait for this account and network already.
    boost::asio::awaitable<Result<>> wait_until(std::optional<Instant> when);
    /// On the control executor. False: cut short by end_delays().
    boost::asio::awaitable<bool> pause(Duration delay);
    boost::asio::awaitable<Result<bool>> verify_pin(std::string address, std::shared_ptr<Secret> pin);
    /// `secret` against `hash` on the pool.
    boost::asio::awaitable<Result<bool>> matches(std::string hash, std::shared_ptr<Secret> secret);
    boost::asio::awaitable<Result<std::string>> hash_on_pool(std::shared_ptr<Secret> secret);
    /// Runs `work` on the pool and comes back to the caller's executor.
    boost::asio::awaitable<Result<>> on_pool(std::function<Result<>()> work);

    const Directory& directory_;
    HashCost cost_;
    std::string dummy_; ///< hash that nobody's secret belongs to
    VerifiedCache verified_;
    LoginDelays delays_;
    boost::asio::any_io_executor control_;
    Clock& clock_;
    std::list<boost::asio::cancellation_signal> pauses_; ///< of control_, as is the next
    bool delays_ended_ = false;
    WorkPool pool_;
};
} // namespace ringpost::directory
