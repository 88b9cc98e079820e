// SPDX-License-Identifier: Apache-2.0
// A result notice of any values stays within 7 bits and short lines, and is read back; the reader is fed with anything.
#include "../unit/notice/result_reader.h"
#include "notice/result_notice.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace ringpost;
using namespace ringpost::notice;

namespace
{
void require(bool condition)
{
    if (!condition)
    {
        std::abort();
    }
}

/// The next value of the input, up to a NUL.
std::string take(std::string_view& rest)
{
    const auto value = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), value.size() + 1));
    return std::string(value);
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input(data, data + size);
    (void)read_result(input);
    (void)extract_result_part(input);
    std::string_view rest = input;
    Heading heading;
    ResultFacts facts;
    heading.language = size % 2 == 0 ? Language::en : Language::ja;
    for (auto* value : {&heading.from_domain, &heading.to, &heading.message_id, &facts.destination_number,
                        &facts.subject, &facts.addressee, &facts.explanation, &facts.request_number})
    {
        *value = take(rest);
    }
    heading.original_headers = std::string(rest);
    const auto mail = result_notice(heading, facts);
    require(std::all_of(mail.begin(), mail.end(),
                        [](char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n'; }));
    for (std::size_t at = 0; at < mail.size(); at = mail.find('\n', at) + 1)
    {
        require(mail.find("\r\n", at) == mail.find_first_of("\r\n", at) && mail.find("\r\n", at) - at <= 998);
    }
    const auto part = extract_result_part(mail);
    require(part.has_value());
    const auto read = read_result(*part);
    require(read.has_error() || read->success == false);
    return 0;
}
