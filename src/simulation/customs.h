// SPDX-License-Identifier: Apache-2.0
// How people of the simulated city use their telephones. Guesses of an ordinary office day, in one place; what an
// administrator knows of the own offices comes in through the options of the city.
#pragma once

#include "core/duration.h"

#include <array>
#include <cstddef>

namespace ringpost::simulation::customs
{
// ---- calls
inline constexpr double calls_an_hour = 1.0; ///< that each person makes by hand, on average
inline constexpr double far_calls = 0.25;    ///< of them to the other office
inline constexpr Duration talk = 150s;       ///< mean; how long people talk
inline constexpr Duration longest_talk = 30min;
/// Some telephones are called much more often than others: so many of them have so many of the calls.
inline constexpr double popular_telephones = 0.05;
inline constexpr double popular_calls = 0.25;
/// How busy each eighth of the day is, as a multiple of its average.
inline constexpr std::array<double, 8> day_shape{0.7, 1.2, 1.4, 0.8, 0.9, 1.3, 1.1, 0.6};
inline constexpr double busiest = 1.4;

// ---- people at a telephone that rings
inline constexpr Duration answer_least = 2s;
inline constexpr Duration answer_mean = 5s; ///< beyond the least
inline constexpr Duration answer_most = 40s;
inline constexpr double rejects = 0.02;
inline constexpr Duration present = 60min; ///< mean time between two absences
inline constexpr Duration absent = 8min;   ///< mean
inline constexpr Duration longest_absence = 1h;
inline constexpr Duration plugged = 20h; ///< mean time until a telephone is unplugged
inline constexpr Duration unplugged = 5min;
inline constexpr Duration longest_unplugged = 30min;

// ---- orders
inline constexpr double relayed = 0.6; ///< the destination is here, the source at the other office
inline constexpr double inside = 0.3;  ///< both here; the rest: the destination is there and the source here
inline constexpr double by_reception = 0.3;
inline constexpr Duration reading = 5min; ///< mean time until the addressee fetches the mail
inline constexpr Duration latest_reading = 30min;
inline constexpr double deleted_unread = 0.02; ///< of those that wait for reception
inline constexpr double express = 0.1;
inline constexpr double periodic = 0.3;
inline constexpr Duration shortest_cycle = 30s;
inline constexpr Duration longest_cycle = 5min;
inline constexpr double monitored = 0.8; ///< have a monitor time of their own
inline constexpr Duration shortest_monitor_time = 2min;
inline constexpr Duration longest_monitor_time = 1h;
inline constexpr Duration monitor_time_cap = 2h;
inline constexpr Duration shortest_ring = 15s;
inline constexpr Duration longest_ring = 30s;
inline constexpr double source_first = 0.2;
inline constexpr double begin_by_waiting = 0.1; ///< First-Attempt: no
inline constexpr double silent = 0.05;          ///< Result-Notification: no
inline constexpr double cancelled = 0.05;
inline constexpr Duration until_cancel = 3min; ///< mean
inline constexpr Duration latest_cancel = 1h;

// ---- what breaks
inline constexpr Duration link_lasts =
    2h; ///< mean time until a trunk, or the link between gateway and exchange, is cut
inline constexpr Duration shortest_cut = 5s;
inline constexpr Duration longest_cut = 1min;
} // namespace ringpost::simulation::customs
