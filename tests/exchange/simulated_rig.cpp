// SPDX-License-Identifier: Apache-2.0
#include "exchange/simulated_rig.h"

#include "exchange/voice.h"

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace ringpost::pbx::conformance
{
simulated::Office sample_office(const std::string& name, const std::string& external_prefix)
{
    simulated::Office office;
    office.name = name;
    office.extensions = {"2000", "2100", "2200"};
    office.numbering.external_number = [external_prefix](const std::string& extension) {
        return external_prefix + extension;
    };
    const auto extension_of = [external_prefix](const std::string& e164) -> std::optional<std::string> {
        return e164.starts_with(external_prefix) ? std::optional(e164.substr(external_prefix.size())) : std::nullopt;
    };
    office.numbering.extension_of = extension_of;
    office.numbering.normalise = [extension_of](const std::string& written) {
        std::string digits;
        for (const char c : written)
        {
            digits += c == '-' ? "" : std::string(1, c);
        }
        const std::string e164 = digits.starts_with('0') ? "+81" + digits.substr(1) : digits;
        return extension_of(e164).value_or(e164);
    };
    return office;
}

SimulatedRig::SimulatedRig(const std::filesystem::path& call_log, simulated::Machines machines)
    : clock_(context_, Instant{Duration{1'800'000'000'000'000}})
{
    SimulatedExchange::Options options;
    options.office = sample_office("office-a", "+81441111");
    options.office.recordings = recordings_.path();
    options.office.machines = std::move(machines);
    options.call_log = call_log;
    exchange_ = SimulatedExchange::open(context_.get_executor(), clock_, std::move(options)).value();
    listen();
}

std::vector<std::int16_t> SimulatedRig::heard(const std::string& number)
{
    std::filesystem::path last;
    for (int n = 1; std::filesystem::exists(recordings_.path() / (number + "-" + std::to_string(n) + ".wav")); ++n)
    {
        last = recordings_.path() / (number + "-" + std::to_string(n) + ".wav");
    }
    return read_wav(last);
}

void SimulatedRig::set_reachable(const std::string& number, bool reachable)
{
    exchange_->set_reachable(number, reachable).value();
}
} // namespace ringpost::pbx::conformance
