// SPDX-License-Identifier: Apache-2.0
// A header: its fields lie in it one behind the other, within the limits, and no value can end a line.
#include "media/header_block.h"
#include "media/service_fields.h"

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
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string mail(data, data + size);
    const ScanLimits limits{200, 1000, 20, 5, 20, 100};
    const auto block = media::HeaderBlock::read(mail, limits);
    require(block.length() <= block.body_offset() && block.body_offset() <= mail.size());
    require(block.length() <= limits.headers && block.fields().size() <= limits.fields);
    std::size_t end = 0;
    for (const media::Field& field : block.fields())
    {
        require(field.offset == end && !field.name.empty() && field.name.find_first_of(": \t\r\n") == field.name.npos);
        require(field.name.data() == mail.data() + field.offset);
        end = field.offset + field.length;
        require(field.length <= limits.header_line && end <= block.length());
        require(media::unfolded(field.value).find_first_of("\r\n") == std::string::npos);
        require(block.find(field.name) != nullptr && !block.all(field.name).empty());
    }
    const auto strict = media::read_header_block(mail, limits);
    require(strict.has_error() == block.limit_met().has_value());
    require(strict.has_value() || strict.error().where().starts_with("scan."));
    const auto service = media::read_service_fields(block);
    require(!service.error || !service.error->where().empty());
    return 0;
}
