// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/dialog.h"

#include <utility>

namespace ringpost::pbx::baresip
{
namespace
{
/// The longest replies of baresip, its help among them, have a few thousand.
constexpr std::size_t message_limit = 64 * 1024;
} // namespace

void Dialog::link_up()
{
    reader_ = NetstringReader(message_limit);
    sent_.reset();
    line_.link_up();
}

void Dialog::link_lost()
{
    reader_ = NetstringReader(0);
    sent_.reset();
    line_.link_lost();
}

Result<> Dialog::receive(std::string_view octets)
{
    reader_.feed(octets);
    for (;;)
    {
        const auto text = reader_.next();
        if (text.has_error())
        {
            return text.error();
        }
        if (!*text)
        {
            return {};
        }
        const auto message = decode(**text);
        if (message.has_error())
        {
            return message.error();
        }
        if (const auto* event = std::get_if<CtrlEvent>(&*message))
        {
            line_.on_event(*event);
            continue;
        }
        const auto& reply = std::get<CtrlReply>(*message);
        if (sent_ && reply.token == std::to_string(last_token_))
        {
            const auto command = *std::exchange(sent_, std::nullopt);
            line_.on_reply(command, reply);
        }
    }
}

std::string Dialog::take_output()
{
    if (sent_)
    {
        return {};
    }
    sent_ = line_.take_command();
    return sent_ ? netstring(encode(*sent_, std::to_string(++last_token_))) : std::string();
}

std::optional<std::uint64_t> Dialog::unanswered() const
{
    return sent_ ? std::optional(last_token_) : std::nullopt;
}
} // namespace ringpost::pbx::baresip
