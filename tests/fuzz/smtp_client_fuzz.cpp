// SPDX-License-Identifier: Apache-2.0
// The client dialog against any server: nothing counts as delivered whose body was not sent. First octet: the size of
// the pieces in which the server's octets arrive.
#include "mta/relay/client_dialog.h"

#include <algorithm>
#include <cstdlib>

using namespace ringpost;
using namespace ringpost::mta;
using Next = ClientDialog::Next;

namespace
{
void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

bool any_delivered(const ClientDialog& dialog)
{
    const std::vector<Outcome> outcomes = dialog.outcomes();
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [](const Outcome& outcome) { return outcome.kind == Outcome::Kind::delivered; });
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data + (size > 0 ? 1 : 0), data + size);
    const std::size_t piece = size > 0 ? data[0] % 64U + 1U : 1U;
    ClientOptions options{"a.example", std::nullopt};
    options.tls = static_cast<HopTls>(piece % 4);
    options.credentials_in_clear = piece % 8 < 4;
    if (piece % 2 == 0)
    {
        options.credentials = Credentials{"gateway", "secret"};
    }
    ClientDialog dialog(options);
    Envelope envelope;
    envelope.declared_size = 100;
    envelope.recipients = {{Mailbox{"x", "b.example"}, {}, {}}, {Mailbox{"y", "b.example"}, {}, "rfc822;y"}};
    bool body_sent = false;
    ClientDialog::Step step = dialog.start();
    for (std::size_t at = 0; at < input.size() && step.next != Next::failed; at += piece)
    {
        step = dialog.on_octets(std::string_view(input).substr(at, piece));
        require(step.send.empty() || step.send.ends_with("\r\n"));
        require(body_sent || !any_delivered(dialog));
        require((step.next == Next::failed) == dialog.failure().has_value());
        const bool may_tell = dialog.encrypted() || options.credentials_in_clear;
        require(may_tell || !step.send.starts_with("AUTH"));
        if (step.next == Next::start_tls)
        {
            step = dialog.on_tls_started();
            require(step.send == "EHLO a.example\r\n");
        }
        if (step.next == Next::send_body)
        {
            body_sent = piece % 16 < 12;
            step = body_sent ? dialog.on_body_sent() : dialog.on_body_cut(fail(Errc::closed, "b.example", "cut"));
        }
        else if (step.next == Next::ready)
        {
            body_sent = false;
            step = dialog.send(envelope);
        }
    }
    step = dialog.on_end(fail(Errc::closed, "b.example", "lost"));
    require(step.next == Next::failed || step.next == Next::finished);
    return 0;
}
