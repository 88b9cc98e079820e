// SPDX-License-Identifier: Apache-2.0
// The POP3 dialog and the RETR encoder fed with anything. The first octet chooses the outcomes of login and UPDATE.
#include "mailbox/dialog.h"
#include "mailbox/message_writer.h"

#include <algorithm>
#include <cstdlib>

using namespace ringpost;
using namespace ringpost::mailbox;

namespace
{
void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// What RETR sends ends in CRLF.CRLF and has no such line before its end.
void check_writer(std::string_view mail, std::optional<std::uint32_t> lines)
{
    MessageWriter whole(lines);
    MessageWriter trickled(lines);
    std::string at_once;
    std::string by_octet;
    whole.write(mail, at_once);
    for (const char octet : mail)
    {
        trickled.write({&octet, 1}, by_octet);
    }
    whole.finish(at_once);
    trickled.finish(by_octet);
    require(at_once == by_octet && at_once.ends_with(".\r\n"));
    require(("\r\n" + at_once).find("\r\n.\r\n") == at_once.size() - 3);
}

Step outcome(Dialog& dialog, const Step& step, unsigned choice)
{
    if (step.next == Next::update)
    {
        require(dialog.deleted().size() <= 2);
        return (choice & 1U) != 0 ? dialog.on_updated({}) : dialog.on_updated(fail(Errc::io, {}, "x"));
    }
    (void)dialog.take_secret();
    if ((choice & 6U) == 0)
    {
        return dialog.on_authenticated(fail(static_cast<Errc>(choice % 12), {}, "x"));
    }
    return dialog.on_authenticated(std::vector<MaildropEntry>{{10, {1, 1}}, {20, {2, 2}}});
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data, data + size);
    const unsigned choice = size == 0 ? 0 : data[0];
    check_writer(input, std::nullopt);
    check_writer(input, choice);
    Dialog dialog({.tls_offered = (choice & 16U) == 0,
                   .encrypted = false,
                   .login_in_clear = (choice & 8U) == 0,
                   .authentication_failures = 2,
                   .errors = 8});
    std::string_view rest = std::string_view(input).substr(size == 0 ? 0 : 1);
    Step step = dialog.greeting();
    while (!rest.empty() && step.next != Next::close)
    {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        step = dialog.on_line(line);
        if (step.next == Next::start_tls)
        {
            require(step.reply == "+OK begin TLS\r\n");
            step = dialog.on_tls_started();
            continue;
        }
        if (step.next == Next::authenticate || step.next == Next::update)
        {
            require(step.reply.empty());
            step = outcome(dialog, step, choice);
        }
        require(step.reply.ends_with("\r\n") && (step.next != Next::retrieve || step.index < 2));
    }
    return 0;
}
