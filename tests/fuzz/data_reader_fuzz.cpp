// SPDX-License-Identifier: Apache-2.0
// A mail's octets: what is read must not depend on how they are cut (first octet: the size of the pieces).
#include "mta/relay/dot_stuffer.h"
#include "mta/server/data_reader.h"

#include <cstdlib>

using namespace ringpost::mta;

namespace
{
struct Reading
{
    std::size_t consumed = 0;
    bool complete = false;
    std::uint64_t size = 0;
    std::string mail;
    std::string violation;
    bool operator==(const Reading&) const = default;
};

Reading read(std::string_view octets, std::size_t piece)
{
    DataReader reader(300);
    Reading reading;
    while (!reading.complete && reading.consumed < octets.size())
    {
        const DataReader::Fed fed = reader.feed(octets.substr(reading.consumed, piece));
        reading.consumed += fed.consumed;
        reading.complete = fed.verdict == DataReader::Verdict::complete;
        reading.mail += reader.take();
    }
    reading.size = reader.size();
    reading.violation = reader.violation() ? reader.violation()->text() : "";
    if (!reading.violation.empty())
    {
        reading.mail.clear();
    }
    return reading;
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(data + (size > 0 ? 1 : 0), data + size);
    const Reading whole = read(octets, octets.size());
    const Reading split = read(octets, size > 0 ? data[0] % 16U + 1U : 1U);
    DotStuffer stuffer;
    std::string sent = stuffer.encode(octets);
    sent += stuffer.finish(); // not in one expression: its operands have no order
    const Reading received = read(sent, sent.size());
    const bool end = sent.find("\r\n.\r\n") == sent.size() - 5 || sent == ".\r\n";
    if (whole != split || !received.complete || received.consumed != sent.size() || !end)
    {
        std::abort();
    }
    return 0;
}
