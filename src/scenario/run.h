// SPDX-License-Identifier: Apache-2.0
// The stored state of a running scenario: where it is, and what has become of each content (spec 2.9, design rule 3).
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "core/vocabulary.h"
#include "scenario/script.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::scenario
{
/// The last three are ends.
enum class State
{
    not_started,
    running, ///< contents of the step are being processed
    waiting, ///< in `wait` or `at`, for Run::due
    asking,  ///< in `pause`, for an answer, until Run::due
    finished,
    failed,
    cancelled
};

[[nodiscard]] constexpr bool is_end(State state)
{
    return state >= State::finished;
}

enum class Status
{
    running,
    finished,
    failed,
    stopped ///< before its end: the scenario was ended from outside, or the telephones were connected by key 9
};

/// What is told of a processed content in the result (spec 2.7).
struct Extent
{
    std::optional<std::uint32_t> seconds_heard; ///< voice
    std::optional<std::uint32_t> pages;         ///< FAX
    bool operator==(const Extent&) const = default;
};

/// One content of one step. `step` and `reference` together are there once, whatever the scenario repeats: that is what
/// a stored request and its events are recognised by.
struct Item
{
    std::size_t step = 0; ///< index; Script::steps.size() for the connection asked for by key 9
    Reference reference;
    Status status = Status::running;
    Cause cause = Cause::none; ///< of a failed one
    Extent extent;
    bool operator==(const Item&) const = default;
};

struct Run
{
    State state = State::not_started;
    std::size_t position = 0;   ///< index of the step that it is at, or ended in
    std::optional<Instant> due; ///< when `wait` or `at` is over, or the inquiry; nullopt in all other states
    Cause cause = Cause::none;  ///< of failed and cancelled
    std::vector<Item> items;    ///< in the order in which they were begun
    bool operator==(const Run&) const = default;
};

/// The text to be stored: JSON with a version, one octet sequence for each Run.
[[nodiscard]] std::string format_run(const Run& run);

/// Reads what format_run() has written, and nothing else (another order, blanks, unknown names). Errc::malformed also
/// for a state that no run of `script` can be in; Errc::unsupported for a version that is not known; where() is
/// `scenario run`.
[[nodiscard]] Result<Run> parse_run(std::string_view text, const Script& script);
} // namespace ringpost::scenario

template <>
struct ringpost::Spelling<ringpost::scenario::State>
{
    static constexpr std::array<std::pair<ringpost::scenario::State, std::string_view>, 7> words{{
        {ringpost::scenario::State::not_started, "not-started"},
        {ringpost::scenario::State::running, "running"},
        {ringpost::scenario::State::waiting, "waiting"},
        {ringpost::scenario::State::asking, "asking"},
        {ringpost::scenario::State::finished, "finished"},
        {ringpost::scenario::State::failed, "failed"},
        {ringpost::scenario::State::cancelled, "cancelled"},
    }};
};

template <>
struct ringpost::Spelling<ringpost::scenario::Status>
{
    static constexpr std::array<std::pair<ringpost::scenario::Status, std::string_view>, 4> words{{
        {ringpost::scenario::Status::running, "running"},
        {ringpost::scenario::Status::finished, "finished"},
        {ringpost::scenario::Status::failed, "failed"},
        {ringpost::scenario::Status::stopped, "stopped"},
    }};
};
