// SPDX-License-Identifier: Apache-2.0
// The server dialog: a line each; the session's answers come from the sum of the line's octets.
#include "mta/server/dialog.h"

#include <cstdlib>
#include <numeric>

using namespace ringpost;
using namespace ringpost::mta;
using Next = ServerDialog::Next;

namespace
{
ServerDialog::Step answer(ServerDialog& dialog, const ServerDialog::Step& step, unsigned choice)
{
    const Failure no = fail(static_cast<Errc>(choice % 12U), "where", "\xe5\xa4\xaa\r\n no");
    const bool yes = choice % 3U != 0;
    switch (step.next)
    {
    case Next::sender:
        return dialog.on_sender(yes ? Result<>() : no);
    case Next::recipient:
        return dialog.on_recipient(yes ? Result<>() : no);
    case Next::authenticate:
        return yes ? dialog.on_authenticated(Identity{"name", choice % 2U == 0})
                   : dialog.on_authenticated(std::nullopt);
    case Next::data:
        return dialog.on_data(yes ? Result<std::string>("1") : no);
    case Next::xringpost:
        return dialog.on_xringpost(yes ? Result<std::string>("1") : no);
    case Next::start_tls:
        return dialog.on_tls_started();
    case Next::command:
    case Next::close:
        break;
    }
    return step;
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ServerOptions options;
    options.domain = "x.example";
    options.auth_in_clear = size % 2 == 0;
    options.lmtp = size % 5 == 0;
    options.tls_offered = !options.lmtp;
    ServerDialog dialog(options);
    std::string_view input(reinterpret_cast<const char*>(data), size);
    ServerDialog::Step step = dialog.greeting();
    while (!input.empty() && step.next == Next::command)
    {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        step = line.size() > dialog.line_limit() ? dialog.on_line_too_long() : dialog.on_line(line, Instant{});
        const Next asked = step.next;
        step = answer(dialog, step, std::accumulate(line.begin(), line.end(), 0U));
        if (!step.reply.ends_with("\r\n") && step.next != Next::data && asked != Next::start_tls)
        {
            std::abort();
        }
    }
    return 0;
}
