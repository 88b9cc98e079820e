// SPDX-License-Identifier: Apache-2.0
// What goes over the ctrl_tcp connection of a baresip 1.0.0: JSON objects, and the tables for people inside of them.
// Source: modules/ctrl_tcp/ctrl_tcp.c, src/event.c, src/ua.c of that release. Whatever is read is kept short.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ringpost::pbx::baresip
{
/// One of baresip's long commands: `dial`, `accept`, `hangup`, …
struct Command
{
    std::string name;
    std::string parameters{};
};

enum class Direction
{
    unknown,
    incoming,
    outgoing
};

/// Something happened at the telephone.
struct CtrlEvent
{
    std::string type;                         ///< `CALL_INCOMING`, `REGISTER_OK`, …
    Direction direction = Direction::unknown; ///< of a call
    std::string id{};                         ///< of a call; empty while baresip has not made one
    std::string number{};                     ///< of the other party
};

/// What came of a command.
struct CtrlReply
{
    bool ok = false;
    std::string data;  ///< text for a person
    std::string token; ///< as in the command
};

using CtrlMessage = std::variant<CtrlEvent, CtrlReply>;

/// Errc::malformed: neither an event nor a reply.
[[nodiscard]] Result<CtrlMessage> decode(std::string_view json);
[[nodiscard]] std::string encode(const Command& command, const std::string& token);

/// `2100` of `sip:2100@192.0.2.1`: the number that the telephone shows.
[[nodiscard]] std::string number_of(std::string_view uri);

/// The reply to `reginfo`.
struct Registration
{
    bool account = false;    ///< it has one
    bool registered = false; ///< its registrar has accepted it, or it needs none
    std::string address;     ///< of the account: `sip:2100@192.0.2.1`
};
[[nodiscard]] Registration read_reginfo(std::string_view data);

/// A line of the reply to `listcalls`.
struct ListedCall
{
    std::string state; ///< `INCOMING`, `OUTGOING`, `RINGING`, `EARLY`, `ESTABLISHED`
    std::string number;
};
[[nodiscard]] std::vector<ListedCall> read_listcalls(std::string_view data);
} // namespace ringpost::pbx::baresip
