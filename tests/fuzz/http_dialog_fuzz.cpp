// SPDX-License-Identifier: Apache-2.0
// The HTTP dialog fed with anything, whole and octet by octet: both must see the same requests and write the same. The
// page decides about each request.
#include "console/http_dialog.h"
#include "console/inquiry_page.h"

#include <algorithm>
#include <cstdlib>

using namespace ringpost;
using namespace ringpost::console;

namespace
{
constexpr HttpLimits limits{.header = 256, .body = 32, .requests = 8};

void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

Response respond(const Request& request)
{
    require(request.body.size() <= limits.body && request.target.size() <= limits.header);
    auto wish = read_wish(request);
    if (auto* refused = std::get_if<Response>(&wish))
    {
        return std::move(*refused);
    }
    require(std::get<Wish>(wish).ok.has_value() == (request.method == Method::post));
    return answered_page({}, std::get<Wish>(wish).ok.value_or(false));
}

std::string course(std::string_view input, std::size_t piece)
{
    constexpr std::string_view continued = "HTTP/1.1 100 Continue\r\n\r\n";
    HttpDialog dialog(limits);
    std::string all;
    std::size_t requests = 0;
    Step step;
    while (!input.empty() && step.next == Next::read)
    {
        step = dialog.feed(input.substr(0, piece), Instant{});
        input.remove_prefix(std::min(piece, input.size()));
        while (true)
        {
            if (step.reply.ends_with(continued)) // only where the body comes later
            {
                step.reply.resize(step.reply.size() - continued.size());
            }
            all += step.reply;
            if (step.next != Next::answer)
            {
                break;
            }
            require(++requests <= limits.requests);
            all += dialog.request().target + dialog.request().body;
            step = dialog.on_response(respond(dialog.request()), Instant{});
        }
    }
    return all;
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data, data + size);
    require(course(input, size + 1) == course(input, 1));
    return 0;
}
