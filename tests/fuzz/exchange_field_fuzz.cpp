// SPDX-License-Identifier: Apache-2.0
// Ringpost-Exchange: what was read is written as a header field of short lines and read back as the same.
#include "service/order.h"

#include <cstdint>
#include <cstdlib>

using namespace ringpost;

namespace
{
void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// A field that may stand in front of a mail: it ends no header, and every further line of it is a folded one.
void check_written(const std::string& field)
{
    for (std::size_t at = 0; at < field.size(); ++at)
    {
        const char c = field[at];
        require((c >= ' ' && c <= '~') || c == '\r' || c == '\n');
        require(c != '\n' || (at > 0 && field[at - 1] == '\r' && at + 1 < field.size() && field[at + 1] == ' '));
        require(c != '\r' || (at + 1 < field.size() && field[at + 1] == '\n'));
    }
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string value(data, data + size);
    const auto field = service::parse_exchange_field(value);
    if (field.has_error())
    {
        require(!field.error().where().empty());
        return 0;
    }
    require(!field->id.empty());
    const std::string written = service::format(*field);
    check_written(written);
    const auto again = service::parse_exchange_field(written);
    // Quoting makes a value longer, so that one near the limit goes beyond it.
    require(again.has_error() ? size > 1000 : service::format(*again) == written);
    return 0;
}
