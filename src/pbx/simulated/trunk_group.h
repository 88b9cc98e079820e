// SPDX-License-Identifier: Apache-2.0
// All trunks of one simulated exchange: which link leads to a number, and which calls stand on which link.
#pragma once

#include "pbx/simulated/trunk.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace ringpost::pbx::simulated
{
class TrunkGroup
{
public:
    /// What happens on trunks; never called from inside a call of this class.
    struct Handlers
    {
        std::function<void(const TrunkLeg&, const TrunkMessage&)> offered; ///< a call arrives
        std::function<void(const TrunkLeg&)> ringing;
        std::function<void(const TrunkLeg&)> answered;
        /// The leg is gone. `cause` counts where it had not been answered; congestion: the link was lost.
        std::function<void(const TrunkLeg&, Cause)> ended;
        std::function<void(const TrunkLeg&, std::span<const std::int16_t>)> audio; ///< the other side says
        std::function<void(const TrunkLeg&, char)> digit;                          ///< the called person presses
    };

    static constexpr std::size_t max_accepted_links = 64; ///< further ones are closed

    /// `lines`: how many calls there may be at once on all links together, whoever made them; further ones meet
    /// congestion.
    explicit TrunkGroup(std::size_t lines) : lines_limit_(lines) {}

    void on(Handlers handlers) { handlers_ = std::move(handlers); }
    /// Whether calls to all these would find a line at this moment; also where there is no route, which is told to who
    /// calls.
    [[nodiscard]] bool lines_free(const std::vector<std::string>& numbers) const;
    /// Lines that a call stands on at this moment.
    [[nodiscard]] std::size_t busy_lines() const;
    /// Since the beginning; calls that came while the link was down are not counted.
    struct Traffic
    {
        std::uint64_t offered = 0; ///< calls of this exchange over its trunks
        std::uint64_t blocked = 0; ///< of either side, because no line was free here
    };
    [[nodiscard]] const Traffic& traffic() const { return traffic_; }

    /// Calls to numbers that begin with `prefix` (E.164) go over `link`; the longest prefix wins.
    void add_route(std::string prefix, std::unique_ptr<TrunkLink> link);
    /// A link over which a peer calls us.
    void accept(std::unique_ptr<TrunkLink> link);

    /// Sends the setup (its `call` is filled in here). no_such_number: no route; congestion: link down, or no line
    /// free.
    [[nodiscard]] std::variant<TrunkLeg, Cause> place(TrunkMessage setup);

    /// For legs that are gone already these do nothing.
    void tell_ringing(const TrunkLeg& leg);
    void tell_answered(const TrunkLeg& leg);
    void fail(const TrunkLeg& leg, Cause cause);
    void release(const TrunkLeg& leg);
    void send_audio(const TrunkLeg& leg, std::span<const std::int16_t> samples);
    /// From the exchange that was called.
    void send_digit(const TrunkLeg& leg, char digit);

private:
    struct Line
    {
        std::unique_ptr<TrunkLink> link;
        std::string prefix; ///< empty: accepted from a peer
        std::set<std::uint64_t> calls;
        std::uint64_t last_call = 0;
        [[nodiscard]] bool accepted() const { return prefix.empty(); }
    };

    void add(Line line);
    /// The line that leads there; its end: none does.
    [[nodiscard]] std::map<std::uint32_t, Line>::const_iterator route_to(const std::string& number) const;
    void tell(const TrunkLeg& leg, TrunkMessage::Kind kind, Cause cause, bool over);
    void send(const TrunkLeg& leg, TrunkMessage message);
    void on_audio(const TrunkLeg& leg, const Line& line, const TrunkMessage& message);
    void on_message(std::uint32_t id, const TrunkMessage& message);
    void on_setup(std::uint32_t id, Line& line, const TrunkMessage& message);
    void on_progress(const TrunkLeg& leg, Line& line, const TrunkMessage& message);
    void on_down(std::uint32_t id);

    std::size_t lines_limit_;
    Traffic traffic_;
    Handlers handlers_;
    std::map<std::uint32_t, Line> lines_;
    std::uint32_t last_line_ = 0;
};
} // namespace ringpost::pbx::simulated
