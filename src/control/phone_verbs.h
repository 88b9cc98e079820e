// SPDX-License-Identifier: Apache-2.0
// phone.list, phone.call, phone.answer, phone.hangup, phone.press, phone.set and the stream phone.watch: a person at a
// telephone of the simulated exchange.
#pragma once

#include "control/verbs.h"
#include "pbx/telephones.h"

namespace ringpost::control
{
/// `telephones` must outlive `verbs`.
///   phone.list   {}                            → [{"number","state","with"}…] sorted by number; with is null when idle
///   phone.call   {from, to}                    → null
///   phone.answer {number}, phone.hangup {number} → null
///   phone.press  {number, digits}              → null; digits 0-9 * # A-D
///   phone.set    {number, answer_after, talk}  → null; answer_after is a duration (also ms), `never` or `reject`, talk
///                                                a duration or `until-hangup`; at least one of the two
///   phone.watch  {}                            → {"time","number","event","with"}, time RFC 3339 with microseconds
void register_phone_verbs(Verbs& verbs, pbx::Telephones& telephones);
} // namespace ringpost::control
