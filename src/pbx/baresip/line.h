// SPDX-License-Identifier: Apache-2.0
// One baresip telephone as the gateway knows it: its calls, and the person beside it. Pure: told of events and
// replies, it says which commands are to be sent and what the person is about to do.
// It is a telephone with a single line as those of the simulated exchange are, so baresip's `call_max_calls` should be
// 1. Where it is more, baresip applies `accept` and `hangup` to the call that came last, and so does this.
// baresip 1.0.0 tells nobody that the other side holds its call: state `held` never comes.
#pragma once

#include "pbx/baresip/message.h"
#include "pbx/telephones.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::pbx::baresip
{
/// What the person does next, unless the call changes before. A new `number` is a new intention.
struct Intention
{
    enum class Act
    {
        none,
        answer,
        hang_up
    };
    std::uint64_t number = 0;
    Act act = Act::none;
    Duration after{};
};

class Line
{
public:
    explicit Line(std::string number) : number_(std::move(number)) {}

    Habit habit;

    [[nodiscard]] const std::string& number() const { return number_; }
    [[nodiscard]] DeviceState state() const;
    /// The other party as this telephone shows it.
    [[nodiscard]] std::optional<std::string> with() const;
    [[nodiscard]] const Intention& intention() const { return intention_; }
    /// True once baresip has told how it stands.
    [[nodiscard]] bool known() const { return known_; }

    /// Connected to baresip, which is asked how it stands.
    void link_up();
    void link_lost();
    void on_event(const CtrlEvent& event);
    void on_reply(const Command& command, const CtrlReply& reply);

    /// The person. Hyphens, dots, slashes, brackets and spaces are not dialled. Errc::conflict: not idle;
    /// Errc::malformed: what remains is no number; Errc::unavailable: too many commands wait.
    Result<> dial(std::string_view written);
    /// Errc::conflict: it does not ring.
    Result<> answer();
    void hang_up();
    /// Keys of telephones (0-9 * # A-D), one after the other. Errc::conflict: it is in no call; Errc::malformed;
    /// Errc::unavailable: too many commands wait.
    Result<> press(std::string_view keys);
    /// The person does what he intends.
    void act();
    /// Plugs the telephone in or out: its account is removed, or read again. What comes of it is told by its state.
    /// Errc::unavailable: not connected.
    Result<> set_registered(bool registered);

    /// The next command to send, once the one before has been replied to: it may depend on the reply.
    [[nodiscard]] std::optional<Command> take_command();

private:
    enum class Stage
    {
        ringing,
        lifted, ///< dialled, or answered but not yet established
        established
    };
    struct Call
    {
        std::uint64_t serial = 0;
        std::string id; ///< empty where baresip has not told it
        Direction direction = Direction::unknown;
        std::string with;
        Stage stage = Stage::ringing;
        std::uint64_t ending = 0; ///< hung up by the person with this `hangup`: over as far as he is concerned; 0: not
    };

    [[nodiscard]] const Call* shown() const;
    [[nodiscard]] Call* find(const CtrlEvent& event);
    Call* add(const std::string& id, Direction direction, const std::string& with);
    void on_call(const CtrlEvent& event);
    void on_closed(const CtrlEvent& event);
    void on_registration(const Registration& registration);
    void set_calls(const std::vector<ListedCall>& listed);
    [[nodiscard]] Call taken_over(const ListedCall& listed);
    void forget_dialled();
    void ask_registration();
    void send(std::string name, std::string parameters = {});
    void intend();

    std::string number_;
    bool up_ = false;
    bool known_ = false;
    bool account_ = false; ///< once all commands are carried out
    bool registered_ = false;
    std::string address_;
    std::vector<Call> calls_; ///< in the order in which they came
    std::uint64_t last_serial_ = 0;
    std::deque<Command> commands_;
    int reginfos_awaited_ = 0;
    std::uint64_t hangups_sent_ = 0;
    std::uint64_t hangups_done_ = 0;
    Intention intention_;
    std::pair<std::uint64_t, Stage> intended_for_{0, Stage::ringing};
};
} // namespace ringpost::pbx::baresip
