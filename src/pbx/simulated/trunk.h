// SPDX-License-Identifier: Apache-2.0
// What simulated exchanges say to each other over a trunk, and the link that carries it. A link is used one way: the
// exchange that connected it makes calls, the one that accepted it answers them. A line of JSON for each message:
//   → {"type":"setup","call":1,"from":"+81…","to":"+81…","origin":"office-a","attempt":7,"leg":1}
//   ← {"type":"ringing","call":1}  {"type":"answered","call":1}  {"type":"failed","call":1,"cause":"busy"}
//   ↔ {"type":"released","call":1}
//   → {"type":"audio","call":1,"mulaw":"ff7f…"}  ← {"type":"digit","call":1,"digit":"5"}  while both talk
//   ← {"type":"audio",…} from a machine that was called; simulated people press keys and say nothing.
#pragma once

#include "core/result.h"
#include "core/vocabulary.h"
#include "pbx/exchange.h"

#include <boost/asio/any_io_executor.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ringpost::pbx::simulated
{
/// The longest line that a peer may send, its end included; a longer one ends the link.
inline constexpr std::size_t max_trunk_line = 1024;
/// The most samples of one message; in hexadecimal digits they fit into a line.
inline constexpr std::size_t max_trunk_audio = 400;
/// The longest number that can be dialled or shown.
inline constexpr std::size_t max_number = 32;

/// A call on a trunk: the link and the number of the call on it.
struct TrunkLeg
{
    std::uint32_t link = 0;
    std::uint64_t call = 0;
    auto operator<=>(const TrunkLeg&) const = default;
};

struct TrunkMessage
{
    enum class Kind
    {
        setup,
        ringing,
        answered,
        failed,
        released,
        audio,
        digit
    };
    Kind kind{};
    std::uint64_t call = 0;
    std::string from;          ///< setup: the number that is shown, may be empty (withheld)
    std::string to;            ///< setup: E.164
    std::string origin;        ///< setup: name of the exchange that makes the call
    AttemptId attempt{};       ///< setup: the attempt there, 0 for a call dialled by hand
    Leg leg = Leg::first;      ///< setup: which leg of that attempt
    Cause cause = Cause::none; ///< failed
    std::string mulaw;         ///< audio: G.711 octets, 8 kHz
    char digit = 0;            ///< digit: 0-9 * # A-D
};

/// What a telephone on the far side can have met, and congestion for anything else: a trouble of that office's own.
[[nodiscard]] Cause far_cause(Cause cause);

/// One line without its end.
[[nodiscard]] std::string encode(const TrunkMessage& message);
/// Errc::malformed for anything that encode() does not write; numbers and names are checked for length and characters.
[[nodiscard]] Result<TrunkMessage> decode(std::string_view line);

/// `+` and 1 to 31 digits.
[[nodiscard]] bool is_external_number(std::string_view text);

class TrunkLink
{
public:
    struct Handlers
    {
        std::function<void(const TrunkMessage&)> on_message;
        std::function<void()> on_down; ///< also when the link comes up again later
    };

    virtual ~TrunkLink() = default;
    [[nodiscard]] virtual bool up() const = 0;
    /// Sends, or drops while the link is down; audio is dropped also where the peer does not keep up. Handlers are
    /// never called from inside.
    virtual void send(const TrunkMessage& message) = 0;
    /// Starts reading. Set once; the handlers may destroy the link.
    virtual void start(Handlers handlers) = 0;
};

/// A trunk inside the process, for virtual time: like a TCP trunk, but that messages arrive as they are, unchecked, and
/// set_up() cuts and mends it.
class MemoryTrunk
{
public:
    using Accept = std::function<void(std::unique_ptr<TrunkLink>)>;

    /// `accept` receives the far end, now and each time the trunk is mended.
    MemoryTrunk(boost::asio::any_io_executor executor, Accept accept);

    /// The calling end; to be taken once.
    [[nodiscard]] std::unique_ptr<TrunkLink> take_near();
    void set_up(bool up);

    class Wire;

private:
    std::shared_ptr<Wire> wire_;
    Accept accept_;
};
} // namespace ringpost::pbx::simulated
