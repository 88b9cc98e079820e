// SPDX-License-Identifier: Apache-2.0
// How Ringpost's words become names of Asterisk: ids of the legs of an attempt, endpoints of devices, numbers as
// trunks and displays want them. No I/O.
#pragma once

#include "pbx/exchange.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringpost::pbx::asterisk
{
/// External numbers that begin with `prefix` (E.164, the longest wins) are dialled at `endpoint`, in which `{number}`
/// is the number as dialled inside the country, digits only, and `{e164}` the one with `+`.
struct Trunk
{
    std::string prefix;
    std::string endpoint;
};

/// The ids of an attempt's channels and bridge. They begin with the gateway, because several may use one exchange.
class LegIds
{
public:
    /// `gateway` becomes letters, digits and `.`; whatever else it has becomes `_`.
    explicit LegIds(std::string_view gateway);

    /// `rp-office.example-17-1`
    [[nodiscard]] std::string leg(AttemptId attempt, Leg leg) const;
    /// `rp-office.example-17`
    [[nodiscard]] std::string bridge(AttemptId attempt) const;
    /// `rp-office.example-17-p3`: the channel of a voice board port, and the bridge in which it is with the first leg.
    /// `number` tells the ports of an attempt apart, as the end of one may still be under way when the next is made.
    [[nodiscard]] std::string port(AttemptId attempt, std::uint64_t number) const;
    /// What the channels begin with that are made only to look at something: `rp-office.example-check-`
    [[nodiscard]] std::string probe() const { return prefix_ + "check-"; }
    /// Whose leg that is; nullopt: none of ours.
    [[nodiscard]] std::optional<std::pair<AttemptId, Leg>> read(std::string_view id) const;
    /// Whose port that is; nullopt: none of ours.
    [[nodiscard]] std::optional<AttemptId> read_port(std::string_view id) const;

private:
    /// The attempt, and what stands behind it.
    [[nodiscard]] std::optional<std::pair<AttemptId, std::string_view>> split(std::string_view id) const;
    std::string prefix_;
};

class DialPlan
{
public:
    /// `endpoint`: of an own device, `PJSIP/{number}`. `as_dialled`: E.164 → digits as dialled here.
    DialPlan(std::string endpoint, std::vector<Trunk> trunks,
             std::function<std::string(const std::string& e164)> as_dialled);

    /// What is dialled; nullopt: no trunk leads to that number, or it is none.
    [[nodiscard]] std::optional<std::string> endpoint(const DeviceId& device) const;
    /// The device whose state is that of an own number: `PJSIP/2000`.
    [[nodiscard]] std::string device(const std::string& number) const;
    /// The own number behind a device; nullopt: not one of the numbered ones.
    [[nodiscard]] std::optional<std::string> number(std::string_view device) const;
    /// `PJSIP`
    [[nodiscard]] std::string technology() const;
    /// What a telephone displays: extensions as they are, external numbers as dialled.
    [[nodiscard]] std::string shown(const std::string& number) const;
    /// Name and technology of what must be online for each trunk: `PJSIP/trunk` of `PJSIP/{number}@trunk`.
    [[nodiscard]] std::vector<std::string> trunk_endpoints() const;

private:
    std::string endpoint_;
    std::vector<Trunk> trunks_;
    std::function<std::string(const std::string&)> as_dialled_;
};
} // namespace ringpost::pbx::asterisk
