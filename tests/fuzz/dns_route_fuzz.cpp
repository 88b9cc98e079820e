// SPDX-License-Identifier: Apache-2.0
// MX records as a name server may send them: a line each, its first octet the preference.
#include "mta/relay/dns_route.h"
#include "mta/server/address.h"

#include <cstdlib>

using namespace ringpost;
using namespace ringpost::mta;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input(reinterpret_cast<const char*>(data), size);
    std::vector<MailExchanger> records;
    while (!input.empty())
    {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        const unsigned preference = line.empty() ? 0U : static_cast<unsigned char>(line.front());
        records.push_back({preference, std::string(line.substr(line.empty() ? 0 : 1))});
    }
    std::mt19937 random(1);
    const auto own = [](std::string_view host) { return host == "own.example"; };
    const auto chosen = choose_exchangers(records, "domain.example", own, 5, random);
    const bool one = chosen.hosts.empty() == !chosen.refusal.enhanced.empty();
    if (!one || chosen.hosts.size() > 5)
    {
        std::abort();
    }
    for (const auto& host : chosen.hosts)
    {
        if (own(host) || parse_domain(host).value() != host)
        {
            std::abort();
        }
    }
    return 0;
}
