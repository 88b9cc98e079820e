// SPDX-License-Identifier: Apache-2.0
// Sees what one gateway of the city stores, dials and hears, and says what breaks the rules of spec 3:
//   no two attempts of a gateway ring one device; a device that the exchange shows in use is not rung; nothing is
//   dialled after a request's end; nobody who has answered is rung again for it; express first, then oldest, and who
//   was suspended keeps that place; one result for each request; nobody whose turn it is waits for ever.
// It keeps its own account of the requests, from what is reported of each change; at the end rows and account are
// compared (check_end). Each check looks at what has just happened only.
#pragma once

#include "core/clock.h"
#include "pbx/exchange.h"
#include "store/requests.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ringpost::simulation
{
class Witness
{
public:
    /// What is known of a request.
    struct Known
    {
        RequestId id{};
        std::string number;
        RequestState state = RequestState::held;
        Cause cause = Cause::none;
        store::Wait wait = store::Wait::none;
        store::Wait dialled_from = store::Wait::none; ///< what it waited for when it was dialled
        Instant since{};                              ///< it stands like this
        Instant asked{};
        std::optional<Instant> begun; ///< its monitor time
        std::optional<Instant> wake_at;
        std::optional<Instant> expires_at;
        std::string destination;
        std::string source;
        bool express = false;
        bool wants_result = true;
        bool answered = false; ///< somebody who was rung for it
        AttemptId attempt{};
        int attempts = 0;
        int results = 0;
        [[nodiscard]] bool between_offices() const { return destination.starts_with('+') || source.starts_with('+'); }
    };

    Witness(std::string office, Clock& clock, const pbx::Exchange& exchange)
        : office_(std::move(office)), clock_(clock), exchange_(exchange)
    {}

    /// Every stored change of every request, in order.
    void changed(const store::Request& request);
    /// Before the exchange hears of it.
    void dialled(const pbx::MakeCall& call);
    void alerted(AttemptId attempt);
    /// Before the service hears of it.
    void told(const pbx::Event& event);
    /// Answers of the exchange: nothing of the attempt rings any more, or this is what there is of it.
    void cleared(AttemptId attempt);
    void found(AttemptId attempt, const std::optional<pbx::AttemptLegs>& legs);
    void cleared_all_but(const std::set<AttemptId>& kept);
    /// A telephone of the exchange has changed its state.
    void device_changed(const std::string& number);
    /// A result notice about the request is on its way.
    void told_result(const std::string& number, RequestState state);
    /// Between two events: attempts under way, unsettled ones, and the devices that they hold.
    void check_reservations(std::size_t attempts, std::size_t unsettled, std::size_t reserved);
    /// Nobody waits for ever; to be called now and then. `room`: the gateway may begin attempts.
    void check_patience(bool room);
    /// Everything has come to its end.
    void check_end();

    void note_broken(const std::string& what);
    /// What was broken, with the time; at most so many.
    static constexpr std::size_t most_broken = 20;
    [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }

    [[nodiscard]] const std::vector<Known>& requests() const { return requests_; }
    [[nodiscard]] bool all_ended() const { return open_.empty(); }
    /// Attempts that the exchange was given.
    [[nodiscard]] std::size_t dials() const { return dialled_.size(); }
    /// A number for all that was seen, the same for the same course of events (FNV-1a).
    [[nodiscard]] std::uint64_t digest() const { return digest_; }

private:
    using Place = std::tuple<bool, Instant, RequestId>; ///< in a queue: not express, asked, id
    struct Ringing
    {
        std::string first;
        std::string second;
        RequestId request{};
    };

    [[nodiscard]] Known* known(RequestId id);
    [[nodiscard]] static Place place_of(const Known& request);
    [[nodiscard]] Instant idle_since(const std::string& device) const;
    /// It did not answer, and has not been used since: to those who wait for it that is like a conversation.
    [[nodiscard]] bool silent(const std::string& device) const;
    void check_devices(const pbx::MakeCall& call);
    void check_free(AttemptId attempt, const std::string& device);
    void check_turn(const Known& request);
    void check_waits(const Known& request);
    void over(AttemptId attempt);
    void count_silent(const Known& was, const store::Request& is);
    void stir(std::uint64_t value);

    std::string office_;
    Clock& clock_;
    const pbx::Exchange& exchange_;
    std::vector<Known> requests_; ///< by id, from 1
    std::unordered_map<std::string, RequestId> by_number_;
    std::set<RequestId> open_;
    std::unordered_map<std::string, std::set<Place>> queues_; ///< who is in the state waiting, by destination
    std::unordered_map<std::string, std::size_t> silent_;     ///< how many of them wait for its next use
    std::unordered_map<std::string, Instant> silent_until_;   ///< when the last of those went
    std::unordered_map<AttemptId, RequestId> owners_;         ///< of attempts that were stored and not dialled yet
    std::unordered_set<AttemptId> dialled_;
    std::unordered_map<AttemptId, Ringing> ringing_;
    std::unordered_map<std::string, AttemptId> held_; ///< devices of these
    std::unordered_map<std::string, Instant> changed_;
    bool link_up_ = true;
    Instant link_since_{};
    std::vector<std::string> broken_;
    std::uint64_t digest_ = 0xcbf29ce484222325U;
};
} // namespace ringpost::simulation
