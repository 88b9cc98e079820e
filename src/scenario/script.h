// SPDX-License-Identifier: Apache-2.0
// The language of scenarios (spec 2.9, the gateway's own): UTF-8 text, a step a line, `#` begins a comment.
//
//   play  = message 3              process content 3 and wait until it is finished
//   play  = message 2, message 3   both at the same time; wait until both are finished
//   pause = message 2              ask the addressee; on OK process content 2, on NG end here
//   wait  = 30s                    1s to 30d
//   at    = 2026-12-01T09:00:00+09:00
//
// Every line may end with `or continue`. Words are read without regard to case; blanks are free around them, and a
// byte order mark, CRLF or LF, and empty lines do not matter. `message exchange` is exchange information that is not a
// part of the mail.
#pragma once

#include "core/duration.h"
#include "core/limits.h"
#include "core/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ringpost::scenario
{
/// What `message …` names: a numbered content, or the exchange information that is not a part.
struct Reference
{
    int number = 0; ///< 1, 2, 3 … as in media::Content; 0: `message exchange`
    auto operator<=>(const Reference&) const = default;
};

/// `message 3`, `message exchange`.
[[nodiscard]] std::string to_string(Reference reference);

/// Process these contents at the same time, until all are brought to their end.
struct Play
{
    std::vector<Reference> contents; ///< at least one, none twice
    bool operator==(const Play&) const = default;
};

/// Ask the addressee; on OK process the content. `or continue` is for a content that fails: a no ends the scenario.
struct Pause
{
    Reference content;
    bool operator==(const Pause&) const = default;
};

struct Wait
{
    Duration time{};
    bool operator==(const Wait&) const = default;
};

/// Go on at this time; at once where it is in the past.
struct At
{
    Instant time{};
    bool operator==(const At&) const = default;
};

struct Step
{
    std::variant<Play, Pause, Wait, At> what;
    bool or_continue = false; ///< the scenario goes on though this step failed
    std::size_t line = 0;     ///< in the text, from 1
    bool operator==(const Step&) const = default;
};

/// The contents that a step processes; none for `wait` and `at`.
[[nodiscard]] std::vector<Reference> contents_of(const Step& step);

struct Script
{
    std::vector<Step> steps;
    bool operator==(const Script&) const = default;
};

/// The most calls that it can make when nothing is busy: one for each content, one for each question.
[[nodiscard]] std::size_t calls_of(const Script& script);

/// Linear. Errc::malformed, or Errc::too_large for a limit; where() is `line N`, text() says what was read and what is
/// expected. A text without steps is an error.
[[nodiscard]] Result<Script> parse(std::string_view utf8_text, const ScenarioLimits& limits);

/// The text to be stored, which parse_stored() reads back as the same script. A step stays in its line (comments become
/// empty lines), so that what is said later of a step names the line that its sender wrote.
[[nodiscard]] std::string canonical(const Script& script);

/// As parse(), without limits: they hold where a mail is accepted, and may have been lowered since. A text without
/// steps is a script without steps.
[[nodiscard]] Result<Script> parse_stored(std::string_view text);
} // namespace ringpost::scenario
