// SPDX-License-Identifier: Apache-2.0
// What a baresip may send over ctrl_tcp: read whole and octet by octet it comes to the same, and a telephone that hears
// it stays within bounds. The first octet chooses what the person at the telephone does meanwhile.
#include "pbx/baresip/dialog.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ringpost;
using namespace ringpost::pbx;
using namespace ringpost::pbx::baresip;

namespace
{
void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

void do_something(Line& line, unsigned choice)
{
    switch (choice % 8)
    {
    case 0:
        static_cast<void>(line.dial("044-222-3333"));
        break;
    case 1:
        static_cast<void>(line.answer());
        break;
    case 2:
        line.hang_up();
        break;
    case 3:
        line.act();
        break;
    case 4:
        static_cast<void>(line.set_registered(false));
        break;
    case 5:
        static_cast<void>(line.set_registered(true));
        break;
    default:
        break;
    }
}

/// Commands are answered as well as the input guesses their tokens.
void talk(std::string_view input, unsigned choice)
{
    Dialog dialog("2000");
    dialog.line().habit = {choice % 3 == 0 ? Habit::Answer::reject : Habit::Answer::after, 1s, 1s};
    dialog.link_up();
    while (!input.empty())
    {
        const auto piece = input.substr(0, 1 + choice % 64);
        input.remove_prefix(piece.size());
        require(dialog.take_output().size() < 1000);
        if (dialog.receive(piece).has_error())
        {
            dialog.link_lost();
            require(dialog.line().state() == DeviceState::unreachable && !dialog.line().with());
            return;
        }
        do_something(dialog.line(), choice++);
        const bool in_use = pbx::in_use(dialog.line().state());
        require(in_use == dialog.line().with().has_value() && dialog.line().with().value_or("").size() <= 64);
    }
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data, data + size);
    NetstringReader whole(1000);
    NetstringReader trickled(1000);
    whole.feed(input);
    std::size_t fed = 0;
    for (;;)
    {
        const auto expected = whole.next();
        auto got = trickled.next();
        while (got.has_value() && !*got && fed < input.size())
        {
            trickled.feed({&input[fed++], 1});
            got = trickled.next();
        }
        require(expected.has_value() == got.has_value());
        if (expected.has_error() || !*expected)
        {
            require(expected.has_error() || !*got);
            break;
        }
        require(**expected == **got);
    }
    talk(std::string_view(input).substr(size == 0 ? 0 : 1), size == 0 ? 0 : data[0]);
    return 0;
}
