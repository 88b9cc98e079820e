# SPDX-License-Identifier: Apache-2.0
"""A real exchange: from the hang-up of a SIP telephone to its next ring, for somebody who camps on it.

Both moments are what the telephone itself tells (`ringpost phone watch`), by the clock of one gateway. The guard time is part of
it: the person at the telephone may want to make a call of their own.
"""
from __future__ import annotations

import datetime
import pathlib
import smtplib
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
for folder in (ROOT / "scripts" / "lib", ROOT / "tests" / "offices"):
    sys.path.insert(0, str(folder))

from bed_offices import BedOffices  # noqa: E402  (the paths come first)
from two_offices import wait_for  # noqa: E402

GUARD_TIME = 2.0  # default of service.guard_time
GOAL = GUARD_TIME + 1.0


def camp_on(offices: BedOffices) -> None:
    """Hanako of office A asks for Taro's busy telephone in office B, and is put into its queue."""
    sender, to = offices.a.user("2000"), offices.b.user("2000")["address"]
    known = {row["number"] for row in offices.b.ask("request", "list")}
    with smtplib.SMTP(*offices.a.smtp, timeout=30) as client:
        client.login(sender["address"], sender["secret"])
        client.sendmail(sender["address"], [to], f"From: {sender['address']}\r\nTo: {to}\r\nSubject: call\r\n"
                                                 "Ringpost-Trigger: system-recognition\r\n\r\nPlease.\r\n")
    wait_for(lambda: any(row["number"] not in known and row["attempts"] > 0
                         for row in offices.b.ask("request", "list")), 20, "the telephone was found busy")


def seconds_to_ring(offices: BedOffices) -> float:
    gateway = offices.b
    mark = gateway.watch().mark()
    gateway.do("phone", "call", "2003", "2000")
    if gateway.watch().wait(mark, "2000", "talking", 20) is None:
        raise RuntimeError("2003 and 2000 do not talk")
    camp_on(offices)
    mark, mark_a = gateway.watch().mark(), offices.a.watch().mark()
    gateway.do("phone", "hangup", "2003")
    moments = []
    for event in ("idle", "ringing"):
        told = gateway.watch().wait(mark, "2000", event, 20)
        if told is None:
            raise RuntimeError(f"2000 was never {event}")
        moments.append(datetime.datetime.fromisoformat(told["time"].replace("Z", "+00:00")))
    if offices.a.watch().wait(mark_a, "2000", "talking", 20) is None:
        raise RuntimeError("they were not connected")
    offices.hang_up_all()
    return (moments[1] - moments[0]).total_seconds()


def measure(build: pathlib.Path, samples: int) -> list[dict[str, Any]]:
    with BedOffices(build) as offices:
        took = sorted(seconds_to_ring(offices) for _ in range(samples))
    measured = f"p50 {took[len(took) // 2]:.2f} s, worst {took[-1]:.2f} s of {len(took)}"
    return [{"what": "real Asterisk and SIP telephones: hang-up → the telephone rings for who camps on it",
             "goal": f"at most {GOAL:g} s, of which the guard time is {GUARD_TIME:g} s",
             "measured": measured, "ok": took[-1] <= GOAL}]
